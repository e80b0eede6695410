#include "tools/troupe/stores.hpp"

#include "nodes/desk/data_folder.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/journal/archive.hpp"
#include "runtime/journal/reader.hpp"

#include <algorithm>

namespace troupe::cli {
namespace fs = std::filesystem;

namespace {

bool is_journal(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "db" / "CURRENT", ignored);
}

/// Turns of OMS slots; a sweep's journal has none.
bool has_slots(const fs::path& folder) {
  auto j = journal::open_for_reading(folder);
  auto heads = j ? (*j)->heads() : j.error();
  return heads && std::ranges::any_of(*heads, [](const auto& h) { return h.sequence > 0 && h.stream.value.view().starts_with("oms/"); });
}

error not_readable(const fs::path& path, const std::error_code& why) { return fail(errc::io_error, "cannot read " + path.string() + ": " + why.message()); }

constexpr const char* what_to_give = "; give a node's data folder (node.data_dir) or the folder of one journal in it";
constexpr const char* or_an_archive = ", or a file that `troupe journal archive` wrote";

} // namespace

fs::path whole_path(const fs::path& path) {
  const auto whole = fs::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

result<std::vector<store>> stores_in(const fs::path& path) {
  if (is_journal(path)) return std::vector<store>{{whole_path(path).filename().string(), path}};
  std::vector<store> all;
  for (const char* name : {"journal", "venues", "portfolio"}) {
    std::error_code failed;
    static_cast<void>(fs::exists(path / name / "db" / "CURRENT", failed));
    if (failed == std::errc::permission_denied) return not_readable(path / name, failed);
    if (is_journal(path / name)) all.push_back({name, path / name});
  }
  if (!all.empty()) return all;
  std::error_code failed;
  static_cast<void>(fs::directory_iterator{path, failed});
  if (failed == std::errc::permission_denied) return not_readable(path, failed);
  return fail(errc::not_found, (fs::exists(path, failed) ? path.string() + " is neither a node's data folder nor a journal"
                                                          : "there is no " + path.string()) + what_to_give);
}

result<std::vector<store>> sources_in(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) {
    auto all = stores_in(path);
    if (all) return all;
    auto nothing = all.error();
    if (nothing.code == errc::not_found) nothing.message += or_an_archive;
    return nothing;
  }
  if (auto archive = journal::must_be_archive(path); !archive) {
    auto wrong = archive.error();
    if (wrong.code == errc::malformed) wrong.message += std::string{what_to_give} + or_an_archive;
    return wrong;
  }
  return std::vector<store>{{path.filename().string(), path, true}};
}

std::optional<store> missing_in(const fs::path& path, const std::vector<store>& all) {
  const auto is_there = [&](const char* name) { return std::ranges::find(all, path / name, &store::folder) != all.end(); };
  if (all.empty() || all.front().folder == path) return std::nullopt;
  if (!is_there("journal")) return store{"journal", path / "journal"};
  if (is_there("venues") || !has_slots(path / "journal")) return std::nullopt;
  return store{"venues", path / "venues"};
}

error missing_half(const store& gone) {
  return fail(errc::corrupt, gone.folder.string() + " is not there, so nobody could say what became of the orders; restore a backup whole");
}

std::optional<error> misplaced(const store& s, const journal::verify_report& r) {
  std::vector<journal::stream_head> heads;
  for (const auto& one : r.streams) heads.push_back(one.head);
  return s.is_archive ? std::nullopt : desk::misplaced(whole_path(s.folder), heads);
}

result<fs::path> store_of(const fs::path& path, const actor_name& stream) {
  auto all = stores_in(path);
  if (!all) return all.error();
  std::string known;
  for (const auto& s : *all) {
    auto j = journal::open_for_reading(s.folder);
    if (!j) return j.error();
    auto heads = (*j)->heads();
    if (!heads) return heads.error();
    for (const auto& head : *heads) {
      if (head.stream == stream) return s.folder;
      if (head.sequence > 0) known += (known.empty() ? "" : ", ") + head.stream.value.str();
    }
  }
  return fail(errc::not_found, "there is no stream \"" + stream.value.str() + "\"; there are " + (known.empty() ? "none" : known));
}

result<actor_name> stream_from(const std::string& text) {
  auto name = decltype(actor_name::value)::make(text);
  if (!name || text.empty()) return fail(errc::invalid_argument, "\"" + text + "\" is not a name like oms/17");
  return actor_name{*name};
}

std::optional<std::string> render_turn(std::uint32_t schema, std::string_view payload) {
  static const std::vector<desk::inspector> all = [] {
    std::vector<desk::inspector> some;
    for (const char* kind : {"oms/0", "risk", "venue/X", "strategy/x", "operations", "supervision", "placement/x", "feed/x"})
      if (auto i = desk::inspector_of(actor_name{kind})) some.push_back(std::move(*i));
    return some;
  }();
  for (const auto& i : all)
    if (auto text = i.turn(schema, payload)) return *text;
  return std::nullopt;
}

result<std::string> portfolio_state(const fs::path& path) {
  auto folder = store_of(path, trading::slot_name(0));
  if (!folder) return folder.error();
  auto j = journal::open_for_reading(*folder);
  if (!j) return j.error();
  return desk::portfolio_state(**j);
}

result<std::string> state_at(const journal::journal& j, const actor_name& stream, std::uint64_t at_most) {
  auto look = desk::inspector_of(stream);
  if (!look) return look.error();
  return look->state(j, stream, at_most);
}

} // namespace troupe::cli
