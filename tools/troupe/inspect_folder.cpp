#include "tools/troupe/inspect_folder.hpp"

#include "nodes/desk/api/turns_page.hpp"
#include "nodes/desk/parts.hpp"
#include "nodes/desk/supervision_part.hpp"
#include "runtime/journal/reader.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/wire.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/stores.hpp"
#include "tools/troupe/terminal.hpp"

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
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

/// What a folder says of actors.
struct contents {
  std::vector<row> rows; // by name
  std::optional<std::map<actor_name, supervision::child>> supervised; // none: there is no record of supervision, or none that can be read

  [[nodiscard]] const row* stream(const std::string& actor) const {
    const auto it = std::ranges::find(rows, actor, [](const row& r) { return r.head.stream.value.view(); });
    return it == rows.end() ? nullptr : &*it;
  }
  [[nodiscard]] const supervision::child* on_record(const std::string& actor) const {
    const auto name = stream_from(actor);
    if (!supervised || !name) return nullptr;
    const auto it = supervised->find(*name);
    return it == supervised->end() ? nullptr : &it->second;
  }
  /// Empty when nobody kept count.
  [[nodiscard]] std::string restarts(const std::string& actor) const {
    const auto* c = on_record(actor);
    return c ? std::to_string(c->restarts) : supervised ? "0" : "";
  }
  [[nodiscard]] std::string last_reason(const std::string& actor) const {
    const auto* c = on_record(actor);
    return c ? c->last_reason : "";
  }
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
auto place_of(const std::string& name) {
  const auto digits = name.find_last_not_of("0123456789") + 1;
  return std::tuple{name.substr(0, digits), name.size() - digits, name};
}

result<contents> contents_of(const std::string& data_dir) {
  auto all = stores_in(data_dir);
  if (!all) return all.error();
  contents c;
  for (const auto& s : *all) {
    auto j = journal::open_for_reading(s.folder);
    if (!j) return j.error();
    auto heads = (*j)->heads();
    if (!heads) return heads.error();
    for (const auto& h : *heads) {
      c.rows.push_back({s.name, h, time_of_newest(**j, h)});
      if (h.stream != desk::supervision_name) continue;
      auto supervised = desk::supervised_on_record(**j);
      if (supervised) c.supervised = std::move(*supervised);
      else std::cerr << "troupe: restarts are left out, because their record cannot be read: " << to_string(supervised.error()) << '\n';
    }
  }
  std::ranges::sort(c.rows, {}, [](const row& r) { return place_of(r.head.stream.value.str()); });
  return c;
}

std::string json_of(const contents& c, const row& r) {
  const auto name = r.head.stream.value.str();
  std::string reason = "null";
  if (const auto* known = c.on_record(name)) {
    reason.clear();
    wire::append_json_string(reason, known->last_reason);
  }
  return "{\"stream\":\"" + name + "\",\"store\":\"" + r.store + "\",\"sequence\":" + std::to_string(r.head.sequence) +
         ",\"epoch\":" + std::to_string(r.head.epoch) + ",\"newest_at\":" + (r.newest.empty() ? "null" : '"' + r.newest + '"') + ",\"chain\":\"" +
         to_hex(r.head.chain) + "\",\"restarts\":" + (c.supervised ? c.restarts(name) : "null") + ",\"last_reason\":" + reason + '}';
}

/// Of an actor that was restarted, halted or hung once, whether it has a stream or not.
std::string json_of(const std::string& actor, const supervision::child& c) { return "{\"name\":\"" + actor + "\"," + wire::to_json(c).substr(1); }

void print_json(const contents& c) {
  std::string streams, actors;
  for (const auto& r : c.rows) streams += (streams.empty() ? "" : ",") + json_of(c, r);
  if (c.supervised)
    for (const auto& [name, known] : *c.supervised) actors += (actors.empty() ? "" : ",") + json_of(name.value.str(), known);
  std::cout << "{\"streams\":[" << streams << "],\"actors\":" << (c.supervised ? '[' + actors + ']' : "null") << "}\n";
}

/// The supervisors below the root with their children, as far as streams and the record of supervision tell; both in the order people see.
std::vector<std::pair<std::string, std::vector<std::string>>> branches_of(const contents& c) {
  std::map<std::string, std::set<std::string>> children{{"trading", {}}, {"market", {}}};
  for (const auto& r : c.rows) {
    const auto name = r.head.stream.value.str();
    if (!c.on_record(name)) children[name.starts_with("feed/") ? "market" : "trading"].insert(name);
  }
  if (c.supervised)
    for (const auto& [name, known] : *c.supervised) {
      if (known.supervisor == actor_name{"root"}) children[name.value.str()];
      else children[known.supervisor.value.str()].insert(name.value.str());
    }
  std::vector<std::pair<std::string, std::vector<std::string>>> all;
  for (auto& [keeper, names] : children) {
    auto& branch = all.emplace_back(keeper, std::vector<std::string>{names.begin(), names.end()});
    std::ranges::sort(branch.second, {}, [](const std::string& name) { return place_of(name); });
  }
  return all;
}

void print_tree(const contents& c) {
  table t{{"ACTOR", "TURNS", "STARTS", "NEWEST TURN", "RESTARTS", "LAST REASON"}};
  const auto line = [&](const std::string& indent, const std::string& name) {
    const auto* r = c.stream(name);
    t.row({indent + name, r ? std::to_string(r->head.sequence) : "", r ? std::to_string(r->head.epoch) : "", r ? r->newest : "", c.restarts(name), c.last_reason(name)});
  };
  t.row({"root", "", "", "", "", ""});
  const auto all = branches_of(c);
  for (const auto& [keeper, names] : all) {
    const bool is_last = &keeper == &all.back().first;
    line(is_last ? "└─ " : "├─ ", keeper);
    for (const auto& name : names) line(std::string{is_last ? "   " : "│  "} + (&name == &names.back() ? "└─ " : "├─ "), name);
  }
  const auto* known = c.supervised ? "Restarts and their reasons are those on record (stream supervision), over all lives of the node."
                                   : "There is no record of restarts to show.";
  std::cout << t.str() << paint(colour::dim, known) << '\n' << paint(colour::dim, "How an actor is now is known to a running node only: troupe inspect tree --edge ...") << '\n';
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
  auto c = contents_of(data_dir);
  if (!c) return complain(c.error());
  if (json) print_json(*c);
  else print_tree(*c);
  return done;
}

int folder_list(const std::string& data_dir, bool json) {
  auto c = contents_of(data_dir);
  if (!c) return complain(c.error());
  if (json) {
    print_json(*c);
    return done;
  }
  table t{{"STREAM", "STORE", "TURNS", "EPOCH", "RESTARTS", "CHAIN"}};
  for (const auto& r : c->rows) {
    const auto name = r.head.stream.value.str();
    t.row({name, r.store, std::to_string(r.head.sequence), std::to_string(r.head.epoch), c->restarts(name), to_hex(r.head.chain).substr(0, 16)});
  }
  std::cout << t.str();
  return done;
}

int folder_info(const std::string& data_dir, const std::string& actor, bool json) {
  auto c = contents_of(data_dir);
  if (!c) return complain(c.error());
  const auto* r = c->stream(actor);
  const auto* known = c->on_record(actor);
  if (!r && !known)
    return complain(fail(errc::not_found, "there is no stream \"" + actor + "\" in " + data_dir + "; troupe inspect ls shows what there is"));
  if (json) {
    std::cout << (r ? json_of(*c, *r) : json_of(actor, *known)) << '\n';
    return done;
  }
  table t{{"", ""}}; // no head
  if (r) {
    t.row({"stream", actor});
    t.row({"store", r->store});
    t.row({"turns", std::to_string(r->head.sequence)});
    t.row({"starts", std::to_string(r->head.epoch)});
    t.row({"newest turn", r->newest});
    t.row({"chain", to_hex(r->head.chain)});
  } else
    t.row({"actor", actor});
  t.row({"restarts", c->supervised ? c->restarts(actor) : "not on record"});
  if (known) {
    t.row({"last reason", known->last_reason});
    t.row({"last status", boost::describe::enum_to_string(known->last_status, "?")});
    t.row({"changed at", wire::format_time(known->changed_at)});
  }
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
