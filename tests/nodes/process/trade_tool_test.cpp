// Orders, limits, blocks and halts from the command line.

#include "tests/nodes/process/tool_house.hpp"

#include <nlohmann/json.hpp>

#include <fstream>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("process/tools");

TEST_CASE_FIXTURE(tool_house, "lists show tenants when there is another than main, and an account without one is of main") {
  for (const char* list : {"orders", "positions", "cash", "fills"}) {
    REQUIRE(live({list}) == 0);
    CHECK_MESSAGE(!says("TENANT"), out);
  }
  REQUIRE_MESSAGE(live({"order", "BUY", "0.002", "BTCUSDT.SIM", "--tenant", "desk2", "--account", "t"}) == 0, out);
  for (const char* list : {"orders", "positions", "cash", "fills"}) {
    CHECK_MESSAGE(eventually([&] { return live({list}) == 0 && says("TENANT") && says("desk2"); }), list, out);
    CHECK(live({list, "--tenant", "desk2"}) == 0);
    CHECK_MESSAGE(says("desk2"), out);
    for (const std::vector<std::string>& of_main : {std::vector<std::string>{list, "--tenant", "main"}, {list, "--account", "t"}}) {
      CHECK(live(of_main) == 0);
      CHECK_MESSAGE(!says("desk2"), out);
    }
  }
  REQUIRE(live({"fills", "--newest", "--tenant", "desk2"}) == 0);
  CHECK_MESSAGE(says("desk2"), out);
  REQUIRE(live({"orders", "--tenant", "desk2", "--account", "t"}) == 0);
  CHECK(says("0.002"));
  CHECK_FALSE(says("0.001"));
}

