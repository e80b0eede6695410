#pragma once
// A tiny event-sourced actor for the tests of the shell: accounts with balances, and transfers that leave as effects to
// another bank. It has one of everything the shell promises to handle.

#include "runtime/actor/core.hpp"
#include "runtime/actor/turn.hpp"

#include <boost/describe.hpp>

#include <map>
#include <optional>
#include <variant>

namespace troupe::bank {

struct deposit { std::uint64_t id = 0; std::int64_t amount = 0; };
BOOST_DESCRIBE_STRUCT(deposit, (), (id, amount))
struct send_away { std::int64_t amount = 0; text<48> to; };
BOOST_DESCRIBE_STRUCT(send_away, (), (amount, to))
struct receipt { bool accepted = false; std::int64_t balance = 0; };
BOOST_DESCRIBE_STRUCT(receipt, (), (accepted, balance))
struct transfer { std::int64_t amount = 0; };
BOOST_DESCRIBE_STRUCT(transfer, (), (amount))
struct balance_query {};
BOOST_DESCRIBE_STRUCT(balance_query, (), ())

struct deposited { std::uint64_t id = 0; std::int64_t amount = 0; };
BOOST_DESCRIBE_STRUCT(deposited, (), (id, amount))
struct sent { std::int64_t amount = 0; text<48> to; };
BOOST_DESCRIBE_STRUCT(sent, (), (amount, to))
struct arrived { std::int64_t amount = 0; };
BOOST_DESCRIBE_STRUCT(arrived, (), (amount))

struct bank_state {
  std::int64_t balance = 0;
  std::uint64_t last_id = 0;
};
BOOST_DESCRIBE_STRUCT(bank_state, (), (balance, last_id))
struct bank_inputs { std::uint64_t rate = 0; };
BOOST_DESCRIBE_STRUCT(bank_inputs, (), (rate))

struct core {
  static constexpr const char* stored_as = "bank";
  static constexpr int stored_version = 1;
  using state = bank_state;
  struct view {};
  using event = std::variant<deposited, sent, arrived>;
  using inputs = bank_inputs;
  using effect = std::variant<transfer>;
  using protocol = actor::protocol<actor::ask<deposit, receipt>, actor::ask<send_away, receipt>,
                                   actor::receives<transfer>, actor::query<balance_query, receipt>>;
  using output = actor::turn_output<event, inputs>;

  receipt decide(const state& s, view&, const deposit& c, const actor::turn_context&, output& out) const {
    if (c.id <= s.last_id) return {true, s.balance}; // a repeat
    if (c.amount <= 0) {
      out.record = true;
      return {false, s.balance};
    }
    out.events.push_back(deposited{c.id, c.amount});
    return {true, s.balance + c.amount};
  }
  /// Of who is on record as one that gets nothing.
  std::optional<actor::lookup> wanted(const state&, const send_away& c) const { return actor::lookup{"done", c.to.str(), false}; }
  receipt decide(const state& s, view&, const send_away& c, const actor::turn_context& at, output& out) const {
    out.waits = at.may_wait && c.amount > s.balance;
    if (at.found || c.amount > s.balance) return {false, s.balance};
    out.events.push_back(sent{c.amount, c.to});
    return {true, s.balance - c.amount};
  }
  void decide(const state&, view&, const transfer& t, const actor::turn_context&, output& out) const {
    out.events.push_back(arrived{t.amount});
  }
  void evolve(state& s, const event& e, actor::archive&) const {
    if (auto* d = std::get_if<deposited>(&e)) s.balance += d->amount, s.last_id = d->id;
    if (auto* x = std::get_if<sent>(&e)) s.balance -= x->amount;
    if (auto* a = std::get_if<arrived>(&e)) s.balance += a->amount;
  }
  template <class Emit>
  void react(const state&, const event& e, Emit&& emit) const {
    if (auto* x = std::get_if<sent>(&e)) emit(actor_name{x->to}, transfer{x->amount});
  }
  receipt answer(const state& s, const view&, const balance_query&) const { return {true, s.balance}; }
};

} // namespace troupe::bank
