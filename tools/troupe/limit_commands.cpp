// troupe limits, limits set, block, unblock: what may be traded and how much of it.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/post.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <set>

namespace troupe::cli {
namespace {

struct limit_arguments {
  operator_options node;
  std::string account, instrument;
  std::vector<std::string> changes;
};

/// How often limits are read again because somebody else changes them, too.
constexpr int attempts_max = 5;

/// Every page as one answer: the firm's figures of the last one, and all accounts and blocked instruments. Errors: as get, conflict (they were changed between
/// two pages).
result<answered> limits_once(node_client& node) {
  answered all{200, {}, wire::json_value{wire::json_kind::object}};
  wire::json_value accounts{wire::json_kind::object}, blocked{wire::json_kind::array};
  std::string next, version;
  do {
    auto page = node.get("/v1/limits?limit=500" + (next.empty() ? "" : "&cursor=" + escaped(next)), {"limits_version", "firm_exposure", "firm_exposure_max", "fallback", "accounts", "blocked"});
    if (!page) return page;
    const auto of_page = cell(page->value, "limits_version");
    if (!version.empty() && version != of_page) return fail(errc::conflict, "somebody else changes limits, halts or blocks at the same time; nothing was changed: try again");
    version = of_page;
    if (const auto* more = page->value.find("accounts")) accounts.members.insert(accounts.members.end(), more->members.begin(), more->members.end());
    if (const auto* more = page->value.find("blocked")) blocked.items.insert(blocked.items.end(), more->items.begin(), more->items.end());
    next = cell(page->value, "next");
    all.value.members = std::move(page->value.members);
  } while (!next.empty());
  for (auto& [name, member] : all.value.members) {
    if (name == "accounts") member = std::move(accounts);
    else if (name == "blocked") member = std::move(blocked);
  }
  all.text = compact(all.value);
  return all;
}

/// What `attempt` gives, made again from the beginning while it fails as conflict.
template <class Attempt>
auto until_undisturbed(Attempt attempt) {
  auto got = attempt();
  for (int n = 1; n < attempts_max && !got && got.error().code == errc::conflict; ++n) got = attempt();
  return got;
}

result<answered> all_limits(node_client& node) {
  return until_undisturbed([&] { return limits_once(node); });
}

int show_limits(const node_options& options) {
  auto node = node_client::at(options);
  if (!node) return complain(node.error());
  auto got = all_limits(*node);
  if (!got) return complain(got.error());
  if (options.json) {
    std::cout << got->text << '\n';
    return done;
  }
  const auto* fallback = got->value.find("fallback");
  const auto* accounts = got->value.find("accounts");
  if (!fallback || !accounts) return complain(fail(errc::internal, "the node's answer has no limits"));
  std::vector<std::string> head{"LIMIT", "ALL OTHERS"};
  for (const auto& [account, own] : accounts->members) head.push_back(account);
  table t{std::move(head)};
  for (const auto& [name, any] : fallback->members) {
    std::vector<std::string> cells{name, cell(*fallback, name)};
    for (const auto& [account, own] : accounts->members) cells.push_back(cell(own, name));
    t.row(std::move(cells));
  }
  std::cout << t.str() << "the firm uses " << cell(got->value, "firm_exposure") << " of " << cell(got->value, "firm_exposure_max") << '\n';
  if (const auto* blocked = got->value.find("blocked"))
    for (const auto& i : blocked->items) std::cout << paint(colour::red, i.text + " is blocked") << '\n';
  return done;
}

/// The limits in force with NAME=VALUE taken in. Errors: invalid_argument (a name that is none, with those there are; a name given twice).
result<wire::json_value> changed(wire::json_value limits, const std::vector<std::string>& changes) {
  std::set<std::string> given;
  for (const auto& change : changes) {
    const auto equals = change.find('=');
    const auto name = change.substr(0, equals);
    const auto at = std::ranges::find(limits.members, name, [](const auto& m) { return m.first; });
    if (equals == std::string::npos || at == limits.members.end()) {
      std::string names;
      for (const auto& [known, any] : limits.members) names += (names.empty() ? "" : ", ") + known;
      return fail(errc::invalid_argument, "\"" + change + "\" must be NAME=VALUE, where NAME is one of " + names);
    }
    if (!given.insert(name).second) return fail(errc::invalid_argument, name + " is given twice");
    at->second.text = change.substr(equals + 1);
    if (at->second.text.find_first_not_of("0123456789.-") != std::string::npos) at->second.kind = wire::json_kind::string; // the node says what is wrong
  }
  return limits;
}

/// Reads the limits, changes what was asked and nothing else, and sends all of them, to be taken only if nothing was changed in between. Errors: as get,
/// invalid_argument, conflict.
result<answered> set_once(node_client& node, const limit_arguments& a, const std::string& key) {
  auto got = limits_once(node);
  if (!got) return got;
  const auto* accounts = got->value.find("accounts");
  const auto* own = a.account.empty() || !accounts ? nullptr : accounts->find(a.account);
  const auto* before = own ? own : got->value.find("fallback");
  const auto version = cell(got->value, "limits_version");
  auto now = changed(*before, a.changes);
  if (!now) return now.error();
  std::string body = "{";
  if (!a.account.empty()) {
    body += "\"account\":";
    wire::append_json_string(body, a.account);
    body += ',';
  }
  return node.request("PUT", "/v1/limits", body + "\"limits\":" + compact(*now) + ",\"expected_version\":" + version + '}', key, {"verdict"});
}

int set_limits(const limit_arguments& a) {
  auto key = a.node.key();
  if (!key) return complain(key.error());
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  return show_verdict(a.node, until_undisturbed([&] { return set_once(*node, a, *key); }));
}

int reset_limits(const limit_arguments& a) {
  auto key = a.node.key();
  return key ? request_verdict(a.node, "DELETE", "/v1/limits?account=" + escaped(a.account), {}, *key) : complain(key.error());
}

int block(const limit_arguments& a, std::string_view method) {
  auto key = a.node.key();
  return key ? request_verdict(a.node, method, "/v1/instruments/" + escaped(a.instrument) + "/block", {}, *key) : complain(key.error());
}

} // namespace

void add_limit_commands(CLI::App& root, int& code) {
  auto l = std::make_shared<limit_arguments>();
  auto* limits = root.add_subcommand("limits", "Pre-trade limits in force: of all accounts, and of those with their own");
  l->node.add_to(*limits);
  limits->footer("Example: troupe limits");
  auto s = std::make_shared<limit_arguments>();
  auto* set = limits->add_subcommand("set", "Changes limits while the desk runs; on record with the operator, kept over restarts");
  set->add_option("CHANGES", s->changes, "NAME=VALUE, as `troupe limits` names them")->required();
  set->add_option("--account", s->account, "Of this account under every tenant, which has its own from then on; else of all that have none");
  s->node.add_with_key_to(*set);
  set->footer("Example: troupe limits set position_max=5 open_orders_max=200 --account alpha\n"
              "An account's own limits are a copy of all values at that moment: a later change of the common ones is none of theirs, until `troupe limits reset`.\n"
              "What others change at the same time stays: the limits are read again and this change is made again, up to five times.");
  set->callback([s, &code] { code = set_limits(*s); });
  auto e = std::make_shared<limit_arguments>();
  auto* reset = limits->add_subcommand("reset", "Removes the limits that were set for an account: the common ones hold for it again");
  reset->add_option("--account", e->account, "Whose, under every tenant")->required();
  e->node.add_with_key_to(*reset);
  reset->footer("Example: troupe limits reset --account alpha");
  reset->callback([e, &code] { code = reset_limits(*e); });
  limits->callback([l, limits, &code] {
    if (limits->get_subcommands().empty()) code = show_limits(l->node);
  });

  for (const auto& [name, method, help] : {std::tuple{"block", "POST", "Refuses new orders in an instrument from now on; cancels pass"},
                                           std::tuple{"unblock", "DELETE", "Takes orders in the instrument again"}}) {
    auto b = std::make_shared<limit_arguments>();
    auto* c = root.add_subcommand(name, help);
    c->add_option("INSTRUMENT", b->instrument, "SYMBOL.VENUE")->required();
    b->node.add_with_key_to(*c);
    c->footer(std::string{"Example: troupe "} + name + " BTCUSDT.SIM");
    c->callback([b, m = std::string_view{method}, &code] { code = block(*b, m); });
  }
}

} // namespace troupe::cli
