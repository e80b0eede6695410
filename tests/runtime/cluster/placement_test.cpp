#include "tests/support/test.hpp"

#include "runtime/cluster/placement.hpp"

using namespace troupe;
using namespace troupe::cluster;

namespace {

std::vector<actor_name> desk() {
  std::vector<actor_name> all{{"risk"}, {"venue/SIM"}, {"strategy/ma"}, {"strategy/quoter"}};
  for (int slot = 0; slot < 8; ++slot) all.push_back({"oms/" + std::to_string(slot)});
  return all;
}

std::string where(const placement& p, const char* name) {
  const auto* node = p.node_of({name});
  return node ? node->value.str() : "nowhere";
}

/// "node: what; node: what" of a placement that is refused.
std::string why(const std::map<node_name, claims>& nodes) {
  const auto made = placement::make(nodes, desk());
  if (made) return "accepted";
  std::string all;
  for (const auto& f : made.error().fields) all += (all.empty() ? "" : "; ") + f.field + ": " + f.message;
  return all;
}

} // namespace

TEST_SUITE_BEGIN("cluster/placement");

TEST_CASE("every name has one node; a name or a number goes before the rest") {
  const auto p = placement::make({{{"a"}, {"risk", "oms/0-3", "venue/SIM", "strategy/ma"}}, {{"b"}, {"oms/4-6", "strategy/*"}}, {{"c"}, {"oms/*"}}}, desk());
  REQUIRE_MESSAGE(p.has_value(), to_string(p.error()));
  CHECK(where(*p, "oms/0") == "a");
  CHECK(where(*p, "oms/3") == "a");
  CHECK(where(*p, "oms/4") == "b");
  CHECK(where(*p, "oms/7") == "c");
  CHECK(where(*p, "strategy/ma") == "a");
  CHECK(where(*p, "strategy/quoter") == "b");
  CHECK(where(*p, "portfolio") == "nowhere");
  CHECK(p->names_on({"b"}) == std::vector<actor_name>{{"oms/4"}, {"oms/5"}, {"oms/6"}, {"strategy/quoter"}});
}

TEST_CASE("one node may claim everything") {
  const auto p = placement::make({{{"a"}, {"risk", "oms/*", "venue/*", "strategy/*"}}}, desk());
  REQUIRE(p);
  CHECK(p->names_on({"a"}).size() == desk().size());
}

TEST_CASE("what nobody runs, what two run and what means nothing is refused, all together") {
  CHECK(why({{{"a"}, {"risk", "oms/0-6", "venue/SIM", "strategy/*"}}}) == ": no node runs oms/7");
  CHECK(why({{{"a"}, {"risk", "oms/0-4", "venue/SIM", "strategy/*"}}, {{"b"}, {"oms/4-7"}}}) == "b: \"oms/4-7\" claims oms/4, and so does a");
  CHECK(why({{{"a"}, {"risk", "oms/*", "venue/*", "strategy/*"}}, {{"b"}, {"oms/*"}}}).find("claims oms/0, and so does a") != std::string::npos);
  CHECK(why({{{"a"}, {"risk", "oms/0-7", "oms/9-12", "venue/*", "strategy/*", "model/*", "model/x"}}}) ==
        "a: \"oms/9-12\" matches nothing that runs here; a: \"model/x\" matches nothing that runs here");
  for (const char* text : {"", "/", "oms/", "/1", "oms/5-3", "oms/1-x"})
    CHECK(why({{{"a"}, {"risk", "oms/*", "venue/*", "strategy/*", text}}}).starts_with("a: \"" + std::string{text} + "\" is no claim"));
}

TEST_SUITE_END();
