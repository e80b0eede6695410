#include "nodes/desk/config.hpp"

#include "actors/market/feed/source_profile.hpp"
#include "actors/market/simulator/random_walk.hpp"
#include "actors/trading/strategy/factory.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/core/pattern.hpp"
#include "runtime/telemetry/build_info.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <filesystem>
#include <netinet/in.h>
#include <set>

namespace troupe::desk {
namespace {

void check_instruments(const configuration& c, config::report& r) {
  for (const auto& i : c.instruments) {
    const auto id = i.id.value().value.str();
    const auto dot = id.rfind('.');
    if (dot == std::string::npos || dot == 0) {
      r.violated({i.id}, "must be SYMBOL.VENUE");
      continue;
    }
    bool known = false;
    for (const auto& v : c.venues) known = known || v.name.value().value.view() == std::string_view{id}.substr(dot + 1);
    if (!known) r.violated({i.id}, "must name a venue of venues");
  }
}

/// One unit of a second currency would count as one of the first in every limit. What no feed shows has no mark, and is not traded.
void check_quotes(const configuration& c, config::report& r) {
  if (c.risk.quotes_at_par.value()) return;
  std::set<trading::instrument_id> shown;
  for (const auto& f : c.feeds)
    if (const auto about = instruments_of(f)) shown.insert(about->begin(), about->end());
  const instrument_section* first = nullptr;
  for (const auto& i : c.instruments) {
    if (!shown.contains(i.id.value())) continue;
    if (!first) first = &i;
    else if (i.quote.value() != first->quote.value())
      return r.violated({i.quote, c.risk.quotes_at_par}, "differs from the " + first->quote.value().str() + " of " + first->id.value().value.str() +
                                                           ": limits would count both at par. If that is meant, set risk.quotes_at_par=true");
  }
}

void check_leases(const configuration& c, config::report& r) {
  if (c.risk.renew.value() * 2 >= c.risk.lease.value())
    r.violated({c.risk.renew, c.risk.lease}, "must be less than half of risk.lease_ms, or one late renewal stops trading");
  if (c.node.hang_after.value() >= c.node.stuck_after.value())
    r.violated({c.node.hang_after, c.node.stuck_after}, "must be less than node.stuck_after_ms");
}

void check_journal(const configuration& c, config::report& r) {
  if (c.journal.reserve_mib.value() != 0 && c.journal.reserve_mib.value() < 4 * c.journal.write_buffer_mib.value())
    r.violated({c.journal.reserve_mib, c.journal.write_buffer_mib}, "must be 0 or at least 4 times journal.write_buffer_mib");
}

/// Two would price one instrument by turns: books, bars and fills would jump between them.
void check_shown_once(const configuration& c, config::report& r) {
  const auto traded = instruments_of(c);
  std::map<trading::instrument_id, const feed_section*> shown;
  for (const auto& f : c.feeds) {
    const auto about = instruments_of(f);
    if (!about) continue; // said by check_feeds
    for (const auto& id : *about) {
      if (!traded.contains(id)) continue;
      const auto [first, is_new] = shown.emplace(id, &f);
      if (is_new) continue;
      r.violated({f.name, first->second->name}, "shows " + id.value.str() + ", as feed " + first->second->name.value().str() + " does: an instrument has one feed");
      break;
    }
  }
}

void check_feeds(const configuration& c, config::report& r) {
  const auto instruments = instruments_of(c);
  for (const auto& f : c.feeds) {
    const auto about = instruments_of(f);
    if (!about) {
      r.violated({f.file}, "cannot be used: " + about.error().message);
      continue;
    }
    // The random walk shows more than somebody may care for; a file is there for what it shows.
    if (!f.file.value().empty() && !instruments.contains(about->front()))
      r.violated({f.file}, "is about " + about->front().value.str() + ", which instruments does not list");
  }
  const auto first = first_instrument(c);
  if (!first) return;
  if (!c.feeds.empty() && c.feeds[0].file.value().empty() && !instruments.contains(*first))
    r.violated({c.feeds[0].file}, "is about " + first->value.str() + ", which instruments does not list");
  for (const auto& s : c.strategies) {
    if (trading::is_reserved(s.account.value())) r.violated({s.account}, trading::reserved_accounts);
    const auto& named = s.instrument.value();
    const auto id = text<31>::make(named);
    if (!named.empty() && (!id || !instruments.contains(trading::instrument_id{*id}))) {
      r.violated({s.instrument}, "must be one of instruments");
      continue;
    }
    if (auto made = strategy_of(c, s, *first); !made) {
      auto why = made.error().message;
      for (const auto& f : made.error().fields) why += "; " + f.field + ' ' + f.message;
      r.violated({s.parameters}, "makes no strategy: " + why);
    }
  }
}

/// What a listener may serve.
constexpr std::string_view surfaces[] = {"v1", "ops", "trade2026_oms", "trade2026_risk", "trade2026_gateway", "trade2026_console"};

/// Services of that platform have paths in common, such as /health and /stats.
constexpr std::string_view services[] = {"trade2026_oms", "trade2026_risk", "trade2026_gateway"};

/// An address in one form; what is no address as it is.
std::string canonical(const std::string& address) {
  in6_addr raw{};
  char out[INET6_ADDRSTRLEN] = {};
  for (const int family : {AF_INET, AF_INET6})
    if (::inet_pton(family, address.c_str(), &raw) == 1 && ::inet_ntop(family, &raw, out, sizeof out)) return out;
  return address;
}

/// Whether both cannot be bound with one port: all of one family contains each address of it, and "::" takes IPv4 too.
bool overlap(const std::string& a, const std::string& b) {
  const auto is_v6 = [](const std::string& x) { return x.find(':') != std::string::npos; };
  const auto covers = [&](const std::string& all, const std::string& one) { return all == "::" || (all == "0.0.0.0" && !is_v6(one)); };
  return a == b || covers(a, b) || covers(b, a);
}

void check_places(const configuration& c, config::report& r) {
  for (auto l = c.edge.listeners.begin(); l != c.edge.listeners.end(); ++l)
    for (auto before = c.edge.listeners.begin(); before != l; ++before)
      if (l->port.value() != 0 && l->port.value() == before->port.value() && overlap(canonical(l->address.value()), canonical(before->address.value()))) {
        r.violated({l->port, before->port}, "is taken at that address by listener " + before->name.value() + " (" + before->address.value() + "): give each its own");
        break;
      }
}

void check_origins(const configuration& c, config::report& r) {
  for (const auto& origin : c.edge.allowed_origins.value()) {
    if (origin == "*") r.violated({c.edge.allowed_origins}, "must name each origin: with \"*\" any page that an operator has open could trade here");
    else if (!matches_pattern(origin, "[a-z][a-z0-9+.-]*://([a-z0-9._-]+|\\[[0-9a-f:.]+\\])(:[0-9]{1,5})?"))
      r.violated({c.edge.allowed_origins}, "must be origins as a browser sends them, scheme://host or scheme://host:port, in small letters and without a path, not \"" + origin + '"');
  }
}

void check_listeners(const configuration& c, config::report& r) {
  bool all_loopback = true;
  for (const auto& l : c.edge.listeners) {
    for (const auto& s : l.surfaces.value())
      if (std::ranges::find(surfaces, s) == std::end(surfaces))
        r.violated({l.surfaces}, "must be among v1, ops, trade2026_oms, trade2026_risk, trade2026_gateway, trade2026_console, not " + s);
    if (const auto clash = clash_of_surfaces(l.surfaces.value())) r.violated({l.surfaces}, "must be what one listener can serve: it " + *clash);
    if (l.certificate.value().empty() != l.key.value().empty())
      r.violated({l.certificate, l.key}, "must be given together with " + std::string{l.key.value().empty() ? "the key of it" : "the certificate"});
    for (const auto& h : l.hosts.value())
      if (h.empty() || h.find_first_of("/ @") != std::string::npos || h.find("]:") != std::string::npos)
        r.violated({l.hosts}, "must be names as in a Host header, without scheme and port, not \"" + h + '"');
    if (is_loopback(l.address.value())) continue;
    all_loopback = false;
    if (l.certificate.value().empty()) r.violated({l.address}, "must be a loopback address such as 127.0.0.1 unless the listener has a certificate: beyond loopback the edge listens with TLS and keys only");
  }
  if (c.halt.firm_approvals.value() < 2 && !all_loopback)
    r.violated({c.halt.firm_approvals}, "must be at least 2 unless every listener is on loopback");
}

/// "relay/FEED@NODE" is how a feed calls its relay on another node: cut off, it would be the name of one here.
void check_relay_names(const configuration& c, config::report& r) {
  constexpr std::size_t both_max = decltype(actor_name::value)::size_max - std::string_view{"relay/@"}.size();
  for (const auto& m : c.cluster.members)
    for (const auto& f : c.feeds) {
      if (m.name.value().value.length + f.name.value().length <= both_max) continue;
      r.violated({m.name, f.name}, "is too long beside the feed's name " + f.name.value().str() + ": both together have at most " + std::to_string(both_max) + " characters");
      break;
    }
}

void check_cluster(const configuration& c, config::report& r) {
  for (const auto& b : c.cluster.builds.value())
    if (!telemetry::is_build_id(b)) r.violated({c.cluster.builds}, "must be builds as `troupe-node --version` shows them, \"0.1.0+7bf1422eceb0\", not \"" + b + '"');
  if (c.cluster.members.empty()) return;
  const auto is_member = [&](const member_section& m) { return m.name.value() == c.node.name.value(); };
  if (std::none_of(c.cluster.members.begin(), c.cluster.members.end(), is_member))
    r.violated({c.node.name}, "must be the name of one of cluster.members");
  for (const auto& m : c.cluster.members)
    if (const auto good = cluster::parse_node_name(m.name.value().value.view()); !good) r.violated({m.name}, "is no name of a node: " + good.error().message);
  check_relay_names(c, r);
  const auto placed = placement_of(c);
  if (placed) return;
  for (const auto& wrong : placed.error().fields) {
    const auto at = std::find_if(c.cluster.members.begin(), c.cluster.members.end(), [&](const auto& m) { return m.name.value().value.view() == wrong.field; });
    r.violated({at != c.cluster.members.end() ? at->runs : c.cluster.members.begin()->runs}, "cannot be: " + wrong.message);
  }
}

} // namespace

std::vector<config::cross_check<configuration>> cross_checks() {
  return {check_instruments, check_quotes, check_leases, check_journal, check_feeds, check_shown_once, check_listeners, check_places, check_origins, check_cluster};
}

std::optional<std::string> clash_of_surfaces(const std::vector<std::string>& surfaces_of_listener) {
  std::set<std::string_view> before;
  std::string_view service;
  for (const std::string_view s : surfaces_of_listener) {
    if (!before.insert(s).second) return "names " + std::string{s} + " twice";
    if (std::ranges::find(services, s) == std::end(services)) continue;
    if (!service.empty()) return "has " + std::string{service} + " and " + std::string{s} + ", which both serve /health and /stats: give them two listeners";
    service = s;
  }
  return std::nullopt;
}

result<cluster::placement> placement_of(const configuration& c) {
  std::map<node_name, cluster::claims> nodes;
  for (const auto& m : c.cluster.members) nodes[m.name.value()] = m.runs.value();
  if (nodes.empty()) nodes[c.node.name.value()] = {"risk", "oms/*", "venue/*", "feed/*", "strategy/*"};
  std::vector<actor_name> names{actor_name{"risk"}};
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) names.push_back(trading::slot_name(slot));
  for (const auto& v : c.venues) names.push_back(trading::venue_actor(v.name.value()));
  for (const auto& f : c.feeds) names.push_back(actor_name{"feed/" + f.name.value().str()});
  for (const auto& s : c.strategies) names.push_back(trading::strategy_actor(s.name.value()));
  return cluster::placement::make(nodes, names);
}

