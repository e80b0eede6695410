#include "nodes/desk/slot_copy.hpp"

#include <algorithm>

namespace troupe::desk {

result<slot_copy> slot_copy::open(std::shared_ptr<journal::journal> into, const actor_name& stream) {
  auto heads = into->heads(); // a snapshot knows no epoch; and what an earlier copy was still storing is there behind it
  if (!heads) return heads.error();
  const auto known = std::ranges::find(*heads, stream, &journal::stream_head::stream);
  auto at = actor::read_state_at(*into, oms::core{oms::configuration{}}, known == heads->end() ? journal::stream_head{stream} : *known);
  if (!at) return at.error();
  return slot_copy{std::move(into), std::move(*at)};
}

result<void> slot_copy::add(std::vector<std::string> records, stored done) {
  std::vector<actor::archive::row> rows;
  journal::append_request request;
  for (const auto& bytes : records) {
    auto record = journal::decode_record(bytes);
    if (!record) return record.error();
    auto turn = actor::decode_outcome<oms::core>(record->header.schema, record->payload);
    if (!turn) return turn.error();
    actor::fold(core_, at_.state, record->header.sequence, record->header.acknowledged, *turn, true, record->header.cause, actor::archive{rows});
    at_.hybrid_time = record->header.hybrid_time;
    request.epoch = record->header.epoch;
  }
  for (auto& row : rows) request.side.push_back({std::move(row.table), std::move(row.key), std::move(row.value)});
  request.records = std::move(records);
  store(std::move(request), std::move(done));
  return {};
}

void slot_copy::finish(std::uint64_t epoch, stored done) {
  journal::append_request request;
  request.epoch = epoch;
  if (at_.head.sequence > 0) {
    journal::snapshot s;
    s.sequence = at_.head.sequence;
    s.chain = at_.head.chain;
    s.schema = actor::state_schema<oms::core>();
    wire::encode(at_.state, s.state);
    request.state = std::move(s);
  }
  store(std::move(request), std::move(done));
}

void slot_copy::store(journal::append_request request, stored done) {
  request.stream = at_.head.stream;
  request.first_sequence = at_.head.sequence + 1;
  request.epoch = std::max(request.epoch, at_.head.epoch);
  request.is_copy = true;
  at_.head.sequence += request.records.size();
  if (!request.records.empty()) at_.head.chain = sha256(request.records.back());
  at_.head.epoch = request.epoch;
  journal_->append(std::move(request), std::move(done));
}

} // namespace troupe::desk
