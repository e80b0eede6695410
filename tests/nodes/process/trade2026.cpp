#include "tests/nodes/process/trade2026.hpp"

#include <cctype>

namespace troupe::test {

trade2026_node::trade2026_node()
  : node{{.data_dir = dir.path() / "data",
          .sets = {R"(edge.listeners=[{"name":"oms","port":0,"surfaces":["trade2026_oms","ops"]},)"
                   R"({"name":"risk","port":0,"surfaces":["trade2026_risk","ops"]},)"
                   R"({"name":"gateway","port":0,"surfaces":["trade2026_gateway","ops"]},)"
                   R"({"name":"edge","port":0,"surfaces":["v1","ops","trade2026_console"]}])"}}} {
  REQUIRE_MESSAGE(node.start(), node.log());
}

json trade2026_node::ask(const std::string& listener, const std::string& verb, const std::string& target, const std::string& body,
                         unsigned status, const std::string& key) const {
  edge::client_headers headers;
  if (!key.empty()) headers.emplace_back("Authorization", "Bearer " + key);
  auto answer = node.client_of(listener).request(verb, target, body, headers);
  REQUIRE_MESSAGE(answer.has_value(), target);
  CAPTURE(target);
  CAPTURE(answer->body);
  REQUIRE(answer->status == status);
  auto parsed = json::parse(answer->body, nullptr, false);
  REQUIRE_FALSE(parsed.is_discarded());
  return parsed;
}

void trade2026_node::await_market() const {
  auto client = node.client_of("gateway");
  REQUIRE(eventually([&] {
    auto answer = client.get("/trades/BTCUSDT");
    return answer && answer->status == 200 && answer->body.size() > 2;
  }));
}

std::string trade2026_node::filled_order(const std::string& more) const {
  await_market();
  const auto placed = ask("oms", "POST", "/orders", R"({"symbol":"BTCUSDT","side":"buy","quantity":0.001,"type":"MARKET")" + more + "}");
  const std::string id = placed["order_id"];
  auto client = node.client_of("oms");
  REQUIRE(eventually([&] { return json_field(client.get("/orders/" + id)->body, "status") == "FILLED"; }));
  return id;
}

std::string upper(std::string s) {
  for (auto& c : s) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return s;
}

key_set keys_of(const json& value) {
  key_set out;
  const auto& object = value.is_array() && !value.empty() ? value.front() : value;
  if (object.is_object())
    for (const auto& [name, member] : object.items()) out.insert(name);
  return out;
}

} // namespace troupe::test
