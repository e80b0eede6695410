#include "runtime/journal/chain.hpp"

namespace troupe::journal {

result<record_view> chain_walk::step(std::uint64_t sequence, std::string_view bytes) {
  const auto where = [&] { return "stream " + stream_.value.str() + " sequence " + std::to_string(sequence); };
  if (sequence != next_)
    return fail(errc::sequence_gap, where() + " follows where " + std::to_string(next_) + " was expected");
  auto view = decode_record(bytes);
  if (!view) return fail(errc::corrupt, where() + ": " + view.error().message);
  const auto& h = view->header;
  if (h.stream != stream_ || h.sequence != sequence)
    return fail(errc::corrupt, where() + " holds the record of stream " + h.stream.value.str() + " sequence " +
                                 std::to_string(h.sequence));
  if (h.previous != previous_) return fail(errc::corrupt, where() + " does not continue the hash chain");
  if (h.epoch < epoch_) return fail(errc::corrupt, where() + " has a lower epoch than the record before it");
  epoch_ = h.epoch;
  previous_ = sha256(bytes);
  ++next_;
  return view;
}

} // namespace troupe::journal
