#include "tools/check/audit.hpp"

#include "runtime/core/principal.hpp"
#include "tools/check/streams.hpp"

#include <algorithm>

namespace troupe::check {
namespace {

std::string name_of_scope(risk::halt_scope scope, std::string_view key) {
  std::string s = boost::describe::enum_to_string(scope, "?");
  if (!key.empty()) (s += ' ') += key;
  return s;
}

std::string shown(const principal_id& who) { return who.value.empty() ? "nobody" : who.value.str(); }

} // namespace

// -- what is asked of a turn ----------------------------------------------------------------------------------------------

void audit::must_name_somebody(const moment& m, const std::string& what) {
  report_.audit.expect(!m.principal.value.empty(), [&] { return where(m) + what + " by nobody"; });
}

void audit::must_name_a_request(const moment& m, const std::string& what) {
  const auto& cause = m.header.cause;
  report_.audit.expect(cause.source.view().starts_with("http") && cause.number > 0, [&] {
    return where(m) + what + " by no request: its cause is " + (cause.source.empty() ? "none" : cause.source.str() + " " + std::to_string(cause.number));
  });
}

void audit::must_be_an_operators(const moment& m, const std::string& what) {
  report_.audit.expect(is_operator(m.principal), [&] { return where(m) + what + " by " + shown(m.principal) + ", who is no operator"; });
  must_name_a_request(m, what);
}

void audit::must_be_by(const moment& m, const principal_id& by, const std::string& what) {
  report_.audit.expect(by == m.principal, [&] { return where(m) + what + " in the name of " + shown(by) + ", and " + shown(m.principal) + " asked"; });
}

// -- risk -----------------------------------------------------------------------------------------------------------------

void audit::take(const journal::record_header& h, const risk_turn& t) {
  const moment m{h, t.principal};
  for (const auto& event : t.events) std::visit([&](const auto& e) { on(m, e); }, event);
}

void audit::on(const moment& m, const risk::halted& e) {
  const auto& h = e.halt;
  const scope_key key{h.scope, h.key.str()};
  const auto what = name_of_scope(h.scope, h.key.view()) + " is halted";
  report_.audit.expect(!h.halted_by.value.empty(), [&] { return where(m) + what + " by nobody"; });
  if (h.halted_by != risk::own_principal) must_be_by(m, h.halted_by, what); // risk halts the firm for what a slot has shown it
  halted_by_[key].insert(h.halted_by);
  approvals_.erase(key); // who approved did not know of this
}

void audit::on(const moment& m, const risk::resume_approved& e) {
  const auto what = "the end of the halt of " + name_of_scope(e.scope, e.key.view()) + " is approved";
  must_be_an_operators(m, what);
  must_be_by(m, e.by, what);
  approvals_[{e.scope, e.key.str()}].push_back(e.by);
}

void audit::on(const moment& m, const risk::resumed& e) {
  const scope_key key{e.scope, e.key.str()};
  const auto what = "the halt of " + name_of_scope(e.scope, e.key.view()) + " is lifted";
  must_be_an_operators(m, what);
  report_.audit.expect(halted_by_.contains(key), [&] { return where(m) + what + ", which is not on record"; });
  auto agreed = std::exchange(approvals_[key], {});
  if (std::ranges::find(agreed, m.principal) == agreed.end()) agreed.push_back(m.principal);
  report_.audit.expect(agreed == e.approved_by, [&] {
    return where(m) + what + " with " + std::to_string(e.approved_by.size()) + " approvals, on record are " + std::to_string(agreed.size()) + " of others or in another order";
  });
  const auto needed = e.scope == risk::halt_scope::firm ? firm_approvals_ : 1;
  report_.audit.expect(agreed.size() >= needed, [&] {
    return where(m) + what + " by " + std::to_string(agreed.size()) + " of the " + std::to_string(needed) + " operators that it takes";
  });
}

void audit::on(const moment& m, const risk::limits_set& e) {
  must_be_an_operators(m, (e.account ? "limits of account " + e.account->value.str() : std::string{"limits of all other accounts"}) + " are set");
}

void audit::on(const moment& m, const risk::limits_reset& e) { must_be_an_operators(m, "limits of account " + e.account.value.str() + " are removed"); }

void audit::on(const moment& m, const risk::instrument_blocked& e) {
  const auto what = e.instrument.value.str() + (e.blocked ? " is blocked" : " is unblocked");
  if (!e.blocked) return must_be_an_operators(m, what);
  must_name_somebody(m, what); // anybody may stop
  must_name_a_request(m, what);
}

// -- what is done to orders and positions of others -----------------------------------------------------------------------

void audit::take(const journal::record_header& h, const oms_turn& t) {
  const moment m{h, t.principal};
  const auto* asked = std::get_if<oms::enforce_halt>(&t.command);
  for (const auto& event : t.events) {
    if (const auto* c = std::get_if<oms::position_corrected>(&event)) {
      const auto what = "account " + c->correction.account.value.str() + " is corrected";
      must_be_an_operators(m, what);
      must_be_by(m, c->by, what);
    }
    const auto* e = std::get_if<oms::order_withdrawn>(&event);
    if (!e) continue;
    const auto what = "order " + to_text(e->id) + " is withdrawn";
    if (!report_.audit.expect(asked != nullptr, [&] { return where(m) + what + " for no halt"; })) continue;
    const auto at = halted_by_.find({asked->scope, asked->key.str()});
    report_.audit.expect(at != halted_by_.end() && at->second.contains(t.principal), [&] {
      return where(m) + what + " for the halt of " + name_of_scope(asked->scope, asked->key.view()) + " by " + shown(t.principal) + ", which is not on record";
    });
  }
}

void audit::take(const journal::record_header& h, const venue_turn& t) {
  if (std::holds_alternative<venue::mass_cancel>(t.command)) must_name_somebody({h, t.principal}, "all orders of a slot are withdrawn");
}

void audit::take(const journal::record_header& h, const strategy_turn& t) {
  const moment m{h, t.principal};
  for (const auto& event : t.events)
    if (const auto* c = std::get_if<strategy::strategy_position_corrected>(&event)) {
      const auto what = "the position that a strategy takes for its own is corrected";
      must_be_an_operators(m, what);
      must_be_by(m, c->by, what);
    }
}

// -- what is done to a node -----------------------------------------------------------------------------------------------

void audit::on(const moment& m, const operations::recorded& e) {
  const auto what = boost::describe::enum_to_string(e.what.kind, "?") + std::string{" of "} + e.what.subject.str() + " is asked for";
  must_be_by(m, e.by, what);
  if (e.what.kind != operations::kind::fault) return must_be_an_operators(m, what);
  must_name_somebody(m, what); // a node that allows faults asks for no key
  must_name_a_request(m, what);
}

void audit::read_node(const journal::journal& j) {
  auto heads = j.heads();
  if (!heads) return; // told already
  check_report aside; // what cannot be read of these streams is a violation of I9; their turns are not counted twice
  for (const auto& head : *heads) {
    if (head.stream.value.view() == "operations")
      read_turns<operations_stored>(j, head.stream, aside, [&](const journal::record_header& h, const operations_turn& t) {
        for (const auto& event : t.events) on({h, t.principal}, std::get<operations::recorded>(event));
      });
    if (head.stream.value.view().starts_with("placement/"))
      read_turns<placement_stored>(j, head.stream, aside, [&](const journal::record_header& h, const placement_turn& t) {
        const moment m{h, t.principal};
        for (const auto& event : t.events) {
          if (const auto* e = std::get_if<placement::fetch_begun>(&event)) {
            const auto what = "slot " + std::to_string(e->slot) + " is fetched";
            must_be_an_operators(m, what);
            must_be_by(m, e->by, what);
          }
          if (const auto* e = std::get_if<placement::left>(&event)) {
            must_be_an_operators(m, "the node's end is asked for");
            must_be_by(m, e->by, "the node's end is asked for");
          }
        }
      });
  }
  for (const auto& sentence : aside.chains.first) report_.chains.violate(sentence);
}

} // namespace troupe::check
