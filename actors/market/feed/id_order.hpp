#pragma once
// Whether the ids of one kind of message, which ascend, can be believed. A single one that is far too large would make every message behind it look
// old, for ever. What tells is what follows: messages that nobody saw before, in order among themselves, and all of them below it. How far ids may
// jump is not asked: futures count all symbols together, and a source may be away for hours. Owned by one decoder; pure.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace troupe::feed {

/// An id and the number of the line that said it.
struct told_id {
  std::uint64_t id = 0;
  std::uint64_t line = 0;
};

class id_order {
public:
  /// So many in a row put the greatest in doubt. Lines that were swapped, or told twice, are fewer or were seen.
  static constexpr std::size_t in_doubt_max = 32;
  /// The same behind a message of another kind: changes of a book may well come some seconds behind a snapshot.
  static constexpr std::size_t behind_other_max = 256;

  /// The greatest; zero before the first.
  [[nodiscard]] const told_id& greatest() const noexcept { return greatest_; }

  /// Takes the id of a message. Returns the greatest, or that of `above`, when it cannot be right: then the ids begin anew, and the caller begins with a
  /// fresh order.
  [[nodiscard]] std::optional<told_id> see(const told_id& told, const id_order* above = nullptr) {
    const bool is_behind = told.id <= greatest_.id;
    const bool is_old = is_behind || (above && told.id <= above->greatest_.id);
    if (!is_old || was_seen(told.id)) in_doubt_ = 0;
    else in_doubt_ = in_doubt_ > 0 && told.id > doubted_by_ ? in_doubt_ + 1 : 1;
    doubted_by_ = told.id;
    if (in_doubt_ >= (is_behind ? in_doubt_max : behind_other_max)) return is_behind ? greatest_ : above->greatest_;
    if (!is_behind) {
      greatest_ = told;
      last_[count_++ % last_.size()] = told.id;
    }
    return std::nullopt;
  }

private:
  /// What is not above the oldest of the last that were taken, or is one of them. So a few that are too large hide no others.
  [[nodiscard]] bool was_seen(std::uint64_t id) const {
    const auto known = std::min(count_, last_.size());
    if (id == 0 || (known == last_.size() && id < last_[count_ % last_.size()])) return true;
    return std::find(last_.begin(), last_.begin() + static_cast<std::ptrdiff_t>(known), id) != last_.begin() + static_cast<std::ptrdiff_t>(known);
  }

  told_id greatest_;
  std::array<std::uint64_t, in_doubt_max> last_{}; // that were taken, the oldest overwritten
  std::size_t count_ = 0;                          // ever taken
  std::size_t in_doubt_ = 0;                       // in a row that say that the greatest is wrong
  std::uint64_t doubted_by_ = 0;                   // the newest
};

} // namespace troupe::feed
