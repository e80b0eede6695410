#include "runtime/cluster/placement.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace troupe::cluster {
namespace {

struct claim {
  std::string prefix; // up to and with the last '/', or the whole name
  enum class kind { name, numbers, rest } what = kind::name;
  std::uint32_t first = 0, last = 0; // of numbers
};

std::optional<std::uint32_t> number(std::string_view s) {
  std::uint32_t n = 0;
  const auto [end, failed] = std::from_chars(s.data(), s.data() + s.size(), n);
  return failed == std::errc{} && end == s.data() + s.size() ? std::optional{n} : std::nullopt;
}

std::optional<claim> parse(std::string_view text) {
  if (!decltype(actor_name::value)::is_valid(text) || text.empty()) return std::nullopt;
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos) return claim{std::string{text}, claim::kind::name, 0, 0};
  const auto what = text.substr(slash + 1);
  const std::string prefix{text.substr(0, slash + 1)};
  if (what.empty() || slash == 0) return std::nullopt;
  if (what == "*") return claim{prefix, claim::kind::rest, 0, 0};
  const auto dash = what.find('-');
  const auto first = number(what.substr(0, dash));
  if (!first) return claim{std::string{text}, claim::kind::name, 0, 0}; // "venue/SIM"
  const auto last = dash == std::string_view::npos ? first : number(what.substr(dash + 1));
  if (!last || *last < *first) return std::nullopt;
  return claim{prefix, claim::kind::numbers, *first, *last};
}

bool covers(const claim& c, std::string_view name) {
  if (c.what == claim::kind::name) return name == c.prefix;
  if (!name.starts_with(c.prefix)) return false;
  if (c.what == claim::kind::rest) return true;
  const auto n = number(name.substr(c.prefix.size()));
  return n && *n >= c.first && *n <= c.last;
}

} // namespace

result<placement> placement::make(const std::map<node_name, claims>& nodes, const std::vector<actor_name>& names) {
  placement made;
  auto wrong = fail(errc::invalid_argument, "the placement");
  const auto violated = [&](const std::string& where, std::string why) { wrong.fields.push_back({where, std::move(why)}); };
  // Names and numbers first; what they leave is for "/*".
  for (const bool rest : {false, true}) {
    std::map<actor_name, node_name> taken;
    for (const auto& [node, texts] : nodes) {
      for (const auto& text : texts) {
        const auto c = parse(text);
        if (!c) {
          if (!rest) violated(node.value.str(), "\"" + text + "\" is no claim: \"risk\", \"oms/0-21\" or \"strategy/*\"");
          continue;
        }
        if ((c->what == claim::kind::rest) != rest) continue;
        bool matches = false;
        for (const auto& name : names) {
          if (!covers(*c, name.value.view())) continue;
          matches = true;
          if (made.nodes_.contains(name)) continue; // by its full name, which goes before
          const auto [at, is_new] = taken.emplace(name, node);
          if (!is_new) violated(node.value.str(), "\"" + text + "\" claims " + name.value.str() + ", and so does " + at->second.value.str());
        }
        if (!matches && !rest) violated(node.value.str(), "\"" + text + "\" matches nothing that runs here");
      }
    }
    made.nodes_.merge(taken);
  }
  for (const auto& name : names)
    if (!made.nodes_.contains(name)) violated("", "no node runs " + name.value.str());
  if (!wrong.fields.empty()) return wrong;
  return made;
}

const node_name* placement::node_of(const actor_name& name) const {
  const auto at = nodes_.find(name);
  return at == nodes_.end() ? nullptr : &at->second;
}

std::vector<actor_name> placement::names_on(const node_name& node) const {
  std::vector<actor_name> all;
  for (const auto& [name, where] : nodes_)
    if (where == node) all.push_back(name);
  return all;
}

} // namespace troupe::cluster
