// Any bytes as a record, an archive, a frontier or the turn of an actor: refused, or decoded to what encodes to the same
// bytes. The first byte says which of them ('r', 'a', 'f'; 'o', 'k', 'v' for a turn of OMS, risk and venue). Checksums are
// put right first, or the fuzzer would never get past them.

#include "runtime/journal/archive.hpp"
#include "runtime/journal/bytes.hpp"
#include "runtime/journal/frontier.hpp"
#include "runtime/journal/journal.hpp"
#include "runtime/journal/record.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tools/check/stored.hpp"

#include <string>

#include <sys/mman.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::journal;

namespace {

/// A file without a disk, holding the input.
class memory_file {
public:
  explicit memory_file(std::string_view bytes) : descriptor_{::memfd_create("fuzz", MFD_CLOEXEC)} {
    FUZZ_CHECK(descriptor_ >= 0);
    FUZZ_CHECK(::pwrite(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size()));
  }
  ~memory_file() { ::close(descriptor_); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;
  [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

private:
  int descriptor_;
};

void check_record(std::string bytes) {
  if (bytes.size() >= record_at::names) {
    const auto covered = crc32c(std::string_view{bytes}.substr(record_at::sequence),
                                crc32c(std::string_view{bytes}.substr(0, record_at::checksum)));
    put(bytes.data() + record_at::checksum, covered);
  }
  const auto record = decode_record(bytes);
  if (!record) {
    FUZZ_CHECK(record.error().code == errc::corrupt);
    return;
  }
  std::string again;
  encode_record(record->header, record->payload, again);
  FUZZ_CHECK(again == bytes);
}

void check_archive(std::string bytes) {
  const auto digest = sha256(bytes);
  bytes.append(reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size());
  memory_file file{bytes};
  std::uint64_t visited = 0;
  const auto summary = read_archive(file.path(), [&](const record_view& r) {
    ++visited;
    FUZZ_CHECK(r.header.sequence == visited);
  });
  if (summary) FUZZ_CHECK(summary->records == visited && summary->state.sequence == visited);
  else FUZZ_CHECK(summary.error().code == errc::corrupt);
}

void check_frontier(std::string bytes) {
  constexpr std::size_t slot_bytes = 128, slot_distance = 4096;
  bytes.resize(2 * slot_bytes);
  std::string whole(2 * slot_distance, '\0');
  for (std::size_t i = 0; i < 2; ++i) {
    char* slot = whole.data() + i * slot_distance;
    put(slot, std::string_view{bytes}.substr(i * slot_bytes, slot_bytes - 4));
    put(slot + slot_bytes - 4, crc32c({slot, slot_bytes - 4}));
  }
  memory_file file{whole};
  const auto mark = read_frontier(file.path());
  if (mark) FUZZ_CHECK(mark->has_value());
  else FUZZ_CHECK(mark.error().code == errc::corrupt);
}

template <class Stored>
void check_turn(std::string_view payload) {
  const auto turn = actor::decode_turn<Stored>(actor::turn_schema<Stored>(), payload);
  if (!turn) {
    FUZZ_CHECK(!turn.error().message.empty());
    return;
  }
  std::string bytes, again;
  wire::encode(*turn, bytes);
  const auto back = actor::decode_turn<Stored>(actor::turn_schema<Stored>(), bytes);
  FUZZ_CHECK(back.has_value());
  wire::encode(*back, again);
  FUZZ_CHECK(again == bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0]) {
  case 'r': check_record(std::move(bytes)); break;
  case 'a': check_archive(std::move(bytes)); break;
  case 'f': check_frontier(std::move(bytes)); break;
  case 'o': check_turn<check::oms_stored>(bytes); break;
  case 'k': check_turn<check::risk_stored>(bytes); break;
  case 'v': check_turn<check::venue_stored>(bytes); break;
  default: break;
  }
  return 0;
}
