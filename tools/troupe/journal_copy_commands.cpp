// troupe journal backup, restore, archive: copies of a journal. A running node is copied by the node itself.

#include "nodes/desk/settings_on_record.hpp"
#include "runtime/core/counted.hpp"
#include "runtime/journal/archive.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/tool.hpp"
#include "runtime/journal/unfinished_folder.hpp"
#include "runtime/wire/json_value.hpp"
#include "tools/common/arguments.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace troupe::cli {
namespace fs = std::filesystem;

namespace {

struct backup_arguments {
  std::string path, target;
  node_options node;
};

fs::path target_of(const std::vector<store>& all, const store& s, const fs::path& from, const fs::path& target) {
  const bool single = all.size() == 1 && s.folder == from;
  return single ? target : target / s.name;
}

/// The stores of a copy as they get done: for people a line each, for programs one object when all are.
class copied_stores {
public:
  explicit copied_stores(bool json) : json_{json} {}
  /// Returns the exit code. People know the store as `shown`.
  int add(const store& copy, const std::string& shown, const result<journal::verify_report>& r) {
    if (!r) return complain(r.error(), shown);
    std::uint64_t records = 0;
    for (const auto& s : r->streams) records += s.records;
    if (!json_) {
      std::cout << shown << ": " << counted(records, "turn") << ", hash " << to_hex(r->hash).substr(0, 16) << '\n';
      return done;
    }
    rows_ += rows_.empty() ? "{\"journal\":" : ",{\"journal\":";
    wire::append_json_string(rows_, copy.name);
    rows_ += ",\"folder\":";
    wire::append_json_string(rows_, copy.folder.string());
    rows_ += ",\"records\":" + std::to_string(records) + ",\"hash\":\"" + to_hex(r->hash) + "\"}";
    return done;
  }
  void end(const fs::path& target) const {
    if (!json_) return;
    std::string out = "{\"target\":";
    wire::append_json_string(out, target.string());
    std::cout << out << ",\"journals\":[" << rows_ << "]}\n";
  }

private:
  bool json_;
  std::string rows_;
};

/// A node answers within seconds or says that it does not know. Copying much onto another disk takes longer, and somebody writes the target as long.
void wait_for_copy(const fs::path& target) {
  constexpr auto longest = std::chrono::hours{24}; // who copies every day begins anew then
  const auto until = std::chrono::steady_clock::now() + longest;
  if (journal::unfinished_folder::is_under_way(target)) std::cerr << "the node is still copying; waiting until " << target.string() << " is there\n";
  while (journal::unfinished_folder::is_under_way(target) && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(std::chrono::milliseconds{200});
}

int backup_running(const backup_arguments& a) {
  if (auto apart = journal::must_lie_apart(a.path, a.target); !apart) return complain(apart.error());
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  auto key = read_key(a.node.key_file, a.path);
  if (!key) return complain(key.error());
  const auto target = whole_path(a.target);
  std::string body = "{\"directory\":";
  wire::append_json_string(body, target.string());
  std::cerr << "a node runs on " << a.path << "; it copies its journals itself\n";
  const bool was_free = !stores_in(target).has_value();
  if (auto got = node->request("POST", "/v1/journal/backup", body + '}', *key, {"directory"}); !got) {
    if (got.error().code == errc::timeout) wait_for_copy(target);
    if (got.error().code != errc::timeout || !was_free || !stores_in(target)) return complain(got.error());
  }
  auto all = stores_in(target);
  if (!all) return complain_of_place(all.error());
  copied_stores copies{a.node.json};
  int code = done;
  for (const auto& s : *all) {
    auto r = journal::verify(s.folder);
    if (r && !r->is_clean()) r = error{r->findings.front()};
    if (code = copies.add(s, s.folder.string(), r); code != done) break;
  }
  if (code == done) copies.end(target);
  return code;
}

/// One store after the other, which nobody else touches.
result<std::vector<journal::verify_report>> restore_all(std::span<const journal::stopped_copy> copies) {
  std::vector<journal::verify_report> reports;
  for (const auto& [source, target] : copies) {
    auto report = journal::restore(source, target);
    if (!report) return report.error();
    reports.push_back(std::move(*report));
  }
  return reports;
}

/// Every store of a.path by `copy`, in an unfinished folder until all are whole: a target that is there is complete.
template <class Copy>
int copy_all(const backup_arguments& a, Copy copy) {
  const fs::path from = a.path, target = a.target;
  auto all = stores_in(from);
  if (!all) return complain_of_place(all.error());
  if (const auto gone = missing_in(from, *all)) return complain(missing_half(*gone), "nothing was copied");
  if (auto apart = journal::must_lie_apart(from, target); !apart) return complain(apart.error());
  const auto whole = whole_path(target);
  auto unfinished = journal::unfinished_folder::begin(whole);
  if (!unfinished) return complain(unfinished.error());
  copied_stores copies{a.node.json};
  std::vector<journal::stopped_copy> wanted;
  for (const auto& s : *all) wanted.push_back({s.folder, target_of(*all, s, from, unfinished->path())});
  auto made = copy(wanted);
  if (!made) return complain(made.error());
  for (std::size_t i = 0; i < all->size(); ++i) {
    const auto& s = (*all)[i];
    if (const int code = copies.add({s.name, target_of(*all, s, from, whole)}, s.name, (*made)[i]); code != done) return code;
  }
  if (auto copied = desk::copy_settings(from, unfinished->path()); !copied) return complain(copied.error());
  if (auto finished = unfinished->finish(); !finished) return complain(finished.error());
  copies.end(whole);
  return done;
}

struct archive_arguments {
  std::string path, stream, file;
  std::uint64_t up_to = UINT64_MAX;
  bool json = false;
};

int write_archive(const archive_arguments& a) {
  auto stream = stream_from(a.stream);
  if (!stream) return complain(stream.error());
  if (auto all = stores_in(a.path); !all) return complain_of_place(all.error());
  auto folder = store_of(a.path, *stream);
  if (!folder) return complain(folder.error());
  auto made = journal::write_archive(*folder, *stream, a.up_to, a.file);
  if (!made) return complain(made.error());
  if (a.json) {
    std::error_code unknown;
    std::string out = "{\"file\":";
    wire::append_json_string(out, whole_path(a.file).string());
    out += ",\"stream\":";
    wire::append_json_string(out, a.stream);
    std::cout << out << ",\"records\":" << made->records << ",\"chain\":\"" << to_hex(made->chain)
              << "\",\"bytes\":" << fs::file_size(a.file, unknown) << "}\n";
    return done;
  }
  std::cout << a.file << ": " << counted(made->records, "turn") << " of " << a.stream << ", chain " << to_hex(made->chain).substr(0, 16) << '\n';
  return done;
}

} // namespace

void add_journal_copy_commands(CLI::App& journal_app, int& code) {
  auto b = std::make_shared<backup_arguments>();
  auto* backup = journal_app.add_subcommand("backup", "Copies the journals into a new or empty folder and verifies the copy");
  backup->add_option("PATH", b->path, "Data folder or journal; of a running node the node makes the copy")->required();
  backup->add_option("TARGET", b->target, "Missing or empty folder")->required();
  b->node.add_place_to(*backup);
  backup->add_flag("--json", b->node.json, "For programs: the target and what was copied into it, one object");
  backup->footer("Example: troupe journal backup data /backup/desk-2026-01-31\nA running node wants an operator's key: that of --key-file, else the first in PATH/keys.");
  backup->callback([b, &code] {
    ::umask(077); // copies of orders are for who makes them, as a node's folder is
    auto all = stores_in(b->path);
    if (!all) code = complain_of_place(all.error());
    else if (journal::is_in_use(all->front().folder)) code = backup_running(*b);
    else code = copy_all(*b, [](std::span<const journal::stopped_copy> copies) { return journal::backup(copies); });
  });

  auto r = std::make_shared<backup_arguments>();
  auto* restore = journal_app.add_subcommand("restore", "Verifies a backup and copies it into an empty folder");
  restore->add_option("SOURCE", r->path, "The backup")->required();
  restore->add_option("TARGET", r->target, "Missing or empty")->required();
  restore->add_flag("--json", r->node.json, "For programs: the target and what was copied into it, one object");
  restore->footer("Example: troupe journal restore /backup/desk-2026-01-31 data\nThe portfolio's store is folded again from the journal at the next start.");
  restore->callback([r, &code] {
    ::umask(077);
    auto all = stores_in(r->path);
    if (all && journal::is_in_use(all->front().folder))
      code = complain(fail(errc::unavailable, "a node runs on " + r->path + "; make a backup of it and restore that"));
    else code = copy_all(*r, restore_all);
  });

  auto a = std::make_shared<archive_arguments>();
  auto* archive = journal_app.add_subcommand("archive", "Writes a stream up to its newest snapshot into one checksummed file");
  archive->add_option("PATH", a->path, "Data folder or journal; a node may be running")->required();
  archive->add_option("STREAM", a->stream, "For example oms/17")->required();
  archive->add_option("FILE", a->file, "New file")->required();
  archive->add_option("--up-to", a->up_to, "Use a snapshot at or below this sequence")->check(tools::whole_number());
  archive->add_flag("--json", a->json, "For programs: file, stream, records, chain and bytes, one object");
  archive->footer("Example: troupe journal archive data oms/17 oms-17.archive\nverify, tail and export read the file.");
  archive->callback([a, &code] {
    ::umask(077);
    code = write_archive(*a);
  });
}

} // namespace troupe::cli
