#include "tools/troupe/inspect_folder.hpp"

#include "nodes/desk/api/turns_page.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/wire/text_forms.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

namespace troupe::cli {
namespace {

/// One stream and where it stands.
struct row {
  std::string store;
  journal::stream_head head;
  std::string newest; // when its newest turn was decided; empty without one
};

std::string time_of_newest(const journal::journal& j, const journal::stream_head& h) {
  std::string at;
  if (h.sequence > 0)
    (void)j.read(h.stream, h.sequence, [&](const journal::record_view& r) {
      if (r.header.hybrid_time > 0) at = wire::format_time(time_from_ns(static_cast<std::int64_t>(r.header.hybrid_time)));
      return false;
    });
  return at;
}

/// "oms/9" before "oms/10".
auto place_of(const row& r) {
  const auto name = r.head.stream.value.str();
  const auto digits = name.find_last_not_of("0123456789") + 1;
  return std::tuple{name.substr(0, digits), name.size() - digits, name};
}

result<std::vector<row>> rows_in(const std::string& data_dir) {
  auto all = stores_in(data_dir);
  if (!all) return all.error();
  std::vector<row> rows;
  for (const auto& s : *all) {
    auto j = journal::open_for_reading(s.folder);
    if (!j) return j.error();
    auto heads = (*j)->heads();
    if (!heads) return heads.error();
    for (const auto& h : *heads) rows.push_back({s.name, h, time_of_newest(**j, h)});
  }
  std::sort(rows.begin(), rows.end(), [](const row& a, const row& b) { return place_of(a) < place_of(b); });
  return rows;
}

std::string json_of(const row& r) {
  return "{\"stream\":\"" + r.head.stream.value.str() + "\",\"store\":\"" + r.store + "\",\"sequence\":" + std::to_string(r.head.sequence) +
         ",\"epoch\":" + std::to_string(r.head.epoch) + ",\"newest_at\":" + (r.newest.empty() ? "null" : '"' + r.newest + '"') + ",\"chain\":\"" +
         to_hex(r.head.chain) + "\"}";
}

void print_json(const std::vector<row>& rows) {
  std::string json;
  for (const auto& r : rows) json += (json.empty() ? "" : ",") + json_of(r);
  std::cout << "{\"streams\":[" << json << "]}\n";
}

struct opened {
  actor_name stream;
  std::unique_ptr<journal::journal> journal;
};

result<opened> open_stream_of(const std::string& data_dir, const std::string& actor) {
  auto stream = stream_from(actor);
  if (!stream) return stream.error();
  auto folder = store_of(data_dir, *stream);
  if (!folder) return folder.error();
  auto j = journal::open_for_reading(*folder);
  if (!j) return j.error();
  return opened{*stream, std::move(*j)};
}

} // namespace

int folder_tree(const std::string& data_dir, bool json) {
  auto rows = rows_in(data_dir);
  if (!rows) return complain(rows.error());
  if (json) {
    print_json(*rows);
    return done;
  }
  table t{{"ACTOR", "TURNS", "STARTS", "NEWEST TURN"}};
  t.row({"root", "", "", ""});
  const auto branch = [&](const std::string& keeper, bool is_last, auto belongs) {
    t.row({(is_last ? "└─ " : "├─ ") + keeper, "", "", ""});
    std::vector<const row*> kept;
    for (const auto& r : *rows)
      if (belongs(r.head.stream.value.view())) kept.push_back(&r);
    for (const auto* r : kept)
      t.row({std::string{is_last ? "   " : "│  "} + (r == kept.back() ? "└─ " : "├─ ") + r->head.stream.value.str(), std::to_string(r->head.sequence),
             std::to_string(r->head.epoch), r->newest});
  };
  const auto is_feed = [](std::string_view name) { return name.starts_with("feed/"); };
  branch("trading", false, [&](std::string_view name) { return !is_feed(name); });
  branch("market", true, is_feed);
  std::cout << t.str() << paint(colour::dim, "Status, restarts and their reasons are known to a running node only: troupe inspect tree --edge ...") << '\n';
  return done;
}

int folder_list(const std::string& data_dir, bool json) {
  auto rows = rows_in(data_dir);
  if (!rows) return complain(rows.error());
  if (json) {
    print_json(*rows);
    return done;
  }
  table t{{"STREAM", "STORE", "TURNS", "EPOCH", "CHAIN"}};
  for (const auto& r : *rows)
    t.row({r.head.stream.value.str(), r.store, std::to_string(r.head.sequence), std::to_string(r.head.epoch), to_hex(r.head.chain).substr(0, 16)});
  std::cout << t.str();
  return done;
}

int folder_info(const std::string& data_dir, const std::string& actor, bool json) {
  auto rows = rows_in(data_dir);
  if (!rows) return complain(rows.error());
  const auto it = std::find_if(rows->begin(), rows->end(), [&](const row& r) { return r.head.stream.value.view() == actor; });
  if (it == rows->end()) return complain(fail(errc::not_found, "there is no stream \"" + actor + "\" in " + data_dir + "; troupe inspect ls shows what there is"));
  if (json) {
    std::cout << json_of(*it) << '\n';
    return done;
  }
  table t{{"", ""}};
  t.row({"stream", actor});
  t.row({"store", it->store});
  t.row({"turns", std::to_string(it->head.sequence)});
  t.row({"starts", std::to_string(it->head.epoch)});
  t.row({"newest turn", it->newest});
  t.row({"chain", to_hex(it->head.chain)});
  std::cout << t.str();
  return done;
}

int folder_state(const std::string& data_dir, const std::string& actor, std::optional<std::uint64_t> after, bool json) {
  const auto state = [&]() -> result<std::string> {
    if (actor == desk::portfolio_name.value.view()) {
      if (after) return fail(errc::unsupported, "the portfolio has no turns of its own: it adds up those of oms/0..63");
      return portfolio_state(data_dir);
    }
    auto o = open_stream_of(data_dir, actor);
    if (!o) return o.error();
    auto heads = o->journal->heads();
    if (!heads) return heads.error();
    for (const auto& h : *heads)
      if (h.stream == o->stream && after && *after > h.sequence)
        return fail(errc::not_found, actor + " has no turn " + std::to_string(*after) + " yet; the newest is " + std::to_string(h.sequence));
    return state_at(*o->journal, o->stream, after.value_or(UINT64_MAX));
  }();
  if (!state) return complain(state.error());
  auto parsed = parse_long(*state);
  std::cout << (json || !parsed ? *state : pretty(*parsed)) << '\n';
  return done;
}

result<std::string> folder_history(const std::string& data_dir, const std::string& actor, std::uint64_t from, std::uint64_t limit) {
  auto o = open_stream_of(data_dir, actor);
  if (!o) return o.error();
  const auto look = desk::inspector_of(o->stream);
  return desk::turns_page(look ? &*look : nullptr, *o->journal, o->stream, from, limit);
}

} // namespace troupe::cli
