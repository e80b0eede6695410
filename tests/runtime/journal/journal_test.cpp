// What holds for both journals: the memory one and the durable one must be indistinguishable to a shell.
#include "runtime/journal/memory_journal.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/test.hpp"

#include <random>

using namespace troupe;
using namespace troupe::journal;

TEST_SUITE_BEGIN("journal/both");

namespace {

rocks_options small(const std::filesystem::path& directory, bool sync = true) {
  rocks_options o;
  o.directory = directory;
  o.sync = sync;
  o.write_buffer_bytes = 1 << 20;
  o.reserve_bytes = 0;
  o.ballast_bytes = 0;
  return o;
}

/// Runs `claim` against each kind of journal.
template <class Claim>
void on_each(Claim&& claim) {
  SUBCASE("memory") { claim(make_memory_journal()); }
  for (bool sync : {true, false}) {
    test::temporary_directory folder;
    CAPTURE(sync);
    SUBCASE(sync ? "durable" : "durable, on the caller's thread") {
      auto opened = open_rocks_journal(small(folder.path(), sync));
      REQUIRE(opened);
      claim(std::move(*opened));
    }
  }
}

} // namespace

TEST_CASE("what was acknowledged can be read back, from any sequence") {
  on_each([](std::unique_ptr<journal::journal> j) {
    test::stream_writer writer{j->open_stream({"oms/1"}).value()};
    CHECK(test::append(*j, writer.next(3, "a")).value() == 3);
    CHECK(test::append(*j, writer.next(2, "b")).value() == 5);
    using rows = std::vector<std::pair<std::uint64_t, std::string>>;
    CHECK(test::contents(*j, {"oms/1"}).value() == rows{{1, "a"}, {2, "a"}, {3, "a"}, {4, "b"}, {5, "b"}});
    CHECK(test::contents(*j, {"oms/1"}, 4).value() == rows{{4, "b"}, {5, "b"}});
    CHECK(test::contents(*j, {"oms/1"}, 6).value().empty());
    CHECK(test::contents(*j, {"oms"}).value().empty());
    CHECK(j->heads().value() == std::vector{writer.head()});
    CHECK(j->stats().turns == 5);
  });
}

TEST_CASE("fencing: whoever opened last writes, everybody else is refused and changes nothing") {
  on_each([](std::unique_ptr<journal::journal> j) {
    test::stream_writer old{j->open_stream({"oms/1"}).value()};
    REQUIRE(test::append(*j, old.next(1)));
    const auto taken = j->open_stream({"oms/1"}).value();
    CHECK(taken.epoch == old.head().epoch + 1);
    CHECK(taken.sequence == 1);
    CHECK(taken.chain == old.head().chain);
    auto late = old.next(1);
    late.side.push_back({"done", "key", "late"});
    CHECK(test::append(*j, late).error().code == errc::fenced);
    CHECK_FALSE(j->get("done", "key").value());
    late.epoch = taken.epoch + 1; // never issued
    CHECK(test::append(*j, late).error().code == errc::fenced);
    test::stream_writer owner{taken};
    CHECK(test::append(*j, owner.next(1)).value() == 2);
    append_request stranger;
    stranger.stream = {"never/opened"};
    stranger.first_sequence = 1;
    CHECK(test::append(*j, stranger).error().code == errc::fenced);
    CHECK(j->heads().value() == std::vector{owner.head()});
  });
}

