// What the command line makes of answers that no node of a test gives by itself: of nodes that are away, of what is no node, of connections that end.

#include "tests/support/node_process.hpp"
#include "tests/support/scripted_edge.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <vector>

using namespace troupe;
using namespace troupe::test;

namespace {

/// A node of a desk of which node c, with three slots and a venue, is away. `halted` is what it answers to a halt.
std::string answer_without_c(const scripted_request& asked, const std::string& halted) {
  if (asked.line == "POST /v1/halts") return http_answer(200, halted);
  if (asked.line.starts_with("GET /v1/actors?")) return http_answer(200, R"({"actors":[{"name":"oms/0","status":"RUNNING"}],"missing":["c"]})");
  if (asked.line.starts_with("GET /v1/cluster/placement?node=c"))
    return http_answer(200, R"({"placement":[{"name":"feed/walk","node":"c"},{"name":"oms/43","node":"c"},{"name":"oms/44","node":"c"},{"name":"oms/63","node":"c"},{"name":"venue/X","node":"c"}]})");
  if (asked.line.starts_with("GET /v1/orders")) return http_answer(200, R"({"orders":[],"missing":["c"]})");
  return http_answer(200, R"({"positions":[],"missing":["c"]})");
}

int run_at(const scripted_edge& edge, std::vector<std::string> words, std::string& out) {
  words.insert(words.end(), {"--edge", edge.url()});
  return run_program("troupe", words, out);
}

constexpr const char* done_reply = R"({"verdict":"DONE","limits_version":7})";

} // namespace

TEST_SUITE_BEGIN("process/answers");

TEST_CASE("a halt while a node is away ends with 1, whatever its scope, and names the node and its slots; whether its answer says so or only the list of actors") {
  const std::vector<std::vector<std::string>> scopes{{"firm"}, {"account", "alpha"}, {"venue", "X"}, {"instrument", "BTCUSDT.X"}, {"strategy", "mm"}};
  for (const std::string halted : {done_reply, R"({"verdict":"DONE","limits_version":7,"missing":["c"]})"}) {
    const scripted_edge edge{[&](const scripted_request& asked) { return answer_without_c(asked, halted); }};
    for (const auto& scope : scopes) {
      std::vector<std::string> words{"halt"};
      words.insert(words.end(), scope.begin(), scope.end());
      CAPTURE(scope.front());
      std::string out;
      CHECK(run_at(edge, words, out) == 1);
      CHECK_MESSAGE(out.starts_with("DONE\n"), out);
      CHECK_MESSAGE(out.find("the halt is in force, but node c is away with oms/43 to oms/44, oms/63, venue/X: what is open there may fill") != std::string::npos, out);
      words.emplace_back("--json");
      CHECK(run_at(edge, words, out) == 1);
      const auto shown = nlohmann::json::parse(out.substr(0, out.find('\n')), nullptr, false);
      REQUIRE_MESSAGE(shown.is_object(), out);
      CHECK(shown["verdict"] == "DONE");
      CHECK(shown["missing"] == nlohmann::json::array({"c"}));
      CHECK(shown["slots"] == nlohmann::json::array({"oms/43", "oms/44", "oms/63"}));
    }
  }
}

TEST_CASE("a halt of which nobody can say whether every slot runs ends with 1 and says that it is in force") {
  const scripted_edge edge{[](const scripted_request& asked) { return asked.line == "POST /v1/halts" ? http_answer(200, done_reply) : std::string{}; }};
  std::string out;
  CHECK(run_at(edge, {"halt", "firm"}, out) == 1);
  CHECK_MESSAGE(out.find("the halt is in force, but whether every slot runs is not known: ") != std::string::npos, out);
}

TEST_CASE("a halt that has reached everything ends with 0 and says nothing more; a node that is away with neither slots nor venues holds back nothing") {
  for (const std::string missing : {"", R"(,"missing":["d"])"}) {
    const scripted_edge edge{[&](const scripted_request& asked) {
      if (asked.line == "POST /v1/halts") return http_answer(200, done_reply);
      if (asked.line.starts_with("GET /v1/cluster/placement?node=d")) return http_answer(200, R"({"placement":[{"name":"feed/walk","node":"d"}]})");
      return http_answer(200, R"({"actors":[{"name":"oms/0","status":"RUNNING"}])" + missing + '}');
    }};
    std::string out;
    CHECK(run_at(edge, {"halt", "firm"}, out) == 0);
    CHECK(out == "DONE\n");
  }
}

