#include "runtime/journal/journal.hpp"
#include "runtime/journal/record.hpp"
#include "tests/support/test.hpp"

#include <fstream>
#include <iterator>
#include <random>

using namespace troupe;
using namespace troupe::journal;

TEST_SUITE_BEGIN("journal/record");

namespace {

record_header sample() {
  record_header h;
  h.stream = {"oms/17"};
  h.sequence = 42;
  h.epoch = 3;
  h.schema = 0x01020304;
  h.hybrid_time = 1'700'000'000'123'456'789;
  h.cause = {"http", 99};
  h.previous = sha256("the record before");
  h.acknowledged = {{{"venue/sim"}, 40}, {{"portfolio"}, 7}};
  return h;
}

std::string read_all(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_CASE("a record decodes to what was encoded") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 2000; ++i) {
    auto h = sample();
    h.sequence = random();
    h.epoch = random();
    h.acknowledged.resize(random() % 3);
    if (random() % 2) h.cause.source = {};
    std::string payload(random() % 300, '\0');
    for (auto& c : payload) c = static_cast<char>(random());
    std::string bytes;
    encode_record(h, payload, bytes);
    auto back = decode_record(bytes);
    REQUIRE(back);
    CHECK(back->header == h);
    CHECK(back->payload == payload);
    CHECK(back->bytes == bytes);
  }
}

TEST_CASE("encode appends, so that several records share one buffer") {
  std::string both, one;
  encode_record(sample(), "first", both);
  const auto size = both.size();
  encode_record(sample(), "second", both);
  encode_record(sample(), "second", one);
  CHECK(both.substr(size) == one);
}

TEST_CASE("every single flipped bit and every truncation is found") {
  std::string bytes;
  encode_record(sample(), "some payload", bytes);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CAPTURE(bit);
    auto back = decode_record(flipped);
    REQUIRE_FALSE(back);
    CHECK(back.error().code == errc::corrupt);
  }
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE_FALSE(decode_record(std::string_view{bytes}.substr(0, size)));
  REQUIRE_FALSE(decode_record(bytes + '\0'));
}

TEST_CASE("a record with a right checksum and wrong parts is corrupt, not undefined") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  std::string bytes;
  encode_record(sample(), "some payload", bytes);
  int refused = 0;
  for (int i = 0; i < 20000; ++i) {
    auto mutated = bytes;
    mutated[record_at::names + random() % (mutated.size() - record_at::names)] = static_cast<char>(random());
    if (random() % 4 == 0) mutated[record_at::cursors] = static_cast<char>(random());
    const auto checksum = crc32c(std::string_view{mutated}.substr(record_at::sequence),
                                 crc32c(std::string_view{mutated}.substr(0, record_at::checksum)));
    put(mutated.data() + record_at::checksum, checksum);
    auto back = decode_record(mutated);
    if (!back) ++refused;
    else {
      std::string again;
      encode_record(back->header, back->payload, again);
      CHECK(again == mutated); // whatever is accepted has exactly one encoding
    }
  }
  CHECK(refused > 0);
}

TEST_CASE("golden: the bytes of version 1 never change") {
  std::string bytes;
  encode_record(sample(), "golden payload", bytes);
  const auto file = test::source_dir() / "tests/golden/journal/record_v1.bin";
  const auto golden = read_all(file);
  REQUIRE(golden.size() > 0);
  CHECK(bytes == golden);
  auto back = decode_record(golden);
  REQUIRE(back);
  CHECK(back->header == sample());
  CHECK(back->payload == "golden payload");
}

TEST_CASE("journal_hash: order of the list and empty streams do not enter") {
  const stream_head a{{"a"}, 1, 5, sha256("a")}, b{{"b"}, 9, 6, sha256("b")}, none{{"c"}, 4, 0, {}};
  CHECK(journal_hash({a, b}) == journal_hash({b, none, a}));
  auto reopened = a;
  reopened.epoch = 2;
  CHECK(journal_hash({a, b}) == journal_hash({reopened, b}));
  auto longer = a;
  longer.sequence = 6;
  CHECK(journal_hash({a, b}) != journal_hash({longer, b}));
  auto other = a;
  other.chain = sha256("other");
  CHECK(journal_hash({a, b}) != journal_hash({other, b}));
}
