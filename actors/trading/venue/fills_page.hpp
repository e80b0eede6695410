#pragma once
// fills_since: one slot's orders and reports, page by page, out of the venue's own stream. Pure; whoever reads the stream feeds it.

#include "actors/trading/venue/simulator_messages.hpp"

#include <span>

namespace troupe::venue {

class fills_page {
public:
  static constexpr std::uint32_t turns_max = 20'000; // looked at for one page, whosever they are: the venue answers nobody meanwhile

  explicit fills_page(const fills_since_query& query);

  /// Takes the events of one stored turn; turns come in ascending order, those at or below the query's sequence are
  /// skipped. Returns false when the page is full: then this turn is not in it, and `more` is set. A turn is never
  /// split, so a page may exceed the limit by what its last turn holds.
  bool add(std::uint64_t sequence, std::span<const simulator_event> events);

  [[nodiscard]] const fills_since& page() const noexcept { return page_; }

private:
  std::uint32_t slot_;
  std::uint32_t limit_;
  std::uint32_t turns_ = 0;
  fills_since page_;
};

} // namespace troupe::venue
