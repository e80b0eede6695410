// troupe cluster move, drain, leave: slots go from node to node, and nodes away.

#include "actors/trading/ids.hpp"
#include "runtime/core/counted.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

namespace troupe::cli {
namespace {

constexpr auto look_every = std::chrono::milliseconds{100};

struct move_arguments {
  operator_options node;
  std::string slots, to;
  int wait_s = 600; // for one slot
  bool is_forced = false;
};

struct moved {
  std::uint32_t slot = 0;
  std::string from, to;
  std::uint64_t pause_us = 0;
};

std::string json_of(const moved& m) {
  return "{\"slot\":" + std::to_string(m.slot) + ",\"from\":\"" + m.from + "\",\"to\":\"" + m.to + "\",\"pause_us\":" + std::to_string(m.pause_us) + '}';
}

/// Asks for one move and waits until the slot serves there. Errors: as the node answers, timeout (it goes on by itself), unavailable (it
/// failed, and the slot is where it was).
result<moved> move_one(node_client& node, const move_arguments& a, std::uint32_t slot, const std::string& to, const std::string& key) {
  auto begun = node.request("POST", "/v1/cluster/moves", "{\"slot\":" + std::to_string(slot) + ",\"node\":\"" + to + "\"}", key, {"from"});
  if (!begun) return begun.error();
  moved m{slot, cell(begun->value, "from"), to, 0};
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{a.wait_s};
  std::string status = "not told yet";
  while (std::chrono::steady_clock::now() < until) {
    auto seen = node.get("/v1/cluster/moves?limit=500", {"moves"});
    if (!seen && !is_retriable(seen.error().code)) return seen.error();
    const auto* rows = seen ? seen->value.find("moves") : nullptr;
    if (const auto* away = seen ? seen->value.find("missing") : nullptr)
      if (std::ranges::any_of(away->items, [&](const auto& n) { return n.text == to; })) status = "unknown, because node " + to + " is away,";
    if (rows)
      for (const auto& row : rows->items) {
        if (cell(row, "slot") != std::to_string(slot) || cell(row, "to") != to) continue;
        status = cell(row, "status");
        if (status == "FAILED") return fail(errc::unavailable, "slot " + std::to_string(slot) + " was not moved: " + cell(row, "why"));
        if (status != "DONE") continue;
        m.pause_us = std::strtoull(cell(row, "pause_us").c_str(), nullptr, 10);
        return m;
      }
    std::this_thread::sleep_for(look_every);
  }
  return fail(errc::timeout, "the move of slot " + std::to_string(slot) + " is " + status + " after " + std::to_string(a.wait_s) +
                               " s; it goes on by itself, see: troupe cluster moves");
}

std::uint64_t percentile(std::vector<std::uint64_t> sorted, std::size_t percent) {
  return sorted.empty() ? 0 : sorted[std::min(sorted.size() - 1, sorted.size() * percent / 100)];
}

std::string in_quotes_with_commas(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& n : names) all += (all.empty() ? "\"" : ",\"") + n + '"';
  return all;
}

/// Moves `what` one after the other; what could not be moved ends it. `stays`: what the node keeps, for the report.
int move_all(const move_arguments& a, const std::vector<std::pair<std::uint32_t, std::string>>& what, const std::vector<std::string>& stays = {}) {
  auto key = a.node.key();
  if (!key) return complain(key.error());
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  std::vector<std::uint64_t> pauses;
  std::string rows;
  std::optional<error> failed;
  {
    progress shown{"moving slots", what.size()};
    for (const auto& [slot, to] : what) {
      auto one = move_one(*node, a, slot, to, *key);
      if (!one) {
        failed = one.error();
        break;
      }
      pauses.push_back(one->pause_us);
      rows += (rows.empty() ? "" : ",") + json_of(*one);
      if (!a.node.json && what.size() == 1)
        std::cout << "slot " << slot << " went from node " << one->from << " to node " << to << "; it was away for " << one->pause_us << " us\n";
      shown.at(pauses.size());
    }
  }
  std::ranges::sort(pauses);
  const auto p50 = percentile(pauses, 50), p99 = percentile(pauses, 99);
  if (a.node.json)
    std::cout << "{\"moved\":[" << rows << "],\"pause_us\":{\"p50\":" << p50 << ",\"p99\":" << p99 << ",\"max\":" << (pauses.empty() ? 0 : pauses.back())
              << "},\"stays\":[" << in_quotes_with_commas(stays) << "]}\n";
  else if (what.size() != 1 && (!failed || !pauses.empty()))
    std::cout << pauses.size() << " of " << counted(what.size(), "slot") << " moved; away for p50 " << p50 << " us, p99 " << p99 << " us, at most "
              << (pauses.empty() ? 0 : pauses.back()) << " us\n";
  if (failed && !a.node.json && pauses.size() + 1 < what.size()) {
    std::cout << "not asked for:";
    for (std::size_t i = pauses.size() + 1; i < what.size(); ++i) std::cout << ' ' << what[i].first;
    std::cout << '\n';
  }
  return failed ? complain(*failed) : static_cast<int>(done);
}

/// "17", "3-9" or a list of such. Errors: invalid_argument.
result<std::vector<std::uint32_t>> slots_from(const std::string& text) {
  std::vector<std::uint32_t> all;
  std::stringstream parts{text};
  for (std::string part; std::getline(parts, part, ',');) {
    unsigned first = 0, last = 0;
    char end = 0;
    const int found = std::sscanf(part.c_str(), "%u-%u%c", &first, &last, &end);
    if (found == 1 && part.find('-') == std::string::npos) last = first;
    else if (found != 2 || first > last) return fail(errc::invalid_argument, "\"" + part + "\" is no slot and no range like 3-9");
    if (last >= trading::slot_count) return fail(errc::invalid_argument, "slots are 0 to " + std::to_string(trading::slot_count - 1) + ", not " + part);
    for (auto slot = first; slot <= last; ++slot)
      if (std::ranges::find(all, slot) == all.end()) all.push_back(slot);
  }
  if (all.empty() || text.back() == ',') return fail(errc::invalid_argument, "\"" + text + "\" is no list of slots like 17 or 3-9,12");
  return all;
}

int move_slots(const move_arguments& a) {
  auto slots = slots_from(a.slots);
  if (!slots) return complain(slots.error());
  std::vector<std::pair<std::uint32_t, std::string>> what;
  for (const auto slot : *slots) what.emplace_back(slot, a.to);
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  if (auto known = must_be_member(*node, a.to); !known) return complain(known.error());
  if (what.size() == 1) return move_all(a, what);
  // A range that broke off may be asked for again: what is there already stays.
  auto placed = node->get_all("/v1/cluster/placement", "placement");
  if (!placed) return complain(placed.error());
  std::erase_if(what, [&](const auto& one) {
    const auto name = trading::slot_name(one.first).value.str();
    return std::ranges::any_of(placed->value.find("placement")->items, [&](const auto& p) { return cell(p, "name") == name && cell(p, "node") == a.to; });
  });
  if (what.size() < slots->size() && !a.node.json) std::cout << slots->size() - what.size() << " of " << counted(slots->size(), "slot") << (slots->size() == 1 ? " is" : " are") << " on node " << a.to << " already\n";
  return move_all(a, what);
}

/// Every slot of a node and where it shall go.
struct departure {
  std::vector<std::pair<std::uint32_t, std::string>> slots;
  std::vector<std::string> stays; // what does not move
  [[nodiscard]] std::string stays_text() const {
    std::string all;
    for (const auto& n : stays) all += (all.empty() ? "" : ", ") + n;
    return all;
  }
};

/// Each slot goes to the one of the other nodes that has the fewest. Errors: not_found, unavailable, as the node answers.
result<departure> plan_departure(node_client& node, const std::string& who) {
  auto members = must_be_member(node, who);
  if (!members) return members.error();
  auto placed = node.get_all("/v1/cluster/placement", "placement");
  if (!placed) return placed.error();
  std::map<std::string, std::size_t> slots_on; // of nodes that are up
  for (const auto& m : *members) {
    const auto status = cell(m, "status");
    if (cell(m, "name") != who && (status == "SELF" || status == "UP")) slots_on[cell(m, "name")];
  }
  if (slots_on.empty()) return fail(errc::unavailable, "no other node is up to take the slots of node " + who);
  departure out;
  std::vector<std::uint32_t> leaving;
  for (const auto& p : placed->value.find("placement")->items) {
    const auto name = decltype(actor_name::value)::make(cell(p, "name"));
    const auto slot = name ? trading::slot_called({*name}).value_or(trading::slot_count) : trading::slot_count;
    const auto on = cell(p, "node");
    if (on == who && slot < trading::slot_count) leaving.push_back(slot);
    else if (on == who) out.stays.push_back(cell(p, "name"));
    else if (slot < trading::slot_count && slots_on.contains(on)) ++slots_on[on];
  }
  for (const auto slot : leaving) {
    auto fewest = std::ranges::min_element(slots_on, {}, [](const auto& n) { return n.second; });
    ++fewest->second;
    out.slots.emplace_back(slot, fewest->first);
  }
  return out;
}

int drain(const move_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  auto plan = plan_departure(*node, a.to);
  if (!plan) return complain(plan.error());
  const int code = move_all(a, plan->slots, plan->stays);
  if (code == done && !plan->stays.empty() && !a.node.json)
    std::cout << "still on node " << a.to << ", because only slots move: " << plan->stays_text() << '\n';
  return code;
}

/// The members as `node` sees them: status by name.
std::map<std::string, std::string> statuses(node_client& node) {
  std::map<std::string, std::string> all;
  if (auto members = node.get_all("/v1/cluster/members", "members"))
    for (const auto& m : members->value.find("members")->items) all[cell(m, "name")] = cell(m, "status");
  return all;
}

/// Drains it, then has it end, and waits until it is gone.
int leave(const move_arguments& a) {
  auto key = a.node.key();
  if (!key) return complain(key.error());
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  auto plan = plan_departure(*node, a.to);
  if (!plan) return complain(plan.error());
  if (!plan->stays.empty() && !a.is_forced)
    return complain(fail(errc::invalid_argument, "node " + a.to + " runs what does not move and others need: " + plan->stays_text() + "; nothing was changed. --force: it leaves all the same"));
  if (const int code = move_all(a, plan->slots, plan->stays); code != done) return code;
  const auto before = statuses(*node);
  const bool is_asked_one = before.contains(a.to) && before.at(a.to) == "SELF";
  auto asked = node->request("POST", "/v1/cluster/leave", "{\"node\":\"" + a.to + "\"}", *key, {"node"});
  if (!asked) return complain(asked.error());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{a.wait_s};
  while (std::chrono::steady_clock::now() < until) {
    const auto now = statuses(*node);
    if (is_asked_one ? now.empty() : now.contains(a.to) && now.at(a.to) != "UP" && now.at(a.to) != "SUSPECT") {
      if (!a.node.json) std::cout << "node " << a.to << " has left\n";
      return done;
    }
    std::this_thread::sleep_for(look_every);
  }
  return complain(fail(errc::timeout, "node " + a.to + " is still there after " + std::to_string(a.wait_s) + " s"));
}

} // namespace

