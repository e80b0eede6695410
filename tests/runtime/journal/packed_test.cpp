#include "runtime/journal/packed.hpp"

#include "runtime/journal/layout.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/record.hpp"
#include "runtime/journal/rocks_store.hpp"
#include "tests/runtime/journal/altered.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/golden.hpp"

#include <algorithm>
#include <random>
#include <span>

using namespace troupe;
using namespace troupe::journal;

TEST_SUITE_BEGIN("journal/packed");

namespace {

/// A record as an order makes it: the request, and again in what was decided.
std::string record_of_order(std::uint64_t number) {
  const std::string asked = R"({"account":"desk-1","instrument":"BTCUSDT.SIM","side":"BUY","type":"LIMIT","quantity":"0.25","client_id":")" +
                            std::to_string(number) + "\"}";
  record_header h;
  h.stream = {"oms/17"};
  h.sequence = number;
  h.epoch = 1;
  h.cause = {"http", number};
  h.previous = sha256(std::to_string(number));
  std::string record;
  encode_record(h, asked + "accepted" + asked, record);
  return record;
}

} // namespace

TEST_CASE("what is unpacked is what was packed, whatever was packed before it; what repeats itself gets shorter") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  record_packer packer;
  for (int i = 0; i < 5000; ++i) {
    auto record = record_of_order(random() % 100'000);
    const bool is_noise = random() % 4 == 0;
    if (is_noise) { // cannot get shorter, and must not spoil the next one
      record.resize(random() % 70'000);
      for (auto& c : record) c = static_cast<char>(random());
      if (record.size() >= 4) put(record.data(), record_magic);
    }
    const auto stored = packer.pack(record);
    if (is_noise) CHECK(stored.size() == record.size());
    else CHECK(stored.size() < record.size() * 4 / 5);
    REQUIRE(unpacked_size(stored) == record.size());
    REQUIRE(unpacked(stored) == record);
  }
}

TEST_CASE("a damaged value is refused, or its record's checksum tells") {
  const auto record = record_of_order(7);
  record_packer packer;
  const std::string stored{packer.pack(record)};
  REQUIRE(stored.size() < record.size());
  for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
    auto flipped = stored;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    const auto read = unpacked(flipped);
    CHECK((!read || *read == record || !decode_record(*read)));
  }
  for (std::size_t size = 0; size < stored.size(); ++size) {
    CAPTURE(size);
    const auto read = unpacked(std::string_view{stored}.substr(0, size));
    CHECK((!read || !decode_record(*read)));
  }
}

TEST_CASE("a value that claims more than a record may have is refused before memory is taken for it") {
  std::string stored;
  append(stored, packed_magic);
  append(stored, static_cast<std::uint32_t>(record_bytes_max + 1));
  stored += "block";
  CHECK_FALSE(unpacked_size(stored));
  CHECK_FALSE(unpacked(stored));
}

TEST_CASE("golden: a record that version 1 packed is read for good") {
  const auto golden = test::golden_file("journal/packed_v1.bin");
  REQUIRE(golden.size() > 0);
  CHECK(unpacked(golden) == record_of_order(4711)); // what LZ4 makes of it may differ with its version
}

TEST_CASE("records one after the other are taken by their own lengths; what is no whole record is none") {
  std::string records;
  for (const std::uint64_t number : {7u, 8u, 9u}) records += record_of_order(number);
  std::string_view rest{records};
  for (const std::uint64_t number : {7u, 8u, 9u}) CHECK(take_record(rest) == record_of_order(number));
  CHECK(rest.empty());
  CHECK_FALSE(take_record(rest));
  const auto whole = record_of_order(7);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    std::string_view cut{whole.data(), size};
    CHECK_FALSE(take_record(cut));
    CHECK(cut.size() == size);
  }
  for (const auto length : {std::uint32_t{0}, static_cast<std::uint32_t>(record_at::names - 1), static_cast<std::uint32_t>(whole.size() + 1), UINT32_MAX}) {
    auto lying = whole;
    put(lying.data() + record_at::length, length);
    std::string_view lie{lying};
    CHECK_FALSE(take_record(lie));
  }
}

TEST_CASE("golden: a value of several records that was packed when there first were such is read for good") {
  const auto golden = test::golden_file("journal/packed_run_v1.bin");
  CHECK(unpacked(golden) == record_of_order(4711) + record_of_order(4712) + record_of_order(4713));
}

