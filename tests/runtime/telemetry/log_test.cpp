#include "runtime/telemetry/log.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/text_forms.hpp"
#include "tests/support/test.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <thread>

#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

using namespace troupe;

namespace {

/// A pipe whose reader decides when to read; logging is stopped at the end of the scope.
struct logged_pipe {
  logged_pipe(log::options o = {}) {
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    o.descriptor = ends[1];
    o.node = "desk-1";
    REQUIRE(log::start(o));
  }
  ~logged_pipe() {
    log::stop(std::chrono::milliseconds{0});
    log::clear_level("*");
    ::close(ends[0]);
    ::close(ends[1]);
  }
  /// Everything in the pipe, as lines.
  std::vector<std::string> lines() {
    ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
    char buffer[65536];
    while (true) {
      const auto n = ::read(ends[0], buffer, sizeof buffer);
      if (n <= 0) break;
      rest.append(buffer, static_cast<std::size_t>(n));
    }
    std::vector<std::string> all;
    for (std::size_t end; (end = rest.find('\n')) != std::string::npos; rest.erase(0, end + 1)) all.push_back(rest.substr(0, end));
    return all;
  }
  std::vector<std::string> flushed() {
    REQUIRE(log::flush());
    return lines();
  }

  int ends[2] = {-1, -1};
  std::string rest;
};

const cause_id cause{"http", 12};

} // namespace

TEST_SUITE_BEGIN("telemetry/log");

TEST_CASE("json: one line is one object with time, level, node, actor, cause, message and the pairs") {
  logged_pipe out;
  const auto before = std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
  log::info(actor_name{"oms/17"}, cause, "order \"refused\"\nby risk",
            {{"order_id", "a\x01\xff"}, {"size", *quantity::parse("0.10")}, {"tries", 3u}, {"least", INT64_MIN},
             {"most", UINT64_MAX}, {"ratio", 0.5}, {"late", false}});
  log::warn("node", {}, "low disk");
  const auto lines = out.flushed();
  REQUIRE(lines.size() == 2);
  CAPTURE(lines[0]);
  const auto first = wire::parse_json(lines[0]);
  REQUIRE(first);
  const auto at = wire::parse_time(first->find("time")->text);
  REQUIRE(at);
  CHECK(*at >= before);
  CHECK(*at < before + std::chrono::minutes{1});
  CHECK(first->find("time")->text.size() == 30); // nanoseconds
  CHECK(first->find("level")->text == "info");
  CHECK(first->find("node")->text == "desk-1");
  CHECK(first->find("actor")->text == "oms/17");
  CHECK(first->find("cause")->text == "http/12");
  CHECK(first->find("message")->text == "order \"refused\"\nby risk");
  CHECK(first->find("order_id")->text == "a\x01\xef\xbf\xbd");
  CHECK(first->find("size")->text == "0.1");
  CHECK(first->find("tries")->text == "3");
  CHECK(first->find("least")->text == "-9223372036854775808");
  CHECK(first->find("most")->text == "18446744073709551615");
  CHECK(first->find("ratio")->text == "0.5");
  CHECK(first->find("late")->kind == wire::json_kind::boolean);
  const auto second = wire::parse_json(lines[1]);
  REQUIRE(second);
  CHECK(second->find("level")->text == "warning");
  CHECK(second->find("cause") == nullptr);
}

TEST_CASE("text: one line a call, without control characters from outside") {
  logged_pipe out{{.as = log::format::text}};
  log::error("venue/sim", cause, "cannot\nconnect \x1b[2J", {{"host", "a\nb"}, {"port", 80}});
  const auto lines = out.flushed();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with(" error   venue/sim cannot connect  [2J host=\"a\\nb\" port=80 (http/12)"));
}

TEST_CASE("terminal: text with colours, because somebody reads it") {
  const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
  if (terminal < 0 || ::grantpt(terminal) != 0 || ::unlockpt(terminal) != 0) TROUPE_SKIP("no pseudo terminals");
  const int end = ::open(::ptsname(terminal), O_RDWR | O_NOCTTY);
  REQUIRE(end >= 0);
  REQUIRE(log::start({.node = "n", .descriptor = end}));
  log::warn("risk", cause, "lease is late");
  log::stop();
  char buffer[256];
  const auto n = ::read(terminal, buffer, sizeof buffer);
  ::close(end);
  ::close(terminal);
  REQUIRE(n > 0);
  const std::string line(buffer, static_cast<std::size_t>(n));
  CHECK(line.find("\x1b[33mwarning\x1b[0m risk lease is late (http/12)") != std::string::npos);
}

TEST_CASE("levels: the longest pattern decides, an exact name beats every prefix, changes hold at once") {
  logged_pipe out;
  auto logged = [&](const char* actor) {
    log::debug(actor, cause, actor);
    return out.flushed().size() == 1;
  };
  CHECK_FALSE(logged("oms/17"));
  REQUIRE(log::set_level("oms/*", log::level::debug));
  CHECK(logged("oms/17"));
  CHECK_FALSE(logged("risk"));
  REQUIRE(log::set_level("oms/1*", log::level::error));
  CHECK_FALSE(logged("oms/17"));
  CHECK(logged("oms/2"));
  REQUIRE(log::set_level("oms/17", log::level::trace));
  CHECK(logged("oms/17"));
  CHECK_FALSE(logged("oms/18"));
  CHECK(log::levels().size() == 4);
  for (const char* pattern : {"oms/*", "oms/1*", "oms/17"}) CHECK(log::clear_level(pattern));
  CHECK_FALSE(log::clear_level("oms/17"));
  CHECK_FALSE(logged("oms/17"));
  CHECK_FALSE(log::is_enabled(log::level::debug, "oms/17"));
}

