#pragma once
// Turns as a shell would leave them in a journal, without the shell.

#include "runtime/actor/turn.hpp"
#include "runtime/journal/journal.hpp"
#include "tests/support/test.hpp"

#include <optional>
#include <string>
#include <utility>

namespace troupe::test {

/// Appends one record behind `head` and moves it; it is durable when this returns. With `state`, as a snapshot of that
/// schema.
inline void append_payload(journal::journal& to, journal::stream_head& head, std::uint32_t schema, std::string_view payload,
                           std::optional<std::pair<std::uint32_t, std::string>> state = {}) {
  journal::record_header h;
  h.stream = head.stream;
  h.sequence = ++head.sequence;
  h.epoch = head.epoch;
  h.schema = schema;
  h.previous = head.chain;
  journal::append_request r;
  r.stream = head.stream;
  r.epoch = head.epoch;
  r.first_sequence = h.sequence;
  journal::encode_record(h, payload, r.records.emplace_back());
  head.chain = sha256(r.records.back());
  if (state) r.state = journal::snapshot{h.sequence, head.chain, state->first, std::move(state->second)};
  bool is_durable = false;
  to.append(std::move(r), [&](const result<std::uint64_t>& done) { is_durable = done.has_value(); });
  REQUIRE(is_durable);
}

template <class Core>
void append_turn(journal::journal& to, journal::stream_head& head, const actor::turn<Core>& t) {
  std::string payload;
  wire::encode(t, payload);
  append_payload(to, head, actor::turn_schema<Core>(), payload);
}

} // namespace troupe::test
