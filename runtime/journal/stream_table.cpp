#include "runtime/journal/stream_table.hpp"

#include "runtime/journal/record.hpp"

#include <algorithm>

namespace troupe::journal {

result<stream_state*> stream_table::admit(const append_request& request) {
  const auto name = [&] { return request.stream.value.str(); };
  const auto found = streams_.find(request.stream);
  if (found == streams_.end() || found->second.epoch != request.epoch || request.epoch == 0)
    return fail(errc::fenced, "stream " + name() + ": epoch " + std::to_string(request.epoch) +
                                " may not write, the stream is at epoch " +
                                std::to_string(found == streams_.end() ? 0 : found->second.epoch));
  auto& state = found->second;
  if (request.first_sequence != state.sequence + 1)
    return fail(errc::sequence_gap, "stream " + name() + ": sequence " + std::to_string(request.first_sequence) +
                                      " does not follow " + std::to_string(state.sequence));
  auto sequence = request.first_sequence;
  for (const auto& record : request.records)
    if (!is_record_of(record, request.stream, sequence++, request.epoch))
      return fail(errc::sequence_gap,
                  "stream " + name() + ": the record for sequence " + std::to_string(sequence - 1) +
                    " names another stream, sequence or epoch");
  for (const auto& put : request.side)
    if (!has_table(put.table))
      return fail(errc::invalid_argument, "stream " + name() + ": there is no table \"" + put.table + "\"");
  if (request.state && (request.state->sequence == 0 || request.state->sequence >= sequence))
    return fail(errc::invalid_argument, "stream " + name() + ": a snapshot at sequence " +
                                          std::to_string(request.state->sequence) + " is not behind its records");
  return &state;
}

bool stream_table::has_table(std::string_view table) const noexcept {
  return std::ranges::find(tables_, table) != tables_.end();
}

std::vector<stream_head> stream_table::heads() const {
  std::vector<stream_head> heads;
  heads.reserve(streams_.size());
  for (const auto& [stream, state] : streams_) heads.push_back(head_of(stream, state));
  std::ranges::sort(heads, {}, &stream_head::stream);
  return heads;
}

stream_head head_of(const stream_name& stream, const stream_state& state) {
  return {stream, state.epoch, state.sequence, state.sequence == 0 ? sha256_digest{} : sha256(state.last_record)};
}

} // namespace troupe::journal
