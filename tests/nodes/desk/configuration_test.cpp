#include "nodes/desk/config.hpp"
#include "runtime/config/describe.hpp"
#include "tests/support/test.hpp"

#include <fstream>
#include <iterator>

using namespace troupe;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_SUITE_BEGIN("desk/configuration");

TEST_CASE("docs/configuration.md is what `troupe config reference` prints") {
  const auto committed = text_of(test::source_dir() / "docs/configuration.md");
  const auto generated = config::reference_page(desk::configuration{});
  const bool is_current = committed == generated; // a comparison of the texts would print both pages
  CHECK_MESSAGE(is_current, "run: build/bin/troupe config reference > docs/configuration.md");
  for (const auto& property : config::list_properties(desk::configuration{})) {
    CHECK_MESSAGE(committed.find("`" + property.path + "`") != std::string::npos, property.path);
    CHECK_MESSAGE(!property.sentence.empty(), property.path);
  }
}

TEST_CASE("every configuration that is shipped loads and passes the cross checks") {
  std::size_t loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator{test::source_dir() / "config"}) {
    if (entry.path().extension() != ".json") continue;
    CAPTURE(entry.path().filename().string());
    const auto config = config::load_file<desk::configuration>(entry.path(), {}, desk::cross_checks());
    CHECK(config);
    if (!config) continue;
    ++loaded;
    // And what is in force is a configuration again.
    const auto again = config::load<desk::configuration>({"effective", config::effective_file(*config), {}}, desk::cross_checks());
    REQUIRE(again);
    CHECK(config::effective_file(*again).size() > 0);
    CHECK(config::hash_of_cluster_wide(*again) == config::hash_of_cluster_wide(*config));
  }
  CHECK(loaded >= 2);
}

TEST_CASE("as declared, a handler that never returns ends the process within five seconds") {
  const desk::configuration defaults;
  CHECK(defaults.node.stuck_after.value() <= std::chrono::milliseconds{4500}); // and half a second for the watchdog itself
  CHECK(defaults.node.hang_after.value() * 2 <= defaults.node.stuck_after.value());
}

TEST_CASE("instruments of two quote currencies are refused, with what to say if that is meant") {
  const std::string two = R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"SOLUSDT.SIM"},{"id":"ETHUSDT.SIM","quote":"EUR"}])";
  const auto load = [&](std::vector<std::string> sets) {
    sets.push_back("strategies=[]");
    return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", sets, desk::cross_checks());
  };
  const auto refused = load({two});
  REQUIRE_FALSE(refused);
  const auto why = to_string(refused.error());
  CHECK_MESSAGE(why.find("instruments[2].quote") != std::string::npos, why);
  CHECK_MESSAGE(why.find("set risk.quotes_at_par=true") != std::string::npos, why);
  CHECK(load({two, "risk.quotes_at_par=true"}));
  CHECK_FALSE(load({"instruments=[]"})); // said so, whatever else is looked at
  CHECK(load({R"(instruments=[{"id":"BTCUSDT.SIM"},{"id":"BTCEUR.SIM","quote":"EUR"}])"})); // of which no feed shows the second
}

TEST_CASE("one operator may lift a firm halt where only this machine can ask") {
  const auto config = config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {"halt.firm_approvals=1"}, desk::cross_checks());
  CHECK(config);
  for (const char* inside : {"127.0.0.1", "127.9.9.9", "::1"}) CHECK(desk::is_loopback(inside));
  for (const char* outside : {"0.0.0.0", "::", "10.0.0.1", "localhost", "::ffff:127.0.0.1", "", "128.0.0.1"}) CHECK_FALSE(desk::is_loopback(outside));
}