TEST_CASE("a copy keeps the epochs it was written in and continues the chain; whoever opens the stream next is above all its writers") {
  on_each([](std::unique_ptr<journal::journal> j) {
    auto from = make_memory_journal();
    append_request parts[3];
    for (auto& part : parts) {
      test::stream_writer writer{from->open_stream({"oms/1"}).value()};
      part = writer.next(2);
      REQUIRE(test::append(*from, part));
      part.is_copy = true;
    }
    CHECK(test::append(*j, parts[1]).error().code == errc::sequence_gap);
    CHECK(j->heads().value().empty());
    CHECK(test::append(*j, parts[0]).value() == 2);
    auto foreign = parts[1];
    foreign.records[0] = test::stream_writer{{{"oms/1"}, 2, 2, {}}}.next(1).records[0]; // of another history
    CHECK(test::append(*j, foreign).error().code == errc::corrupt);
    auto beyond = parts[1];
    beyond.epoch = 1;
    CHECK(test::append(*j, beyond).error().code == errc::invalid_argument);
    CHECK(test::append(*j, parts[1]).value() == 4);
    auto behind = parts[2];
    behind.epoch = 1; // an older writer's
    CHECK(test::append(*j, behind).error().code == errc::fenced);
    behind = parts[2];
    behind.is_copy = false;
    CHECK(test::append(*j, behind).error().code == errc::fenced);
    CHECK(test::append(*j, parts[2]).value() == 6);
    append_request raise;
    raise.stream = {"oms/1"};
    raise.epoch = 9; // the last writer wrote nothing
    raise.first_sequence = 7;
    raise.is_copy = true;
    CHECK(test::append(*j, raise).value() == 6);
    CHECK(test::contents(*j, {"oms/1"}).value() == test::contents(*from, {"oms/1"}).value());
    const auto owner = j->open_stream({"oms/1"}).value();
    CHECK(owner.epoch == 10);
    CHECK(owner.chain == from->heads().value().front().chain);
    test::stream_writer writer{owner};
    CHECK(test::append(*j, writer.next(1)).value() == 7);
    CHECK(test::append(*j, parts[2]).error().code == errc::fenced);
  });
}

TEST_CASE("a gap, a repeat, another stream's record, an unknown table and a snapshot from the future are refused") {
  on_each([](std::unique_ptr<journal::journal> j) {
    test::stream_writer writer{j->open_stream({"oms/1"}).value()};
    REQUIRE(test::append(*j, writer.next(2)));
    const auto before = j->heads().value();
    auto good = writer.next(1);
    auto gap = good;
    gap.first_sequence += 1;
    CHECK(test::append(*j, gap).error().code == errc::sequence_gap);
    auto repeat = good;
    repeat.first_sequence -= 1;
    CHECK(test::append(*j, repeat).error().code == errc::sequence_gap);
    auto wrong = good;
    wrong.records.push_back(wrong.records.front());
    CHECK(test::append(*j, wrong).error().code == errc::sequence_gap);
    auto table = good;
    table.side.push_back({"unknown", "k", "v"});
    CHECK(test::append(*j, table).error().code == errc::invalid_argument);
    auto future = good;
    future.state = snapshot{4, {}, 1, "state"};
    CHECK(test::append(*j, future).error().code == errc::invalid_argument);
    CHECK(j->heads().value() == before);
    CHECK(test::contents(*j, {"oms/1"}).value().size() == 2);
    CHECK(test::append(*j, good).value() == 3);
  });
}

TEST_CASE("side tables are written with their records and scanned in the order of bytes") {
  on_each([](std::unique_ptr<journal::journal> j) {
    test::stream_writer writer{j->open_stream({"oms/1"}).value()};
    auto request = writer.next(1);
    request.side = {{"done", "b", "2"}, {"done", "a", "1"}, {"done", "c", "3"}, {"done", "b", "two"}};
    REQUIRE(test::append(*j, request));
    CHECK(j->get("done", "b").value() == "two");
    CHECK_FALSE(j->get("done", "x").value());
    CHECK(j->get("nowhere", "x").error().code == errc::invalid_argument);
    std::string seen;
    REQUIRE(j->scan("done", "b", [&](std::string_view k, std::string_view v) {
      seen += std::string{k} + "=" + std::string{v} + " ";
      return k != "c";
    }));
    CHECK(seen == "b=two c=3 ");
  });
}

