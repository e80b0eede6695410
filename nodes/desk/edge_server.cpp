#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/edge_server.hpp"

#include "nodes/desk/api/api.hpp"
#include "nodes/desk/api/history.hpp"
#include "nodes/desk/api/node_part.hpp"
#include "nodes/desk/api/order_stream.hpp"
#include "nodes/desk/certificates.hpp"
#include "nodes/desk/edge_metrics.hpp"
#include "nodes/desk/edge_port.hpp"
#include "nodes/desk/key_ring.hpp"
#include "nodes/desk/key_watch.hpp"
#include "nodes/desk/node_metrics.hpp"
#include "runtime/edge/builtin.hpp"
#include "runtime/edge/server.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/telemetry/log.hpp"
#include "runtime/telemetry/process_metrics.hpp"

#include <caf/all.hpp>
#include <openssl/rand.h>

#include <pthread.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>

namespace troupe::desk {
namespace {

constexpr const char* edge_supervisor = "edge";
constexpr std::chrono::seconds look_every{1}; // at keys and certificates: a key that was removed is a danger for as long

text<16> random_boot_id() {
  sha256_digest d;
  RAND_bytes(d.bytes.data(), 8);
  return text<16>{std::string_view{to_hex(d)}.substr(0, 16)};
}

/// Without the query, which is the client's: it may name what is nobody's business in a log.
void log_answer(const text<16>& boot_id, const edge::request_context& r, unsigned status) {
  if (!log::is_enabled(log::level::debug, edge_supervisor)) return;
  const auto took = std::chrono::duration<double, std::milli>(std::chrono::system_clock::now() - r.received_at).count();
  const auto what = r.target.empty() ? std::string{"no request that could be read"} : r.sent_verb + ' ' + r.target.substr(0, r.target.find('?'));
  log::debug(edge_supervisor, {text<23>{"http-" + boot_id.str()}, r.number}, what,
             {{"status", status}, {"ms", took}, {"peer", r.peer}});
}

edge::server_options options_of(const configuration& c, const text<16>& boot_id, const std::shared_ptr<const key_ring>& keys) {
  edge::server_options o;
  const auto size = [](const config::property<std::int64_t>& p) { return static_cast<std::size_t>(p.value()); };
  o.header_bytes = size(c.edge.header_bytes);
  o.target_bytes = size(c.edge.target_bytes);
  o.body_bytes = size(c.edge.body_bytes);
  o.header_time = c.edge.header_timeout.value();
  o.body_time = c.edge.body_timeout.value();
  o.idle_time = c.edge.idle_timeout.value();
  o.write_time = c.edge.write_timeout.value();
  o.connections_max = size(c.edge.connections_max);
  o.requests_max = size(c.edge.requests_max);
  o.requests_reserved = size(c.edge.requests_reserved);
  o.requests_per_connection = size(c.edge.requests_per_connection);
  o.boot_id = boot_id;
  o.handler_time = c.edge.answer_timeout.value() + std::chrono::seconds{1};
  o.allowed_origins = c.edge.allowed_origins.value();
  o.caller_of = [&keys](std::string_view key) { return keys->caller_of(key); };
  o.failed = [](std::string_view what) { log::error(edge_supervisor, {}, "something on the edge's thread failed: " + std::string{what}); };
  o.answered = [boot_id](const edge::request_context& r, unsigned status) { log_answer(boot_id, r, status); };
  return o;
}

std::vector<edge::listener> listeners_of(const configuration& c) {
  std::vector<edge::listener> all;
  for (const auto& l : c.edge.listeners) {
    edge::listener one{l.name.value(), l.address.value(), static_cast<std::uint16_t>(l.port.value()), l.surfaces.value()};
    if (!l.certificate.value().empty()) one.tls = edge::tls_files{l.certificate.value(), l.key.value()};
    one.keys_required = l.keys_required.value();
    one.hosts = l.hosts.value();
    all.push_back(std::move(one));
  }
  return all;
}

} // namespace

struct edge_server::impl {
  explicit impl(desk& d) : node{d}, listeners{listeners_of(d.config())}, server{table, options_of(d.config(), boot_id, keys)} {}

