// Looking into a running node, and into its folder.

#include "tests/nodes/process/tool_house.hpp"

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("process/tools");

TEST_CASE_FIXTURE(tool_house, "inspect a running node: tree, ls, info, state, history, and at any turn or the newest") {
  REQUIRE_MESSAGE(live({"inspect", "tree"}) == 0, out);
  for (const std::string part : {"root", "trading", "market", "risk", "feed/walk", "RUNNING"}) CHECK_MESSAGE(says(part), part);
  REQUIRE_MESSAGE(live({"inspect", "ls", "--json"}) == 0, out);
  CHECK(says("\"" + slot + "\""));
  REQUIRE_MESSAGE(live({"inspect", "info", slot}) == 0, out);
  CHECK(says("RUNNING"));
  CHECK_FALSE(says("venue/SIM"));
  CHECK_MESSAGE(out.starts_with("name "), out); // nothing stands above
  REQUIRE(folder({"inspect", "info", slot}) == 0);
  CHECK_MESSAGE(out.starts_with("stream "), out);
  CHECK(live({"inspect", "info", slot, "--data-dir", data.string()}) == 2);
  CHECK_MESSAGE(says("--edge asks a node and --data-dir reads a folder: give one of them"), out);
  CHECK(run_program("troupe", {"inspect", "info", slot, "--data-dir", data.string()}, out, {{{"TROUPE_EDGE", "http://127.0.0.1:1"}}, {}, false}) == 0);
  REQUIRE_MESSAGE(live({"inspect", "state", slot}) == 0, out);
  CHECK(says("BTCUSDT.SIM"));
  REQUIRE_MESSAGE(live({"inspect", "state", "portfolio", "--json"}) == 0, out);
  CHECK(says("\"streams\""));
  REQUIRE_MESSAGE(live({"inspect", "history", slot, "--limit", "1"}) == 0, out);
  CHECK(says("order_accepted"));
  CHECK(says("--from 2"));
  REQUIRE_MESSAGE(live({"inspect", "at", slot, "0", "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "0");
  REQUIRE_MESSAGE(live({"inspect", "at", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "1");
  CHECK(live({"inspect", "at", slot, "99"}) == 1);
  CHECK(says("the newest is"));
  CHECK(live({"inspect", "info", "oms/99"}) == 1);
}

TEST_CASE_FIXTURE(tool_house, "3 means no node or folder there; what is not in one ends with 1, whether a node is asked or its folder read") {
  for (const bool is_running : {true, false}) {
    CAPTURE(is_running);
    if (!is_running) stop();
    const auto ask = [&](std::vector<std::string> words) { return is_running ? live(std::move(words)) : folder(std::move(words)); };
    for (const auto& words : {std::vector<std::string>{"inspect", "at", slot, "99"}, {"inspect", "at", "oms/99", "1"}, {"inspect", "at", "nope"}, {"inspect", "info", "oms/99"},
                              {"inspect", "state", "nope"}, {"inspect", "history", "nope"}}) {
      CHECK_MESSAGE(ask(words) == 1, words[1], " ", words[2], ": ", out);
      auto as_json = words;
      as_json.emplace_back("--json");
      CHECK(ask(as_json) == 1);
      CHECK_MESSAGE(says("{\"error\":{\"code\":\"not_found\""), out);
    }
    CHECK(troupe({"journal", "tail", data.string(), "oms/99"}) == 1);
    CHECK(troupe({"journal", "tail", data.string(), slot, "--from", "99"}) == 1);
    CHECK_MESSAGE(says("has no turn 99 yet; the newest is "), out);
    CHECK(troupe({"journal", "export", data.string(), "--stream", "oms/99"}) == 1);
    CHECK(troupe({"tape", "show", data.string(), "nope", "--at", "1"}) == 1);
  }
  const auto nothing = (dir.path() / "nothing").string();
  for (const auto& words : {std::vector<std::string>{"inspect", "at", slot, "1", "--data-dir", nothing}, {"inspect", "tree", "--data-dir", nothing}, {"journal", "tail", nothing, slot},
                            {"journal", "verify", nothing}, {"tape", "verify", nothing}, {"config", "check", "--config", nothing}, {"sweep", "status", "nope"}})
    CHECK_MESSAGE(troupe(words) == 3, words[0], " ", words[1], ": ", out);
  for (const std::string edge : {"http://127.0.0.1:1", "http://nohost", "http://nohost:80/", "http://[::1]:1", "https://127.0.0.1:1"}) {
    CHECK_MESSAGE(troupe({"inspect", "tree", "--edge", edge}) == 3, edge);
    CHECK_MESSAGE(says("; start a node, or give the edge that its ready line names: --edge http://ADDRESS:PORT"), out);
  }
  for (const std::string edge : {"foo", "http://", "http://:80", "ftp://127.0.0.1:1", "https://127.0.0.1:0", "http://127.0.0.1:0", "http://127.0.0.1:99999", "http://127.0.0.1:8a", "http://a/b:1", "http://[::1:1"}) {
    CHECK_MESSAGE(troupe({"inspect", "tree", "--edge", edge}) == 2, edge);
    CHECK_MESSAGE(says("is not an edge; expected is http://ADDRESS:PORT"), out);
  }
}

TEST_CASE_FIXTURE(tool_house, "an actor's history has one shape, of a node and of its folder") {
  const std::vector<std::string> history{"inspect", "history", slot, "--limit", "1"};
  auto as_json = history;
  as_json.emplace_back("--json");
  REQUIRE_MESSAGE(live(as_json) == 0, out);
  const auto of_node = out;
  CHECK(of_node.starts_with("{\"actor\":\"" + slot + "\",\"turns\":[{\"stream\":\"" + slot + "\",\"sequence\":1,"));
  CHECK(of_node.ends_with("],\"next\":2}\n"));
  REQUIRE(folder(as_json) == 0);
  CHECK(out == of_node);
  REQUIRE(live(history) == 0);
  const auto for_people = out;
  REQUIRE(folder(history) == 0);
  CHECK(out == for_people);
  CHECK(says("more: --from 2"));
  stop();
  REQUIRE(folder(as_json) == 0);
  CHECK(out == of_node);
}

TEST_CASE_FIXTURE(tool_house, "inspect a folder: the same forms say what the journals alone know, of one actor when one is named") {
  stop();
  REQUIRE_MESSAGE(folder({"inspect", "tree"}) == 0, out);
  for (const std::string& part : {std::string{"root"}, std::string{"trading"}, std::string{"market"}, slot, std::string{"venue/SIM"}, std::string{"feed/walk"},
                                 std::string{"running node only"}})
    CHECK_MESSAGE(says(part), part);
  REQUIRE_MESSAGE(folder({"inspect", "ls", "--json"}) == 0, out);
  CHECK(says("\"stream\":\"" + slot + "\""));
  REQUIRE_MESSAGE(folder({"inspect", "info", slot}) == 0, out);
  CHECK(says("starts"));
  CHECK_FALSE(says("venue/SIM"));
  REQUIRE_MESSAGE(folder({"inspect", "info", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "stream") == slot);
  CHECK(json_field(out, "sequence") != "0");
  CHECK(folder({"inspect", "info", "oms/99"}) == 1);
  CHECK(says("there is no stream"));
  REQUIRE_MESSAGE(folder({"inspect", "state", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "1");
  REQUIRE_MESSAGE(folder({"inspect", "state", "portfolio", "--json"}) == 0, out);
  CHECK(says("\"" + slot + "\"")); // how far it read that stream
  CHECK(folder({"inspect", "at", "portfolio", "3"}) != 0);
  CHECK(says("no turns of its own"));
  REQUIRE_MESSAGE(folder({"inspect", "history", slot, "--limit", "1"}) == 0, out);
  CHECK(says("order_accepted"));
  REQUIRE_MESSAGE(folder({"inspect", "at", slot, "0", "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "0");
  REQUIRE_MESSAGE(folder({"inspect", "at", slot, "--json"}) == 0, out);
  CHECK(json_field(out, "last_number") == "1");
  CHECK(folder({"inspect", "at", slot, "99"}) == 1);
  CHECK(says("the newest is"));
}
