#pragma once
// Turns of an OMS slot as its shell would leave them in a journal, without the shell.

#include "actors/trading/oms/core.hpp"
#include "runtime/actor/turn.hpp"
#include "runtime/journal/journal.hpp"
#include "tests/support/test.hpp"

#include <string>
#include <utility>

namespace troupe::test {

/// Appends one turn behind `head` and moves it; the turn is durable when this returns.
inline void append_turn(journal::journal& to, journal::stream_head& head, const actor::turn<oms::core>& t) {
  std::string payload;
  wire::encode(t, payload);
  journal::record_header h;
  h.stream = head.stream;
  h.sequence = ++head.sequence;
  h.epoch = head.epoch;
  h.schema = actor::turn_schema<oms::core>();
  h.previous = head.chain;
  journal::append_request r;
  r.stream = head.stream;
  r.epoch = head.epoch;
  r.first_sequence = h.sequence;
  journal::encode_record(h, payload, r.records.emplace_back());
  head.chain = sha256(r.records.back());
  bool is_durable = false;
  to.append(std::move(r), [&](const result<std::uint64_t>& done) { is_durable = done.has_value(); });
  REQUIRE(is_durable);
}

} // namespace troupe::test
