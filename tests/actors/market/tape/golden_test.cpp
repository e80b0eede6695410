// The bytes of a tape, version 1, as they were released.
#include "actors/market/tape/chunk.hpp"
#include "tests/support/golden.hpp"

using namespace troupe;
using namespace troupe::tape;
using test::check_golden;
using test::golden_file;

TEST_SUITE_BEGIN("market/tape golden");

namespace {

const time_ns first_at = time_from_ns(1723161253937085768);
const std::vector<std::string> entries{R"({"e":"trade","p":"61800.3"})", "", R"({"e":"trade","p":"61800.4"})"};

std::string chunk_now() {
  std::string raw, chunk;
  for (std::size_t i = 0; i < entries.size(); ++i) append_entry(first_at + nanoseconds{static_cast<std::int64_t>(i)}, entries[i], raw);
  append_chunk(4711, first_at, 3, raw, chunk);
  return chunk;
}

void check_chunk(std::string_view bytes) {
  const auto header = parse_chunk_header(bytes);
  REQUIRE(header);
  CHECK(header->first_position == 4711);
  CHECK(header->first_received_at == first_at);
  std::vector<std::string> read;
  const auto whole = visit_entries(*header, bytes.substr(chunk_header_bytes), 0, [&](std::uint64_t position, time_ns at, std::string_view raw) {
    CHECK(position == 4711 + read.size());
    CHECK(at == first_at + nanoseconds{static_cast<std::int64_t>(read.size())});
    read.emplace_back(raw);
    return true;
  });
  REQUIRE(whole);
  CHECK(*whole);
  CHECK(read == entries);
}

} // namespace

TEST_CASE("segment and reservation, version 1: the released bytes are read, and today's are the same") {
  std::string segment, reservation;
  append_segment_header(4711, segment);
  append_reservation(4712, reservation);
  check_golden("tape/segment_v1.bin", segment);
  check_golden("tape/reservation_v1.bin", reservation);
  CHECK(parse_segment_header(golden_file("tape/segment_v1.bin")) == 4711);
  CHECK(parse_reservation(golden_file("tape/reservation_v1.bin")) == 4712);
}

TEST_CASE("chunk, version 1: the released bytes are read, and today's begin with the same header") {
  constexpr std::size_t size_of_payload = 28; // from here on it says what zlib made of the entries, and zlib may change
  const auto golden = golden_file("tape/chunk_v1.bin");
  if (golden.empty()) return check_golden("tape/chunk_v1.bin", chunk_now());
  check_chunk(golden);
  check_chunk(chunk_now());
  CHECK_MESSAGE(test::hex(chunk_now().substr(0, size_of_payload)) == test::hex(golden.substr(0, size_of_payload)),
                test::golden_advice("tape/chunk_v1.bin"));
}
