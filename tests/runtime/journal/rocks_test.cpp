// What only the durable journal does: one batch for all that waits, bounds, death by the first error.
#include "runtime/journal/fault_file_system.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "tests/runtime/journal/becomes_true.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/test.hpp"

#include <atomic>
#include <future>
#include <thread>

using namespace troupe;
using namespace troupe::journal;
using test::becomes_true;
using test::small_journal;

TEST_SUITE_BEGIN("journal/durable");

namespace {

/// Holds whoever calls `wait` until it is opened; `reached` becomes true when somebody waits.
class gate {
public:
  void wait() {
    if (!closed_) return;
    reached_.set_value();
    opened_.get_future().wait();
    closed_ = false;
  }
  void close() { closed_ = true; }
  void until_reached() { reached_.get_future().wait(); }
  void open() { opened_.set_value(); }

private:
  std::atomic<bool> closed_{false};
  std::promise<void> reached_, opened_;
};

std::future<result<std::uint64_t>> append_later(journal::journal& to, append_request request) {
  auto answer = std::make_shared<std::promise<result<std::uint64_t>>>();
  auto future = answer->get_future();
  to.append(std::move(request), [answer](result<std::uint64_t> r) { answer->set_value(std::move(r)); });
  return future;
}

} // namespace

TEST_CASE("everything that waits becomes one flush, and a refused request in it disturbs nobody") {
  test::temporary_directory folder;
  gate held;
  auto options = small_journal(folder.path());
  std::atomic<int> written{0};
  options.crash_point = [&](std::string_view name) {
    if (name != "journal.batch_built") return;
    ++written;
    held.wait();
  };
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer first{j->open_stream({"a"}).value()}, second{j->open_stream({"b"}).value()};
  held.close();
  const int before = written;
  auto busy = append_later(*j, first.next(1));
  held.until_reached();
  const auto flushes = j->stats().flushes;
  auto bad = second.next(1);
  auto good = bad;
  bad.first_sequence = 17;
  auto one = append_later(*j, first.next(2)), two = append_later(*j, bad), three = append_later(*j, good);
  CHECK(j->stats().queued == 3);
  CHECK(becomes_true([&] { return j->stats().busy_for > std::chrono::milliseconds{20}; })); // the disk has it, as far as anybody knows
  held.open();
  CHECK(busy.get().value() == 1);
  CHECK(one.get().value() == 3);
  CHECK(two.get().error().code == errc::sequence_gap);
  CHECK(three.get().value() == 1);
  CHECK(written == before + 2); // the busy one, and all that waited
  CHECK(becomes_true([&] { return j->stats().busy_for == nanoseconds{}; }));
  CHECK(j->stats().flushes <= flushes + 2); // one when the busy one had not gone to the disk yet
}

TEST_CASE("what nobody waits for shares the sync of what is urgent, or goes by itself when the time is up") {
  test::temporary_directory folder;
  auto options = small_journal(folder.path());
  options.linger = std::chrono::seconds{1};
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer patient{j->open_stream({"a"}).value()}, urgent{j->open_stream({"b"}).value()};
  const auto flushes = j->stats().flushes;
  auto request = patient.next(1);
  request.urgent = false;
  auto first = append_later(*j, request);
  CHECK(append_later(*j, urgent.next(1)).get().value() == 1);
  CHECK(first.get().value() == 1);
  CHECK(j->stats().flushes == flushes + 1);
  request = patient.next(1);
  request.urgent = false;
  CHECK(append_later(*j, request).get().value() == 2); // nobody comes
}

TEST_CASE("the queue is bounded: what does not fit is refused at once as overloaded, the rest commits") {
  test::temporary_directory folder;
  gate held;
  auto options = small_journal(folder.path());
  options.queue_requests_max = 4;
  options.crash_point = [&](std::string_view name) {
    if (name == "journal.batch_built") held.wait();
  };
  auto j = std::move(open_rocks_journal(options).value());
  std::vector<test::stream_writer> writers;
  for (int i = 0; i < 10; ++i) writers.emplace_back(j->open_stream({text<48>{"s/" + std::to_string(i)}}).value());
  held.close();
  auto busy = append_later(*j, writers[0].next(1));
  held.until_reached();
  std::vector<std::future<result<std::uint64_t>>> answers;
  for (std::size_t i = 1; i < 10; ++i) answers.push_back(append_later(*j, writers[i].next(1)));
  held.open();
  CHECK(busy.get());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i);
    auto answer = answers[i].get();
    REQUIRE(answer.has_value() == (i < 4));
    if (!answer) CHECK(answer.error().code == errc::overloaded);
    CHECK(test::contents(*j, writers[i + 1].head().stream).value().size() == (i < 4 ? 1 : 0));
  }
}