void add_move_commands(CLI::App& cluster, int& code) {
  const auto add_common = [](CLI::App& c, move_arguments& a) {
    c.add_option("--wait", a.wait_s, "Seconds to wait for one slot; it goes on without us")->capture_default_str()->check(CLI::Range(1, 86'400));
    a.node.add_with_key_to(c);
  };
  auto m = std::make_shared<move_arguments>();
  auto* move = cluster.add_subcommand("move", "Moves slots to another node while they trade, and says for how long each was away");
  move->add_option("SLOTS", m->slots, "A slot, a range, or a list: 17 or 3-9,12")->required();
  move->add_option("NODE", m->to, "Where they shall be")->required();
  add_common(*move, *m);
  move->footer("Example: troupe cluster move 17 b --key-file data/keys/operator-1.key");
  move->callback([m, &code] { code = move_slots(*m); });

  auto d = std::make_shared<move_arguments>();
  auto* drained = cluster.add_subcommand("drain", "Moves every slot of a node to the others, evenly: before it is taken down");
  drained->add_option("NODE", d->to, "The node that shall have none")->required();
  add_common(*drained, *d);
  drained->footer("Example: troupe cluster drain c && systemctl stop troupe-node@c");
  drained->callback([d, &code] { code = drain(*d); });

  auto l = std::make_shared<move_arguments>();
  auto* leaves = cluster.add_subcommand("leave", "Drains a node and ends it gracefully; started again it is a member as before, without slots");
  leaves->add_option("NODE", l->to, "The node that shall go")->required();
  leaves->add_flag("--force", l->is_forced, "Also when it runs what does not move: risk, venues, feeds, strategies");
  add_common(*leaves, *l);
  leaves->footer("Example: troupe cluster leave c --key-file data/keys/operator-1.key");
  leaves->callback([l, &code] { code = leave(*l); });
}

} // namespace troupe::cli