TEST_CASE_FIXTURE(tool_house, "an order is looked at, replaced and cancelled, limits are changed and an instrument is blocked from the command line") {
  const auto body = node.client().get("/v1/orders")->body;
  const auto id = json_field(body.substr(body.find("\"order_id\"")), "order_id");
  REQUIRE_MESSAGE(live({"replace", id, "0.002", "--limit", "44100"}) == 0, out);
  CHECK(says("the venue is asked to change it"));
  CHECK(eventually([&] { return json_field(node.client().get("/v1/orders/" + id)->body, "limit_price") == "44100"; }));
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--account", "t", "--check"}) == 0);
  CHECK(says("would be taken"));
  CHECK(live({"order", "BUY", "100000", "BTCUSDT.SIM", "--limit", "44000", "--check"}) == 1);
  CHECK(says("would be refused (ORDER_QUANTITY_MAX: "));
  for (const auto& [words, why] : {std::pair{std::vector<std::string>{"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000.123456"}, "OFF_TICK"},
                                   {{"order", "BUY", "0.00000001", "BTCUSDT.SIM", "--limit", "44000"}, "OFF_LOT"},
                                   {{"order", "BUY", "1", "NONE.SIM", "--limit", "44000"}, "UNKNOWN_INSTRUMENT"}}) {
    CAPTURE(why);
    CHECK_MESSAGE(live(words) == 2, out); // a wrong request, whether it is placed or looked at
    auto looked_at = words;
    looked_at.emplace_back("--check");
    CHECK(live(looked_at) == 2);
    CHECK_MESSAGE(says(std::string{"would be refused ("} + why + ": "), out);
  }
  for (const std::string wrong : {"64-1", "99-1"}) {
    CHECK(live({"cancel", wrong}) == 2);
    CHECK_MESSAGE(says("must have the form ^[0-9]{1,2}-[0-9]{1,17}$, with a slot of 0 to 63 before the dash"), out);
  }
  CHECK(live({"replace", id, "100000"}) == 1);
  CHECK_MESSAGE(says("stays as it is: NEW (ORDER_QUANTITY_MAX: "), out);
  REQUIRE(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--account", "t", "--id", "done-1"}) == 0);
  REQUIRE(eventually([&] { return node.client().get("/v1/orders?status=all&account=t")->body.find("\"FILLED\"") != std::string::npos; }));
  CHECK(live({"order", "BUY", "0.002", "BTCUSDT.SIM", "--account", "t", "--id", "done-1", "--check"}) == 1); // another body under the id of a finished order
  CHECK_MESSAGE(says("would be refused (CONFLICT: "), out);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--account", "t", "--id", "done-1", "--check"}) == 0);
  const auto key = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--data-dir", data.string()});
    return live(std::move(words));
  };
  REQUIRE_MESSAGE(key({"limits", "set", "position_max=0.0015", "--account", "t"}) == 0, out);
  REQUIRE(live({"limits"}) == 0);
  CHECK_MESSAGE(says("0.0015"), out);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--account", "t"}) == 1);
  CHECK(says("POSITION_MAX"));
  CHECK(key({"limits", "set", "nope=3"}) == 2);
  CHECK(says("NAME is one of order_quantity_max"));
  CHECK(key({"limits", "set", "open_orders_max=many"}) == 2);
  CHECK_MESSAGE(says("open_orders_max"), out);
  CHECK(key({"limits", "set", "mark_age_max_ms=-1"}) == 2);
  CHECK_MESSAGE(says("mark_age_max_ms"), out);
  for (const std::string outside : {"price_collar_bps=0", "price_collar_bps=1000000000", "mark_age_max_ms=0", "open_orders_max=1000001"}) {
    CHECK(key({"limits", "set", outside}) == 2); // as the configuration refuses it
    CHECK_MESSAGE(says("must be between"), out);
  }
  CHECK(key({"limits", "set", "position_max=5", "position_max=6"}) == 2);
  CHECK(says("position_max is given twice"));
  REQUIRE(live({"orders", "--newest", "--limit", "1"}) == 0);
  CHECK_MESSAGE(says("REJECTED"), out);
  CHECK(live({"orders", "--newest", "--cursor", id}) == 2);
  REQUIRE(key({"block", "BTCUSDT.SIM"}) == 0);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 1);
  CHECK(says("BLOCKED"));
  REQUIRE(live({"cancel", id}) == 0);
  CHECK(says("the venue is asked to cancel it"));
  CHECK(live({"cancel"}) == 2); // neither an order nor --all
  CHECK(live({"cancel", id, "--all"}) == 2);
  CHECK(live({"cancel", "--account", "default"}) == 2);
  CHECK(live({"cancel", "--all", "--account", "nobody"}) == 0);
  CHECK_MESSAGE(says("is it the account you mean?"), out);
  CHECK(live({"cancel", "--all", "--account", "nobody", "--tenant", "main"}) == 0);
  CHECK_MESSAGE(!says("is it the account you mean?"), out); // both were named
  CHECK_MESSAGE(says("asked to cancel them: 0"), out);
  CHECK(live({"order", "BUY", "0.001", "btcusdt.sim"}) == 2);
  CHECK_MESSAGE((says("instrument btcusdt.sim is not traded here") && says("did you mean BTCUSDT.SIM?")), out);
  CHECK(live({"order", "BUY", "0.001", "btcusdt.sim", "--check"}) == 2);
  CHECK_MESSAGE((says("UNKNOWN_INSTRUMENT") && says("did you mean BTCUSDT.SIM?")), out);
  CHECK(live({"order", "BUY", "0.001", "btcusdt"}) == 2); // a symbol without its venue
  CHECK_MESSAGE((says("did you mean ") && says("BTCUSDT.SIM")), out);
  for (const std::string unlike : {"GOLD", "XYZUSDT.SIM"}) { // another coin on the same venue is not what was meant
    CHECK(live({"order", "BUY", "0.001", unlike}) == 2);
    CHECK_MESSAGE(says("`troupe instruments` lists those there are"), out);
  }
  REQUIRE(live({"instruments"}) == 0);
  CHECK_MESSAGE((says("INSTRUMENT") && says("BTCUSDT.SIM")), out);
  REQUIRE(live({"instruments", "--json"}) == 0);
  CHECK(nlohmann::json::parse(out)["instruments"].size() > 1);
  REQUIRE(live({"feeds"}) == 0);
  CHECK_MESSAGE((says("FEED ") && says("STREAMING")), out);
  CHECK(live({"cancel", "--all", "--instrument", "BTCUSDT.SMI"}) != 0);
  CHECK_MESSAGE(says("BTCUSDT.SMI is not traded here; nothing was withdrawn"), out);
  REQUIRE(key({"unblock", "BTCUSDT.SIM"}) == 0);
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "an order is shown and cancelled by the id that its client gave it as by its own; one of the two must be given") {
  const std::string own = "my 1/2?&=%";
  REQUIRE_MESSAGE(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--account", "t", "--client-order-id", own}) == 0, out);
  REQUIRE(eventually([&] { return live({"orders", "show", "--client-order-id", own, "--account", "t"}) == 0 && says("NEW"); }));
  CHECK_MESSAGE(out.starts_with("ORDER "), out);
  CHECK(says(own));
  const auto shown = out;
  REQUIRE(live({"orders", "show", "--client-order-id", own, "--account", "t", "--json"}) == 0);
  const auto id = nlohmann::json::parse(out)["order_id"].get<std::string>();
  CHECK(live({"orders", "show", id}) == 0);
  CHECK(out == shown);
  CHECK_MESSAGE(shown.find('\n', shown.find('\n') + 1) == shown.size() - 1, shown); // a head and one row: the list itself is not shown

  REQUIRE_MESSAGE(live({"cancel", "--client-order-id", own, "--account", "t"}) == 0, out);
  CHECK_MESSAGE(says("order " + id + " "), out);
  CHECK(says("the venue is asked to cancel it"));
  REQUIRE(eventually([&] { return live({"orders", "show", "--client-order-id", own, "--account", "t"}) == 0 && says("CANCELED"); }));
  CHECK(live({"cancel", "--client-order-id", own, "--account", "t"}) == 1);
  const auto of_finished = out;
  CHECK(live({"cancel", id}) == 1);
  CHECK(out == of_finished);

  for (const std::vector<std::string>& command : {std::vector<std::string>{"orders", "show"}, {"cancel"}}) {
    const auto with = [&](std::vector<std::string> more) {
      more.insert(more.begin(), command.begin(), command.end());
      return live(std::move(more));
    };
    CAPTURE(command.front());
    CHECK(with({"--client-order-id", "never-sent", "--account", "t"}) == 1);
    CHECK_MESSAGE(says("account t has no order with client order id never-sent: nothing with it was acknowledged so far"), out);
    CHECK_FALSE(says("is it the account you mean?"));
    CHECK(with({"--client-order-id", own, "--account", "tt"}) == 1);
    CHECK_MESSAGE(says("\"tt\" has neither order nor position of tenant main: is it the account you mean?"), out);
    CHECK(with({}) == 2);
    CHECK_MESSAGE(says("ORDER"), out);
    CHECK_MESSAGE(says("--client-order-id"), out);
    CHECK(with({id, "--client-order-id", own}) == 2);
    CHECK_MESSAGE(says("excludes"), out);
    CHECK(with({id, "--account", "t"}) == 2); // an order's id says whose it is
    CHECK_MESSAGE(says("--account requires --client-order-id"), out);
    CHECK(with({id, "--tenant", "main"}) == 2);
    CHECK_MESSAGE(says("--tenant requires --client-order-id"), out);
    CHECK(with({"--help"}) == 0);
    CHECK_MESSAGE(says("--client-order-id my-1 --account alpha"), out);
  }
  CHECK(live({"cancel", "--all", "--client-order-id", own}) == 2);
  CHECK(live({"cancel", "--client-order-id", own, "--instrument", "BTCUSDT.SIM"}) == 2);
  CHECK_MESSAGE(says("--instrument requires --all"), out);
  CHECK(node.client().get("/v1/orders?status=OPEN&account=t")->body.find("\"order_id\"") != std::string::npos); // the one of the house
}

TEST_CASE_FIXTURE(tool_house, "limits of more accounts than a page holds are all shown, and those behind the first page are changed from their own") {
  const auto shown = [&] {
    REQUIRE(live({"limits", "--json"}) == 0);
    return nlohmann::json::parse(out);
  };
  auto fallback = shown()["fallback"];
  fallback["open_orders_max"] = 7;
  auto client = node.client();
  const std::vector<std::pair<std::string, std::string>> as_operator{{"Authorization", "Bearer " + node.operator_key(1)}};
  const auto name_of = [](int i) { return "own-" + std::to_string(1000 + i); };
  for (int i = 0; i < 501; ++i)
    REQUIRE(client.request("PUT", "/v1/limits", nlohmann::json{{"account", name_of(i)}, {"limits", fallback}}.dump(), as_operator)->status == 200);
  REQUIRE(live({"block", "BTCUSDT.SIM", "--data-dir", data.string()}) == 0);
  REQUIRE(live({"limits", "set", "position_max=5", "--account", name_of(500), "--data-dir", data.string()}) == 0);
  const auto all = shown();
  CHECK(all["accounts"].size() == 501);
  CHECK(all["accounts"][name_of(500)]["position_max"] == "5");
  CHECK(all["accounts"][name_of(500)]["open_orders_max"] == 7); // not the fallback's
  CHECK(all["blocked"] == nlohmann::json{"BTCUSDT.SIM"});
  CHECK_FALSE(all.contains("next"));
  REQUIRE(live({"limits"}) == 0);
  CHECK(says(name_of(500)));
  CHECK(says("BTCUSDT.SIM is blocked"));
}

TEST_CASE_FIXTURE(tool_house, "two changes of limits at the same time are both in force, over HTTP an old version is a conflict that changes nothing, and a reset gives an account the common ones again") {
  const auto shown = [&] {
    const auto page = node.client().get("/v1/limits?limit=500");
    REQUIRE(page);
    return nlohmann::json::parse(page->body);
  };
  const auto at = "http://127.0.0.1:" + std::to_string(node.port());
  constexpr int rounds = 8; // of two that race
  for (int i = 1; i <= rounds; ++i) {
    const auto change = [&](const std::string& what, std::string& said) {
      return run_program("troupe", {"limits", "set", what, "--data-dir", data.string(), "--edge", at}, said);
    };
    std::string one, two;
    int code_of_one = -1;
    std::thread other{[&] { code_of_one = change("open_orders_max=" + std::to_string(i), one); }};
    const int code_of_two = change("orders_per_second_max=" + std::to_string(100 + i), two);
    other.join();
    CHECK_MESSAGE(code_of_one == 0, one);
    CHECK_MESSAGE(code_of_two == 0, two);
    CHECK(shown()["fallback"]["open_orders_max"] == i);
    CHECK(shown()["fallback"]["orders_per_second_max"] == 100 + i);
  }
  const auto key = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--data-dir", data.string()});
    return live(std::move(words));
  };
  const auto before = shown();
  const std::vector<std::pair<std::string, std::string>> as_operator{{"Authorization", "Bearer " + node.operator_key(1)}};
  const auto put = [&](std::uint64_t expected) {
    auto limits = before["fallback"];
    limits["open_orders_max"] = 77;
    const auto said = node.client().request("PUT", "/v1/limits", nlohmann::json{{"account", "t"}, {"limits", limits}, {"expected_version", expected}}.dump(), as_operator);
    REQUIRE(said);
    return said->status;
  };
  const auto version = before["limits_version"].get<std::uint64_t>();
  CHECK(put(version - 1) == 409);
  CHECK(put(version + 1) == 409);
  for (const char* member : {"limits_version", "fallback", "accounts"}) CHECK(shown()[member] == before[member]);
  CHECK(put(version) == 200);
  CHECK(shown()["accounts"]["t"]["open_orders_max"] == 77);
  CHECK(node.client().request("DELETE", "/v1/limits?account=t")->status == 401);
  CHECK(node.client().request("DELETE", "/v1/limits?account=t&expected_version=0", {}, as_operator)->status == 409);
  CHECK(node.client().request("DELETE", "/v1/limits", {}, as_operator)->status == 400);
  CHECK(shown()["accounts"].contains("t"));
  REQUIRE_MESSAGE(key({"limits", "reset", "--account", "t"}) == 0, out);
  CHECK(out == "DONE\n");
  CHECK(shown()["accounts"].empty());
  CHECK(key({"limits", "reset", "--account", "t"}) == 0);
  CHECK(out == "UNCHANGED: account t has no limits of its own\n");
  CHECK(live({"limits", "reset"}) == 2);
  stop();
  REQUIRE(troupe({"check", "invariants", "--data-dir", data.string()}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "a halt without a reason is by hand: nobody has to think of one first") {
  REQUIRE_MESSAGE(live({"halt", "firm"}) == 0, out);
  CHECK(json_field(node.client().get("/v1/halts")->body, "reason") == "by hand");
  CHECK(json_field(node.client().get("/v1/halts")->body, "halted_by") == "http");
  REQUIRE_MESSAGE(live({"halt", "account", "t", "--key-file", (data / "keys" / "operator-1.key").string()}) == 0, out);
  CHECK(node.client().get("/v1/halts")->body.find("operator-1") != std::string::npos); // who has a key may say so
  CHECK(live({"halt", "account", "u", "--key-file", (data / "keys" / "nobody.key").string()}) != 0);
  const auto junk = dir.path() / "junk.key";
  std::ofstream{junk} << std::string(64, '0') << '\n';
  for (const std::vector<std::string>& words : {std::vector<std::string>{"halt", "account", "u"}, {"cancel", "--all"}, {"order", "BUY", "0.001", "BTCUSDT.SIM"}}) {
    auto with_junk = words;
    with_junk.insert(with_junk.end(), {"--key-file", junk.string()});
    CHECK(live(with_junk) == 1);
    CHECK_MESSAGE(says("the key is none of this node's"), out);
  }
  CHECK(node.client().get("/v1/halts")->body.find("\"u\"") == std::string::npos);
  CHECK(live({"halt", "--help"}) == 0);
  CHECK_MESSAGE(says("account (under every tenant)"), out);
}

TEST_CASE_FIXTURE(tool_house, "of a slot that was given up the books say that they are old, a halt that it does not run, and its restart shows its orders withdrawn") {
  auto client = node.client();
  const auto status = [&](const std::string& target) { return client.get(target)->status; };
  REQUIRE(status("/v1/positions?account=t") == 200);
  REQUIRE(eventually([&] {
    CHECK(client.post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"die"})"));
    return status("/v1/positions?account=t") == 503;
  }));
  CHECK(status("/v1/cash?account=t") == 503);
  CHECK(status("/v1/fills?account=t") == 503);
  CHECK(status("/v1/fills?account=t&sort=NEWEST") == 503);
  CHECK(status("/v1/positions?account=somebody") == 200);
  CHECK(client.get("/v1/positions?account=somebody")->body.find("out_of_date") == std::string::npos); // not about this account
  CHECK(live({"positions", "--account", "somebody"}) == 0);
  CHECK(live({"positions", "--account", "t"}) == 3);
  CHECK_MESSAGE(says(slot + " is halted"), out);
  CHECK_MESSAGE(says("missing in the books"), out);
  for (const char* list : {"positions", "cash", "fills"}) {
    CHECK_MESSAGE(client.get(std::string{"/v1/"} + list)->body.find("\"out_of_date\":[\"" + slot + "\"]") != std::string::npos, list);
    CHECK(live({list}) == 1);
    CHECK_MESSAGE(says(slot + " was given up or is starting: what it has is old here, or missing"), out);
  }
  CHECK(client.get("/v1/fills?sort=NEWEST")->body.find("out_of_date") != std::string::npos);
  CHECK(status("/v1/orders?account=t") == 503);
  for (const char* list : {"/v1/orders", "/v1/orders?status=OPEN", "/v1/orders?sort=NEWEST"})
    CHECK_MESSAGE(client.get(list)->body.find("\"out_of_date\":[\"" + slot + "\"]") != std::string::npos, list);
  CHECK(live({"orders"}) == 1);
  CHECK(live({"halt", "firm"}) == 1);
  CHECK_MESSAGE(says(slot + " is HALTED: its venues were told to withdraw"), out);
  CHECK(client.get("/v1/halts")->body.find("FIRM") != std::string::npos);
  REQUIRE_MESSAGE(live({"restart", slot, "--data-dir", data.string()}) == 0, out);
  CHECK(eventually([&] { return client.get("/v1/orders?status=OPEN")->body.find("\"order_id\"") == std::string::npos; }));
  CHECK(eventually([&] { return status("/v1/positions?account=t") == 200; })); // when it has heard its venues
  for (const char* list : {"/v1/positions", "/v1/orders"}) CHECK_MESSAGE(client.get(list)->body.find("out_of_date") == std::string::npos, list);
  CHECK(live({"positions"}) == 0);
  CHECK(live({"halt", "account", "t"}) == 0);
}

TEST_CASE_FIXTURE(tool_house, "a cancel or a halt of an account is answered about that account: a slot that was given up counts when it has something of it open, under any tenant") {
  auto client = node.client();
  const auto slot_of = [](const std::string& tenant, const char* account) { return "oms/" + std::to_string(trading::slot_of({tenant}, {account})); };
  REQUIRE(slot_of("main", "other") != slot);
  REQUIRE(slot_of("main", "both") != slot);
  std::string tenant; // under which the account is in the slot of t
  for (int i = 0; tenant.empty(); ++i)
    if (const auto name = "desk" + std::to_string(i); slot_of(name, "both") == slot) tenant = name;
  const auto rest = [&](const std::string& of, const char* account) {
    REQUIRE_MESSAGE(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000", "--tenant", of, "--account", account}) == 0, out);
  };
  rest("main", "other");
  rest("main", "both");
  rest(tenant, "both");
  REQUIRE(eventually([&] {
    CHECK(client.post("/v1/actors/fault", R"({"name":")" + slot + R"(","fault":"die"})"));
    return client.get("/v1/positions?account=t")->status == 503;
  }));
  CHECK_MESSAGE(live({"cancel", "--all", "--account", "other"}) == 0, out);
  CHECK_MESSAGE(says("asked to cancel them: 1"), out);
  CHECK_MESSAGE(live({"cancel", "--all", "--account", "nobody"}) == 0, out);
  CHECK_MESSAGE(live({"halt", "account", "other"}) == 0, out);
  for (const char* account : {"t", "both"}) {
    CAPTURE(account);
    CHECK(live({"cancel", "--all", "--account", account}) != 0);
    CHECK_MESSAGE(says(slot + " was given up with 1 of these orders open"), out);
    CHECK(live({"halt", "account", account}) == 1);
    CHECK_MESSAGE(says(slot + " is HALTED"), out);
  }
  CHECK(live({"cancel", "--all"}) != 0); // everything: nobody knows of that slot
  CHECK_MESSAGE(says(slot + " is halted"), out);
}

TEST_CASE_FIXTURE(tool_house, "one approval of two does not lift the firm's halt, and a script sees that") {
  const auto resume = [&](int by) {
    return live({"resume", "firm", "--key-file", (data / "keys" / ("operator-" + std::to_string(by) + ".key")).string()});
  };
  REQUIRE(live({"halt", "firm", "--reason", "drill"}) == 0);
  CHECK(resume(1) == 1);
  CHECK(says("1 more of 2 different principals must approve"));
  CHECK(resume(1) == 1);
  CHECK(says("has approved already"));
  CHECK(live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 1);
  CHECK(resume(2) == 0);
  CHECK(eventually([&] { return live({"order", "BUY", "0.001", "BTCUSDT.SIM", "--limit", "44000"}) == 0; }));
}

TEST_CASE_FIXTURE(tool_house, "who has asked to lift a halt is listed by name as people read it, and nobody is nothing") {
  REQUIRE(live({"halt", "account", "u", "--reason", "drill"}) == 0);
  REQUIRE(live({"halts"}) == 0);
  CHECK_MESSAGE(out.ends_with("  drill\n"), out);
  REQUIRE(live({"halt", "firm", "--reason", "drill"}) == 0);
  REQUIRE(live({"resume", "firm", "--key-file", (data / "keys" / "operator-1.key").string()}) == 1);
  REQUIRE(live({"halts"}) == 0);
  CHECK_MESSAGE(says("  drill   operator:operator-1\n"), out);
  REQUIRE(live({"halts", "--json"}) == 0);
  CHECK_MESSAGE(says("\"approvals\": [\"operator:operator-1\"]"), out); // as the node says it
}

TEST_CASE_FIXTURE(tool_house, "a halt or block of what does not exist is refused with what does") {
  CHECK(live({"halt", "venue", "sim", "--reason", "lower case"}) != 0);
  CHECK(says("there is no venue \"sim\"; there are "));
  CHECK(says("SIM"));
  CHECK(live({"halt", "instrument", "BTCUSDT", "--reason", "no venue"}) != 0);
  CHECK(says("BTCUSDT.SIM"));
  CHECK(live({"halt", "strategy", "nope", "--reason", "no such one"}) != 0);
  CHECK(node.client().get("/v1/halts")->body.find("nope") == std::string::npos);
  for (const auto& words : {std::vector<std::string>{"resume", "venue", "sim"}, {"resume", "strategy", "nope"}, {"unblock", "NOPE.SIM"}}) {
    auto with_key = words;
    with_key.insert(with_key.end(), {"--data-dir", data.string()});
    CHECK(live(with_key) != 0);
    CHECK_MESSAGE(says("there is no "), out);
  }
  REQUIRE_MESSAGE(live({"halt", "account", "whoever", "--reason", "free text"}) == 0, out);
  CHECK_MESSAGE(says("\"whoever\" has neither order nor position"), out);
  REQUIRE_MESSAGE(live({"order", "buy", "0.001", "BTCUSDT.SIM", "--limit", "1000", "--account", "known"}) == 0, out);
  REQUIRE_MESSAGE(live({"halt", "account", "known"}) == 0, out);
  CHECK_FALSE_MESSAGE(says("neither order nor position"), out);
}
