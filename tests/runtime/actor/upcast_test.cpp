// A core whose stored layout has moved on: it reads what its first version wrote, by a pure upcast, where every start does.
#include "runtime/actor/recover.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/wire/wire.ipp"
#include "tests/runtime/actor/bank.hpp"
#include "tests/support/turns.hpp"

using namespace troupe;
using namespace troupe::actor;
using test::append_payload;
using test::append_turn;

namespace troupe::bank_2 {

/// Version 1 knew no currency: everything was in dollars.
struct deposited { std::uint64_t id = 0; std::int64_t amount = 0; currency ccy; };
BOOST_DESCRIBE_STRUCT(deposited, (), (id, amount, ccy))
struct bank_state {
  std::map<currency, std::int64_t> balances;
  std::uint64_t last_id = 0;
};
BOOST_DESCRIBE_STRUCT(bank_state, (), (balances, last_id))

struct core : bank::core {
  static constexpr int stored_version = 2;
  using state = bank_state;
  using event = std::variant<deposited, bank::sent, bank::arrived>;

  void evolve(state& s, const event& e, archive&) const {
    if (auto* d = std::get_if<deposited>(&e)) s.balances[d->ccy] += d->amount, s.last_id = d->id;
    if (auto* x = std::get_if<bank::sent>(&e)) s.balances["USD"] -= x->amount;
    if (auto* a = std::get_if<bank::arrived>(&e)) s.balances["USD"] += a->amount;
  }
  template <class Emit>
  void react(const state&, const event& e, Emit&& emit) const {
    if (auto* x = std::get_if<bank::sent>(&e)) emit(actor_name{x->to}, bank::transfer{x->amount});
  }
  static result<turn<core>> upcast(std::uint32_t schema, std::string_view payload);
};

result<turn<core>> core::upcast(std::uint32_t schema, std::string_view payload) {
  if (schema != turn_schema<bank::core>()) return fail(errc::schema_mismatch, "bank: no reader for turn schema " + std::to_string(schema));
  auto old = wire::decode<turn<bank::core>>(payload);
  if (!old) return old.error();
  turn<core> t{{old->inbox, {}}, old->principal, old->request, old->decided_at, old->decided_boot, old->command, old->inputs, old->refusal};
  for (const auto& e : old->events) {
    if (auto* d = std::get_if<bank::deposited>(&e)) t.events.push_back(deposited{d->id, d->amount, "USD"});
    if (auto* x = std::get_if<bank::sent>(&e)) t.events.push_back(*x);
    if (auto* a = std::get_if<bank::arrived>(&e)) t.events.push_back(*a);
  }
  return t;
}

} // namespace troupe::bank_2

TROUPE_CORE_WIRE(bank_2::core)

TEST_SUITE_BEGIN("actor/upcast");

namespace {

const actor_name stream{"bank/a"};

/// Three turns as version 1 wrote them: 50 in, 20 away to bank/b, 7 from bank/b; behind the second a snapshot of its state.
journal::stream_head write_version_1(journal::journal& j) {
  auto head = j.open_stream(stream).value();
  turn<bank::core> t;
  t.principal = principal_id{"teller"};
  t.command = bank::deposit{9, 50};
  t.events = {bank::deposited{9, 50}};
  append_turn(j, head, t);
  t.command = bank::send_away{20, "bank/b"};
  t.events = {bank::sent{20, "bank/b"}};
  std::string payload, state;
  wire::encode(t, payload);
  wire::encode(shell_state<bank::core>{{30, 9}, {}, {}}, state);
  append_payload(j, head, turn_schema<bank::core>(), payload, std::pair{state_schema<bank::core>(), state});
  t.command = batch<bank::transfer>{{{7}}};
  t.inbox = inbox_mark{actor_name{"bank/b"}, 3, 4};
  t.events = {bank::arrived{7}};
  append_turn(j, head, t);
  return head;
}

} // namespace

TEST_CASE("turns of version 1 are recovered by version 2 through its upcast: state, effects and inboxes are right") {
  const auto j = journal::make_memory_journal();
  const auto head = write_version_1(*j);
  const auto r = recover(*j, bank_2::core{}, stream);
  REQUIRE(r);
  CHECK(r->head.sequence == 3);
  CHECK(r->head.chain == head.chain);
  CHECK(r->state.core.balances == std::map<currency, std::int64_t>{{"USD", 37}});
  CHECK(r->state.core.last_id == 9);
  CHECK(r->state.inboxes.at(actor_name{"bank/b"}).sequence == 4);
  const auto& waiting = r->state.outboxes.at(actor_name{"bank/b"}).pending;
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].sequence == 2);
  CHECK(std::get<bank::transfer>(waiting[0].effect).amount == 20);
}

TEST_CASE("a stream holds turns of both versions: the new ones go on where the old ones end") {
  const auto j = journal::make_memory_journal();
  write_version_1(*j);
  auto head = recover(*j, bank_2::core{}, stream).value().head;
  turn<bank_2::core> t;
  t.command = bank::deposit{10, 5};
  t.events = {bank_2::deposited{10, 5, "EUR"}};
  append_turn(*j, head, t);
  const auto r = recover(*j, bank_2::core{}, stream);
  REQUIRE(r);
  CHECK(r->state.core.balances == std::map<currency, std::int64_t>{{"EUR", 5}, {"USD", 37}});
  CHECK(read_state(*j, bank_2::core{}, stream, 3)->state.core.balances == std::map<currency, std::int64_t>{{"USD", 37}});
}

TEST_CASE("a turn that no version reads is refused with stream, turn and schema, and so is a newer one by the older build") {
  const auto j = journal::make_memory_journal();
  auto head = write_version_1(*j);
  append_payload(*j, head, 4242, "what another build wrote");
  const auto unknown = recover(*j, bank_2::core{}, stream);
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().code == errc::schema_mismatch);
  CHECK(unknown.error().message == "bank/a turn 4: bank: no reader for turn schema 4242");
  const auto k = journal::make_memory_journal();
  auto newer = k->open_stream(stream).value();
  append_turn(*k, newer, turn<bank_2::core>{});
  const auto older = recover(*k, bank::core{}, stream);
  REQUIRE_FALSE(older);
  CHECK(older.error().message == "bank/a turn 1: bank: no reader for turn schema " + std::to_string(turn_schema<bank_2::core>()));
}

TEST_CASE("a turn of version 1 that is damaged inside is refused, not guessed") {
  const auto j = journal::make_memory_journal();
  auto head = j->open_stream(stream).value();
  append_payload(*j, head, turn_schema<bank::core>(), "short");
  const auto r = recover(*j, bank_2::core{}, stream);
  REQUIRE_FALSE(r);
  CHECK(r.error().code == errc::malformed);
}
