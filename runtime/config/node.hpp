#pragma once
// The tree of a configuration: sections hold properties, sections and lists of sections. Everything that walks the
// tree (loading, hashing, the reference page) does so through these few virtual functions. Built and filled by the
// main thread before any actor starts, read-only and shared afterwards.

#include "runtime/config/form.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::config {

/// Where a value must agree: `cluster_wide` ones enter the hash that nodes compare when they greet each other.
enum class scope : std::uint8_t { node_local, cluster_wide };

class section;
class property_base;
class list_base;

/// One named place in the tree, with the one sentence the reference page shows.
class node {
public:
  node() = default;
  /// Requires: both texts live as long as the program (literals).
  node(std::string_view name, std::string_view sentence) : name_{name}, sentence_{sentence} {}
  virtual ~node() = default;

  [[nodiscard]] std::string_view name() const noexcept { return name_; }
  [[nodiscard]] std::string_view sentence() const noexcept { return sentence_; }

  [[nodiscard]] virtual section* as_section() noexcept { return nullptr; }
  [[nodiscard]] virtual property_base* as_property() noexcept { return nullptr; }
  [[nodiscard]] virtual list_base* as_list() noexcept { return nullptr; }
  [[nodiscard]] const section* as_section() const noexcept { return const_cast<node*>(this)->as_section(); }
  [[nodiscard]] const property_base* as_property() const noexcept { return const_cast<node*>(this)->as_property(); }
  [[nodiscard]] const list_base* as_list() const noexcept { return const_cast<node*>(this)->as_list(); }

protected:
  node(const node&) = default;
  node& operator=(const node&) = default;

private:
  std::string_view name_;
  std::string_view sentence_;
};

/// Receives the members of a section, in the order the reference page shows them.
class visitor {
public:
  template <class... Nodes>
  void operator()(Nodes&... members) {
    (members_.push_back({&members, sizeof(Nodes)}), ...);
  }
  struct member {
    node* at;
    std::size_t size;
  };
  [[nodiscard]] const std::vector<member>& members() const noexcept { return members_; }

private:
  std::vector<member> members_;
};

/// A group of properties: derive, write `using section::section;`, declare the members, and hand all of them to the
/// visitor. A member left out would never be loaded, so loading asserts that there is none.
class section : public node {
public:
  section() = default;
  using node::node;
  virtual void visit(visitor& v) = 0;
  using node::as_section;
  [[nodiscard]] section* as_section() noexcept override { return this; }

  [[nodiscard]] std::vector<node*> children();
  [[nodiscard]] std::vector<const node*> children() const;

protected:
  section(const section&) = default;
  section& operator=(const section&) = default;
};

/// Asserts that every byte of a section of `size` bytes belongs to the base or to a visited member.
void assert_all_members_are_visited(section& s, std::size_t size);

/// What a property says about itself, as texts for people. An empty text means there is nothing to say.
struct property_facts {
  std::string type;
  std::string unit;
  std::string fallback; // JSON; empty when the property must be given
  std::string bounds;
  std::string example; // JSON
};

/// A property without its type: what loading and describing need.
class property_base : public node {
public:
  using node::as_property;
  [[nodiscard]] property_base* as_property() noexcept override { return this; }

  /// Takes the value from JSON, or says what is wrong and keeps what it had.
  [[nodiscard]] virtual refusal assign(const wire::json_value& v) = 0;
  /// The JSON that `--set name=text` stands for.
  [[nodiscard]] virtual wire::json_value literal(std::string_view text) const = 0;
  /// The value in force, as JSON.
  [[nodiscard]] virtual std::string json() const = 0;
  [[nodiscard]] virtual property_facts facts() const = 0;
  /// True when there is no default, so that the configuration must give it.
  [[nodiscard]] virtual bool is_required() const noexcept = 0;

  [[nodiscard]] scope reach() const noexcept { return reach_; }
  /// True when a file or an override gave it; else it is its default.
  [[nodiscard]] bool is_given() const noexcept { return is_given_; }

protected:
  property_base(std::string_view name, std::string_view sentence, scope reach) : node{name, sentence}, reach_{reach} {}
  property_base(const property_base&) = default;
  property_base& operator=(const property_base&) = default;
  void mark_given() noexcept { is_given_ = true; }

private:
  scope reach_;
  bool is_given_ = false;
};

/// A list of sections without their type.
class list_base : public node {
public:
  using node::as_list;
  [[nodiscard]] list_base* as_list() noexcept override { return this; }

  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  [[nodiscard]] virtual section& element(std::size_t i) = 0;
  [[nodiscard]] const section& element(std::size_t i) const { return const_cast<list_base*>(this)->element(i); }
  virtual void resize(std::size_t n) = 0;
  /// An element with every default, for the reference page and for checking paths.
  [[nodiscard]] virtual section& prototype() = 0;
  [[nodiscard]] const section& prototype() const { return const_cast<list_base*>(this)->prototype(); }

  [[nodiscard]] std::size_t size_min() const noexcept { return size_min_; }
  [[nodiscard]] std::size_t size_max() const noexcept { return size_max_; }
  /// The property in which no two elements may agree; empty when they may.
  [[nodiscard]] std::string_view unique() const noexcept { return unique_; }

protected:
  list_base(std::string_view name, std::string_view sentence, std::size_t min, std::size_t max, std::string_view unique)
      : node{name, sentence}, size_min_{min}, size_max_{max}, unique_{unique} {}
  list_base(const list_base&) = default;
  list_base& operator=(const list_base&) = default;

private:
  std::size_t size_min_;
  std::size_t size_max_;
  std::string_view unique_;
};

} // namespace troupe::config
