#include "runtime/journal/packed.hpp"

#include "runtime/journal/record.hpp"
#include "tests/runtime/journal/folders.hpp"
#include "tests/runtime/journal/records.hpp"
#include "tests/support/golden.hpp"

#include <random>

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