TEST_CASE("snapshots: the newest two of a stream are kept, and found by sequence") {
  on_each([](std::unique_ptr<journal::journal> j) {
    test::stream_writer writer{j->open_stream({"oms/1"}).value()}, other{j->open_stream({"oms/10"}).value()};
    auto far = other.next(1);
    far.state = snapshot{1, other.head().chain, 9, "other"};
    REQUIRE(test::append(*j, far));
    for (std::uint64_t i = 1; i <= 4; ++i) {
      auto request = writer.next(1);
      request.state = snapshot{i, writer.head().chain, 9, "state " + std::to_string(i)};
      REQUIRE(test::append(*j, request));
    }
    const auto newest = j->load_snapshot({"oms/1"}, UINT64_MAX).value();
    REQUIRE(newest);
    CHECK(newest->sequence == 4);
    CHECK(newest->state == "state 4");
    CHECK(newest->chain == writer.head().chain);
    CHECK(newest->schema == 9);
    CHECK(j->load_snapshot({"oms/1"}, 3).value()->state == "state 3");
    CHECK_FALSE(j->load_snapshot({"oms/1"}, 2).value());
    CHECK(j->load_snapshot({"oms/10"}, UINT64_MAX).value()->state == "other");
    CHECK_FALSE(j->load_snapshot({"nobody"}, UINT64_MAX).value());
  });
}

TEST_CASE("property: both journals answer and hold the same for the same random requests") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  test::temporary_directory folder;
  auto memory = make_memory_journal();
  auto options = small(folder.path());
  auto durable = std::move(open_rocks_journal(options).value());
  std::vector<test::stream_writer> writers;
  const auto open = [&](const stream_name& name) {
    const auto head = memory->open_stream(name).value();
    REQUIRE(durable->open_stream(name).value() == head);
    return test::stream_writer{head};
  };
  for (int i = 0; i < 5; ++i) writers.push_back(open({text<48>{"s/" + std::to_string(i)}}));
  int refused = 0;
  for (int step = 0; step < 600; ++step) {
    auto& writer = writers[random() % writers.size()];
    auto kept = writer;
    auto request = writer.next(random() % 4, std::string(random() % 50, 'p'));
    if (random() % 3 == 0) request.side.push_back({"done", std::to_string(random() % 20), std::to_string(step)});
    if (random() % 9 == 0 && writer.head().sequence > 0)
      request.state = snapshot{1 + random() % writer.head().sequence, {}, 1, std::to_string(step)};
    if (random() % 6 == 0) request.first_sequence += random() % 3 - 1;
    if (random() % 11 == 0) request.epoch -= 1;
    auto a = test::append(*memory, request);
    auto b = test::append(*durable, request);
    REQUIRE(a.has_value() == b.has_value());
    if (a) {
      CHECK(*a == *b);
    } else {
      CHECK(a.error() == b.error());
      writer = kept;
      ++refused;
    }
    if (random() % 40 == 0) writer = open(writer.head().stream);
    if (random() % 150 == 0) {
      durable.reset();
      durable = std::move(open_rocks_journal(options).value());
    }
  }
  CHECK(refused > 0);
  CHECK(memory->heads().value() == durable->heads().value());
  CHECK(journal_hash(memory->heads().value()) == journal_hash(durable->heads().value()));
  for (const auto& head : memory->heads().value()) {
    CHECK(test::contents(*memory, head.stream).value() == test::contents(*durable, head.stream).value());
    for (auto at : {UINT64_MAX, head.sequence / 2}) {
      const auto a = memory->load_snapshot(head.stream, at).value();
      const auto b = durable->load_snapshot(head.stream, at).value();
      REQUIRE(a.has_value() == b.has_value());
      if (a) CHECK(a->state == b->state);
    }
  }
  std::string rows_a, rows_b;
  REQUIRE(memory->scan("done", "", [&](auto k, auto v) { rows_a.append(k).append(v); return true; }));
  REQUIRE(durable->scan("done", "", [&](auto k, auto v) { rows_b.append(k).append(v); return true; }));
  CHECK(rows_a == rows_b);
}