TEST_CASE("levels: a bad pattern is refused and changes nothing") {
  const auto before = log::levels();
  for (const std::string& pattern : {std::string{}, std::string{"*oms"}, std::string{"o*s"}, std::string(49, 'a')}) {
    CAPTURE(pattern);
    CHECK(log::set_level(pattern, log::level::trace).error().code == errc::invalid_argument);
  }
  int set = 0;
  while (log::set_level("a/" + std::to_string(set), log::level::warn)) REQUIRE(++set < 1000);
  CHECK(set == 255); // with "*"
  CHECK(log::set_level("more", log::level::warn).error().code == errc::too_large);
  for (int i = 0; i < set; ++i) log::clear_level("a/" + std::to_string(i));
  CHECK(log::levels() == before);
}

TEST_CASE("queue: a reader that has stopped blocks nobody; the oldest lines are dropped and every one is counted") {
  const auto before = log::totals();
  logged_pipe out{{.queue_max = 64}};
  constexpr int calls = 5000;
  const std::string filler(200, 'x');
  for (int i = 0; i < calls; ++i) log::info("oms/17", cause, filler, {{"i", i}}); // returns although nobody reads
  std::vector<std::string> read;
  std::atomic<bool> done{false};
  std::jthread reader{[&] {
    while (!done)
      for (auto& line : out.lines()) read.push_back(std::move(line));
  }};
  REQUIRE(log::flush());
  done = true;
  reader.join();
  for (auto& line : out.lines()) read.push_back(std::move(line));
  const auto after = log::totals();
  CHECK(after.written - before.written == calls);
  CHECK(after.dropped > before.dropped);
  CHECK(read.size() == calls - (after.dropped - before.dropped));
  REQUIRE_FALSE(read.empty());
  const auto last = wire::parse_json(read.back());
  REQUIRE(last);
  CHECK(last->find("i")->text == std::to_string(calls - 1)); // the newest survive
}

TEST_CASE("stop: a reader that never reads does not keep the process from ending") {
  const auto before = log::totals();
  {
    logged_pipe out{{.queue_max = 2000}};
    for (int i = 0; i < 2000; ++i) log::info("oms/17", cause, std::string(200, 'x'));
  } // stops without patience
  const auto after = log::totals();
  CHECK(after.written - before.written == 2000);
  CHECK(after.dropped > before.dropped);
}

TEST_CASE("file: lines are kept, rotated at the size given, and a second start is refused") {
  test::temporary_directory dir;
  const auto file = dir.path() / "node.log";
  REQUIRE(log::start({.node = "n", .file = file, .file_bytes_max = 4096, .file_count_max = 2}));
  CHECK(log::start({.node = "n", .file = dir.path() / "other.log"}).error().code == errc::conflict);
  CHECK_FALSE(std::filesystem::exists(dir.path() / "other.log"));
  for (int i = 0; i < 100; ++i) log::info("a", cause, std::string(100, 'x'), {{"i", i}});
  log::stop();
  CHECK(std::filesystem::exists(dir.path() / "node.1.log"));
  CHECK(std::filesystem::exists(dir.path() / "node.2.log"));
  CHECK_FALSE(std::filesystem::exists(dir.path() / "node.3.log"));
  CHECK(std::filesystem::file_size(file) <= 4096);
  std::ifstream in{file};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  CHECK(text.find("\"i\":99}") != std::string::npos);
  CHECK(log::start({.node = "n", .file = dir.path() / "no" / "such\x01" / "file" / std::string(300, 'x')}).error().code ==
        errc::io_error);
}

TEST_CASE("file: a full disk loses lines, counts them, and stops nobody") {
  if (::access("/dev/full", W_OK) != 0) TROUPE_SKIP("no /dev/full");
  const auto before = log::totals();
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  REQUIRE(log::start({.node = "n", .descriptor = full}));
  for (int i = 0; i < 10; ++i) log::info("a", cause, "line");
  log::stop();
  ::close(full);
  CHECK(log::totals().dropped - before.dropped == 10);
}

TEST_CASE("threads: lines of many threads arrive whole, also while levels change and logging stops") {
  logged_pipe out{{.queue_max = 20'000}};
  std::atomic<bool> done{false};
  std::vector<std::string> read;
  std::jthread reader{[&] {
    while (!done)
      for (auto& line : out.lines()) read.push_back(std::move(line));
  }};
  {
    std::vector<std::jthread> writers;
    for (int t = 0; t < 4; ++t)
      writers.emplace_back([] {
        for (int i = 0; i < 1000; ++i) log::info("oms/17", cause, "line", {{"i", i}});
      });
    for (int i = 0; i < 200; ++i) {
      (void)log::set_level("risk/*", i % 2 ? log::level::debug : log::level::warn);
      (void)log::totals();
    }
  }
  CHECK(log::flush());
  done = true;
  reader.join();
  for (auto& line : out.lines()) read.push_back(std::move(line));
  log::clear_level("risk/*");
  CHECK(read.size() == 4000);
  for (const auto& line : read)
    if (!wire::parse_json(line)) FAIL_CHECK("torn line: " << line);
}
