#pragma once
// A data file as a stream of market events on the time of the data: captures and bar files, read lazily.
// Everything that was received counts as one tape position, also what could not be understood. Owned by one
// feed; not thread-safe. Blocks on the disk.

#include "actors/market/book/book.hpp"
#include "actors/market/feed/counters.hpp"
#include "actors/market/feed/line_source.hpp"
#include "actors/market/feed/source_profile.hpp"
#include "actors/market/messages.hpp"

#include <filesystem>
#include <memory>
#include <span>
#include <string_view>

namespace troupe::feed {

struct replay_options {
  std::filesystem::path path;
  source_overrides overrides;
  std::size_t line_bytes_max = line_source::line_bytes_default;
  book::limits book_limits;
  text<23> tape;                    // named in every event; empty when nothing is recorded
  std::uint64_t first_position = 1; // the tape's next position: the first line gets it
};

/// One line and what it said. Valid until the next call.
struct replay_step {
  std::uint64_t line = 0;
  std::uint64_t position = 0;
  time_ns received_at{}; // never goes back; zero before the first good line
  std::string_view raw;  // what belongs on the tape; the first bytes of a line above the limit
  std::span<const market::event> events;
};

class replay {
public:
  /// Errors: not_found, io_error, invalid_argument; none is retriable.
  [[nodiscard]] static result<replay> open(const replay_options& options);

  replay(replay&&) noexcept;
  replay& operator=(replay&&) noexcept;
  ~replay();

  /// The next line, or null at the end. Errors: corrupt, io_error; the replay has ended then.
  [[nodiscard]] result<const replay_step*> next();

  [[nodiscard]] const source_profile& profile() const noexcept;
  [[nodiscard]] const counters& counts() const noexcept;
  /// Null for bar files, which have no levels.
  [[nodiscard]] const book::book* levels() const noexcept;

private:
  struct state;
  explicit replay(std::unique_ptr<state> s);
  std::unique_ptr<state> state_;
};

} // namespace troupe::feed
