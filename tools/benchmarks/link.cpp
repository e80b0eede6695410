// Messages between two nodes, each with an actor system of its own and TLS between them: our link, and CAF's BASP over the same
// TLS with the same actors. Both ends share this process and its cores.

#include "runtime/actor/caf_inspect.hpp"

#include "tools/benchmarks/bench.hpp"

#include "actors/market/messages.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/cluster/remote_actors.hpp"
#include "runtime/cluster/tls_link.hpp"
#include "runtime/wire/wire.ipp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

#include <chrono>
#include <filesystem>
#include <future>
#include <stdexcept>

namespace troupe::bench {

/// One message of market data.
struct quotes {
  std::vector<market::quote> all;
};
BOOST_DESCRIBE_STRUCT(quotes, (), (all))

} // namespace troupe::bench

TROUPE_WIRE(troupe::bench::quotes)

namespace troupe::bench {
namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

struct node_config : caf::actor_system_config {
  explicit node_config(bool basp, const fs::path& certificates, const std::string& name) {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{2});
    set("scheduler.max-throughput", std::size_t{50});
    actor::add_message_types(*this, actor::system_messages{});
    actor::add_message_types(*this, boost::mp11::mp_list<quotes>{});
    if (!basp) return;
    set("middleman.workers", std::size_t{0});
    openssl_certificate = (certificates / name / (name + ".crt")).string();
    openssl_key = (certificates / name / (name + ".key")).string();
    openssl_cafile = (certificates / name / "ca.crt").string();
    load<caf::io::middleman>();
    load<caf::openssl::manager>();
  }
};

/// Answers every batch with its number.
caf::behavior echo(caf::event_based_actor* self) {
  return {[self](const context& c, const quotes& q) {
            if (auto to = self->current_sender()) to->enqueue(self->ctrl(), caf::make_message_id(), caf::make_message(c.request, q), self->context());
          },
          [self](const quotes&) {
            if (auto to = self->current_sender()) to->enqueue(self->ctrl(), caf::make_message_id(), caf::make_message(actor::credit{}), self->context());
          }};
}

struct measured {
  std::vector<double> us; // of asks, one at a time
  std::map<std::size_t, double> rates; // quotes a second, by batch
};

quotes batch_of(std::size_t n) {
  quotes q;
  q.all.resize(n);
  for (auto& one : q.all) one.instrument = market::instrument_id{"BTCUSDT.BINANCE_USDM"};
  return q;
}

/// Asks one at a time for a while, then keeps a window of batches under way for each batch size.
measured drive(caf::actor_system& system, const caf::strong_actor_ptr& far, double seconds) {
  measured m;
  caf::scoped_actor self{system};
  std::promise<void> done;
  const auto length = std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>(seconds));
  auto driver = system.spawn([&](caf::event_based_actor* me) -> caf::behavior {
    struct state {
      std::uint64_t number = 0;
      clock::time_point sent, until;
      std::vector<std::size_t> sizes{1, 64, 256};
      std::uint64_t received = 0;
      int window = 0; // batches under way
      clock::time_point began;
    };
    auto s = std::make_shared<state>();
    const auto one = batch_of(1);
    const auto ask = [me, s, far, one] {
      context c;
      c.request = ++s->number;
      s->sent = clock::now();
      far->enqueue(caf::actor_cast<caf::strong_actor_ptr>(me), caf::make_message_id(), caf::make_message(c, one), me->context());
    };
    const auto stream = [me, far](const quotes& q) {
      far->enqueue(caf::actor_cast<caf::strong_actor_ptr>(me), caf::make_message_id(), caf::make_message(q), me->context());
    };
    const auto next_size = [me, s, stream, length, &done] {
      if (s->sizes.empty()) {
        me->quit();
        done.set_value();
        return;
      }
      s->received = 0;
      s->began = clock::now();
      s->until = s->began + length;
      const auto size = s->sizes.front();
      const auto q = batch_of(size);
      s->window = size == 1 ? 256 : 8;
      for (int i = 0; i < s->window; ++i) stream(q);
    };
    s->until = clock::now() + length;
    ask();
    auto current = std::make_shared<quotes>(batch_of(1));
    return {[=, &m](std::uint64_t, const quotes&) {
              m.us.push_back(std::chrono::duration<double, std::micro>(clock::now() - s->sent).count());
              if (clock::now() < s->until) return ask();
              next_size();
            },
            [=, &m](const actor::credit&) {
              const auto size = s->sizes.front();
              if (current->all.size() != size) *current = batch_of(size);
              ++s->received;
              if (clock::now() < s->until) return stream(*current);
              if (--s->window != 0) return; // the rest of it is under way
              m.rates[size] = static_cast<double>(s->received * size) / std::chrono::duration<double>(clock::now() - s->began).count();
              s->sizes.erase(s->sizes.begin());
              next_size();
            }};
  });
  done.get_future().wait();
  return m;
}

