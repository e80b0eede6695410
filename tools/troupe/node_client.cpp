#include "tools/troupe/node_client.hpp"

#include "runtime/edge/no_answer.hpp"
#include "tools/troupe/declared.hpp"
#include "tools/troupe/json_text.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <optional>

namespace troupe::cli {
namespace fs = std::filesystem;

void node_options::add_place_to(CLI::App& command) {
  command.add_option("--edge", edge, "The node's edge")->envname("TROUPE_EDGE")->capture_default_str();
  command.add_option("--ca", ca, "PEM file of the authority that an https edge is trusted by; without it the system's")->envname("TROUPE_CA");
  command.add_option("--key-file", key_file, "Key to show, where the edge needs one and so that the record names you")->envname("TROUPE_KEY_FILE");
  command.add_option("--timeout", timeout_s, "Seconds to wait for an answer; what was asked may still happen behind it")
    ->check(CLI::Range(1, 3600))
    ->capture_default_str();
}

void node_options::add_to(CLI::App& command) {
  add_place_to(command);
  command.add_flag("--json", json, "The node's answer as it is, for programs");
}

void operator_options::add_with_key_to(CLI::App& command) {
  command.add_option("--data-dir", data_dir, operator_folder)->capture_default_str();
  add_to(command);
}

namespace {

constexpr std::string_view usual_port = "8080"; // of every configuration that is shipped

struct place {
  std::string host;
  std::uint16_t port = 0;
  bool is_secure = false;
};

result<place> place_in(const std::string& url) {
  const auto wrong = [&] { return fail(errc::invalid_argument, "\"" + url + "\" is not an edge; expected is http://ADDRESS:PORT or https://HOST:PORT"); };
  const bool is_secure = url.starts_with("https://");
  const std::string_view scheme = is_secure ? "https://" : "http://";
  if (!url.starts_with(scheme)) return wrong();
  auto rest = std::string_view{url}.substr(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  // "[::1]:8080" and "[::1]": the colons of an IPv6 address are in brackets.
  const auto colon = rest.find(':', rest.starts_with('[') ? std::min(rest.find(']'), rest.size()) : 0);
  std::string host{rest.substr(0, colon)};
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const auto digits = colon == std::string_view::npos ? usual_port : rest.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [stop, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (ec != std::errc{} || stop != digits.data() + digits.size() || port == 0) return wrong();
  if (host.empty() || host.find_first_of("/[]@?# ") != std::string::npos) return wrong();
  return place{std::move(host), port, is_secure};
}

result<fs::path> first_key_of(const fs::path& data_dir) {
  std::vector<fs::path> all;
  std::error_code failed;
  for (const auto& f : fs::directory_iterator{data_dir / "keys", failed})
    if (f.path().extension() == ".key") all.push_back(f.path());
  if (all.empty()) return fail(errc::io_error, "no operator key in " + (data_dir / "keys").string() + "; give one with --key-file");
  return *std::min_element(all.begin(), all.end());
}

bool is_this_host(const std::string& host) {
  boost::system::error_code is_name;
  const auto address = boost::asio::ip::make_address(host, is_name);
  return is_name ? host == "localhost" : address.is_loopback();
}

error key_in_the_clear(const std::string& url) {
  return fail(errc::invalid_argument, "a key is not sent in the clear, and " + url + " is another host's: use https, or a tunnel to this one");
}

} // namespace

result<std::string> operator_options::key() const {
  const auto to = place_in(edge);
  if (key_file.empty() && to && !is_this_host(to->host))
    return fail(errc::invalid_argument, edge + " is another host's, and the keys in " + data_dir + " are of this host's node: give one with --key-file");
  return read_key(key_file, data_dir);
}

result<node_client> node_client::at(const operator_options& options) {
  node_options with_key = options;
  const auto to = place_in(options.edge);
  if (options.key_file.empty() && to && is_this_host(to->host)) // who needs a key and has none is told then
    if (auto first = first_key_of(options.data_dir)) with_key.key_file = first->string();
  return at(with_key);
}

result<node_client> node_client::at(const node_options& options) {
  auto to = place_in(options.edge);
  if (!to) return to.error();
  edge::client_security security;
  if (to->is_secure) {
    auto trust = edge::make_client_tls(options.ca);
    if (!trust) return fail(errc::invalid_argument, trust.error().message);
    security.tls = std::move(*trust);
  }
  if (!options.key_file.empty()) {
    auto key = read_key(options.key_file, {});
    if (!key) return key.error();
    security.key = std::move(*key);
  }
  const bool is_private = to->is_secure || is_this_host(to->host);
  if (!security.key.empty() && !is_private) return key_in_the_clear(options.edge);
  return node_client{options.edge, edge::http_client{std::move(to->host), to->port, std::chrono::seconds{options.timeout_s}, std::move(security)}, is_private};
}

namespace {

/// The node's own words and code; nothing when these are no node's.
std::optional<error> error_of(const wire::json_value& answer) {
  const auto* body = answer.find("error") ? answer.find("error") : &answer;
  const auto* code = body->find("code");
  const auto* message = body->find("message");
  if (!code || !message) return std::nullopt;
  error e{errc::internal, message->text, {}};
  if (errc known{}; boost::describe::enum_from_string(code->text.c_str(), known)) e.code = known;
  if (const auto* fields = body->find("fields"))
    for (const auto& f : fields->items) e.fields.push_back({cell(f, "field"), cell(f, "message")});
  return e;
}

/// The same id does no harm; a request without one is done twice when it is sent twice. Whoever told that the outcome is unknown did not know which it was.
error with_advice(error e, const std::string& body) {
  const auto at = e.message.find(edge::advice_if_unknown);
  if (at == std::string::npos) return e;
  const auto names = [&](const char* id) { return body.find(std::string{"\""} + id + "\":") != std::string::npos; };
  const bool has_id = names("client_order_id") || names("correction_id") || names("execution_id");
  e.message.replace(at, edge::advice_if_unknown.size(), has_id ? "ask again with the same id" : "look what became of it before you ask again");
  return e;
}

/// Without parameters, and short enough for a sentence.
std::string media_type_of(const edge::client_response& answer) {
  auto type = answer.header("Content-Type");
  type = type.substr(0, std::min<std::size_t>(type.find(';'), 60));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return type.empty() ? "no content type" : std::string{type};
}

/// When there was nobody; of what did not answer in time the client has said what to do.
std::string what_to_do(const error& e) {
  if (e.code != errc::unavailable) return {};
  if (e.message.find("certificate is not trusted") != std::string::npos) return "; is --ca the authority that issued it, and is the host of --edge in it?";
  return "; start a node, or give the edge that its ready line names: --edge http://ADDRESS:PORT, where ADDRESS is an IP address or localhost";
}

} // namespace

error node_client::no_node(const edge::client_response& answer) const {
  return fail(errc::unavailable, "no Troupe node answers at " + url_ + " (HTTP " + std::to_string(answer.status) + ", " + media_type_of(answer) + ")");
}

result<edge::client_response> node_client::send(std::string_view method, const std::string& target, const std::string& body, const std::string& key) {
  edge::client_headers headers;
  if (!key.empty() && !is_private_) return key_in_the_clear(url_);
  if (!key.empty()) headers.emplace_back("Authorization", "Bearer " + key);
  auto got = http_.request(method, target, body, headers);
  if (got) return got;
  if (got.error().code == errc::malformed) return fail(errc::unavailable, "no Troupe node answers at " + url_ + ": " + got.error().message);
  return with_advice({got.error().code, "no answer from " + url_ + ": " + got.error().message + what_to_do(got.error()), {}}, body);
}

result<answered> node_client::request(std::string_view method, const std::string& target, const std::string& body, const std::string& key, needed_members needed) {
  auto got = send(method, target, body, key);
  if (!got) return got.error();
  auto value = parse_long(got->body);
  if (!value || value->kind != wire::json_kind::object) return no_node(*got);
  if (got->status < 200 || got->status > 299) return with_advice(error_of(*value).value_or(no_node(*got)), body);
  if (!std::ranges::all_of(needed, [&](const char* name) { return value->find(name) != nullptr; })) return no_node(*got);
  return answered{got->status, std::move(got->body), std::move(*value)};
}

result<answered> node_client::get_text(const std::string& target) {
  auto got = send("GET", target, {}, {});
  if (!got) return got.error();
  if (got->status >= 200 && got->status <= 299) return answered{got->status, std::move(got->body), {}};
  const auto value = parse_long(got->body);
  return value ? error_of(*value).value_or(no_node(*got)) : no_node(*got);
}

result<answered> node_client::get_all(const std::string& target, const std::string& member, missing_nodes who_tells) {
  wire::json_value rows{wire::json_kind::array};
  std::optional<wire::json_value> missing; // nodes that are away
  std::string next;
  do {
    auto page = get(target + (target.find('?') == std::string::npos ? '?' : '&') + "limit=500" + (next.empty() ? "" : "&cursor=" + escaped(next)), {member.c_str()});
    if (!page) return page;
    if (const auto* more = page->value.find(member)) rows.items.insert(rows.items.end(), more->items.begin(), more->items.end());
    if (const auto* away = page->value.find("missing")) missing = *away;
    next = cell(page->value, "next");
  } while (!next.empty());
  answered all{200, {}, wire::json_value{wire::json_kind::object}};
  all.value.members.emplace_back(member, std::move(rows));
  if (missing) {
    all.value.members.emplace_back("missing", std::move(*missing));
    if (who_tells == missing_nodes::told) tell_missing(all.value);
  }
  all.text = compact(all.value);
  return all;
}

bool tell_missing(const wire::json_value& answer) {
  const auto named = [&](const char* member) {
    std::string names;
    if (const auto* all = answer.find(member))
      for (const auto& n : all->items) names += (names.empty() ? "" : ", ") + n.text;
    return names;
  };
  const auto away = named("missing"), old = named("out_of_date");
  if (!away.empty()) std::cerr << "troupe: node " << away << " is away, and what it has is missing here\n";
  if (!old.empty()) std::cerr << "troupe: " << old << " was given up or is starting: what it has is old here, or missing; `troupe restart` brings back what was given up\n";
  return !away.empty() || !old.empty();
}

std::string escaped(std::string_view value) {
  static constexpr char hex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_' || c == '.' || c == '~') out += c;
    else ((out += '%') += hex[byte >> 4]) += hex[byte & 15];
  }
  return out;
}

result<std::string> read_key(const fs::path& file, const fs::path& data_dir) {
  auto from = file;
  if (from.empty()) {
    auto first = first_key_of(data_dir);
    if (!first) return first.error();
    from = std::move(*first);
  }
  std::ifstream in{from};
  std::string key;
  const auto is_printable = [](unsigned char c) { return c > 0x20 && c < 0x7f; };
  if (!(in >> key) || !std::ranges::all_of(key, is_printable)) return fail(errc::io_error, "no key can be read from " + from.string());
  return key;
}

result<std::vector<wire::json_value>> must_be_member(node_client& node, const std::string& name) {
  auto members = node.get_all("/v1/cluster/members", "members");
  if (!members) return members.error();
  const auto& all = members->value.find("members")->items;
  if (std::ranges::any_of(all, [&](const auto& m) { return cell(m, "name") == name; })) return all;
  std::string names;
  for (const auto& m : all) names += (names.empty() ? "" : ", ") + cell(m, "name");
  return fail(errc::not_found, "there is no node \"" + name + "\"; there are " + names);
}

} // namespace troupe::cli