std::map<trading::instrument_id, trading::instrument> instruments_of(const configuration& c) {
  std::map<trading::instrument_id, trading::instrument> all;
  for (const auto& i : c.instruments) {
    const auto& id = i.id.value();
    all[id] = {id, trading::venue_named_by(id), i.tick_size.value(), i.lot_size.value(), i.quote.value()};
  }
  return all;
}

risk::limits limits_of(const configuration& c) {
  risk::limits l;
  l.order_quantity_max = c.risk.order_quantity_max.value();
  l.order_notional_max.value = c.risk.order_notional_max.value();
  l.position_max = c.risk.position_max.value();
  l.exposure_max.value = c.risk.exposure_max.value();
  l.open_orders_max = static_cast<std::uint32_t>(c.risk.open_orders_max.value());
  l.orders_per_second_max = static_cast<std::uint32_t>(c.risk.orders_per_second_max.value());
  l.price_collar_bps = static_cast<std::uint32_t>(c.risk.price_collar_bps.value());
  l.mark_age_max = c.risk.mark_age_max.value();
  return l;
}

namespace {

/// A random walk of no number of quotes.
bool is_endless_walk(const feed_section& f) { return f.file.value().empty() && f.quotes.value() == 0; }
bool starts_again(const feed_section& f) { return !f.file.value().empty() && f.repeat.value(); }

} // namespace