TEST_CASE("opening a stream is answered behind what was queued before it") {
  test::temporary_directory folder;
  gate held;
  auto options = small_journal(folder.path());
  options.crash_point = [&](std::string_view name) {
    if (name == "journal.batch_built") held.wait();
  };
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  held.close();
  auto first = append_later(*j, writer.next(1));
  held.until_reached();
  auto queued = append_later(*j, writer.next(1));
  auto reopened = std::async(std::launch::async, [&] { return j->open_stream({"a"}).value(); });
  REQUIRE(becomes_true([&] { return j->stats().queued == 2; }));
  held.open();
  CHECK(reopened.get().sequence == 2);
  CHECK(first.get());
  CHECK(queued.get().value() == 2);
  CHECK(test::append(*j, writer.next(1)).error().code == errc::fenced);
}

TEST_CASE("a flush returns when the completions before it have let go of what they hold") {
  test::temporary_directory folder;
  gate held, stays;
  auto options = small_journal(folder.path());
  options.crash_point = [&](std::string_view name) {
    if (name == "journal.batch_built") held.wait();
    if (name == "journal.answered") stays.wait();
  };
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  held.close();
  auto first = append_later(*j, writer.next(1));
  held.until_reached();
  const auto token = std::make_shared<int>();
  j->append(writer.next(1), [&stays, token](const result<std::uint64_t>&) { stays.close(); }); // and whoever answers goes no further
  auto flushed = std::async(std::launch::async, [&] { return j->flush(); });
  REQUIRE(becomes_true([&] { return j->stats().queued == 2; }));
  held.open();
  CHECK(flushed.get());
  CHECK(token.use_count() == 1);
  stays.open();
  CHECK(first.get());
}

TEST_CASE("a read never shows what is not yet on the disk") {
  test::temporary_directory folder;
  gate held;
  auto options = small_journal(folder.path());
  options.file_system = make_fault_file_system(std::make_shared<file_faults>(), [&](std::string_view name) {
    if (name == "journal.wal_written") held.wait();
  });
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  held.close();
  auto request = writer.next(1);
  request.side.push_back({"done", "key", "value"});
  auto answer = append_later(*j, request);
  held.until_reached();
  CHECK(test::contents(*j, {"a"}).value().empty());
  CHECK_FALSE(j->get("done", "key").value());
  held.open();
  CHECK(answer.get());
  CHECK(test::contents(*j, {"a"}).value().size() == 1);
}