TEST_CASE("a listener beyond loopback needs a certificate and its key, and its names are those of a Host header") {
  const auto load = [](std::vector<std::string> sets) {
    return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", std::move(sets), desk::cross_checks());
  };
  const std::string beyond = R"("address":"0.0.0.0")", pair = R"(,"certificate":"desk.crt","key":"desk.key")";
  const auto listener = [](const std::string& members) { return "edge.listeners=[{" + members + "}]"; };
  CHECK(load({listener(beyond + pair)}));
  CHECK(load({listener(R"("keys_required":true)")}));
  CHECK(load({listener(beyond + pair + R"(,"hosts":["desk.example","10.0.0.5"])")}));
  for (const auto& [members, says] : {std::pair{beyond, "edge.listeners[0].address"}, {beyond + R"(,"keys_required":true)", "edge.listeners[0].address"},
                                      {beyond + R"(,"certificate":"desk.crt")", "edge.listeners[0].certificate"}, {R"("key":"desk.key")", "edge.listeners[0].certificate"},
                                      {beyond + pair + R"(,"hosts":["https://desk.example"])", "edge.listeners[0].hosts"}}) {
    CAPTURE(members);
    const auto refused = load({listener(members)});
    REQUIRE_FALSE(refused);
    CHECK_MESSAGE(to_string(refused.error()).find(says) != std::string::npos, to_string(refused.error()));
  }
  CHECK_FALSE(load({listener(beyond + pair), "halt.firm_approvals=1"})); // one operator suffices where only this machine can ask
}

TEST_CASE("no strategy trades for an account that would be taken for a venue in dispute") {
  const auto load = [](const std::string& account) {
    return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {R"(strategies=[{"name":"a","account":")" + account + R"(","parameters":["quantity=1"]}])"}, desk::cross_checks());
  };
  CHECK(load("venues"));
  const auto refused = load("venue/SIM");
  REQUIRE_FALSE(refused);
  CHECK_MESSAGE(to_string(refused.error()).find("strategies[0].account") != std::string::npos, to_string(refused.error()));
}

TEST_CASE("names that become actors, streams and folders are names: no path, nothing empty, nothing hidden") {
  const auto load = [](const std::string& set) { return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {set}, desk::cross_checks()); };
  const auto feed = [](const std::string& name) { return R"(feeds=[{"name":")" + name + "\"}]"; };
  const auto strategy = [](const std::string& name) { return R"(strategies=[{"name":")" + name + R"(","parameters":["quantity=1"]}])"; };
  const auto venue = [](const std::string& name) { return R"(venues.2={"name":")" + name + "\"}"; };
  const auto node = [](const std::string& name) { return "node.name=" + name; };
  for (const char* name : {"walk", "a", "Walk_2.b-c", "123456789012345"})
    for (const auto& set : {feed(name), strategy(name), node(name)}) CHECK_MESSAGE(load(set), set);
  for (const char* name : {"../../evil", "..", ".", ".hidden", "", "a/b", "a b", "-a", "_a", "1234567890123456789012345678901234"}) {
    CAPTURE(name);
    for (const auto& [set, path] : {std::pair{feed(name), "feeds[0].name"}, {strategy(name), "strategies[0].name"}, {venue(name), "venues[2].name"}, {node(name), "node.name"}}) {
      CAPTURE(set);
      const auto refused = load(set);
      REQUIRE_FALSE(refused);
      CHECK_MESSAGE(to_string(refused.error()).find(path) != std::string::npos, to_string(refused.error()));
    }
  }
  CHECK(to_string(load(venue("S.IM")).error()).find("venues[2].name") != std::string::npos); // behind the last dot of an id, so it could have no instrument
  CHECK_FALSE(load(R"(feeds=[{"name":"a"},{"name":"a","file":"binance_spot_btcusdt_20240808.jsonl"}])"));
}

