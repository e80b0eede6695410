#pragma once
// Structured log lines from any thread: one sentence, the actor, the cause that led here, and key/value pairs. A call
// never waits for disk or terminal: lines go through a bounded queue to one writer thread, and when the queue is full
// the oldest line is dropped and counted. The process starts and stops logging once, in main().

#include "runtime/core/context.hpp"
#include "runtime/core/decimal.hpp"
#include "runtime/core/result.hpp"

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::log {

enum class level : std::uint8_t { trace, debug, info, warn, error, off };
BOOST_DESCRIBE_ENUM(level, trace, debug, info, warn, error, off)

/// The actor a line is about: "oms/17", or "node" for the process itself. Used during the call only.
struct who {
  std::string_view name;
  who(std::string_view n) : name{n} {}          // NOLINT: implicit, so that calls read well
  who(const char* n) : name{n} {}               // NOLINT
  who(const std::string& n) : name{n} {}        // NOLINT
  who(const actor_name& n) : name{n.value.view()} {} // NOLINT
};

/// A scalar or text, as JSON shows it; texts are used during the call only.
class value {
public:
  value(std::string_view s) : kind_{kind::text}, text_{s} {} // NOLINT: implicit, so that pairs read well
  value(const char* s) : value{std::string_view{s}} {}       // NOLINT
  value(const std::string& s) : value{std::string_view{s}} {} // NOLINT
  template <std::size_t N>
  value(const text<N>& s) : value{s.view()} {} // NOLINT
  template <class Tag, class Rep>
  value(const strong_id<Tag, Rep>& id) : value{id.value} {} // NOLINT
  value(bool b) : kind_{kind::boolean}, integer_{b} {}      // NOLINT
  value(double d) : kind_{kind::number}, number_{d} {}      // NOLINT
  template <std::integral T>
  value(T n) // NOLINT
      : kind_{std::signed_integral<T> ? kind::integer : kind::natural}, integer_{static_cast<std::int64_t>(n)} {}
  template <class Kind>
  value(scaled<Kind> x) : kind_{kind::decimal}, integer_{x.units} {} // NOLINT

  void append_json(std::string& out) const;

private:
  enum class kind : std::uint8_t { text, boolean, integer, natural, number, decimal };
  kind kind_;
  std::int64_t integer_ = 0;
  double number_ = 0;
  std::string_view text_;
};

struct field {
  std::string_view key;
  value content;
};
using fields = std::initializer_list<field>;

/// Writes a line when `l` is enabled for the actor. Costs one atomic read when no actor logs at `l`.
void write(level l, who actor, const cause_id& cause, std::string_view message, fields more = {});
/// The level as actors and links name it: "error", "warning" or "warn", "debug", "trace"; every other word is info.
[[nodiscard]] level level_named(std::string_view severity) noexcept;
void write(std::string_view severity, who actor, const cause_id& cause, std::string_view message);
[[nodiscard]] bool is_enabled(level l, who actor) noexcept;

inline void trace(who a, const cause_id& c, std::string_view m, fields more = {}) { write(level::trace, a, c, m, more); }
inline void debug(who a, const cause_id& c, std::string_view m, fields more = {}) { write(level::debug, a, c, m, more); }
inline void info(who a, const cause_id& c, std::string_view m, fields more = {}) { write(level::info, a, c, m, more); }
inline void warn(who a, const cause_id& c, std::string_view m, fields more = {}) { write(level::warn, a, c, m, more); }
inline void error(who a, const cause_id& c, std::string_view m, fields more = {}) { write(level::error, a, c, m, more); }

// -- levels ----------------------------------------------------------------------------------------------------------

/// Sets the least severe level logged for actors named `pattern`: a name, a prefix with a star at its end ("oms/*"),
/// or "*". The longest matching pattern decides; an exact name beats every prefix. Holds from the next call on, in
/// every thread. Errors: invalid_argument (a star elsewhere, empty, over 48 characters), too_large (over 256 patterns).
[[nodiscard]] result<void> set_level(std::string_view pattern, level l);
/// Forgets a pattern; false when it was not set. "*" goes back to info.
bool clear_level(std::string_view pattern);
[[nodiscard]] std::vector<std::pair<std::string, level>> levels();

// -- process ---------------------------------------------------------------------------------------------------------

enum class format : std::uint8_t {
  automatic, // text when the descriptor is a terminal, else JSON
  text,
  json
};

struct options {
  std::string node; // appears in every JSON line
  level least = level::info; // for actors without a pattern of their own
  format as = format::automatic;
  int descriptor = 2; // where lines go when `file` is empty; standard output belongs to the ready line
  /// A file, rotated at `file_bytes_max` with `file_count_max` older ones beside it.
  std::filesystem::path file;
  std::size_t file_bytes_max = 64 << 20;
  std::size_t file_count_max = 8;
  std::size_t queue_max = 8192; // lines waiting for the writer, about 300 bytes each
};

/// Starts logging; before it, and after `stop`, warnings and errors go to standard error at once and the rest nowhere.
/// Errors: io_error (the file cannot be opened), conflict (started already).
[[nodiscard]] result<void> start(const options& o);
/// Writes what is queued and ends the writer thread, dropping lines that a blocked reader does not take within `patience`.
void stop(std::chrono::milliseconds patience = std::chrono::milliseconds{500});
/// Waits until everything logged before this call is written or dropped; false when that took longer than `patience`.
bool flush(std::chrono::milliseconds patience = std::chrono::seconds{5});

struct counts {
  std::uint64_t written = 0; // lines handed to the queue
  std::uint64_t dropped = 0; // lines overrun in the queue, refused by a full disk, or given up at stop
};
/// Since the process began.
[[nodiscard]] counts totals() noexcept;

} // namespace troupe::log
