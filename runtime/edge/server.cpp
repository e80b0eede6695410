#include "runtime/edge/core.hpp"
#include "runtime/edge/session.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <pthread.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <exception>
#include <future>
#include <random>
#include <set>
#include <thread>
#include <utility>

namespace troupe::edge {

namespace asio = boost::asio;
using boost::system::error_code;

void shared_core::add(std::shared_ptr<session> s) {
  s->place = sessions.size();
  if (s->is_reserved()) ++reserved;
  sessions.push_back(std::move(s));
  metrics->connections.store(sessions.size(), std::memory_order_relaxed);
}

void shared_core::remove(session& s) {
  const auto place = s.place;
  if (s.is_reserved()) --reserved;
  TROUPE_ASSERT(place < sessions.size() && sessions[place].get() == &s, "a session is removed once");
  sessions[place]->place = sessions.size() - 1;
  std::swap(sessions[place], sessions.back());
  sessions[place]->place = place;
  const auto keep = std::move(sessions.back()); // destroyed when the vector is whole again
  sessions.pop_back();
  metrics->connections.store(sessions.size(), std::memory_order_relaxed);
}

namespace {

/// "Sun, 06 Nov 1994 08:49:37 GMT", whatever the locale.
std::string http_date(std::chrono::system_clock::time_point t) {
  using namespace std::chrono;
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<std::chrono::days>(t);
  const year_month_day date{day};
  const hh_mm_ss time{floor<seconds>(t - day)};
  char out[40];
  const int n = std::snprintf(out, sizeof out, "%s, %02u %s %04d %02d:%02d:%02d GMT", days[weekday{day}.c_encoding()],
                              static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                              static_cast<int>(date.year()), static_cast<int>(time.hours().count()),
                              static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return {out, static_cast<std::size_t>(std::max(n, 0))};
}

text<16> drawn_boot_id() {
  char id[16];
  const auto end = std::to_chars(id, std::end(id), std::random_device{}(), 16).ptr;
  return text<16>{std::string_view{id, static_cast<std::size_t>(end - id)}};
}

bool out_of_descriptors(const error_code& ec) {
  return ec == asio::error::no_descriptors || ec == boost::system::errc::too_many_files_open_in_system ||
         ec == asio::error::no_buffer_space || ec == asio::error::no_memory;
}

} // namespace

struct server::core : shared_core {
  using shared_core::shared_core;

  std::vector<std::unique_ptr<listening>> listeners;
  asio::executor_work_guard<executor> work{io.get_executor()};
  asio::steady_timer timer{io};
  std::thread thread;
  std::promise<void> empty; // fulfilled once, when a drain has nothing left
  bool empty_told = false;

