#include "tools/troupe/not_reached.hpp"

#include "actors/trading/ids.hpp"
#include "tools/troupe/json_text.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <set>

namespace troupe::cli {
namespace {

/// What is to be stopped next is more urgent than this.
constexpr std::uint32_t answer_within_s = 2;

/// False only when the slot, which was given up, has nothing of the account open under any tenant: its journal says so, and it opens nothing any more.
bool may_concern(node_client& node, const std::string& slot, const std::string& account) {
  const auto newest = std::to_string(std::numeric_limits<std::uint64_t>::max());
  const auto got = node.get("/v1/actors/state?name=" + escaped(slot) + "&at=" + newest, {"state"});
  const wire::json_value* at = got ? &got->value : nullptr;
  for (const char* member : {"state", "core", "orders"}) at = at ? at->find(member) : nullptr;
  if (!at) return true;
  const auto is_of_account = [&](const auto& one) {
    const auto* order = one.second.find("order");
    const auto* request = order ? order->find("request") : nullptr;
    return !request || cell(*request, "account") == account;
  };
  return std::ranges::any_of(at->members, is_of_account);
}

void add_missing(std::set<std::string>& away, const wire::json_value& answer) {
  if (const auto* named = answer.find("missing"))
    for (const auto& n : named->items) away.insert(n.text);
}

/// A node that has neither slots nor venues holds back nothing. Which it has is not known when that cannot be asked.
void add_node(not_reached& left, node_client& node, const std::string& who) {
  const auto placed = node.get_all("/v1/cluster/placement?node=" + escaped(who), "placement");
  std::vector<std::string> has;
  if (const auto* rows = placed ? placed->value.find("placement") : nullptr)
    for (const auto& row : rows->items)
      if (const auto name = cell(row, "name"); name.starts_with("oms/") || name.starts_with("venue/")) has.push_back(name);
  if (placed && has.empty()) return;
  left.nodes.push_back(who);
  std::ranges::copy_if(has, std::back_inserter(left.slots), [](const auto& name) { return name.starts_with("oms/"); });
  left.sentences.push_back("node " + who + " is away" + (has.empty() ? "" : " with " + in_ranges(has)) +
                           ": what is open there may fill, and is withdrawn when it is back (not with halt.cancels_orders=false)");
}

void add_slot(not_reached& left, node_client& node, const wire::json_value& row, const std::optional<std::string>& account) {
  const auto name = cell(row, "name"), status = cell(row, "status");
  if (!name.starts_with("oms/") || status == "RUNNING" || status == "STARTING") return;
  const bool is_given_up = status == "HALTED" || status == "HUNG"; // that is when its venues are told
  if (account && is_given_up && !may_concern(node, name, *account)) return;
  left.slots.push_back(name);
  left.sentences.push_back(name + " is " + status +
                           (is_given_up ? ": its venues were told to withdraw what it had open (not with halt.cancels_orders=false); `troupe restart " + name + "` shows it"
                                        : ": it withdraws what it has open when it runs again"));
}

wire::json_value names_as_json(const std::vector<std::string>& names) {
  wire::json_value all{wire::json_kind::array};
  for (const auto& name : names) {
    wire::json_value one{wire::json_kind::string};
    one.text = name;
    all.items.push_back(std::move(one));
  }
  return all;
}

} // namespace

not_reached not_reached_by(const wire::json_value& halt, node_options options, const std::optional<std::string>& account) {
  not_reached left;
  std::set<std::string> away;
  add_missing(away, halt);
  options.timeout_s = answer_within_s;
  auto node = node_client::at(options);
  const auto got = node ? node->get_all("/v1/actors", "actors", missing_nodes::left_to_caller) : result<answered>{node.error()};
  if (got) add_missing(away, got->value);
  for (const auto& who : away)
    if (node) add_node(left, *node, who);
  if (!got) {
    left.sentences.push_back("whether every slot runs is not known: " + got.error().message);
    return left;
  }
  if (const auto* all = got->value.find("actors"))
    for (const auto& row : all->items) add_slot(left, *node, row, account);
  return left;
}

wire::json_value with_members(wire::json_value halt, const not_reached& left) {
  std::erase_if(halt.members, [](const auto& m) { return m.first == "missing"; });
  if (!left.nodes.empty()) halt.members.emplace_back("missing", names_as_json(left.nodes));
  if (!left.slots.empty()) halt.members.emplace_back("slots", names_as_json(left.slots));
  return halt;
}

std::string in_ranges(const std::vector<std::string>& names) {
  std::set<std::uint32_t> slots;
  std::string others;
  for (const auto& name : names) {
    const auto made = decltype(actor_name::value)::make(name);
    if (const auto slot = made ? trading::slot_called({*made}) : std::nullopt) slots.insert(*slot);
    else others += ", " + name;
  }
  std::string all;
  for (auto at = slots.begin(); at != slots.end();) {
    const auto first = *at;
    auto last = first;
    while (++at != slots.end() && *at == last + 1) ++last;
    all += ", " + trading::slot_name(first).value.str() + (last > first ? " to " + trading::slot_name(last).value.str() : "");
  }
  return (all + others).substr(std::min<std::size_t>(2, all.size() + others.size()));
}

} // namespace troupe::cli
