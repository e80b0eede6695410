// troupe journal verify, tail, export: look at a journal, also of a running node, or at an archive of one stream.

#include "runtime/core/counted.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/journal/tool.hpp"
#include "runtime/journal/unfinished_file.hpp"
#include "runtime/wire/text_forms.hpp"
#include "tools/common/arguments.hpp"
#include "tools/troupe/archive_file.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/signal_queue.hpp"
#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>
#include <thread>

namespace troupe::cli {
namespace fs = std::filesystem;

namespace {

std::uint64_t records_in(const fs::path& folder) {
  std::uint64_t n = 0;
  if (auto j = journal::open_for_reading(folder))
    if (auto heads = (*j)->heads())
      for (const auto& h : *heads) n += h.sequence;
  return n;
}

// -- verify ---------------------------------------------------------------------------------------------------------------

struct verify_arguments {
  std::string path;
  bool json = false;
  bool streams = false;
};

std::string json_of(const store& s, const journal::verify_report& r) {
  std::string out = "{\"journal\":";
  wire::append_json_string(out, s.name);
  std::uint64_t records = 0;
  std::string streams;
  for (const auto& one : r.streams) {
    records += one.records;
    streams += streams.empty() ? "{\"stream\":" : ",{\"stream\":";
    wire::append_json_string(streams, one.head.stream.value.view());
    streams += ",\"sequence\":" + std::to_string(one.head.sequence) + ",\"epoch\":" + std::to_string(one.head.epoch) +
               ",\"snapshots\":" + std::to_string(one.snapshots) + ",\"chain\":\"" + to_hex(one.head.chain) + "\"}";
  }
  out += ",\"records\":" + std::to_string(records) + ",\"hash\":\"" + to_hex(r.hash) + "\",\"torn\":" + (r.torn ? "true" : "false") +
         ",\"streams\":[" + streams + "],\"findings\":[";
  for (std::size_t i = 0; i < r.findings.size(); ++i) {
    if (i > 0) out += ',';
    wire::append_json_string(out, to_string(r.findings[i]));
  }
  return out + "]}";
}

void show(const store& s, const journal::verify_report& r, const verify_arguments& a) {
  std::uint64_t records = 0, snapshots = 0;
  for (const auto& one : r.streams) {
    records += one.records;
    snapshots += one.snapshots;
  }
  std::cout << (r.is_clean() ? paint(colour::green, "whole  ") : paint(colour::red, "damaged")) << "  " << s.name << ": " << counted(records, "turn")
            << " in " << counted(r.streams.size(), "stream") << ", " << counted(snapshots, "snapshot") << ", hash " << to_hex(r.hash).substr(0, 16)
            << (r.torn ? "; the newest log ends in an unfinished write, which was never acknowledged" : "") << '\n';
  for (const auto& f : r.findings) std::cout << "  " << paint(colour::red, to_string(f)) << '\n';
  if (!a.streams) return;
  table t{{"STREAM", "TURNS", "EPOCH", "SNAPSHOTS", "CHAIN"}};
  for (const auto& one : r.streams)
    t.row({one.head.stream.value.str(), std::to_string(one.head.sequence), std::to_string(one.head.epoch),
           std::to_string(one.snapshots), to_hex(one.head.chain).substr(0, 16)});
  std::cout << t.str();
}

/// What could not be read has this as its finding.
journal::verify_report unread(const error& why) {
  journal::verify_report r;
  r.findings.push_back(why);
  return r;
}

int verify(const verify_arguments& a) {
  auto all = sources_in(a.path);
  if (!all) return complain_of_place(all.error());
  int code = done;
  std::string json;
  const auto report = [&](const store& s, const journal::verify_report& r) {
    if (!r.is_clean()) code = std::max<int>(code, finding);
    if (a.json) json += (json.empty() ? "" : ",") + json_of(s, r);
    else show(s, r, a);
  };
  for (const auto& s : *all) {
    progress shown{"verifying " + s.name, s.is_archive ? 0 : records_in(s.folder)};
    const auto heard = [&](std::uint64_t n) { shown.at(n); };
    auto r = s.is_archive ? verify_archive(s.folder, heard) : journal::verify(s.folder, heard);
    if (!r) {
      code = std::max<int>(code, r.error().code == errc::corrupt ? finding : unreachable);
      if (!a.json) complain(r.error(), s.name);
      else json += (json.empty() ? "" : ",") + json_of(s, unread(r.error()));
      continue;
    }
    if (auto foreign = misplaced(s, *r)) r->findings.push_back(std::move(*foreign));
    report(s, *r);
  }
  if (const auto gone = missing_in(a.path, *all)) report(*gone, unread(missing_half(*gone)));
  if (a.json) std::cout << '[' << json << "]\n";
  return code;
}

// -- tail -----------------------------------------------------------------------------------------------------------------

struct tail_arguments {
  std::string path;
  std::string stream;
  std::uint64_t from = 0;
  std::uint64_t last = 10;
  bool follow = false;
  bool json = false;
};

/// "new_order -> order_accepted, execution": what a turn was about in a few words.
std::string summary_of(const wire::json_value& turn) {
  std::string out;
  if (const auto* command = turn.find("command")) {
    out = cell(*command, "kind");
    if (const auto* items = command->find("items")) out += " of " + std::to_string(items->items.size());
  }
  std::string events;
  if (const auto* list = turn.find("events"))
    for (const auto& e : list->items) events += (events.empty() ? " -> " : ", ") + cell(e, "kind");
  out += events;
  if (const auto refusal = cell(turn, "refusal"); !refusal.empty()) out += " -> refused " + refusal;
  return out;
}

void print(const journal::record_view& r, bool json) {
  if (json) {
    std::cout << journal::record_json(r, render_turn) << std::endl;
    return;
  }
  const auto text = render_turn(r.header.schema, r.payload);
  const auto at = wire::format_time(time_from_ns(static_cast<std::int64_t>(r.header.hybrid_time)));
  const auto parsed = text ? parse_long(*text) : result<wire::json_value>{fail(errc::unsupported, "")};
  std::cout << paint(colour::bold, std::to_string(r.header.sequence)) << "  " << paint(colour::dim, at) << "  "
            << r.header.cause.source.view() << '/' << r.header.cause.number << "  "
            << (parsed ? summary_of(*parsed) : std::to_string(r.payload.size()) + " bytes of schema " + std::to_string(r.header.schema))
            << std::endl;
}

result<std::uint64_t> newest_turn(const fs::path& folder, const actor_name& stream) {
  auto j = journal::open_for_reading(folder);
  if (!j) return j.error();
  auto heads = (*j)->heads();
  if (!heads) return heads.error();
  const auto at = std::ranges::find(*heads, stream, &journal::stream_head::stream);
  return at == heads->end() ? 0 : at->sequence;
}

/// Where to begin when `newest` is the last turn there is.
std::uint64_t first_shown(const tail_arguments& a, std::uint64_t newest) {
  return a.from > 0 ? a.from : newest > a.last ? newest - a.last + 1 : 1;
}

int tail_archive(const tail_arguments& a) {
  if (a.follow) return complain(fail(errc::invalid_argument, a.path + " is an archive, to which nothing is added any more; leave --follow out"));
  auto whole = checked_archive(a.path, a.stream);
  if (!whole) return complain(whole.error());
  if (a.from > whole->records)
    return complain(fail(errc::not_found, a.path + " has no turn " + std::to_string(a.from) + "; its last is " + std::to_string(whole->records)));
  const auto from = first_shown(a, whole->records);
  auto read = journal::read_archive(a.path, [&](const journal::record_view& r) {
    if (r.header.sequence >= from) print(r, a.json);
  });
  return read ? done : complain(read.error());
}

/// Signals that end a follower, which has a folder of its own to take away first. Blocked before RocksDB makes its threads, so that none of them dies of one.
class end_of_following {
public:
  explicit end_of_following(bool follows) {
    if (follows) signals_.emplace({SIGINT, SIGTERM, SIGHUP, SIGPIPE});
  }
  [[nodiscard]] bool has_come() {
    if (signals_ && !number_) number_ = signals_->take();
    return number_.has_value();
  }
  /// Ends the process by the signal that came, as whoever sent it expects.
  void take_effect() {
    if (!has_come()) return;
    signals_.reset();
    std::signal(*number_, SIG_DFL);
    ::raise(*number_);
  }

private:
  std::optional<signal_queue> signals_;
  std::optional<int> number_;
};

int tail(const tail_arguments& a) {
  end_of_following end{a.follow};
  auto all = sources_in(a.path);
  if (!all) return complain_of_place(all.error());
  if (all->front().is_archive) return tail_archive(a);
  if (a.stream.empty()) return complain(fail(errc::invalid_argument, "STREAM is required, for example oms/17; only an archive is of a single one"));
  auto stream = stream_from(a.stream);
  if (!stream) return complain(stream.error());
  auto folder = store_of(a.path, *stream);
  if (!folder) return complain(folder.error());
  auto newest = newest_turn(*folder, *stream);
  if (!newest) return complain(newest.error());
  const auto from = first_shown(a, *newest);
  if (a.from > *newest && !a.follow)
    return complain(fail(errc::not_found, a.stream + " has no turn " + std::to_string(a.from) + " yet; the newest is " + std::to_string(*newest)));
  const auto wait = [&end] {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    return !end.has_come();
  };
  auto read = journal::tail(*folder, *stream, from, [&](const journal::record_view& r) {
    print(r, a.json);
    return std::cout.good() && !end.has_come();
  }, a.follow ? std::function<bool()>{wait} : std::function<bool()>{});
  end.take_effect();
  return read ? done : complain(read.error());
}

// -- export ---------------------------------------------------------------------------------------------------------------

struct export_arguments {
  std::string path;
  std::string stream;
  std::string out;
  std::uint64_t from = 1;
  std::uint64_t to = UINT64_MAX;
};

int export_turns(const export_arguments& a) {
  if (a.from > a.to)
    return complain(fail(errc::invalid_argument, "--to " + std::to_string(a.to) + " lies before --from " + std::to_string(a.from) + "; no turn is between them"));
  journal::export_options options;
  options.from = a.from;
  options.to = a.to;
  auto all = sources_in(a.path);
  if (!all) return complain_of_place(all.error());
  std::uint64_t total = 0, lines = 0, looked = 0;
  if (all->front().is_archive) {
    std::error_code ignored;
    if (!a.out.empty() && fs::equivalent(a.path, a.out, ignored))
      return complain(fail(errc::invalid_argument, a.out + " is the archive itself; choose another file"));
    if (auto whole = checked_archive(a.path, a.stream)) total = whole->records;
    else return complain(whole.error());
  } else if (!a.stream.empty()) {
    auto stream = stream_from(a.stream);
    if (!stream) return complain(stream.error());
    auto folder = store_of(a.path, *stream);
    if (!folder) return complain(folder.error());
    options.stream = *stream;
    all->assign({{"", *folder}});
  }
  std::optional<journal::unfinished_file> file;
  if (!a.out.empty()) {
    auto begun = journal::unfinished_file::begin(a.out);
    if (!begun) return complain(begun.error());
    file.emplace(std::move(*begun));
  }
  for (const auto& s : *all)
    if (!s.is_archive) total += records_in(s.folder);
  progress shown{"exporting", a.stream.empty() ? total : 0};
  options.render = [&](std::uint32_t schema, std::string_view payload) {
    shown.at(++looked);
    return render_turn(schema, payload);
  };
  for (const auto& s : *all) {
    auto& to = file ? file->out() : std::cout;
    auto n = s.is_archive ? export_archive(s.folder, options, to) : journal::export_jsonl(s.folder, options, to);
    if (!n) return complain(n.error(), s.name);
    lines += *n;
  }
  if (!file) return done;
  if (auto finished = file->finish(); !finished) return complain(finished.error());
  std::cerr << counted(lines, "turn") << '\n';
  return done;
}

} // namespace

void add_journal_commands(CLI::App& root, int& code) {
  auto* journal = root.add_subcommand("journal", "Verify, follow, export, copy and restore the journals of a node");
  journal->require_subcommand(1);
  journal->footer("PATH is a node's data folder, or the folder of one journal in it (data/journal, data/venues). verify, tail and export\n"
                  "read a file of `troupe journal archive` as well.");

  auto v = std::make_shared<verify_arguments>();
  auto* verify_command = journal->add_subcommand("verify", "Reads every turn: checksums, chain, gaps, epochs, frontier");
  verify_command->add_option("PATH", v->path, "Data folder, journal or archive; a node may be running")->required();
  verify_command->add_flag("--streams", v->streams, "List every stream");
  verify_command->add_flag("--json", v->json, "For programs");
  verify_command->footer("Example: troupe journal verify data --streams");
  verify_command->callback([v, &code] { code = verify(*v); });

  auto t = std::make_shared<tail_arguments>();
  auto* tail_command = journal->add_subcommand("tail", "Shows the last turns of a stream, and what comes");
  tail_command->add_option("PATH", t->path, "Data folder, journal or archive; a node may be running")->required();
  tail_command->add_option("STREAM", t->stream, "For example oms/17, risk, venue/SIM; an archive is of one, which need not be named");
  tail_command->add_option("-n,--last", t->last, "How many")->capture_default_str()->check(tools::whole_number());
  tail_command->add_option("--from", t->from, "Begin at this sequence instead")->check(tools::whole_number());
  tail_command->add_flag("-f,--follow", t->follow, "Wait for more; only what is durable is shown");
  tail_command->add_flag("--json", t->json, "Whole turns, one JSON object a line");
  tail_command->footer("Example: troupe journal tail data oms/17 --follow");
  tail_command->callback([t, &code] { code = tail(*t); });

  auto e = std::make_shared<export_arguments>();
  auto* export_command = journal->add_subcommand("export", "Writes turns as JSON, one object a line");
  export_command->add_option("PATH", e->path, "Data folder, journal or archive; a node may be running")->required();
  export_command->add_option("--stream", e->stream, "Only this one");
  export_command->add_option("--from", e->from, "First sequence")->capture_default_str()->check(tools::whole_number());
  export_command->add_option("--to", e->to, "Last sequence")->check(tools::whole_number());
  export_command->add_option("-o,--out", e->out, "New file; standard output without it");
  export_command->footer("Example: troupe journal export data --stream risk -o risk.jsonl");
  export_command->callback([e, &code] { code = export_turns(*e); });

  add_journal_copy_commands(*journal, code);
}

} // namespace troupe::cli