namespace {

/// Limits as a node shows them, with a version.
std::string limits_page(std::uint64_t version, int open_orders_max, const std::string& position_max) {
  return R"({"limits_version":)" + std::to_string(version) + R"(,"firm_exposure_max":1000,"firm_exposure":0,"fallback":{"position_max":")" + position_max +
         R"(","open_orders_max":)" + std::to_string(open_orders_max) + R"(},"accounts":{},"blocked":[]})";
}

/// The operator's key that every edge of these cases takes.
std::string some_key(const temporary_directory& dir) {
  const auto file = dir.path() / "some.key";
  std::ofstream{file} << "0123456789abcdef0123456789abcdef\n";
  return file.string();
}

} // namespace

TEST_CASE("limits set names the version that it has read; when somebody was quicker it reads again and changes only its own, five times at most") {
  const temporary_directory dir;
  for (const int quicker : {1, 4, 5}) { // how often somebody else is
    CAPTURE(quicker);
    int changed = 0;
    const scripted_edge edge{[&](const scripted_request& asked) {
      if (asked.line.starts_with("GET ")) return http_answer(200, limits_page(10 + static_cast<std::uint64_t>(changed), 100 + changed, "8"));
      if (changed == quicker) return http_answer(200, R"({"verdict":"DONE","limits_version":99})");
      ++changed;
      return http_answer(409, R"({"code":"conflict","message":"limits, halts or blocks were changed since version 10"})");
    }};
    std::string out;
    CHECK(run_at(edge, {"limits", "set", "position_max=5", "--key-file", some_key(dir)}, out) == (quicker < 5 ? 0 : 1));
    std::vector<nlohmann::json> sent;
    for (const auto& asked : edge.asked())
      if (asked.line == "PUT /v1/limits") sent.push_back(nlohmann::json::parse(asked.body));
    REQUIRE(sent.size() == static_cast<std::size_t>(quicker < 5 ? quicker + 1 : 5));
    for (std::size_t i = 0; i < sent.size(); ++i) {
      CHECK(sent[i]["expected_version"] == 10 + i);
      CHECK(sent[i]["limits"] == nlohmann::json{{"position_max", "5"}, {"open_orders_max", 100 + i}}); // what the other has set stays
    }
    if (quicker < 5) CHECK(out == "DONE\n");
    else CHECK_MESSAGE(out.find("were changed since version 10") != std::string::npos, out);
  }
}

TEST_CASE("a server that is no node is told from one, whatever it answers: every command that asks a node ends with 3, and names the address and what came") {
  const temporary_directory dir;
  const std::string with_key = some_key(dir);
  const std::vector<std::vector<std::string>> commands{
    {"halt", "firm"}, {"order", "BUY", "1", "BTCUSDT.SIM"}, {"order", "BUY", "1", "BTCUSDT.SIM", "--check"}, {"replace", "17-4711", "2"}, {"cancel", "17-4711"}, {"cancel", "--all"},
    {"resume", "firm", "--key-file", with_key}, {"block", "BTCUSDT.SIM", "--key-file", with_key}, {"unblock", "BTCUSDT.SIM", "--key-file", with_key}, {"restart", "oms/1", "--key-file", with_key},
    {"log", "level", "oms/1", "debug", "--key-file", with_key}, {"log", "levels"}, {"fault", "inject", "oms/1", "die"}, {"cluster", "status"}, {"cluster", "members"}, {"cluster", "placement"},
    {"cluster", "moves"}, {"cluster", "move", "17", "b", "--key-file", with_key}, {"positions"}, {"orders"}, {"cash"}, {"fills"}, {"marks"}, {"instruments"}, {"feeds"}, {"halts"}, {"limits"},
    {"limits", "set", "position_max=5", "--key-file", with_key}, {"limits", "reset", "--account", "a", "--key-file", with_key}, {"inspect", "tree"}, {"inspect", "info", "oms/1"},
    {"inspect", "state", "oms/1"}, {"inspect", "history", "oms/1"}, {"inspect", "at", "oms/1", "1"}, {"position", "disputes"}, {"position", "corrections"},
    {"position", "correct", "BUY", "1", "BTCUSDT.SIM", "--account", "a", "--id", "1", "--reason", "r", "--key-file", with_key}};
  const std::string page = "<!doctype html><title>welcome</title>";
  struct foreign {
    std::string answer, told;
  };
  for (const auto& f : {foreign{http_answer(200, page, "text/html; charset=utf-8"), " (HTTP 200, text/html)"}, foreign{http_answer(200, "{}"), " (HTTP 200, application/json)"},
                        foreign{http_answer(200, "[]"), " (HTTP 200, application/json)"}, foreign{http_answer(404, page, "text/html"), " (HTTP 404, text/html)"},
                        foreign{http_answer(500, R"({"message":"of another kind"})"), " (HTTP 500, application/json)"}}) {
    const scripted_edge edge{[&](const scripted_request&) { return f.answer; }};
    for (const auto& words : commands) {
      CAPTURE(words.front());
      CAPTURE(words.back());
      std::string out;
      CHECK(run_at(edge, words, out) == 3);
      CHECK_MESSAGE(out.find("no Troupe node answers at " + edge.url() + f.told) != std::string::npos, out);
    }
  }
  const scripted_edge other{[](const scripted_request&) { return std::string{"SSH-2.0-somebody\r\n"}; }};
  std::string out;
  CHECK(run_at(other, {"halt", "firm"}, out) == 3);
  CHECK_MESSAGE(out.find("no Troupe node answers at " + other.url() + ": the answer is not HTTP") != std::string::npos, out);
}

