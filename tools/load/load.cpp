#include "tools/load/load.hpp"

#include "actors/trading/ids.hpp"
#include "runtime/edge/resolve.hpp"
#include "runtime/edge/tls_session.hpp"
#include "tools/load/response.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::load {
namespace {

using steady = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::nanoseconds;

class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) : fd_{fd} {}
  ~descriptor() { reset(); }
  descriptor(descriptor&& other) noexcept : fd_{std::exchange(other.fd_, -1)} {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  void reset() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_ = -1;
};

struct connection {
  descriptor socket;
  std::optional<edge::tls_session> tls; // none: plain
  std::uint64_t order = 0; // under way; 0: none
  steady::time_point due{};  // when it was to be sent
  steady::time_point sent{};
  std::string out; // not taken by the kernel yet
  bool is_full = false; // the socket: it tells when it takes more
  std::string in;
};

class engine {
public:
  explicit engine(const load_options& o) : o_{o}, all_(o.connections) {}

  result<load_report> run() {
    if (auto ready = prepare(); !ready) return ready.error();
    began_ = steady::now();
    for (auto& c : all_)
      if (!connect(c)) return fail(errc::unavailable, not_trusted_.empty() ? "nobody listens on " + o_.host + ":" + std::to_string(o_.port) : not_trusted_);
    pump();
    report_.stopped = o_.is_stopped() && !is_time_over() && (o_.orders == 0 || report_.sent < o_.orders);
    report_.seconds = std::chrono::duration<double>(steady::now() - began_).count();
    if ((alive_ == 0 || report_.stopped) && !is_time_over() && o_.orders > report_.sent) report_.unsent = o_.orders - report_.sent;
    report_.cut_short = alive_ == 0 && !is_time_over() && o_.orders == 0;
    if (o_.resolve) resolve();
    report_.unknown = unknown_.size();
    std::sort(report_.latencies_ns.begin(), report_.latencies_ns.end());
    if (broken_record_) return fail(errc::io_error, "the record of acknowledgements cannot be written");
    return std::move(report_);
  }

private:
  result<void> prepare() {
    if (o_.connections == 0 || o_.connections > 10'000 || o_.accounts == 0 || o_.rate < 0 || (o_.orders == 0 && o_.seconds <= 0))
      return fail(errc::invalid_argument, "connections are 1 to 10000, accounts at least 1, and orders or seconds must be given");
    if (o_.first_slot > o_.last_slot || o_.last_slot >= trading::slot_count)
      return fail(errc::invalid_argument, "slots are FIRST-LAST, from 0 to " + std::to_string(trading::slot_count - 1));
    for (std::uint32_t n = 0; accounts_.size() < o_.accounts; ++n) {
      auto name = "load-" + std::to_string(n);
      const auto slot = trading::slot_of(trading::tenant_id{"main"}, trading::account_id{name});
      if (slot >= o_.first_slot && slot <= o_.last_slot) accounts_.push_back(std::move(name));
    }
    if (!o_.path.empty() && (!o_.path.starts_with('/') || !o_.acknowledged.empty()))
      return fail(errc::invalid_argument, "a path begins with / as in /alive, and what it answers is no order for a record");
    if (auto found = find_edge(); !found) return found;
    epoll_ = descriptor{::epoll_create1(EPOLL_CLOEXEC)};
    if (!o_.acknowledged.empty()) {
      record_ = descriptor{::open(o_.acknowledged.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)};
      if (record_.get() < 0) return fail(errc::io_error, "cannot write " + o_.acknowledged.string() + ": " + std::strerror(errno));
    }
    if (o_.orders != 0) report_.latencies_ns.reserve(o_.orders);
    head_ = (o_.path.empty() ? "POST /v1/orders" : "GET " + o_.path) + " HTTP/1.1\r\nHost: " + edge::authority_of(o_.host, o_.port) + "\r\n";
    if (!key_.empty()) head_ += "Authorization: Bearer " + key_ + "\r\n";
    head_ += o_.path.empty() ? "Content-Type: application/json\r\nContent-Length: " : "\r\n";
    return {};
  }

  /// Where it is, how it is trusted, and the key that it is shown.
  result<void> find_edge() {
    const auto limit = duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(o_.patience_seconds));
    const auto places = edge::resolve(o_.host, o_.port, o_.tls ? edge::hosts::names_too : edge::hosts::addresses, limit);
    if (!places) return places.error();
    address_ = places->front();
    if (o_.tls) {
      auto trust = edge::make_client_tls(o_.ca);
      if (!trust) return fail(errc::invalid_argument, trust.error().message);
      trust_ = std::move(*trust);
    }
    if (o_.key_file.empty()) return {};
    if (!o_.tls && !address_.address().is_loopback()) return fail(errc::invalid_argument, "a key is not sent in the clear to another host: use --tls");
    std::ifstream in{o_.key_file};
    if (!(in >> key_)) return fail(errc::invalid_argument, "no key can be read from " + o_.key_file.string());
    return {};
  }

