#include "nodes/sweep/feed_contents.hpp"

#include "nodes/sweep/trial.hpp"

#include <algorithm>
#include <set>

namespace troupe::sweep_node {
namespace {

constexpr std::string_view content_prefix = "content of ";

/// "feeds", one of the feeds, or a feed's file; not what else can be said of a feed.
bool may_name_files(const std::string& key) {
  if (!key.starts_with("feeds")) return false;
  const auto last = key.substr(key.rfind('.') + 1); // all of it without a dot
  return last == "file" || last.starts_with("feeds") || last.find_first_not_of("0123456789") == std::string::npos;
}

/// Adds what feeds read with `chosen`. One that makes no configuration names none: its trials are refused, with the reason.
void add_files(const sweep::description& what, const std::vector<std::string>& chosen, std::set<std::string>& files) {
  auto one = what;
  one.overrides.insert(one.overrides.end(), chosen.begin(), chosen.end());
  const auto base = base_configuration(one, what.feed ? what.feed->path : std::string{});
  if (!base) return;
  for (const auto& f : base->feeds)
    if (const auto& file = f.file.value(); !file.empty() && (!what.feed || file != what.feed->path)) files.insert(file);
}

result<std::set<std::string>> files_named_by(const sweep::description& what) {
  std::set<std::string> files;
  std::vector<std::string> chosen; // of every parameter about feeds its first value
  for (const auto& a : what.axes)
    if (a.key.starts_with("feeds")) chosen.push_back(a.key + "=" + a.values.front());
  add_files(what, chosen, files);
  for (const auto& a : what.axes) {
    if (!may_name_files(a.key)) continue;
    if (a.values.size() > named_feeds_max)
      return fail(errc::too_large, a.key + " has " + std::to_string(a.values.size()) + " values, and a sweep at most " + std::to_string(named_feeds_max) + " feed files");
    for (const auto& value : a.values) {
      auto other = chosen;
      std::ranges::replace_if(other, [&](const auto& c) { return c.starts_with(a.key + "="); }, a.key + "=" + value);
      add_files(what, other, files);
    }
  }
  std::size_t bytes = 0;
  for (const auto& file : files) bytes += file.size();
  if (files.size() > named_feeds_max || bytes > named_feeds_bytes_max)
    return fail(errc::too_large, "the sweep names " + std::to_string(files.size()) + " feed files, in " + std::to_string(bytes) + " bytes; at most " +
                                   std::to_string(named_feeds_max) + " in " + std::to_string(named_feeds_bytes_max) + " bytes can be told to a worker");
  return files;
}

result<known_file> look_at(const std::filesystem::path& file, file_hashes& hashes) {
  std::error_code failed;
  if (!std::filesystem::exists(file, failed))
    return fail(errc::not_found, "the configuration's feed " + file.string() + " is not here" +
                                   (file.is_relative() ? ", seen from " + std::filesystem::current_path(failed).string() : ""));
  return hashes.of(file);
}

} // namespace

bool is_content(std::string_view override_text) { return override_text.starts_with(content_prefix); }

feed_contents contents_of(const sweep::description& what) {
  feed_contents all;
  for (const auto& o : what.overrides) {
    const auto equals = o.rfind('='); // a file's name may have one, its hash has none
    if (!is_content(o) || equals == std::string::npos) continue;
    if (const auto hash = text<64>::make(o.substr(equals + 1))) all[o.substr(content_prefix.size(), equals - content_prefix.size())] = {*hash};
  }
  return all;
}

result<void> record_contents(sweep::description& what, file_hashes& hashes) {
  const auto files = files_named_by(what);
  if (!files) return files.error();
  for (const auto& file : *files) {
    const auto known = look_at(file, hashes);
    if (!known) return known.error();
    what.overrides.push_back(std::string{content_prefix} + file + "=" + known->content.hash.value.str());
  }
  return {};
}

result<file_stamps> check_feed_files(const sweep::description& what, file_hashes& hashes) {
  file_stamps stamps;
  for (const auto& [file, hash] : contents_of(what)) {
    auto known = look_at(file, hashes);
    if (!known) return known.error();
    if (known->content.hash != hash)
      return fail(errc::corrupt, "the configuration's feed " + file + " is not the one this sweep began with: its content has another hash");
    stamps.emplace(file, std::move(known->stamp));
  }
  return stamps;
}

} // namespace troupe::sweep_node
