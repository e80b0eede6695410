#include "runtime/edge/openapi.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>

namespace troupe::edge {
namespace {

using json = nlohmann::ordered_json;

/// Component names allow letters, digits, dot, dash and underscore only.
std::string component_name(std::string name) {
  for (auto& c : name)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '_';
  return name;
}

/// Moves every titled object out of `schema` into `components` and leaves references.
json extract(json schema, json& components) {
  if (schema.is_array()) {
    for (auto& item : schema) item = extract(std::move(item), components);
    return schema;
  }
  if (!schema.is_object()) return schema;
  for (auto& [key, member] : schema.items()) {
    if (key == "enum" || key == "const" || key == "default" || key == "required") continue;
    member = extract(std::move(member), components);
  }
  const auto title = schema.find("title");
  if (title == schema.end() || !title->is_string() || schema.value("type", json{}) != "object") return schema;
  const auto name = component_name(title->get<std::string>());
  components[name] = std::move(schema);
  return json{{"$ref", "#/components/schemas/" + name}};
}

json reference(const std::string& schema, json& components) { return extract(json::parse(schema), components); }

std::string operation_id(const route& r) {
  std::string out;
  for (char c : std::string{to_string(r.verb)} + r.path) {
    if (std::isalnum(static_cast<unsigned char>(c))) out += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    else if (!out.empty() && out.back() != '_') out += '_';
  }
  while (!out.empty() && out.back() == '_') out.pop_back();
  return r.surface->name + "." + out;
}

/// What each status can mean on this route: the declared codes and those the edge gives by itself.
std::map<unsigned, std::set<std::string>> error_statuses(const route& r) {
  std::map<unsigned, std::set<std::string>> out;
  for (auto code : r.errors) out[http_status(code)].insert(std::string{to_string(code)});
  out[400].insert("malformed");
  if (r.surface->rules.unknown == wire::unknown_fields::refuse) out[400].insert("unknown_field");
  if (r.reads_body || !r.parameters.empty()) out[400].insert("invalid_argument");
  if (r.reads_body) {
    out[413].insert("too_large");
    out[415].insert("unsupported");
  }
  if (!r.is_open) { // of listeners that require keys, and of keys for less
    out[401].insert("not_authorised");
    out[403].insert("forbidden");
  }
  for (unsigned status : {429u, 503u}) out[status].insert("overloaded");
  out[503].insert("unavailable");
  out[504].insert("timeout");
  return out;
}

json responses(const route& r, json& components) {
  json out = json::object();
  const json headers = {{"X-Request-Id", {{"schema", {{"type", "string"}}},
                                          {"description", "Names this request in logs and error bodies."}}}};
  if (r.upgrade) {
    out["101"] = {{"description", "The connection speaks WebSocket from here on."}};
    out["426"] = {{"description", "The request was not a WebSocket upgrade."}};
  } else {
    json ok = {{"description", "The answer."}, {"headers", headers}};
    if (!r.reply.schema.empty())
      ok["content"]["application/json"]["schema"] = reference(r.reply.schema, components);
    else
      ok["content"][r.reply_type] = json::object();
    for (const auto status : r.taken) out[std::to_string(status)] = ok;
    out["200"] = std::move(ok);
  }
  const auto body = reference(std::string{r.surface->rules.error_schema}, components);
  for (const auto& [status, codes] : error_statuses(r)) {
    std::string list;
    for (const auto& code : codes) list += (list.empty() ? "" : ", ") + code;
    json one = {{"description", std::string{reason_phrase(status)} + ": " + list}, {"headers", headers}};
    if (status == 413 || status == 429 || status == 503 || status == 504)
      one["headers"]["Retry-After"] = {{"schema", {{"type", "integer"}}}, {"description", "Seconds."}};
    one["content"]["application/json"]["schema"] = body;
    out[std::to_string(status)] = std::move(one);
  }
  return out;
}

json operation(const route& r, json& components) {
  json out = {{"tags", {r.surface->name}}, {"operationId", operation_id(r)}, {"summary", r.summary}};
  if (r.upgrade) out["x-websocket"] = true;
  if (r.lane == lane::control) out["x-lane"] = "CONTROL";
  json parameters = json::array();
  for (const auto& p : r.parameters) {
    json one = {{"name", p.name}, {"in", p.in}, {"required", p.required}};
    if (!p.description.empty()) one["description"] = p.description;
    one["schema"] = reference(p.schema, components);
    parameters.push_back(std::move(one));
  }
  if (r.takes_idempotency_key)
    parameters.push_back({{"name", "Idempotency-Key"}, {"in", "header"}, {"required", false},
                          {"description", "Stands for the client order id: repeats with the same key and body get the first answer; another body, 409."},
                          {"schema", {{"type", "string"}}}});
  if (!parameters.empty()) out["parameters"] = std::move(parameters);
  if (r.reads_body) {
    out["requestBody"]["required"] = !r.body_optional;
    out["requestBody"]["content"]["application/json"]["schema"] = reference(r.request.schema, components);
  }
  out["responses"] = responses(r, components);
  if (r.needs_authorisation) out["security"] = json::array({{{"operator_key", json::array()}}});
  return out;
}

} // namespace

std::string openapi_json(const route_table& table, const std::vector<std::string>& surfaces, const std::string& title,
                         const std::string& version) {
  json components = json::object(), paths = json::object(), tags = json::array();
  bool secured = false;
  for (const auto& name : surfaces) {
    const auto* s = table.find_surface(name);
    if (!s) continue;
    tags.push_back({{"name", name}, {"description", s->rules.title}});
    for (const auto& r : table.routes()) {
      if (r.surface != s) continue;
      std::string verb{to_string(r.verb)};
      for (auto& c : verb) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      paths[r.path][verb] = operation(r, components);
      secured = secured || r.needs_authorisation;
    }
  }
  json out = {{"openapi", "3.1.0"}, {"info", {{"title", title}, {"version", version}}}, {"tags", tags}, {"paths", paths}};
  out["components"]["schemas"] = components;
  if (secured)
    out["components"]["securitySchemes"]["operator_key"] = {{"type", "http"}, {"scheme", "bearer"}};
  return out.dump();
}

} // namespace troupe::edge
