#include "tools/troupe/archive_file.hpp"

#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <optional>
#include <ostream>

namespace troupe::cli {
namespace fs = std::filesystem;

result<journal::verify_report> verify_archive(const fs::path& file, const std::function<void(std::uint64_t)>& hear) {
  std::uint64_t records = 0, epoch = 0;
  auto read = journal::read_archive(file, [&](const journal::record_view& r) {
    epoch = r.header.epoch;
    hear(++records);
  });
  if (!read && read.error().code != errc::corrupt) return read.error();
  journal::verify_report report;
  if (!read) report.findings.push_back(read.error());
  else report.streams.push_back({{read->stream, epoch, read->records, read->chain}, records, 1});
  std::vector<journal::stream_head> heads;
  for (const auto& s : report.streams) heads.push_back(s.head);
  report.hash = journal::journal_hash(std::move(heads));
  return report;
}

result<journal::archive_summary> checked_archive(const fs::path& file, const std::string& stream) {
  std::optional<actor_name> wanted;
  if (!stream.empty()) {
    auto name = stream_from(stream);
    if (!name) return name.error();
    wanted = *name;
  }
  progress shown{"checking " + file.filename().string(), 0};
  std::uint64_t records = 0;
  auto whole = journal::read_archive(file, [&](const journal::record_view&) { shown.at(++records); });
  if (!whole) {
    auto wrong = whole.error();
    if (wrong.code == errc::corrupt) wrong.message += "; the file is corrupt, and nothing of it is shown";
    return wrong;
  }
  if (wanted && *wanted != whole->stream)
    return fail(errc::not_found, "there is no stream \"" + stream + "\" in " + file.string() + "; there is " + whole->stream.value.str());
  return whole;
}

result<std::uint64_t> export_archive(const fs::path& file, const journal::export_options& options, std::ostream& out) {
  std::uint64_t lines = 0;
  auto read = journal::read_archive(file, [&](const journal::record_view& r) {
    if (r.header.sequence < options.from || r.header.sequence > options.to || !out) return;
    out << journal::record_json(r, options.render) << '\n';
    ++lines;
  });
  if (!read) return read.error();
  if (!out) return fail(errc::io_error, "the export could not be written after " + std::to_string(lines) + " lines");
  return lines;
}

} // namespace troupe::cli