TEST_CASE("what a node refuses is said in its words: an error of a node is no other server's") {
  const scripted_edge edge{[](const scripted_request&) { return http_answer(409, R"({"code":"conflict","message":"order 17-4711 has ended","fields":[],"retriable":false})"); }};
  std::string out;
  CHECK(run_at(edge, {"cancel", "17-4711"}, out) == 1);
  CHECK(out == "troupe: order 17-4711 has ended\n");
}

TEST_CASE("an answer that is lost is no answer that came too late; what to do then says whether the request has an id") {
  const temporary_directory dir;
  struct lost {
    std::string bytes, told;
  };
  for (const auto& l : {lost{"", "the connection ended before the answer was here"}, lost{"HTTP/1.1 200 -\r\nContent-Length: 50\r\n\r\n{", "the connection ended before the answer was here"},
                        lost{http_answer(504, R"({"code":"timeout","message":"no answer in time; the outcome is unknown: ask again with the same id, or where there is none look first what became of it"})"),
                             "no answer in time"}}) {
    const scripted_edge edge{[&](const scripted_request&) { return l.bytes; }};
    struct row {
      std::vector<std::string> words;
      std::string advice;
    };
    for (const auto& r : {row{{"order", "BUY", "1", "BTCUSDT.SIM", "--id", "mine-1"}, "; the outcome is unknown: ask again with the same id\n"},
                          row{{"order", "BUY", "1", "BTCUSDT.SIM"}, "; the outcome is unknown: look what became of it before you ask again\n"},
                          row{{"halt", "firm"}, "; the outcome is unknown: look what became of it before you ask again\n"},
                          row{{"restart", "oms/1", "--key-file", some_key(dir)}, "; the outcome is unknown: look what became of it before you ask again\n"}}) {
      CAPTURE(r.words.front());
      std::string out;
      CHECK(run_at(edge, r.words, out) == 3);
      CHECK_MESSAGE(out.find(l.told + r.advice) != std::string::npos, out);
    }
  }
  const scripted_edge gone{[](const scripted_request&) { return std::string{}; }};
  std::string out;
  CHECK(run_at(gone, {"orders"}, out) == 3);
  CHECK_MESSAGE(out.ends_with("the connection ended before the answer was here; ask again\n"), out);
}

TEST_CASE("a node that cannot say now ends a command with 3 and its reason, as --help tells") {
  const scripted_edge edge{[](const scripted_request&) { return http_answer(503, R"({"code":"unavailable","message":"oms/7 is halted: it dies","fields":[],"retriable":true})"); }};
  std::string out;
  CHECK(run_at(edge, {"positions", "--account", "a"}, out) == 3);
  CHECK(out == "troupe: oms/7 is halted: it dies\n");
  CHECK(run_program("troupe", {"--help"}, out) == 0);
  CHECK_MESSAGE(out.find("a node that cannot say now, with the reason (503, 504") != std::string::npos, out);
}
