#pragma once
// A desk's journals written by hand, in memory: each turn says exactly what a test wants it to say, also what no actor of
// ours would.

#include "runtime/core/hash.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/wire/wire.hpp"
#include "tests/support/test.hpp"
#include "actors/trading/oms/done.hpp"
#include "tools/check/check.hpp"
#include "tools/check/stored.hpp"

#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace troupe::check::test {

using namespace trading;

inline price px(const char* s) { return *price::parse(s); }
inline quantity qty(const char* s) { return *quantity::parse(s); }
inline time_ns at(std::int64_t second) { return time_from_ns(1'700'000'000'000'000'000 + second * 1'000'000'000); }
inline boot_ns boot(std::int64_t second) { return boot_ns{std::chrono::seconds{second}}; }

inline const account_id alpha{"alpha"};
inline const tenant_id tenant{"main"};
inline const instrument_id btc{"BTCUSDT.SIM"};
inline const venue_id sim{"SIM"};
inline std::uint32_t slot() { return slot_of(tenant, alpha); }
inline order_id id(std::uint64_t number) { return order_id::make(slot(), number); }

class desk_journals {
public:
  explicit desk_journals(bool has_budget = true) {
    if (has_budget) risk(budget("1000000"));
  }

  std::unique_ptr<journal::journal> desk = journal::make_memory_journal();
  std::unique_ptr<journal::journal> venues = journal::make_memory_journal();
  std::unique_ptr<journal::journal> portfolio = journal::make_memory_journal({"fills"});
  std::uint64_t limits_version = 0;
  boot_ns decided_boot = boot(100);
  boot_ns lease_until = boot(101);
  std::uint64_t hybrid_time = 0; // of the last turn; each is a millisecond behind the one before
  price slot_exposure;           // as the next order reads it
  cause_id cause{"http-test", 1}; // of the turns to come
  std::vector<journal::cursor> acknowledged; // which the next record says

  [[nodiscard]] check_report check(check_options options = {}) const { return check_journals({*desk, *venues, {portfolio.get()}}, options); }

  // -- OMS turns --

  oms::new_order request(const char* client, const char* quantity = "2") const {
    return {tenant, alpha, {client}, btc, side::buy, order_type::limit, time_in_force::day, qty(quantity), px("100"), {}};
  }
  void accept(std::uint64_t number, const oms::new_order& r) {
    oms_turn t = oms_turn_now();
    t.command = r;
    t.inputs.limits_version = limits_version;
    t.inputs.lease_expires_at = lease_until;
    t.inputs.slot_exposure.units = slot_exposure.units;
    t.events.push_back(oms::order_accepted{id(number), r, at(1), lease_until, *r.limit, px("100")});
    last_accepted = write<oms_stored>(*desk, slot_name(slot()), t);
  }
  /// The slot hears what the venue said; `from` is the venue's turn.
  void apply(const oms::execution& e, std::uint64_t from, std::vector<journal::side_put> rows = {}) {
    oms_turn t = oms_turn_now();
    t.inbox = actor::inbox_mark{actor_name{"venue/SIM"}, 1, from};
    t.command = actor::batch<venue::report>{{e.report}};
    t.events.push_back(e);
    write<oms_stored>(*desk, slot_name(slot()), t, std::move(rows));
  }
  static oms::execution execution(const oms::new_order& r, const venue::report& report, order_status status, const char* filled,
                                  const char* leaves) {
    return {sim, report, r.account, r.instrument, r.side, r.strategy, r.client_id, status, at(2), r.tenant, "USDT", qty(filled), qty(leaves)};
  }
  static std::vector<journal::side_put> done(std::uint64_t number, const oms::new_order& r, order_status status, const char* filled,
                                             std::vector<execution_id> executions = {}) {
    oms::order o;
    o.id = id(number);
    o.request = r;
    o.status = status;
    o.quantity = r.quantity;
    o.filled = qty(filled);
    o.fills = static_cast<std::uint32_t>(executions.size());
    std::vector<actor::archive::row> rows;
    actor::archive open{rows};
    oms::archive_done({o, std::move(executions)}, open);
    std::vector<journal::side_put> puts;
    for (auto& row : rows) puts.push_back({row.table, row.key, row.value});
    return puts;
  }

  // -- venue turns --

  static venue::report report(const char* execution, std::uint64_t number, venue::exec_type type, const char* size = "0",
                              const char* cumulative = "0", const char* leaves = "0") {
    venue::report r;
    r.id = {execution};
    r.order = id(number);
    r.type = type;
    r.last_quantity = qty(size);
    if (type == venue::exec_type::trade) r.last_price = px("100");
    r.cumulative = qty(cumulative);
    r.leaves = qty(leaves);
    r.fee = {type == venue::exec_type::trade ? 7 : 0, "USDT"};
    return r;
  }
  std::uint64_t venue_opens(const oms::new_order& r, const venue::report& said) {
    venue_turn t;
    t.decided_boot = decided_boot;
    t.inbox = actor::inbox_mark{slot_name(slot()), 1, last_accepted};
    t.command = actor::batch<venue::command>{};
    t.events.push_back(venue::order_opened{{said.order, r.account, r.instrument, r.side, r.type, r.tif, r.quantity, r.limit, lease_until}, said});
    return write<venue_stored>(*venues, actor_name{"venue/SIM"}, t);
  }
  /// The venue takes a replace that was valid until `lease_until`.
  std::uint64_t venue_replaces(const venue::report& said, const char* quantity) {
    venue_turn t;
    t.decided_boot = decided_boot;
    t.command = actor::batch<venue::command>{{venue::replace{said.order, said.revision, qty(quantity), {}, lease_until}}};
    t.events.push_back(venue::order_replaced{said, qty(quantity), px("100")});
    return write<venue_stored>(*venues, actor_name{"venue/SIM"}, t);
  }
  std::uint64_t venue_fills(const venue::report& said, const char* displayed = "5") {
    venue_turn t;
    t.command = actor::cited{};
    t.events.push_back(venue::display_taken{said, {said.last_price, qty(displayed), said.last_quantity}});
    return write<venue_stored>(*venues, actor_name{"venue/SIM"}, t);
  }

  // -- risk turns --

  static risk::budget_set budget(const char* amount, std::uint32_t of = slot(), const char* firm = "1000000000") {
    return {of, {px(amount)}, {px(firm)}};
  }
  /// Asked for by whom the event names, or by ana; or by `who`.
  void risk(const risk::event& e, std::optional<principal_id> who = {}) {
    risk_turn t;
    t.principal = who.value_or(asker_of(e));
    t.events.push_back(e);
    write<risk_stored>(*desk, actor_name{"risk"}, t);
  }
  static principal_id asker_of(const risk::event& e) {
    if (const auto* h = std::get_if<risk::halted>(&e)) return h->halt.halted_by;
    if (const auto* a = std::get_if<risk::resume_approved>(&e)) return a->by;
    if (const auto* r = std::get_if<risk::resumed>(&e); r && !r->approved_by.empty()) return r->approved_by.back();
    return {"operator:ana"};
  }

  /// A turn with everything around it as the shell writes it. Returns its sequence.
  template <class Stored>
  std::uint64_t write(journal::journal& to, const actor_name& stream, const actor::turn<Stored>& t,
                      std::vector<journal::side_put> rows = {}) {
    std::string payload;
    wire::encode(t, payload);
    return write_payload(to, stream, actor::turn_schema<Stored>(), payload, std::move(rows));
  }
  std::uint64_t write_payload(journal::journal& to, const actor_name& stream, std::uint32_t schema, const std::string& payload,
                              std::vector<journal::side_put> rows = {}, std::optional<std::string> snapshot = {}) {
    auto& head = heads_[{&to, stream}];
    if (head.epoch == 0) head = to.open_stream(stream).value();
    journal::record_header h;
    h.stream = stream;
    h.sequence = ++head.sequence;
    h.epoch = head.epoch;
    h.schema = schema;
    h.hybrid_time = hybrid_time += 1'000'000;
    h.cause = cause;
    h.acknowledged = std::exchange(acknowledged, {});
    h.previous = head.chain;
    journal::append_request request;
    request.stream = stream;
    request.epoch = head.epoch;
    request.first_sequence = h.sequence;
    journal::encode_record(h, payload, request.records.emplace_back());
    head.chain = sha256(request.records.back());
    request.side = std::move(rows);
    if (snapshot) request.state = journal::snapshot{h.sequence, head.chain, actor::state_schema<oms_stored>(), *snapshot};
    std::promise<result<std::uint64_t>> done;
    to.append(std::move(request), [&](result<std::uint64_t> r) { done.set_value(std::move(r)); });
    REQUIRE(done.get_future().get());
    return head.sequence;
  }

  /// The stream's actor starts once more.
  void restart(journal::journal& of, const actor_name& stream) { heads_[{&of, stream}] = of.open_stream(stream).value(); }

  std::uint64_t last_accepted = 0; // the slot's turn

private:
  [[nodiscard]] oms_turn oms_turn_now() const {
    oms_turn t;
    t.decided_at = at(1);
    t.decided_boot = decided_boot;
    return t;
  }
  std::map<std::pair<journal::journal*, actor_name>, journal::stream_head> heads_;
};

/// One order, opened and filled in two parts, everybody agreeing; and a halt of somebody else that an operator has lifted.
/// `rows`: what the slot wrote of it, when that is not what it should be.
inline desk_journals honest_desk(std::optional<std::vector<journal::side_put>> rows = {}) {
  desk_journals d;
  using enum venue::exec_type;
  d.risk(risk::halted{{risk::halt_scope::account, "other", "test", {"http"}, at(0), {}}});
  d.risk(risk::resumed{risk::halt_scope::account, "other", {{"operator:ana"}}});
  const auto r = d.request("c1");
  d.accept(1, r);
  const auto opened = d.report("1", 1, new_, "0", "0", "2");
  const auto first = d.report("2", 1, trade, "0.5", "0.5", "1.5"), second = d.report("3", 1, trade, "1.5", "2", "0");
  auto v = d.venue_opens(r, opened);
  d.apply(d.execution(r, opened, order_status::new_, "0", "2"), v);
  v = d.venue_fills(first);
  d.acknowledged = {{actor_name{"venue/SIM"}, d.last_accepted}};
  d.apply(d.execution(r, first, order_status::partially_filled, "0.5", "1.5"), v);
  d.acknowledged = {{slot_name(slot()), v}};
  v = d.venue_fills(second);
  d.apply(d.execution(r, second, order_status::filled, "2", "0"), v, rows ? *std::move(rows) : d.done(1, r, order_status::filled, "2", {{"2"}, {"3"}}));
  return d;
}

/// The ids of the rows with violations.
inline std::string violated(const check_report& r) {
  std::string ids;
  for (const auto* row : r.rows()) {
    if (row->violations == 0) continue;
    ids += (ids.empty() ? "" : " ") + row->id;
  }
  return ids;
}

inline bool says(const invariant& row, const char* what) {
  for (const auto& sentence : row.first)
    if (sentence.find(what) != std::string::npos) return true;
  return false;
}

} // namespace troupe::check::test