std::uint16_t free_port() {
  boost::asio::io_context io;
  using tcp = boost::asio::ip::tcp;
  return tcp::acceptor{io, tcp::endpoint{boost::asio::ip::address_v4::loopback(), 0}}.local_endpoint().port();
}

measured ours(const fs::path& certificates, double seconds) {
  struct node {
    node_config config;
    caf::actor_system system{config};
    actor::directory names{system};
    cluster::remote_actors remote;
    std::promise<void> up;
    std::unique_ptr<cluster::link> carrier;
    node(const fs::path& where, const std::string& name, std::uint16_t port, const std::string& other, std::uint16_t other_port)
        : config{false, where, name}, remote{system, names, port} {
      cluster::tls_link_options o;
      o.self = {{name}, port, "bench", "bench", "bench"};
      o.rule.members = {{name}, {other}};
      o.listen = {"127.0.0.1", port};
      o.peers[{other}] = {"127.0.0.1", other_port};
      o.files = cluster::link_files_in(where / name, {name});
      remote.on_up = [this](const cluster::greeting&) { up.set_value(); };
      auto opened = cluster::open_tls_link(o, remote);
      if (!opened) throw std::runtime_error(to_string(opened.error()));
      carrier = std::move(*opened);
    }
    ~node() {
      names.clear();
      remote.clear();
      carrier.reset();
    }
  };
  const auto port_a = free_port(), port_b = free_port();
  node a{certificates, "a", port_a, "b", port_b}, b{certificates, "b", port_b, "a", port_a};
  a.up.get_future().wait();
  b.up.get_future().wait();
  auto far = b.system.spawn(echo);
  b.names.bind({"echo"}, caf::actor_cast<caf::strong_actor_ptr>(far));
  auto m = drive(a.system, a.remote.proxy({"b"}, {"echo"}), seconds);
  caf::anon_send_exit(far, caf::exit_reason::user_shutdown);
  return m;
}

measured basp(const fs::path& certificates, double seconds) {
  node_config config_a{true, certificates, "a"}, config_b{true, certificates, "b"};
  caf::actor_system a{config_a}, b{config_b};
  auto far = b.spawn(echo);
  auto port = caf::openssl::publish(far, 0, "127.0.0.1");
  if (!port) throw std::runtime_error("publish: " + b.render(port.error()));
  auto proxy = caf::openssl::remote_actor<caf::actor>(a, "127.0.0.1", *port);
  if (!proxy) throw std::runtime_error("remote_actor: " + a.render(proxy.error()));
  auto m = drive(a, caf::actor_cast<caf::strong_actor_ptr>(*proxy), seconds);
  caf::anon_send_exit(far, caf::exit_reason::user_shutdown);
  return m;
}

} // namespace

figures link(const settings& s) {
  const fs::path certificates = fs::path{s.directory} / "certificates";
  fs::remove_all(certificates);
  const auto must = [](const result<void>& r) {
    if (!r) throw std::runtime_error(to_string(r.error()));
  };
  must(cluster::create_authority(certificates / "ca", "bench"));
  for (const char* name : {"a", "b"}) must(cluster::issue_certificate(certificates / "ca", {name}, certificates / name));
  figures all;
  std::vector<measured> mine, raw;
  for (int i = 0; i < 3; ++i) { // interleaved, so that drift hits both
    mine.push_back(ours(certificates, s.seconds / 3));
    raw.push_back(basp(certificates, s.seconds / 3));
  }
  const auto median = [](const std::vector<measured>& runs, auto&& what) {
    std::vector<double> values;
    for (auto run : runs) values.push_back(what(run));
    return percentile(values, 0.5);
  };
  for (const double p : {0.5, 0.99}) {
    const auto ask = [p](measured& m) { return percentile(m.us, p); };
    const auto x = median(mine, ask), y = median(raw, ask);
    const std::string label = std::string{"remote ask "} + (p == 0.5 ? "p50" : "p99");
    all.push_back({label + ", our link", x, "us"});
    all.push_back({label + ", BASP over TLS", y, "us"});
    all.push_back({label + ", share", y / x, ""});
  }
  for (const std::size_t size : {1, 64, 256}) {
    const auto rate = [size](measured& m) { return m.rates.at(size); };
    const auto x = median(mine, rate), y = median(raw, rate);
    const auto label = "quotes in batches of " + std::to_string(size);
    all.push_back({label + ", our link", x, "1/s"});
    all.push_back({label + ", BASP over TLS", y, "1/s"});
    all.push_back({label + ", share", x / y, ""});
  }
  fs::remove_all(certificates);
  return all;
}

} // namespace troupe::bench