TEST_CASE("while one group is on its way to the disk the next is written, and neither is read before its own sync") {
  for (const bool fails : {false, true}) {
    CAPTURE(fails);
    test::temporary_directory folder;
    gate held;
    std::atomic<int> built{0}, fatal{0};
    auto faults = std::make_shared<file_faults>();
    auto options = small_journal(folder.path());
    options.crash_point = [&](std::string_view name) { built += name == "journal.batch_built"; };
    options.on_fatal = [&](const error&) { ++fatal; };
    options.file_system = make_fault_file_system(faults, [&](std::string_view name) {
      if (name == "journal.wal_written") held.wait();
    });
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    built = 0;
    held.close();
    faults->fail_sync_in = fails ? 1 : 0;
    auto first = append_later(*j, writer.next(1));
    held.until_reached();
    auto request = writer.next(1);
    request.side.push_back({"done", "key", "value"});
    auto second = append_later(*j, request);
    REQUIRE(becomes_true([&] { return built == 2; }));
    CHECK(test::contents(*j, {"a"}).value().empty());
    CHECK(second.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
    held.open();
    if (fails) {
      CHECK(first.get().error().code == errc::io_error);
      CHECK(second.get().error().code == errc::io_error);
      CHECK_FALSE(j->get("done", "key").value());
      CHECK(test::contents(*j, {"a"}).value().empty());
    } else {
      CHECK(first.get().value() == 1);
      CHECK(second.get().value() == 2);
      CHECK(j->get("done", "key").value() == "value");
      CHECK(test::contents(*j, {"a"}).value().size() == 2);
    }
    CHECK(fatal == (fails ? 1 : 0));
  }
}

TEST_CASE("held back: what was not synced is not in the files, and with its sync it is") {
  for (const bool holds : {false, true}) {
    CAPTURE(holds);
    test::temporary_directory folder;
    const auto running = folder.path() / "running", crashed = folder.path() / "crashed";
    gate held;
    auto faults = std::make_shared<file_faults>();
    faults->hold_unsynced = holds;
    auto options = small_journal(running);
    options.file_system = make_fault_file_system(faults, [&](std::string_view name) {
      if (name == "journal.wal_written") held.wait();
    });
    auto j = std::move(open_rocks_journal(options).value());
    test::stream_writer writer{j->open_stream({"a"}).value()};
    REQUIRE(test::append(*j, writer.next(1)));
    held.close();
    auto answer = append_later(*j, writer.next(1));
    held.until_reached();
    test::copy_folder(running, crashed); // as a kill would leave it now
    held.open();
    CHECK(answer.get());
    CHECK(test::contents(*open_rocks_journal(small_journal(crashed)).value(), {"a"}).value().size() == (holds ? 1 : 2));
    test::copy_folder(running, crashed);
    CHECK(test::contents(*open_rocks_journal(small_journal(crashed)).value(), {"a"}).value().size() == 2);
  }
}

TEST_CASE("the first failed sync ends the journal: no acknowledgement, no second try, nothing acknowledged is lost") {
  for (int failing = 1; failing <= 4; ++failing) {
    CAPTURE(failing);
    test::temporary_directory folder;
    auto faults = std::make_shared<file_faults>();
    std::atomic<int> fatal{0};
    auto options = small_journal(folder.path());
    options.file_system = make_fault_file_system(faults);
    options.on_fatal = [&](const error& e) {
      CHECK(e.code == errc::io_error);
      ++fatal;
    };
    std::uint64_t acknowledged = 0;
    {
      auto j = std::move(open_rocks_journal(options).value());
      test::stream_writer writer{j->open_stream({"a"}).value()};
      faults->fail_sync_in = failing;
      for (int i = 1; i < failing; ++i) acknowledged = test::append(*j, writer.next(1)).value();
      CHECK(test::append(*j, writer.next(1)).error().code == errc::io_error);
      const auto syncs = faults->syncs.load();
      CHECK(test::append(*j, writer.next(1)).error().code == errc::io_error);
      CHECK(j->open_stream({"b"}).error().code == errc::io_error);
      CHECK(j->flush().error().code == errc::io_error);
      CHECK(faults->syncs == syncs);
      CHECK(fatal == 1);
    }
    CHECK(fatal == 1);
    auto again = open_rocks_journal(small_journal(folder.path()));
    REQUIRE(again);
    const auto found = test::contents(**again, {"a"}).value().size();
    CHECK(found >= acknowledged);
    CHECK(found <= acknowledged + 1);
  }
}

TEST_CASE("an error of RocksDB's own threads ends the journal too") {
  test::temporary_directory folder;
  auto faults = std::make_shared<file_faults>();
  std::promise<void> fatal;
  auto options = small_journal(folder.path());
  options.write_buffer_bytes = 64 << 10;
  options.file_system = make_fault_file_system(faults);
  options.on_fatal = [&](const error&) { fatal.set_value(); }; // a second call would throw
  auto j = std::move(open_rocks_journal(options).value());
  test::stream_writer writer{j->open_stream({"a"}).value()};
  faults->fail_table_write_in = 1;
  bool died = false;
  for (int i = 0; i < 2000 && !died; ++i) died = !test::append(*j, writer.next(4, std::string(1000, 'x')));
  REQUIRE(died);
  fatal.get_future().wait();
  CHECK(j->flush().error().code == errc::io_error);
}

TEST_CASE("options: all violations are reported together and nothing is created") {
  test::temporary_directory folder;
  auto options = small_journal(folder.path() / "new");
  options.write_buffer_bytes = 1;
  options.reserve_bytes = 3;
  options.queue_requests_max = 0;
  options.tables = {"Done"};
  options.reserve_bytes = 3;
  auto opened = open_rocks_journal(options);
  REQUIRE_FALSE(opened);
  CHECK(opened.error().code == errc::invalid_argument);
  CHECK(opened.error().fields.size() == 4);
  CHECK_FALSE(std::filesystem::exists(folder.path() / "new"));
}

TEST_CASE("two processes' worth of journals never share a folder") {
  test::temporary_directory folder;
  auto first = open_rocks_journal(small_journal(folder.path()));
  REQUIRE(first);
  auto second = open_rocks_journal(small_journal(folder.path()));
  REQUIRE_FALSE(second);
  CHECK(second.error().code == errc::unavailable);
  CHECK(second.error().message == "another node runs on " + folder.path().string() + "; stop it or use another folder");
  test::stream_writer writer{(*first)->open_stream({"a"}).value()};
  CHECK(test::append(**first, writer.next(1)));
}
