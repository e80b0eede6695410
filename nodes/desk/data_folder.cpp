#include "nodes/desk/data_folder.hpp"

#include "actors/trading/ids.hpp"
#include "actors/trading/start_settings.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/journal/reader.hpp"

#include <algorithm>

namespace troupe::desk {
namespace fs = std::filesystem;

namespace {

const char* home_of(const actor_name& stream) {
  if (trading::venue_called(stream.value.view())) return "venues";
  return stream == portfolio_name ? "portfolio" : "journal";
}

bool can_move(const actor_name& stream) {
  return stream != risk_name && !trading::venue_called(stream.value.view()) && !trading::strategy_called(stream.value.view());
}

} // namespace

result<void> must_have_journals(const fs::path& data_dir) {
  if (journal::holds_journal(data_dir / "journal")) return {};
  if (journal::holds_journal(data_dir / "venues"))
    return fail(errc::conflict, data_dir.string() + " has a store of the venues, and the slots' journal beside it is gone, and with it orders, halts, blocks and limits; "
                                "restore a backup whole, or start with --accept-older-journal: then the venues' orders and fills are taken from them, their accounts are halted, and the rest stays lost");
  std::error_code ignored; // what cannot be looked at cannot be opened either
  if (!journal::holds_journal(data_dir / "portfolio") && !fs::exists(data_dir / trading::start_settings_file, ignored)) return {};
  return fail(errc::conflict, "a node has run in " + data_dir.string() + ", and its folders journal and venues are gone, and with them all orders, fills and halts: is a disk not mounted? "
                              "Restore a backup whole, or give a node that begins anew an empty folder; with --accept-older-journal it begins anew in this one, and all that stays lost");
}

std::optional<error> misplaced(const fs::path& folder, const std::vector<journal::stream_head>& heads) {
  const auto name = folder.filename().string();
  if (name != "journal" && name != "venues" && name != "portfolio") return std::nullopt;
  for (const auto& h : heads)
    if (const std::string home = home_of(h.stream); h.sequence > 0 && home != name)
      return fail(errc::corrupt, folder.string() + " holds turns of " + h.stream.value.str() + ", which are kept in the folder " + home + ": were the two mixed up? "
                                 "Put each in its own place, or restore a backup whole");
  return std::nullopt;
}

result<void> must_stay(const std::vector<journal::stream_head>& heads, const node_name& self, const std::function<node_name(const actor_name&)>& node_of) {
  error all{errc::invalid_argument,
            "`runs` of cluster.members puts on another node what has its record in this one's folder, and its halts, limits, orders or positions would be forgotten there. Let it run here; "
            "a node goes to another host whole, with its folder and its name",
            {}};
  for (const auto& h : heads)
    if (const auto node = node_of(h.stream); h.sequence > 0 && node != self && !can_move(h.stream))
      all.fields.push_back({h.stream.value.str(), "is to run on node " + node.value.str()});
  if (all.fields.empty()) return {};
  return all;
}

std::optional<std::string> begins_anew(const std::vector<journal::stream_head>& heads) {
  const auto has = [&](const auto& is_meant) { return std::ranges::any_of(heads, [&](const auto& h) { return h.sequence > 0 && is_meant(h.stream); }); };
  if (has([](const auto& stream) { return stream == risk_name; }) || !has([](const auto& stream) { return trading::slot_called(stream).has_value(); })) return std::nullopt;
  return "risk begins anew here, although slots of this node have traded: halts, blocks and limits that were set where it ran before are not in force until somebody sets them again";
}

} // namespace troupe::desk
