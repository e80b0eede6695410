#include "tests/support/schema_sample.hpp"

#include "tests/support/test.hpp"

#include <algorithm>
#include <map>

namespace troupe::test {

using nlohmann::json;

namespace {

json text_of(const json& schema) {
  static const std::map<std::string, std::string> by_pattern{
    {"^[ -~]*$", "a"}, {"^[ -~]*[!-~][ -~]*$", "a"}, {"\\S", "a"}, {"^[0-9]{1,2}-[0-9]{1,17}$", "1-1"}, {"^[0-9a-f]{64}$", std::string(64, '0')}};
  const auto format = schema.value("format", "");
  if (format == "decimal") return "1";
  if (format == "date-time") return "2024-08-08T23:54:13Z";
  const auto known = by_pattern.find(schema.value("pattern", "^[ -~]*$"));
  REQUIRE_MESSAGE(known != by_pattern.end(), schema.dump());
  return known->second;
}

json object_of(const json& document, const json& schema, members which) {
  const auto required = schema.value("required", json::array());
  const auto properties = schema.value("properties", json::object());
  json out = json::object();
  for (const auto& [name, member] : properties.items())
    if (which == members::all || std::find(required.begin(), required.end(), name) != required.end())
      out[name] = sample_of(document, member, which);
  return out;
}

} // namespace

json sample_of(const json& document, const json& schema, members which) {
  if (schema.contains("$ref"))
    return sample_of(document, document.at(json::json_pointer{schema["$ref"].get<std::string>().substr(1)}), which);
  for (const char* given : {"const", "default"})
    if (schema.contains(given)) return schema[given];
  if (schema.contains("enum")) return schema["enum"][0];
  if (schema.contains("oneOf")) return sample_of(document, schema["oneOf"][0], which);
  if (!schema.contains("type") && schema.contains("description")) return json{{"a", json::array({1, nullptr})}}; // anything
  const auto& type = schema.at("type");
  const std::string kind = type.is_array() ? type[0] : type;
  if (kind == "object") return object_of(document, schema, which);
  if (kind == "array") return json::array({sample_of(document, schema["items"], which)});
  if (kind == "string") return text_of(schema);
  if (kind == "boolean") return true;
  REQUIRE_MESSAGE((kind == "integer" || kind == "number"), schema.dump());
  return std::min<std::int64_t>(std::max<std::int64_t>(1, schema.value("minimum", std::int64_t{1})), schema.value("maximum", std::int64_t{1'000'000}));
}

} // namespace troupe::test
