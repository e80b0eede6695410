#pragma once
// The journal's hold on the tape: for every stretch of entries a feed took, one record with their SHA-256 in the feed's
// stream. So the journal's hash covers what the market said, and a tape can be checked against it. Used on the feed's thread.

#include "runtime/core/hash.hpp"
#include "runtime/core/result.hpp"
#include "runtime/journal/journal.hpp"

#include <boost/describe.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::desk {

/// Entries `first` .. `last` of the tape, none of a tape that begins (1 .. 0); `digest` is the SHA-256 of their raw bytes, each followed by a line feed.
struct tape_sealed {
  text<23> tape;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  text<64> digest; // hexadecimal
};
BOOST_DESCRIBE_STRUCT(tape_sealed, (), (tape, first, last, digest))

/// Every stretch that the feed sealed, in order; none when it has no stream. Errors: as journal::read; schema_mismatch.
[[nodiscard]] result<std::vector<tape_sealed>> seals_of(const journal::journal& j, const actor_name& feed);

class tape_seal {
public:
  /// Opens the stream `feed`. Errors: as journal::open_stream.
  [[nodiscard]] static result<tape_seal> open(std::shared_ptr<journal::journal> j, const actor_name& feed, text<23> tape);

  /// The tape goes on with this position. One that begins, behind stretches of a tape before it (its disk was lost, or the journal was
  /// restored), gets an empty stretch at once, so that nobody holds the old ones against it.
  void begin(std::uint64_t next_position, time_ns at);
  /// Takes one entry; seals a stretch when it is long enough. `at` is the turn's time.
  void add(std::uint64_t position, std::string_view raw, time_ns at);
  /// Seals what is open, if anything.
  void seal(time_ns at);

  /// Told when a record could not be made durable.
  std::function<void(const error&)> on_error = [](const error&) {};

private:
  void put_on_record(const tape_sealed& stretch, time_ns at);

  std::shared_ptr<journal::journal> journal_;
  journal::stream_head head_;
  text<23> tape_;
  std::string open_;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
  std::uint64_t entries_ = 0;
};

} // namespace troupe::desk