  /// Blocking, as the socket is until then. False: it is not done in time, or the edge is not trusted.
  bool shake_hands(connection& c) {
    const auto micros = static_cast<std::int64_t>(o_.patience_seconds * 1e6);
    const timeval limit{micros / 1'000'000, micros % 1'000'000};
    ::setsockopt(c.socket.get(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(c.socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    auto made = edge::tls_session::make(trust_, o_.host);
    if (!made) return false;
    c.tls = std::move(*made);
    for (char buffer[4096];;) {
      const auto now = c.tls->shake_hands();
      const auto out = c.tls->take();
      const bool is_sent = ::send(c.socket.get(), out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
      if (now == edge::tls_session::state::open) return is_sent;
      if (now != edge::tls_session::state::wants_input) not_trusted_ = o_.host + ':' + std::to_string(o_.port) + ": " + c.tls->why();
      if (now != edge::tls_session::state::wants_input || !is_sent) return false;
      const auto n = ::recv(c.socket.get(), buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      c.tls->put({buffer, static_cast<std::size_t>(n)});
    }
  }

  bool connect(connection& c) {
    c = connection{};
    c.socket = descriptor{::socket(address_.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
    const int on = 1;
    ::setsockopt(c.socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool is_there = c.socket.get() >= 0 && ::connect(c.socket.get(), address_.data(), static_cast<socklen_t>(address_.size())) == 0;
    if (!is_there || (trust_ && !shake_hands(c))) {
      c.socket.reset();
      return false;
    }
    ::fcntl(c.socket.get(), F_SETFL, O_NONBLOCK);
    watch(c, EPOLL_CTL_ADD);
    idle_.push_back(&c);
    ++alive_;
    return true;
  }

  // -- requests -----------------------------------------------------------------------------------------------------------

  std::string client_id(std::uint64_t n) const { return o_.prefix + '-' + std::to_string(n); }

  /// A function of the number alone, so that asking again sends the same bytes.
  void append_request(std::uint64_t n, std::string& out) {
    if (!o_.path.empty()) {
      out += head_;
      return;
    }
    body_ = "{\"client_order_id\":\"";
    body_ += client_id(n);
    body_ += "\",\"account\":\"" + accounts_[n % o_.accounts] + "\",\"instrument\":\"" + o_.instrument + "\",\"side\":\"";
    body_ += !o_.side.empty() ? o_.side.c_str() : (n / o_.accounts) % 2 == 0 ? "BUY" : "SELL";
    body_ += "\",\"type\":\"";
    body_ += o_.limit.empty() ? "MARKET" : "LIMIT";
    body_ += "\",\"time_in_force\":\"" + o_.time_in_force + "\",\"quantity\":\"" + o_.quantity + '"';
    if (!o_.limit.empty()) body_ += ",\"limit_price\":\"" + o_.limit + '"';
    body_ += '}';
    out += head_;
    out += std::to_string(body_.size());
    out += "\r\n\r\n";
    out += body_;
  }

  void send(connection& c, std::uint64_t n, steady::time_point due, steady::time_point now) {
    c.order = n;
    c.due = due;
    c.sent = now;
    if (!c.tls) {
      append_request(n, c.out);
    } else {
      request_.clear();
      append_request(n, request_);
      if (c.tls->write(request_)) c.out += c.tls->take(); // else its answer does not come, and it is lost with the connection
    }
    ++report_.sent;
    flush(c);
  }

  void flush(connection& c) {
    const auto n = ::send(c.socket.get(), c.out.data(), c.out.size(), MSG_NOSIGNAL);
    if (n > 0) c.out.erase(0, static_cast<std::size_t>(n));
    if (n < 0 && errno != EAGAIN && errno != EINTR) return lose(c);
    if (c.is_full == c.out.empty()) { // seldom: a request is smaller than a socket's buffer
      c.is_full = !c.out.empty();
      watch(c, EPOLL_CTL_MOD);
    }
  }

  void watch(connection& c, int operation) {
    epoll_event e{};
    e.events = c.is_full ? EPOLLIN | EPOLLOUT : EPOLLIN;
    e.data.ptr = &c;
    ::epoll_ctl(epoll_.get(), operation, c.socket.get(), &e);
  }

  /// The connection is gone; what it carried has an unknown outcome.
  void lose(connection& c) {
    if (c.socket.get() < 0) return;
    if (c.order != 0) unknown_.push_back(c.order);
    else std::erase(idle_, &c);
    c.order = 0;
    c.socket.reset();
    --alive_;
  }

  // -- answers --------------------------------------------------------------------------------------------------------------

  void receive(connection& c, steady::time_point now) {
    char buffer[16384];
    for (;;) {
      const auto n = ::recv(c.socket.get(), buffer, sizeof buffer, 0);
      if (n > 0 && c.tls) {
        c.tls->put({buffer, static_cast<std::size_t>(n)});
        while (c.tls->read(c.in) == edge::tls_session::state::open) {}
      } else if (n > 0) {
        c.in.append(buffer, static_cast<std::size_t>(n));
      }
      if (n < 0 && errno == EINTR) continue;
      if (n == 0 || (n < 0 && errno != EAGAIN)) {
        take(c, now);
        return lose(c);
      }
      if (n < static_cast<ssize_t>(sizeof buffer)) break;
    }
    take(c, now);
  }

  void take(connection& c, steady::time_point now) {
    const auto r = look(c.in);
    if (r.what == seen_response::state::incomplete) return;
    if (r.what == seen_response::state::broken || c.order == 0) return lose(c);
    const auto order = text_member(r.body, "order_id");
    if (r.status >= 200 && r.status < 300 && (!order.empty() || !o_.path.empty())) {
      ++report_.acknowledged;
      if (text_member(r.body, "status") == "REJECTED") ++report_.rejected;
      acknowledged_ += client_id(c.order);
      (acknowledged_ += ' ').append(order) += '\n';
      if (!resolving_) report_.latencies_ns.push_back(static_cast<std::uint64_t>(duration_cast<nanoseconds>(now - c.due).count()));
      else ++report_.resolved;
    } else if (r.status == 504 || r.status == 408) {
      unknown_.push_back(c.order);
    } else {
      ++report_.refused[r.status];
      const bool is_wrong = r.status >= 400 && r.status < 500 && r.status != 429; // the others pass when sent again later
      if (is_wrong && report_.first_wrong.empty()) report_.first_wrong = std::to_string(r.status) + ": " + std::string{r.body.substr(0, 300)};
    }
    const bool closes = r.closes;
    c.in.erase(0, r.size);
    c.order = 0;
    idle_.push_back(&c);
    if (closes) {
      lose(c);
      connect(c);
    }
  }

  void write_record() {
    std::string_view rest = acknowledged_;
    while (record_.get() >= 0 && !rest.empty()) {
      const auto n = ::write(record_.get(), rest.data(), rest.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        broken_record_ = true;
        break;
      }
      rest.remove_prefix(static_cast<std::size_t>(n));
    }
    acknowledged_.clear();
  }

  /// What arrives within `wait`. Everything acknowledged is written before anything else is sent.
  void poll(nanoseconds wait) {
    epoll_event events[256];
    const timespec limit{wait.count() / 1'000'000'000, wait.count() % 1'000'000'000};
    int n = ::epoll_pwait2(epoll_.get(), events, 256, &limit, nullptr);
    if (n < 0 && errno == ENOSYS) n = ::epoll_wait(epoll_.get(), events, 256, static_cast<int>(wait.count() / 1'000'000)); // before Linux 5.11
    const auto now = steady::now();
    for (int i = 0; i < n; ++i) {
      auto& c = *static_cast<connection*>(events[i].data.ptr);
      if (c.socket.get() >= 0 && (events[i].events & EPOLLOUT) != 0 && !c.out.empty()) flush(c);
      if (c.socket.get() >= 0 && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) receive(c, now);
    }
    write_record();
  }

  void lose_silent(steady::time_point now) {
    if (now - looked_ < std::chrono::milliseconds{100}) return;
    looked_ = now;
    for (auto& c : all_)
      if (c.order != 0 && now - c.sent > std::chrono::duration<double>(o_.patience_seconds)) lose(c);
  }

  // -- the two phases -------------------------------------------------------------------------------------------------------

  [[nodiscard]] bool is_time_over(steady::time_point now = steady::now()) const {
    return o_.seconds > 0 && now - began_ >= std::chrono::duration<double>(o_.seconds);
  }

  void pump() {
    std::uint64_t next = 1;
    const auto is_over = [&](steady::time_point now) { return broken_record_ || (o_.orders != 0 && next > o_.orders) || is_time_over(now) || o_.is_stopped(); };
    const auto due_at = [&](std::uint64_t n) {
      return began_ + duration_cast<nanoseconds>(std::chrono::duration<double>(static_cast<double>(n - 1) / o_.rate));
    };
    for (;;) {
      auto now = steady::now();
      nanoseconds wait = std::chrono::milliseconds{100};
      while (!idle_.empty() && !is_over(now)) {
        const auto due = o_.rate > 0 ? due_at(next) : now;
        if (due > now) {
          wait = std::min(wait, duration_cast<nanoseconds>(due - now));
          break;
        }
        auto* c = idle_.back();
        idle_.pop_back();
        send(*c, next++, due, now);
      }
      if (alive_ == 0 || (is_over(now) && idle_.size() == alive_)) return;
      poll(wait);
      lose_silent(now);
    }
  }

  void resolve() {
    resolving_ = true;
    const auto until = steady::now() + duration_cast<nanoseconds>(std::chrono::duration<double>(o_.patience_seconds));
    while (!unknown_.empty() && !broken_record_ && steady::now() < until) {
      for (auto& c : all_)
        if (c.socket.get() < 0 && !connect(c)) break;
      if (alive_ == 0) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10}); // the node is not back yet
        continue;
      }
      const auto now = steady::now();
      while (!idle_.empty() && !unknown_.empty()) {
        auto* c = idle_.back();
        idle_.pop_back();
        const auto n = unknown_.back();
        unknown_.pop_back();
        send(*c, n, now, now);
        --report_.sent; // once more is not another order
      }
      while (alive_ > 0 && idle_.size() < alive_ && steady::now() < until) {
        poll(std::chrono::milliseconds{10});
        lose_silent(steady::now());
      }
      for (auto& c : all_) // out of patience: still unknown
        if (c.order != 0 && steady::now() >= until) lose(c);
    }
  }

  const load_options& o_;
  std::vector<connection> all_;
  std::vector<connection*> idle_;
  std::size_t alive_ = 0;
  boost::asio::ip::tcp::endpoint address_;
  edge::tls_context trust_; // null: plain
  std::string key_, not_trusted_;
  descriptor epoll_, record_;
  std::string head_, body_, request_, acknowledged_;
  std::vector<std::string> accounts_;
  std::vector<std::uint64_t> unknown_;
  load_report report_;
  steady::time_point began_{}, looked_{};
  bool resolving_ = false;
  bool broken_record_ = false;
};

} // namespace

double load_report::percentile_us(double p) const noexcept {
  if (latencies_ns.empty()) return 0;
  const auto last = latencies_ns.size() - 1;
  return static_cast<double>(latencies_ns[std::min(last, static_cast<std::size_t>(p * static_cast<double>(latencies_ns.size())))]) / 1000;
}

std::uint64_t load_report::refused_in_all() const noexcept {
  std::uint64_t n = 0;
  for (const auto& [status, count] : refused) n += count;
  return n;
}

bool load_report::is_sound(bool may_be_refused) const noexcept {
  return unknown == 0 && unsent == 0 && !cut_short && !stopped && first_wrong.empty() && (may_be_refused || refused_in_all() == 0);
}

std::string load_report::json() const {
  const auto number = [](double x) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", x);
    return std::string{text};
  };
  std::string out = "{\"sent\":" + std::to_string(sent) + ",\"acknowledged\":" + std::to_string(acknowledged) + ",\"rejected\":" +
                    std::to_string(rejected) + ",\"resolved\":" + std::to_string(resolved) + ",\"unknown\":" + std::to_string(unknown) +
                    ",\"unsent\":" + std::to_string(unsent) + ",\"refused\":{";
  for (const auto& [status, n] : refused)
    out += (out.back() == '{' ? "\"" : ",\"") + std::to_string(status) + "\":" + std::to_string(n);
  out += "},\"seconds\":" + number(seconds) + ",\"rate\":" + number(seconds > 0 ? static_cast<double>(acknowledged - resolved) / seconds : 0) +
         ",\"latency_us\":{";
  for (const auto& [name, p] : {std::pair{"p50", 0.5}, std::pair{"p95", 0.95}, std::pair{"p99", 0.99}, std::pair{"p999", 0.999}})
    out += std::string{"\""} + name + "\":" + number(percentile_us(p)) + ',';
  return out + "\"max\":" + number(percentile_us(1)) + "}}";
}

result<load_report> run(const load_options& options) { return engine{options}.run(); }

} // namespace troupe::load
