#pragma once
// How commands talk to a running node: its edge's address, whom they trust there, a key where one is needed, errors as the node explains them. One thread.

#include "runtime/edge/client.hpp"
#include "runtime/wire/json_value.hpp"

#include <CLI/App.hpp>

#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace troupe::cli {

/// Declared by every command that asks a node.
struct node_options {
  std::string edge = "http://127.0.0.1:8080";
  std::string ca;       // PEM file of the authorities that an https edge's certificate may come from; empty: the system's
  std::string key_file; // empty: no key is shown, unless an operator's is needed
  std::uint32_t timeout_s = 30; // for each answer
  bool json = false;
  void add_to(CLI::App& command);
  /// Without --json.
  void add_place_to(CLI::App& command);
};

/// Of commands that only an operator may give.
struct operator_options : node_options {
  std::string data_dir = "data";
  void add_with_key_to(CLI::App& command);
  /// Errors: as read_key; invalid_argument (no --key-file for another host's edge: it gets no key of this one's).
  [[nodiscard]] result<std::string> key() const;
};

struct answered {
  unsigned status = 0;
  std::string text;
  wire::json_value value;
};

/// What a reply must have, by the names of its members: what the command goes by or prints. None: any object will do.
using needed_members = std::initializer_list<const char*>;

/// Of a list over the whole desk: who says which nodes are missing from it.
enum class missing_nodes { told, left_to_caller };

class node_client {
public:
  /// Of a URL without a port it is 8080, a node's usual one. Errors: invalid_argument ("http://ADDRESS:PORT" or "https://HOST:PORT" is expected), and of
  /// --ca and --key-file: io_error, not_found, malformed.
  [[nodiscard]] static result<node_client> at(const node_options& options);
  /// The same, with the operator's key for every request when there is one for that edge.
  [[nodiscard]] static result<node_client> at(const operator_options& options);
  /// Errors: unavailable (no node there, or a server that is none: it answers what no node does; the sentence says what to do), timeout, and what the node
  /// answered with its own code.
  [[nodiscard]] result<answered> get(const std::string& target, needed_members needed) { return request("GET", target, {}, {}, needed); }
  /// What is no JSON: text, and no value. Errors: as get.
  [[nodiscard]] result<answered> get_text(const std::string& target);
  /// Every page of a list as one answer, its rows under `member`; on standard error it is told which nodes are missing from it. Errors: as get.
  [[nodiscard]] result<answered> get_all(const std::string& target, const std::string& member, missing_nodes missing = missing_nodes::told);
  [[nodiscard]] result<answered> request(std::string_view method, const std::string& target, const std::string& body,
                                         const std::string& key, needed_members needed);

private:
  node_client(std::string url, edge::http_client http, bool is_private) : url_{std::move(url)}, http_{std::move(http)}, is_private_{is_private} {}
  /// As it came, with what could be parsed of it. Errors: as get.
  [[nodiscard]] result<edge::client_response> send(std::string_view method, const std::string& target, const std::string& body, const std::string& key);
  [[nodiscard]] error no_node(const edge::client_response& answer) const;

  std::string url_;
  edge::http_client http_;
  bool is_private_; // TLS, or this host alone: a key may be sent
};

/// Says on standard error whose part of an answer over the whole desk is missing; true when there is one.
bool tell_missing(const wire::json_value& answer);

/// The desk's nodes, of which `name` is one. Errors: not_found (the desk has no such node), as get.
[[nodiscard]] result<std::vector<wire::json_value>> must_be_member(node_client& node, const std::string& name);

/// A parameter's value in a target: "oms/17" is "oms%2F17".
[[nodiscard]] std::string escaped(std::string_view value);

/// The key in `file`, or when it is empty the first of `data_dir`/keys. Errors: io_error.
[[nodiscard]] result<std::string> read_key(const std::filesystem::path& file, const std::filesystem::path& data_dir);

} // namespace troupe::cli