  [[nodiscard]] result<std::unique_ptr<listening>> bind(const listener& l);
  [[nodiscard]] result<void> listen(listening& l);
  void accept(listening& l);
  void accept_in_turn(listening& l);
  void accepted(listening& l, error_code ec, tcp_socket socket);
  [[nodiscard]] bool close_idle();
  void tick();
  void run();
  void failed(const std::exception& why);
  void deliver(completions::batch& ready);
  void drain(std::chrono::milliseconds limit);
  void tell_if_empty();
  void close_all();
  void stop_accepting();
  [[nodiscard]] std::chrono::milliseconds tick_time() const;
};

namespace {

std::string place_of(const listener& l) {
  return "listener \"" + l.name + "\" on " + l.address + ":" + std::to_string(l.port) + ": ";
}

error not_bound(const listener& l, const error_code& why) {
  if (why == asio::error::address_in_use)
    return fail(errc::unavailable, place_of(l) + "the port is in use; stop the other process or configure another port");
  return fail(errc::unavailable, place_of(l) + why.message());
}

/// Where to look when a path is not there: the description, or on a listener that does not serve it the paths themselves.
std::string directions(const route_table& table, const std::vector<std::string>& surfaces) {
  constexpr std::size_t shown_max = 12;
  std::set<std::string> paths;
  for (const auto& r : table.routes())
    if (std::find(surfaces.begin(), surfaces.end(), r.surface->name) != surfaces.end()) paths.insert(r.path);
  if (paths.contains("/openapi.json")) return "see /openapi.json";
  std::string out = "here are";
  std::size_t shown = 0;
  for (const auto& p : paths) {
    if (shown == shown_max) break;
    out += (shown++ == 0 ? " " : ", ") + p;
  }
  return paths.size() > shown ? out + " and " + std::to_string(paths.size() - shown) + " more" : out;
}

} // namespace

result<std::unique_ptr<listening>> server::core::bind(const listener& l) {
  const auto where = place_of(l);
  error_code ec;
  const auto address = asio::ip::make_address(l.address, ec);
  if (ec) return fail(errc::invalid_argument, where + "not an IP address; write 127.0.0.1 or ::1");
  if (!address.is_loopback() && !l.tls)
    return fail(errc::unsupported, where + "beyond loopback the edge listens with TLS and keys only; give the listener a certificate, or use 127.0.0.1");
  const bool needs_key = l.keys_required || !address.is_loopback();
  if (needs_key && !options.caller_of) return fail(errc::invalid_argument, where + "every request needs a key there, and nobody here knows any");
  auto routes = router::make(table, l.surfaces);
  if (!routes) return fail(routes.error().code, where + routes.error().message);
  if (l.surfaces.empty()) return fail(errc::invalid_argument, where + "name at least one surface to serve there");
  tls_context tls;
  if (l.tls) {
    auto made = make_server_tls(*l.tls);
    if (!made) return fail(made.error().code, where + made.error().message);
    tls = std::move(*made);
  }
  tcp_acceptor acceptor{io};
  const asio::ip::tcp::endpoint endpoint{address, l.port};
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address{true}, ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (ec) return not_bound(l, ec);
  return std::make_unique<listening>(listening{l, std::move(*routes), table.find_surface(l.surfaces.front()), directions(table, l.surfaces),
                                               std::move(acceptor), asio::steady_timer{io}, std::move(tls), needs_key});
}

result<void> server::core::listen(listening& l) {
  error_code ec;
  l.acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return not_bound(l.declared, ec);
  return {};
}

void server::core::accept(listening& l) {
  l.acceptor.async_accept(io.get_executor(), [this, &l](error_code ec, tcp_socket socket) {
    accepted(l, ec, std::move(socket));
  });
}

void server::core::accepted(listening& l, error_code ec, tcp_socket socket) {
  if (draining || ec == asio::error::operation_aborted) return;
  if (ec && out_of_descriptors(ec)) { // accepting again at once would only spin
    raise(metrics->refused.no_descriptors);
    l.pause.expires_after(std::chrono::milliseconds{50});
    l.pause.async_wait([this, &l](error_code stopped) {
      if (!stopped) accept(l);
    });
    return;
  }
  if (!ec) {
    raise(metrics->connections_total);
    const auto regular = [this] { return sessions.size() - reserved + metrics->websockets.load(std::memory_order_relaxed); };
    const bool has_place = regular() < options.connections_max || (close_idle() && regular() < options.connections_max);
    if (has_place || reserved < connections_reserved) {
      try {
        auto stream = l.tls ? edge_stream{std::move(socket), *l.tls} : edge_stream{std::move(socket)};
        auto s = std::make_shared<session>(*this, l, std::move(stream), !has_place);
        add(s);
        s->start();
      } catch (const std::exception& x) { // and the next is accepted
        failed(x);
      }
    } else {
      raise(metrics->refused.connections_dropped);
    }
  }
  accept_in_turn(l);
}

/// At once, unless as many handshakes as may begin in this tenth of a second have.
void server::core::accept_in_turn(listening& l) {
  constexpr std::int64_t tenth_ns = 100'000'000;
  const auto now = steady_ns();
  if (std::exchange(l.tenth, now / tenth_ns) != now / tenth_ns) l.begun = 0;
  if (!l.tls || ++l.begun < handshakes_per_tenth) return accept(l);
  l.pause.expires_after(std::chrono::nanoseconds{tenth_ns - now % tenth_ns});
  l.pause.async_wait([this, &l](error_code stopped) {
    if (!stopped) accept(l);
  });
}

/// Who asks for nothing makes place for who does: the connection that has been idle for longest, if any for a second. So idle ones, however
/// many, keep no halt out.
bool server::core::close_idle() {
  const auto now = steady_ns();
  const auto longest = std::ranges::max_element(sessions, {}, [now](const auto& s) { return s->is_reserved() ? -1 : s->idle_ns(now); });
  if (longest == sessions.end() || (*longest)->idle_ns(now) < std::chrono::nanoseconds{std::chrono::seconds{1}}.count()) return false;
  const auto s = *longest;
  s->close();
  return true;
}

std::chrono::milliseconds server::core::tick_time() const {
  const auto shortest = std::min({options.header_time, options.body_time, options.idle_time, options.handler_time,
                                  options.write_time});
  return std::clamp(shortest / 4, std::chrono::milliseconds{5}, std::chrono::milliseconds{250});
}

void server::core::tick() {
  timer.expires_after(tick_time());
  timer.async_wait([this](error_code stopped) {
    if (!stopped) tick();
  });
  date = http_date(std::chrono::system_clock::now());
  const auto now = steady_ns();
  for (std::size_t i = sessions.size(); i > 0; --i) {
    const auto s = sessions[i - 1];
    s->tick(now);
  }
  std::erase_if(orphans, [&](const auto& e) { return e->answered() || (now > e->deadline_ns && e->claim()); });
  tell_if_empty();
}

/// Whatever one of the things that run here throws ends that thing.
void server::core::run() {
  for (;;) {
    try {
      io.run();
      return;
    } catch (const std::exception& x) {
      failed(x);
    }
  }
}

void server::core::failed(const std::exception& why) {
  if (options.failed) options.failed(why.what());
}

void server::core::deliver(completions::batch& ready) {
  for (auto& e : ready) e->done = true;
  for (auto& e : ready) {
    const auto s = e->owner.lock();
    if (!s) continue;
    try {
      s->resume();
    } catch (const std::exception& x) { // its bytes may be half an answer
      failed(x);
      s->close();
    }
  }
}

void server::core::stop_accepting() {
  draining = true;
  for (auto& l : listeners) {
    error_code ec;
    l->acceptor.close(ec);
    l->pause.cancel();
  }
}

void server::core::drain(std::chrono::milliseconds limit) {
  if (draining) return;
  stop_accepting();
  constexpr std::chrono::milliseconds telling{1000}; // for the word that there is no answer, and for the client to take it
  answer_by_ns = steady_ns() + std::chrono::nanoseconds{limit > 2 * telling ? limit - telling : limit}.count();
  for (std::size_t i = sessions.size(); i > 0; --i) {
    const auto s = sessions[i - 1];
    s->drain();
  }
  for (const auto& r : table.routes())
    if (r.close_upgraded) r.close_upgraded(false);
  tell_if_empty();
}

void server::core::tell_if_empty() {
  if (!draining || empty_told || !sessions.empty() || metrics->websockets.load() != 0) return;
  empty_told = true;
  empty.set_value();
}

void server::core::close_all() {
  for (std::size_t i = sessions.size(); i > 0; --i) {
    const auto s = sessions[i - 1];
    s->close();
  }
  for (const auto& r : table.routes())
    if (r.close_upgraded) r.close_upgraded(true);
  orphans.clear();
  timer.cancel();
  work.reset();
  io.stop();
}

server::server(const route_table& table, server_options options)
  : core_{std::make_unique<core>(table, std::move(options))} {
  auto& c = *core_;
  c.boot_id = c.options.boot_id.empty() ? drawn_boot_id() : c.options.boot_id;
  c.answers = std::make_shared<completions>(c.io, [&c](completions::batch& ready) { c.deliver(ready); });
}

server::~server() { stop(std::chrono::milliseconds{0}); }

result<void> server::bind(const std::vector<listener>& listeners) {
  auto& c = *core_;
  if (c.thread.joinable()) return fail(errc::conflict, "the edge is started once");
  std::vector<std::unique_ptr<listening>> bound;
  for (const auto& l : listeners) {
    auto one = c.bind(l);
    if (!one) return one.error();
    bound.push_back(std::move(*one));
  }
  c.listeners = std::move(bound);
  return {};
}

result<void> server::start() {
  auto& c = *core_;
  if (c.thread.joinable()) return fail(errc::conflict, "the edge is started once");
  for (auto& l : c.listeners)
    if (auto listens = c.listen(*l); !listens) {
      c.listeners.clear(); // or clients of the others would wait for nobody
      return listens;
    }
  c.tick();
  for (auto& l : c.listeners) c.accept(*l);
  c.thread = std::thread{[&c] {
    pthread_setname_np(pthread_self(), "edge");
    c.run();
  }};
  return {};
}

result<void> server::start(const std::vector<listener>& listeners) {
  if (auto bound = bind(listeners); !bound) return bound;
  return start();
}

bool server::stop(std::chrono::milliseconds limit) {
  auto& c = *core_;
  if (!c.thread.joinable()) return true;
  TROUPE_ASSERT(c.thread.get_id() != std::this_thread::get_id(), "the edge's thread cannot wait for itself");
  auto empty = c.empty.get_future();
  asio::post(c.io, [&c, limit] { c.drain(limit); });
  const bool clean = empty.wait_for(limit) == std::future_status::ready;
  asio::post(c.io, [&c] { c.close_all(); });
  c.thread.join();
  c.answers->close();
  return clean;
}

std::uint16_t server::port(const std::string& name) const noexcept {
  for (const auto& l : core_->listeners)
    if (l->declared.name == name) {
      error_code ec;
      return l->acceptor.local_endpoint(ec).port();
    }
  return 0;
}

void server::show(const std::string& name, tls_context renewed) {
  asio::post(core_->io, [&c = *core_, name, renewed = std::move(renewed)] {
    for (auto& l : c.listeners)
      if (l->tls && l->declared.name == name) l->tls = renewed;
  });
}

void server::post(std::function<void()> fn) { asio::post(core_->io, std::move(fn)); }
boost::asio::io_context& server::context() noexcept { return core_->io; }
const server_metrics& server::metrics() const noexcept { return *core_->metrics; }
const route_table& server::table() const noexcept { return core_->table; }

} // namespace troupe::edge
