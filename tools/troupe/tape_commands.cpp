// troupe tape verify, show: what the feeds of a node received, also of one that runs. Reads only.

#include "actors/market/tape/reader.hpp"
#include "actors/market/tape/verify.hpp"
#include "nodes/desk/tape_seal.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/text_forms.hpp"
#include "tools/common/arguments.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>

namespace troupe::cli {
namespace fs = std::filesystem;

namespace {

fs::path tape_folder(const fs::path& data, const std::string& name) { return data / "tape" / name; }

/// By name. Errors: not_found (none there).
result<std::vector<std::string>> tapes_in(const fs::path& data) {
  std::error_code failure;
  std::vector<std::string> names;
  for (fs::directory_iterator at{data / "tape", failure}, end; !failure && at != end; at.increment(failure))
    if (at->is_directory(failure)) names.push_back(at->path().filename().string());
  if (names.empty())
    return fail(errc::not_found, (data / "tape").string() + " holds no tape: give the data folder (node.data_dir) of a node that has run a feed");
  std::ranges::sort(names);
  return names;
}

// -- verify ---------------------------------------------------------------------------------------------------------------

struct tape_verify_arguments {
  std::string path;
  bool json = false;
};

/// What the node's journal says of the tape; none without a journal, or when the feed has no stream in it.
result<std::vector<tape::stretch>> stretches_of(const fs::path& data, const std::string& name) {
  std::vector<tape::stretch> all;
  auto stream = stream_from("feed/" + name);
  if (!stream) return all; // no feed can be called so
  auto folder = store_of(data, *stream);
  if (!folder && folder.error().code == errc::not_found) return all;
  if (!folder) return folder.error();
  auto j = journal::open_for_reading(*folder);
  if (!j) return j.error();
  auto seals = desk::seals_of(**j, *stream);
  if (!seals) return seals.error();
  for (const auto& s : *seals) all.push_back({s.first, s.last, s.digest.str()});
  return all;
}

std::string json_of(const std::string& name, const tape::verify_report& r) {
  std::string out = "{\"tape\":";
  wire::append_json_string(out, name);
  const auto number = [&](const char* member, std::uint64_t n) { out += ",\"" + std::string{member} + "\":" + std::to_string(n); };
  number("segments", r.segments);
  number("entries", r.entries);
  number("first_position", r.first_position);
  number("last_position", r.last_position);
  out += std::string{",\"torn\":"} + (r.torn ? "true" : "false");
  number("seals", r.sealed);
  number("seals_agreeing", r.agreeing);
  number("seals_removed", r.removed);
  number("seals_earlier", r.earlier);
  number("seals_unread", r.unread);
  number("entries_unsealed", r.unsealed);
  number("entries_lost", r.lost);
  out += ",\"findings\":[";
  for (std::size_t i = 0; i < r.findings.size(); ++i) {
    if (i > 0) out += ',';
    wire::append_json_string(out, to_string(r.findings[i]));
  }
  return out + "]}";
}

std::string sentence_of(const tape::verify_report& r) {
  std::string out = std::to_string(r.entries) + " entries";
  if (r.entries > 0) out += " at positions " + std::to_string(r.first_position) + " to " + std::to_string(r.last_position);
  out += " in " + std::to_string(r.segments) + (r.segments == 1 ? " segment" : " segments");
  const bool is_sealed = r.sealed > 0;
  out += is_sealed ? "; " + std::to_string(r.agreeing) + " seals of the journal agree" : "; the journal holds no seal of it, so only checksums were compared";
  const auto also = [&](std::uint64_t n, const char* what) {
    if (n > 0) out += ", " + std::to_string(n) + what;
  };
  also(is_sealed ? r.unsealed : 0, " entries are in none");
  also(r.removed, " are of segments that were removed for space");
  also(r.earlier, " are of a tape before this one");
  also(r.unread, " cannot be compared because of the damage");
  also(r.lost, " sealed entries are not on it: not written yet, or lost when the node was killed");
  if (r.torn) out += "; it ends in an unfinished write, as a kill leaves it or a running node is making it";
  return out;
}

int verify_tapes(const tape_verify_arguments& a) {
  auto names = tapes_in(a.path);
  if (!names) return complain_of_place(names.error());
  int code = done;
  std::string json;
  for (const auto& name : *names) {
    progress shown{"verifying " + name, 0};
    auto r = [&]() -> result<tape::verify_report> {
      auto sealed = stretches_of(a.path, name);
      if (!sealed) return sealed.error();
      return tape::verify(tape_folder(a.path, name), std::move(*sealed), [&](std::uint64_t n) { shown.at(n); });
    }();
    if (!r) {
      complain(r.error(), name);
      code = r.error().code == errc::corrupt ? finding : unreachable;
      continue;
    }
    if (!r->is_clean()) code = std::max<int>(code, finding);
    if (a.json) {
      json += (json.empty() ? "" : ",") + json_of(name, *r);
      continue;
    }
    std::cout << (r->is_clean() ? paint(colour::green, "whole  ") : paint(colour::red, "damaged")) << "  " << name << ": " << sentence_of(*r) << '\n';
    for (const auto& f : r->findings) std::cout << "  " << paint(colour::red, to_string(f)) << '\n';
  }
  if (a.json) std::cout << '[' << json << "]\n";
  return code;
}

// -- show -----------------------------------------------------------------------------------------------------------------

struct tape_show_arguments {
  std::string path, tape;
  std::uint64_t at = 0;
  std::uint64_t count = 1;
  bool json = false;
};

void print(const std::string& tape, std::uint64_t position, time_ns received_at, std::string_view raw, bool json) {
  const auto at = wire::format_time(received_at);
  if (!json) {
    std::cout << paint(colour::bold, std::to_string(position)) << "  " << paint(colour::dim, at) << "  " << raw << std::endl;
    return;
  }
  std::string line = "{\"tape\":";
  wire::append_json_string(line, tape);
  line += ",\"position\":" + std::to_string(position) + ",\"received_at\":\"" + at + "\",\"raw\":";
  wire::append_json_string(line, raw);
  std::cout << line << '}' << std::endl;
}

/// Why there is nothing at a position, and what there is.
error nothing_at(const tape::reader& r, const tape_show_arguments& a, std::uint64_t next) {
  const auto nothing = "tape " + a.tape + " holds nothing at position " + std::to_string(a.at) + ": ";
  if (a.at == 0) return fail(errc::not_found, nothing + "0 is cited for what was received while nothing could be written (a full disk); positions begin at 1");
  if (next != 0)
    return fail(errc::not_found, nothing + "the next is " + std::to_string(next) +
                                   "; what was between was lost when the node was killed, or removed for space with the oldest segments");
  const auto last = r.last_position();
  if (!last) return last.error();
  if (*last == 0) return fail(errc::not_found, nothing + "it is empty");
  return fail(errc::not_found, nothing + "its last is " + std::to_string(*last) + "; a running node writes what it received within a second");
}

int show_tape(const tape_show_arguments& a) {
  auto names = tapes_in(a.path);
  if (!names) return complain_of_place(names.error());
  if (std::ranges::find(*names, a.tape) == names->end()) {
    std::string known;
    for (const auto& name : *names) known += (known.empty() ? "" : ", ") + name;
    return complain(fail(errc::not_found, "there is no tape \"" + a.tape + "\" in " + a.path + "; there are " + known));
  }
  const tape::reader r{tape_folder(a.path, a.tape)};
  std::uint64_t shown = 0, next = 0;
  const auto read = r.read(a.at, [&](std::uint64_t position, time_ns received_at, std::string_view raw) {
    if (shown == 0 && position != a.at) {
      next = position;
      return false;
    }
    print(a.tape, position, received_at, raw, a.json);
    return ++shown < a.count && std::cout.good();
  });
  if (!read) {
    auto wrong = read.error();
    if (wrong.code == errc::corrupt) wrong.message += "; troupe tape verify " + a.path + " says whether more is";
    return complain(wrong);
  }
  return shown > 0 ? done : complain(nothing_at(r, a, next));
}

} // namespace

void add_tape_commands(CLI::App& root, int& code) {
  auto* tape = root.add_subcommand("tape", "Verify and read the tapes of a node: what its feeds received");
  tape->require_subcommand(1);
  tape->footer("PATH is a node's data folder; a tape is called as its feed. The node may be running.");

  auto v = std::make_shared<tape_verify_arguments>();
  auto* verify_command = tape->add_subcommand("verify", "Reads every tape: checksums, positions, and the seals the journal holds of it");
  verify_command->add_option("PATH", v->path, "Data folder; a node may be running")->required();
  verify_command->add_flag("--json", v->json, "For programs");
  verify_command->footer("Example: troupe tape verify data\nExit code 1 when a tape is damaged, or is not what its feed sealed into the journal.");
  verify_command->callback([v, &code] { code = verify_tapes(*v); });

  auto s = std::make_shared<tape_show_arguments>();
  auto* show_command = tape->add_subcommand("show", "Shows what was received at a position");
  show_command->add_option("PATH", s->path, "Data folder; a node may be running")->required();
  show_command->add_option("TAPE", s->tape, "Its name, for example walk")->required();
  show_command->add_option("--at", s->at, "The position")->required()->check(tools::whole_number());
  show_command->add_option("-n,--count", s->count, "How many entries, from there on")->capture_default_str()->check(CLI::Range(1, 1'000'000));
  show_command->add_flag("--json", s->json, "One JSON object a line");
  show_command->footer("A fill and a strategy's turn cite what the market had said as \"tape\": {\"tape\": TAPE, \"position\": POSITION};\n"
                       "troupe fills --json and troupe inspect history ACTOR show them.\n"
                       "Example: troupe tape show data walk --at 4711");
  show_command->callback([s, &code] { code = show_tape(*s); });
}

} // namespace troupe::cli