std::string walk_override(std::uint64_t seed, std::uint64_t quotes) {
  return "feeds=[{\"name\":\"walk\",\"seed\":" + std::to_string(seed) + ",\"quotes\":" + std::to_string(quotes) + "}]";
}

std::optional<std::string> walk_instead(const configuration& c) {
  if (!std::ranges::all_of(c.feeds, is_endless_walk)) return std::nullopt;
  return walk_override(1, walk_quotes);
}

result<void> check_ends(const configuration& c) {
  for (const auto& f : c.feeds) {
    if (is_endless_walk(f)) return fail(errc::invalid_argument, "the random walk of feed " + f.name.value().str() + " never ends: give it quotes");
    if (starts_again(f)) return fail(errc::invalid_argument, "feed " + f.name.value().str() + " never ends, because its file starts again at its end: set its repeat to false");
  }
  return {};
}

namespace {

/// What the file of a feed is, from its name and what is said beside it.
result<feed::source_profile> profile_of(const feed_section& f) {
  feed::source_overrides overrides;
  if (const auto& given = f.instrument.value(); !given.empty()) {
    auto id = text<31>::make(given);
    if (!id) return fail(errc::invalid_argument, "the instrument must be at most 31 printable characters");
    overrides.instrument = trading::instrument_id{*id};
  }
  return feed::describe_source(f.file.value(), overrides);
}

} // namespace

