#include "runtime/edge/route.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace troupe::edge {
namespace {

// A body of 64 KiB can hold 32,000 values, and looking for repeated names is quadratic: a lower bound keeps the longest
// turn of the edge's thread in the low milliseconds.
constexpr wire::json_limits body_limits{.depth_max = 32, .values_max = 4096};

/// "/a/{x}/b" and "/a/{y}/b" are the same path to a router.
std::string pattern_shape(std::string_view path) {
  std::string out;
  bool inside = false;
  for (char c : path) {
    if (c == '{') out += "{}";
    inside = c == '{' || (inside && c != '}');
    if (!inside && c != '}') out += c;
  }
  return out;
}

/// An empty object declares nothing, and many HTTP clients cannot send less; of any other the members are named.
void refuse_body(const std::string& body, error& refused) {
  if (body.find_first_not_of(" \t\r\n{}") == std::string::npos) return;
  const auto value = wire::parse_json(body, body_limits);
  if (value && value->kind == wire::json_kind::object)
    for (const auto& member : value->members) refused.fields.push_back({member.first, "is not a known field"});
  else
    refused.fields.push_back({"", "this route takes no body"});
}

const parameter* declared(const route& r, std::string_view name) {
  auto it = std::find_if(r.parameters.begin(), r.parameters.end(), [&](const auto& p) { return p.name == name; });
  return it == r.parameters.end() ? nullptr : &*it;
}

/// Parameters arrive as text; the decoder wants floating point as a number token.
bool is_numeric(const route& r, std::string_view name) {
  const auto* p = declared(r, name);
  return p && p->schema.find(R"("type":"number")") != std::string::npos;
}

} // namespace

route& route::idempotent() {
  takes_idempotency_key = true;
  return *this;
}

route& route::open() {
  is_open = true;
  return *this;
}

route& route::authorised() {
  needs_authorisation = true;
  return *this;
}

route& route::urgent() {
  lane = troupe::lane::control;
  return *this;
}

route& route::probe() {
  is_probe = true;
  return *this;
}

route& route::may_answer(unsigned status) {
  taken.push_back(status);
  return *this;
}

route& route::may_lack_body() {
  TROUPE_ASSERT(reads_body, "only a declared body may be missing");
  body_optional = true;
  return *this;
}

route& route::describe_parameter(std::string_view name, std::string description) {
  auto it = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == name; });
  TROUPE_ASSERT(it != parameters.end(), "only declared parameters are described");
  it->description = std::move(description);
  return *this;
}

wire::json_value parameters_value(const request_context& request) {
  wire::json_value out{wire::json_kind::object};
  auto put = [&](const std::pair<std::string, std::string>& pair) {
    wire::json_value v{is_numeric(*request.matched, pair.first) ? wire::json_kind::number : wire::json_kind::string};
    v.text = pair.second;
    out.members.emplace_back(pair.first, std::move(v));
  };
  std::for_each(request.path.begin(), request.path.end(), put);
  std::for_each(request.query.begin(), request.query.end(), put);
  return out;
}

result<wire::json_value> body_value(const request_context& request) {
  const bool may_lack = request.matched->body_optional;
  if (request.body.find_first_not_of(" \t\r\n") == std::string::npos) {
    if (may_lack) return wire::json_value{wire::json_kind::object};
    return fail(errc::malformed, "the request needs a JSON body");
  }
  auto value = wire::parse_json(request.body, body_limits);
  if (may_lack && value && value->kind == wire::json_kind::null) return wire::json_value{wire::json_kind::object}; // as some clients write nothing
  return value;
}

std::optional<error> refuse_undeclared(const request_context& request, bool parameters, bool body) {
  const auto& s = *request.matched->surface;
  error refused{errc::unknown_field, "the request has fields that this route does not declare", {}};
  if (!parameters) {
    if (s.rules.unknown == wire::unknown_fields::refuse)
      for (const auto& [name, value] : request.query) refused.fields.push_back({name, "is not a known field"});
    else if (!request.query.empty())
      raise(s.unknown_fields, request.query.size());
  } else {
    for (std::size_t i = 0; i < request.query.size(); ++i)
      for (std::size_t k = 0; k < i; ++k)
        if (request.query[i].first == request.query[k].first && (s.rules.unknown == wire::unknown_fields::refuse || declared(*request.matched, request.query[i].first))) {
          refused.code = errc::invalid_argument;
          refused.message = "the request has invalid fields";
          refused.fields.push_back({request.query[i].first, "appears twice"});
        }
  }
  if (!body && s.rules.unknown == wire::unknown_fields::refuse) refuse_body(request.body, refused);
  if (refused.fields.empty()) return std::nullopt;
  return refused;
}

void route_table::declare(const std::string& name, surface_rules rules) {
  auto s = std::make_unique<edge::surface>();
  s->name = name;
  s->rules = std::move(rules);
  const bool is_new = surfaces_.emplace(name, std::move(s)).second;
  TROUPE_ASSERT(is_new, "a surface is declared once");
}

const surface* route_table::find_surface(std::string_view name) const noexcept {
  auto it = surfaces_.find(name);
  return it == surfaces_.end() ? nullptr : it->second.get();
}

route& route_table::add_untyped(method verb, const std::string& surface, const std::string& path, std::string summary,
                                std::vector<errc> errors) {
  const auto* s = find_surface(surface);
  TROUPE_ASSERT(s != nullptr, "a surface is declared before its routes");
  TROUPE_ASSERT(path.starts_with('/'), "a path starts with a slash");
  for (const auto& other : routes_)
    TROUPE_ASSERT(other.surface != s || other.verb != verb || pattern_shape(other.path) != pattern_shape(path),
                  "verb and path are declared once in a surface");
  auto& r = routes_.emplace_back();
  r.surface = s;
  r.verb = verb;
  r.lane = verb == method::get ? lane::data : lane::order;
  r.path = path;
  r.summary = std::move(summary);
  r.errors = std::move(errors);
  return r;
}

namespace detail {

void declare_parameters(route& out, const std::string& schema) {
  const auto parsed = schema.empty() ? nlohmann::ordered_json::object() : nlohmann::ordered_json::parse(schema);
  const auto properties = parsed.value("properties", nlohmann::ordered_json::object());
  const auto required = parsed.value("required", nlohmann::ordered_json::array());
  for (std::size_t open = out.path.find('{'); open != std::string::npos; open = out.path.find('{', open + 1)) {
    const auto close = out.path.find('}', open);
    TROUPE_ASSERT(close != std::string::npos, "every part {name} of a path is closed");
    const auto name = out.path.substr(open + 1, close - open - 1);
    auto declared = properties.find(name);
    out.parameters.push_back(
      {name, "path", declared == properties.end() ? R"({"type":"string"})" : declared->dump(), true, {}});
  }
  for (const auto& [name, member] : properties.items()) {
    const bool in_path = std::any_of(out.parameters.begin(), out.parameters.end(),
                                     [&, n = std::string_view{name}](const auto& p) { return p.name == n; });
    if (in_path) continue;
    const bool needed = std::find(required.begin(), required.end(), name) != required.end();
    out.parameters.push_back({name, "query", member.dump(), needed, {}});
  }
}

} // namespace detail

} // namespace troupe::edge