TEST_CASE("records that come together lie in few values, and a reader may begin at each of them, also behind a restart") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random{seed};
  test::temporary_directory folder;
  std::vector<std::pair<std::uint64_t, std::string>> all;
  std::uint64_t appends = 0;
  stream_head head;
  {
    auto j = std::move(open_rocks_journal(test::small_journal(folder.path())).value());
    test::stream_writer before{j->open_stream({"oms/16"}).value()}, writer{j->open_stream({"oms/17"}).value()}, behind{j->open_stream({"oms/18"}).value()};
    for (auto* neighbour : {&before, &behind}) REQUIRE(test::append(*j, neighbour->next(3, "of a neighbour")));
    for (; all.size() < 150; ++appends) {
      const auto records = 1 + random() % (random() % 4 == 0 ? 100 : 4);
      const auto payload = random() % 8 == 0 ? test::unpackable(random, random() % 40'000) : std::string(random() % 600, 'a');
      for (std::size_t i = 0; i < records; ++i) all.emplace_back(all.size() + 1, payload);
      REQUIRE(test::append(*j, writer.next(records, payload)));
    }
    head = writer.head();
  }
  {
    const auto store = std::move(open_read_only(folder.path() / layout::database_folder, true, nullptr).value());
    std::unique_ptr<rocksdb::Iterator> at{store->db().NewIterator({}, store->turns())};
    std::uint64_t values = 0, bytes_max = 0;
    for (at->SeekToFirst(); at->Valid(); at->Next(), ++values) bytes_max = std::max<std::uint64_t>(bytes_max, *unpacked_size(layout::view(at->value())));
    CHECK(values < all.size() + 6);
    CHECK(values >= appends + 2);
    CHECK(bytes_max < 64 << 10); // the longest record is 40 kB, a value of several 32 KiB
  }
  auto j = std::move(open_rocks_journal(test::small_journal(folder.path())).value());
  const auto reopened = j->open_stream({"oms/17"}).value();
  CHECK(reopened.chain == head.chain);
  CHECK(reopened.sequence == all.size());
  for (std::uint64_t from = 1; from <= all.size() + 2; ++from) {
    CAPTURE(from);
    const auto read = test::contents(*j, {"oms/17"}, from);
    REQUIRE(read);
    REQUIRE(std::ranges::equal(*read, std::span{all}.subspan(std::min<std::size_t>(from - 1, all.size()))));
  }
  std::uint64_t seen = 0; // who stops in the middle of a value has seen no more
  REQUIRE(j->read({"oms/17"}, 5, [&](const record_view&) { return ++seen < 3; }));
  CHECK(seen == 3);
}

TEST_CASE("of a stream that lacks what is before the place where somebody begins, nothing is shown") {
  test::temporary_directory folder;
  {
    auto j = std::move(open_rocks_journal(test::small_journal(folder.path())).value());
    test::stream_writer writer{j->open_stream({"oms/17"}).value()};
    for (int i = 0; i < 3; ++i) REQUIRE(test::append(*j, writer.next(4)));
  }
  test::alter(folder.path(), layout::turns_family, [](rocksdb::DB& db, rocksdb::ColumnFamilyHandle* turns) {
    return db.Delete({}, turns, layout::turn_key({"oms/17"}, 5)); // 5 to 8
  });
  auto j = std::move(open_for_reading(folder.path()).value());
  for (const std::uint64_t from : {1u, 4u, 5u, 6u, 8u, 9u, 10u, 12u, 13u}) {
    CAPTURE(from);
    std::uint64_t shown = 0;
    const auto read = j->read({"oms/17"}, from, [&](const record_view& r) {
      CHECK(r.header.sequence >= from);
      ++shown;
      return true;
    });
    if (from >= 10) {
      CHECK(read);
      CHECK(shown == 13 - from);
    } else {
      CHECK(read.error().code == errc::sequence_gap);
      CHECK(shown == (from < 5 ? 5 - from : 0));
    }
  }
}

TEST_CASE("packed records and others are one stream, also behind a restart, and a reader may begin anywhere") {
  test::temporary_directory folder;
  const std::string twice = std::string(200, 'a') + std::string(200, 'b');
  stream_head head;
  {
    auto j = std::move(open_rocks_journal(test::small_journal(folder.path())).value());
    test::stream_writer writer{j->open_stream({"oms/17"}).value()};
    REQUIRE(test::append(*j, writer.next(2, "short")));
    REQUIRE(test::append(*j, writer.next(2, twice)));
    REQUIRE(test::append(*j, writer.next(1, "short")));
    head = writer.head();
  }
  auto j = std::move(open_rocks_journal(test::small_journal(folder.path())).value());
  CHECK(j->open_stream({"oms/17"}).value().chain == head.chain);
  using list = std::vector<std::pair<std::uint64_t, std::string>>;
  const list all{{1, "short"}, {2, "short"}, {3, twice}, {4, twice}, {5, "short"}};
  for (std::uint64_t from = 1; from <= all.size(); ++from) {
    CAPTURE(from);
    CHECK(test::contents(*j, {"oms/17"}, from).value() == list(all.begin() + static_cast<std::ptrdiff_t>(from - 1), all.end()));
  }
}