TEST_CASE("a feed's relays on other nodes have names of their own: what is too long for one is refused before anything starts") {
  const auto load = [](const std::string& node, const std::string& feed) {
    const auto members = R"(cluster.members=[{"name":"a","host":"10.77.0.1","runs":["risk","oms/*","feed/*","venue/*","strategy/*"]},{"name":")" + node + R"(","host":"10.77.0.2"}])";
    return config::load_file<desk::configuration>(test::source_dir() / "config/cluster/a.json", {members, R"(feeds=[{"name":")" + feed + "\"}]"}, desk::cross_checks());
  };
  const std::string longest_node(32, 'n'), longest_feed(15, 'f');
  CHECK(load(longest_node, "ninechars"));
  CHECK(load(std::string(26, 'n'), longest_feed));
  const auto refused = load(longest_node, longest_feed);
  REQUIRE_FALSE(refused);
  const auto why = to_string(refused.error());
  CHECK_MESSAGE(why.find("cluster.members[1].name") != std::string::npos, why);
  CHECK_MESSAGE(why.find("at most 41 characters") != std::string::npos, why);
  CHECK_FALSE(load(std::string(27, 'n'), longest_feed));
}

TEST_CASE("an instrument has a quote currency and one feed") {
  const auto why = [](const std::string& set) {
    const auto refused = config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {set, "strategies=[]"}, desk::cross_checks());
    REQUIRE_FALSE(refused);
    return to_string(refused.error());
  };
  const auto without = why(R"(instruments=[{"id":"BTCUSDT.SIM","quote":""}])");
  CHECK_MESSAGE(without.find("instruments[0].quote") != std::string::npos, without);
  const auto twice = why(R"(feeds=[{"name":"first"},{"name":"second","seed":2}])");
  CHECK_MESSAGE(twice.find("feeds[1].name") != std::string::npos, twice);
  CHECK_MESSAGE(twice.find("it shows BTCUSDT.SIM, as feed first does") != std::string::npos, twice);
}

TEST_CASE("listeners: at least one, each at a place of its own") {
  const auto load = [](const std::string& listeners) {
    return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {"edge.listeners=" + listeners}, desk::cross_checks());
  };
  const desk::configuration defaults;
  REQUIRE(defaults.edge.listeners.size() == 1); // what is served when nobody says what
  CHECK(defaults.edge.listeners[0].port.value() == 8080);
  const auto none = load("[]");
  REQUIRE_FALSE(none);
  CHECK(to_string(none.error()).find("between 1 and 16") != std::string::npos);
  const auto two = [](const std::string& first, const std::string& second) { return R"([{"name":"a",)" + first + R"(},{"name":"b",)" + second + "}]"; };
  const std::string beyond = R"("certificate":"desk.crt","key":"desk.key",)";
  CHECK(load(two(R"("port":0)", R"("port":0)")));
  CHECK(load(two(R"("port":8080)", R"("port":8081)")));
  CHECK(load(two(R"("port":8080)", R"("port":8080,"address":"127.0.0.2")")));
  CHECK(load(two(R"("port":8080)", R"("port":8080,"address":"::1")")));
  for (const auto& same : {two(R"("port":8080)", R"("port":8080)"), two(beyond + R"("port":8080,"address":"0.0.0.0")", R"("port":8080)"),
                           two(R"("port":8080,"address":"::1")", R"("port":8080,"address":"0:0:0:0:0:0:0:1")"), two(R"("port":8080)", beyond + R"("port":8080,"address":"::")")}) {
    CAPTURE(same);
    const auto refused = load(same);
    REQUIRE_FALSE(refused);
    const auto why = to_string(refused.error());
    CHECK_MESSAGE(why.find("edge.listeners[1].port") != std::string::npos, why);
    CHECK_MESSAGE(why.find("by listener a") != std::string::npos, why);
  }
}

TEST_CASE("a listener serves each surface once, and one service of Trade2026: what could not start is refused before") {
  const auto load = [](const std::string& surfaces) {
    return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {"edge.listeners.0.surfaces=" + surfaces}, desk::cross_checks());
  };
  CHECK(load(R"(["v1","ops","trade2026_oms","trade2026_console"])"));
  for (const auto& [surfaces, says] : {std::pair{R"(["v1","v1"])", "names v1 twice"}, std::pair{R"(["trade2026_oms","ops","trade2026_risk"])", "give them two listeners"}}) {
    CAPTURE(surfaces);
    const auto refused = load(surfaces);
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().fields.size() == 1);
    CHECK(refused.error().fields[0].field == "edge.listeners[0].surfaces");
    CHECK(refused.error().fields[0].message.find(says) != std::string::npos);
  }
}

TEST_CASE("a run that must end takes no feed that starts again, and no random walk in its place") {
  const auto load = [](const std::string& feeds) {
    auto made = config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {"feeds=" + feeds}, desk::cross_checks());
    REQUIRE(made);
    return std::move(*made);
  };
  const std::string file = R"([{"name":"main","file":"binance_spot_btcusdt_20240808.jsonl.gz","repeat":)";
  const auto once = load(file + "false}]"), again = load(file + "true}]"), endless = load(R"([{"name":"walk"}])"), bounded = load(R"([{"name":"walk","quotes":5}])");
  for (const auto* good : {&once, &bounded}) CHECK(desk::check_ends(*good));
  const auto why = desk::check_ends(again);
  REQUIRE_FALSE(why);
  CHECK(why.error().message == "feed main never ends, because its file starts again at its end: set its repeat to false");
  CHECK_FALSE(desk::check_ends(endless));
  for (const auto* given : {&once, &again, &bounded}) CHECK_FALSE(desk::walk_instead(*given));
  CHECK(desk::walk_instead(endless));
}

TEST_CASE("allowed origins are what a browser sends, and never all there are") {
  const auto load = [](const std::string& origin) {
    return config::load_file<desk::configuration>(test::source_dir() / "config/desk.json", {"edge.allowed_origins=[\"" + origin + "\"]"}, desk::cross_checks());
  };
  for (const char* good : {"https://desk.example", "http://localhost:5173", "https://[::1]:8443", "http://127.0.0.1"}) CHECK_MESSAGE(load(good), good);
  for (const char* wrong : {"*", "foo", "", "desk.example", "https://", "https://desk.example/", "https://desk.example/page", "https://*.desk.example", "https://DESK.example", "https://a@b", "http://desk:"}) {
    CAPTURE(wrong);
    const auto refused = load(wrong);
    REQUIRE_FALSE(refused);
    CHECK(to_string(refused.error()).find("edge.allowed_origins") != std::string::npos);
  }
  CHECK(to_string(load("*").error()).find("any page that an operator has open could trade here") != std::string::npos);
}

TEST_CASE("builds of an upgrade are two at most, named as --version names them, and no node need agree with another about them") {
  const auto load = [](const std::string& builds) {
    return config::load_file<desk::configuration>(test::source_dir() / "config/cluster/a.json", {"cluster.builds=" + builds}, desk::cross_checks());
  };
  const auto none = load("[]"), both = load(R"(["0.1.0+7bf1422eceb0","0.2.0+0c31d9e7a554-dirty"])");
  REQUIRE(none);
  REQUIRE(both);
  CHECK(config::hash_of_cluster_wide(*none) == config::hash_of_cluster_wide(*both));
  for (const char* wrong : {R"(["0.1.0"])", R"(["7bf1422eceb0"])", R"(["troupe 0.1.0+7bf1422eceb0"])", R"(["0.1.0+1a","0.1.0+2b","0.1.0+3c"])"}) {
    CAPTURE(wrong);
    const auto refused = load(wrong);
    REQUIRE_FALSE(refused);
    CHECK(to_string(refused.error()).find("cluster.builds") != std::string::npos);
  }
}

TEST_CASE("what is wrong is reported all together, by the names of the keys") {
  const auto refusal = [](std::vector<std::string> overrides) {
    auto source = config::read_source(test::source_dir() / "config/desk.json", std::move(overrides));
    REQUIRE(source);
    const auto config = config::load<desk::configuration>(*source, desk::cross_checks());
    REQUIRE_FALSE(config);
    return to_string(config.error());
  };
  const auto unknown = refusal({"risk.nothing=1", "journal.write_buffer_mib=0"});
  CAPTURE(unknown);
  CHECK(unknown.find("risk.nothing") != std::string::npos);
  CHECK(unknown.find("journal.write_buffer_mib") != std::string::npos);
  CHECK(refusal({"risk.lease_ms=50"}).find("the default 250 is refused: it must be less than half of risk.lease_ms") != std::string::npos);
  CHECK(refusal({"risk.lease_ms=50", "risk.renew_ms=40"}).find(": 40 is refused: it must be less than half") != std::string::npos);
  const auto contradicting = refusal({"risk.renew_ms=600", "node.hang_after_ms=5000"});
  CAPTURE(contradicting);
  CHECK(contradicting.find("risk.renew_ms") != std::string::npos);
  CHECK(contradicting.find("node.hang_after_ms") != std::string::npos);
  const auto open_to_all = refusal({"edge.listeners.0.address=0.0.0.0", "edge.listeners.1={\"name\":\"lan\",\"address\":\"::\"}",
                                    "halt.firm_approvals=1", "risk.renew_ms=600"});
  CAPTURE(open_to_all);
  CHECK(open_to_all.find("edge.listeners[0].address") != std::string::npos);
  CHECK(open_to_all.find("edge.listeners[1].address") != std::string::npos);
  CHECK(open_to_all.find("halt.firm_approvals") != std::string::npos);
  CHECK(open_to_all.find("risk.renew_ms") != std::string::npos);
  const auto feeds = refusal({"feeds=[{\"name\":\"a\"},{\"name\":\"b\",\"file\":\"nothing.txt\"},{\"name\":\"c\",\"file\":\"kraken_btcusd_20240808.jsonl\"}]"});
  CAPTURE(feeds);
  CHECK(feeds.find("feeds[1].file") != std::string::npos);
  CHECK(feeds.find("BTCUSD.KRAKEN") != std::string::npos);
  const auto strategies = refusal({"strategies=[{\"name\":\"a\",\"kind\":\"quoter\",\"instrument\":\"NONE.SIM\"},{\"name\":\"b\",\"kind\":\"quoter\",\"parameters\":[\"nonsense=1\"]}]"});
  CAPTURE(strategies);
  CHECK(strategies.find("strategies[0].instrument") != std::string::npos);
  CHECK(strategies.find("strategies[1].parameters") != std::string::npos);
  const auto kind = refusal({"strategies=[{\"name\":\"a\",\"kind\":\"oracle\"}]"});
  CHECK_MESSAGE((kind.find("strategies[0].kind") != std::string::npos && kind.find("one of ma_cross, quoter") != std::string::npos), kind); // those of the table
}
