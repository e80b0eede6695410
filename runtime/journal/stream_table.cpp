#include "runtime/journal/stream_table.hpp"

#include "runtime/journal/chain.hpp"
#include "runtime/journal/record.hpp"

#include <algorithm>

namespace troupe::journal {

namespace {

error not_next(const append_request& request, std::uint64_t at) {
  return fail(errc::sequence_gap, "stream " + request.stream.value.str() + ": sequence " + std::to_string(request.first_sequence) +
                                    " does not follow " + std::to_string(at));
}

/// What is copied continues what is here, record by record.
result<void> check_copy(const append_request& request, const stream_state& state) {
  const std::optional<std::string_view> anchor = state.sequence > 0 ? std::optional<std::string_view>{state.last_record} : std::nullopt;
  chain_walk walk{request.stream, request.first_sequence, anchor};
  auto sequence = request.first_sequence;
  for (const auto& record : request.records) {
    auto seen = walk.step(sequence++, record);
    if (!seen) return seen.error();
    if (seen->header.epoch > request.epoch)
      return fail(errc::invalid_argument, "stream " + request.stream.value.str() + ": a copied record is of epoch " +
                                            std::to_string(seen->header.epoch) + ", above the copy's " + std::to_string(request.epoch));
  }
  return {};
}

} // namespace

result<stream_state*> stream_table::admit(const append_request& request) {
  const auto name = [&] { return request.stream.value.str(); };
  const auto found = streams_.find(request.stream);
  const auto epoch = found == streams_.end() ? 0 : found->second.epoch;
  const bool may_write = request.is_copy ? request.epoch >= epoch : found != streams_.end() && request.epoch == epoch;
  if (!may_write || request.epoch == 0)
    return fail(errc::fenced, "stream " + name() + ": epoch " + std::to_string(request.epoch) +
                                " may not write, the stream is at epoch " + std::to_string(epoch));
  const stream_state none;
  const auto& at = found == streams_.end() ? none : found->second;
  if (request.first_sequence != at.sequence + 1) return not_next(request, at.sequence);
  if (request.is_copy) {
    if (auto follows = check_copy(request, at); !follows) return follows.error();
  } else {
    auto sequence = request.first_sequence;
    for (const auto& record : request.records)
      if (!is_record_of(record, request.stream, sequence++, request.epoch))
        return fail(errc::sequence_gap,
                    "stream " + name() + ": the record for sequence " + std::to_string(sequence - 1) +
                      " names another stream, sequence or epoch");
  }
  if (auto fits = admit_beside(request, request.first_sequence + request.records.size()); !fits) return fits.error();
  auto& state = streams_[request.stream];
  state.epoch = request.epoch;
  return &state;
}

/// What is written beside the records; `next` is the sequence behind them.
result<void> stream_table::admit_beside(const append_request& request, std::uint64_t next) const {
  const auto& name = request.stream.value;
  for (const auto& put : request.side)
    if (!has_table(put.table))
      return fail(errc::invalid_argument, "stream " + name.str() + ": there is no table \"" + put.table + "\"");
  if (request.state && (request.state->sequence == 0 || request.state->sequence >= next))
    return fail(errc::invalid_argument, "stream " + name.str() + ": a snapshot at sequence " +
                                          std::to_string(request.state->sequence) + " is not behind its records");
  return {};
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