  /// "http://127.0.0.1:8080" of every listener by its name.
  [[nodiscard]] std::map<std::string, std::string> addresses() const {
    std::map<std::string, std::string> all;
    for (const auto& l : listeners) {
      const auto host = l.address.find(':') == std::string::npos ? l.address : "[" + l.address + "]"; // IPv6
      all[l.name] = (l.tls ? "https://" : "http://") + host + ":" + std::to_string(server.port(l.name));
    }
    return all;
  }
  [[nodiscard]] std::set<std::string> surfaces() const {
    std::set<std::string> all;
    for (const auto& l : listeners) all.insert(l.surfaces.begin(), l.surfaces.end());
    return all;
  }

  /// The actors that serve the edge, here and on other nodes. One that is given up halts nothing: what it shows is missing, and /ready says so.
  [[nodiscard]] std::vector<supervise::child_spec> children() const {
    std::vector<supervise::child_spec> all;
    const auto add = [&](const actor_name& name, std::function<started(caf::actor_system&)> start) {
      supervise::child_spec s;
      s.name = name;
      s.start = std::move(start);
      s.verdict = supervise::verdict::halt;
      all.push_back(std::move(s));
    };
    add(history_name, [&d = node](caf::actor_system& system) { return start_history(system, d.parts()); });
    add(node_actor_name, [&d = node](caf::actor_system&) { return start_node_actor(d); });
    add(order_stream_name, [a = handlers, told = std::make_shared<told_turns>()](caf::actor_system&) { return start_order_stream(a, told); });
    return all;
  }

  /// Until `leaving`: a file takes its time, so neither requests nor actors wait for one.
  void look_at_files(const std::stop_token& leaving) {
    ::pthread_setname_np(::pthread_self(), "edge files");
    std::mutex none_else;
    std::condition_variable_any woken;
    std::unique_lock lock{none_else};
    while (!leaving.stop_requested()) {
      try {
        if (auto changed = watched_keys->look()) server.post([this, changed] { take(changed); });
        watched_certificates->look(actor::wall_clock{}.now());
      } catch (const std::exception& x) { // for want of memory; the next look may have it
        log::error(edge_supervisor, {}, std::string{"keys and certificates could not be looked at: "} + x.what());
      }
      woken.wait_for(lock, leaving, look_every, [] { return false; });
    }
  }
  /// On the edge's thread: of two requests behind one another both have these keys.
  void take(const std::shared_ptr<const key_ring>& changed) {
    keys = changed;
    hub->close_without_key([this](const sha256_digest& key) { return keys->holds(key); });
  }