result<std::vector<trading::instrument_id>> instruments_of(const feed_section& f) {
  std::vector<trading::instrument_id> all;
  if (f.file.value().empty()) {
    for (const auto& i : simulator::default_instruments()) all.push_back(i.id);
    return all;
  }
  auto profile = profile_of(f);
  if (!profile) return profile.error();
  all.push_back(profile->instrument);
  return all;
}

std::vector<const feed_section*> feeds_not_here(const configuration& c) {
  std::vector<const feed_section*> missing;
  for (const auto& f : c.feeds)
    if (std::error_code failed; !f.file.value().empty() && !std::filesystem::exists(f.file.value(), failed)) missing.push_back(&f);
  return missing;
}

std::optional<nanoseconds> bar_length_of(const configuration& c, const feed_section& f) {
  if (f.file.value().empty()) return c.bars.interval.value();
  const auto profile = profile_of(f);
  if (!profile) return std::nullopt;
  return profile->format == feed::source_format::capture ? nanoseconds{c.bars.interval.value()} : profile->interval;
}

result<trading::instrument_id> first_instrument(const configuration& c) {
  if (c.feeds.empty()) return simulator::default_instruments().front().id;
  auto all = instruments_of(c.feeds[0]);
  if (!all) return all.error();
  return all->front();
}

bool is_loopback(const std::string& address) {
  in_addr v4{};
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, address.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

result<strategy::strategy_config> strategy_of(const configuration& c, const strategy_section& s,
                                              const trading::instrument_id& fallback) {
  strategy::strategy_config out;
  out.name = s.name.value();
  out.kind = s.kind.value();
  out.account = s.account.value();
  trading::instrument_id id = fallback;
  if (!s.instrument.value().empty()) {
    auto given = text<31>::make(s.instrument.value());
    if (!given) return fail(errc::invalid_argument, "the instrument must be at most 31 printable characters");
    id = trading::instrument_id{*given};
  }
  const auto instruments = instruments_of(c);
  auto it = instruments.find(id);
  if (it == instruments.end()) return fail(errc::invalid_argument, id.value.str() + " is not in instruments");
  out.instrument = it->second;
  for (const auto& p : s.parameters.value()) {
    const auto equals = p.find('=');
    if (equals == std::string::npos) return fail(errc::invalid_argument, "\"" + p + "\" must be name=value");
    out.parameters[p.substr(0, equals)] = p.substr(equals + 1);
  }
  auto logic = strategy::make_logic(out);
  if (!logic) return logic.error();
  return out;
}

} // namespace troupe::desk