  desk& node;
  const text<16> boot_id = random_boot_id();
  const std::vector<edge::listener> listeners;
  std::shared_ptr<const key_ring> keys; // set before the server starts; then the edge's thread alone
  telemetry::metrics_registry metrics;
  std::shared_ptr<void> process_watch;
  std::shared_ptr<void> node_watch;
  std::shared_ptr<void> edge_watch;
  std::shared_ptr<edge::stream_hub> hub = std::make_shared<edge::stream_hub>();
  background_reader reader;
  std::shared_ptr<api> handlers = std::make_shared<api>();
  edge::route_table table;
  edge::server server;
  caf::strong_actor_ptr port;
  std::optional<key_watch> watched_keys;
  std::optional<certificate_watch> watched_certificates;
  std::jthread looking; // at the files of both
  bool stopped = false;
};

edge_server::edge_server(std::unique_ptr<impl> i) : impl_{std::move(i)} {}
edge_server::~edge_server() { stop(); }

result<std::unique_ptr<edge_server>> edge_server::make(desk& d) {
  auto i = std::make_unique<impl>(d);
  auto keys = key_ring::open(d.config().node.data_dir.value());
  if (!keys) return keys.error();
  i->keys = std::make_shared<const key_ring>(std::move(*keys));
  const auto tell = [](log::level l, const std::string& line) { log::write(l, edge_supervisor, {}, line); };
  i->watched_keys.emplace(d.config().node.data_dir.value(), i->keys, tell);
  i->watched_certificates.emplace(d.config(), i->metrics, [&s = i->server](const std::string& listener, edge::tls_context renewed) { s.show(listener, std::move(renewed)); },
                                  [&d](cluster::link_tls renewed) { d.show(std::move(renewed)); }, tell);
  auto& a = *i->handlers;
  a.node = &d;
  a.hub = i->hub.get();
  a.metrics = &i->metrics;
  a.reader = &i->reader;
  a.boot_id = i->boot_id;
  a.started_at = actor::wall_clock{}.now();
  a.addresses = [own = i.get()] { return own->addresses(); };
  edge::builtin_options ops;
  ops.title = "Troupe " + d.config().node.name.value().value.str();
  ops.version = std::string{telemetry::this_build().version};
  ops.not_ready = [&d] { return d.not_ready(); };
  ops.metrics_text = [m = &i->metrics] { return m->exposition(); };
  edge::add_builtin_routes(i->table, std::move(ops));
  add_v1_routes(i->table, i->handlers);
  add_trade2026_routes(i->table, i->handlers);
  d.subscribe_to_orders(order_stream_name);
  return std::unique_ptr<edge_server>{new edge_server(std::move(i))};
}

result<void> edge_server::bind() { return impl_->server.bind(impl_->listeners); }

result<void> edge_server::start() {
  auto& i = *impl_;
  const auto& c = i.node.config();
  caf::actor_config config;
  i.port = caf::make_actor<edge_port, caf::strong_actor_ptr>(
    i.node.system().next_actor_id(), i.node.system().node(), &i.node.system(), config, &i.server.context(), &i.node.parts().env,
    std::chrono::milliseconds{c.edge.answer_timeout.value()},
    edge::lane_limits{static_cast<std::size_t>(c.edge.requests_max.value()), static_cast<std::size_t>(c.edge.requests_reserved.value())},
    [&d = i.node](const actor_name& name) { return d.why_unanswered(name); });
  i.handlers->port = static_cast<edge_port*>(caf::actor_cast<caf::abstract_actor*>(i.port));
  i.process_watch = telemetry::watch_process(i.metrics);
  i.node_watch = watch_node(i.metrics, i.node, i.server.metrics());
  i.edge_watch = watch_edge(i.metrics, {i.node, i.server, *i.hub, *i.handlers->counts, i.surfaces()});
  auto served = i.node.keep(edge_supervisor, [all = i.children()] { return all; });
  if (served) {
    served = i.server.start();
    if (!served) i.node.let_go(edge_supervisor);
  }
  if (!served) {
    stop();
    return served;
  }
  i.looking = std::jthread{[own = impl_.get()](const std::stop_token& leaving) { own->look_at_files(leaving); }};
  return served;
}

bool edge_server::stop() {
  if (!impl_ || std::exchange(impl_->stopped, true)) return true;
  auto& i = *impl_;
  const auto whole = i.node.config().node.stop_within.value();
  i.looking.request_stop();
  i.reader.give_up();
  i.server.stop(whole * 3 / 5); // the rest is for actors and journals,
  const bool reader_ended = i.reader.ends_within(whole / 10); // and a little for files that are being removed
  if (i.looking.joinable()) i.looking.join();
  if (i.port) i.handlers->port->close();
  i.edge_watch.reset();
  i.node_watch.reset();
  i.process_watch.reset();
  i.port = nullptr;
  if (!reader_ended) log::warn(edge_supervisor, {}, "a backup hangs, and nobody waits for it: what it left has the name of its target and .unfinished behind it");
  return reader_ended;
}

std::uint64_t edge_server::requests_under_way() const {
  return impl_->server.metrics().in_flight.load(std::memory_order_relaxed);
}

std::string edge_server::ready_line() const {
  std::string out = "{\"event\":\"ready\",\"node\":";
  wire::append_json_string(out, impl_->node.config().node.name.value().value.view());
  const auto addresses = impl_->addresses();
  const auto edge = addresses.find("edge");
  out += ",\"edge\":";
  wire::append_json_string(out, edge != addresses.end() ? edge->second : addresses.at(impl_->listeners.front().name));
  out += ",\"boot_id\":";
  wire::append_json_string(out, impl_->handlers->boot_id.view());
  return out + '}';
}

} // namespace troupe::desk
