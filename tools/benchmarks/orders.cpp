#include "runtime/actor/caf_inspect.hpp"

#include "tools/benchmarks/bench.hpp"
#include "tools/benchmarks/still_market.hpp"

#include "actors/trading/oms/messages.hpp"
#include "nodes/desk/desk.hpp"
#include "runtime/actor/messages.hpp"

#include <caf/all.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <stdexcept>
#include <thread>

#include <sys/resource.h>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;

/// Keeps `in_flight` orders under way: every acknowledgement sends the next. Runs in the slots' threads.
class client final : public caf::monitorable_actor {
public:
  client(caf::actor_config& config, actor::directory* names, std::uint32_t accounts) : caf::monitorable_actor(config), names_{names} {
    register_at_system();
    for (std::uint32_t i = 0; i < accounts; ++i) {
      const trading::account_id account{"bench-" + std::to_string(i)};
      targets_.push_back({account, names_->ref(trading::slot_name(trading::slot_of(trading::tenant_id{"main"}, account)))});
    }
    sent_at_ = std::vector<std::atomic<std::int64_t>>(window);
  }

  void send_one() {
    if (stopped_) return;
    const auto n = next_.fetch_add(1, std::memory_order_relaxed) + 1;
    const auto& [account, slot] = targets_[n % targets_.size()];
    oms::new_order o;
    o.tenant = trading::tenant_id{"main"};
    o.account = account;
    o.client_id = trading::client_order_id{"b" + std::to_string(run_) + "-" + std::to_string(n)};
    o.instrument = still_instrument;
    o.type = trading::order_type::limit;
    o.tif = trading::time_in_force::ioc;
    o.quantity = *quantity::parse("0.001");
    o.limit = price::whole(44'000); // below the offer: the venue cancels it at once, and the order is finished
    context c;
    c.cause = {"bench", n};
    c.principal = principal_id{"bench"};
    c.request = n;
    sent_at_[n % window].store(clock::now().time_since_epoch().count(), std::memory_order_relaxed);
    slot->enqueue(caf::make_mailbox_element(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(), {}, c, std::move(o)), nullptr);
  }

  void enqueue(caf::mailbox_element_ptr m, caf::execution_unit*) override {
    const auto& content = m->content();
    if (content.match_elements<std::uint64_t, oms::order_ack>()) {
      const auto n = content.get_as<std::uint64_t>(0);
      if (content.get_as<oms::order_ack>(1).refusal != oms::refusal::none) {
        std::lock_guard guard{mutex_};
        if (first_refusal_.empty()) first_refusal_ = content.get_as<oms::order_ack>(1).reason;
        refused_.fetch_add(1);
      }
      if ((n & 15u) == 0) {
        const auto us = static_cast<double>(clock::now().time_since_epoch().count() - sent_at_[n % window].load(std::memory_order_relaxed)) / 1e3;
        std::lock_guard guard{mutex_};
        latencies_.push_back(us);
      }
    }
    acked_.fetch_add(1, std::memory_order_relaxed);
    send_one();
  }

  void begin(int run) {
    run_ = run;
    next_ = 0;
    acked_ = 0;
    stopped_ = false;
  }
  void stop() { stopped_ = true; }
  [[nodiscard]] std::uint64_t acked() const { return acked_; }
  [[nodiscard]] std::uint64_t refused() const { return refused_; }
  [[nodiscard]] std::string first_refusal() { std::lock_guard guard{mutex_}; return first_refusal_; }
  [[nodiscard]] std::vector<double> take_latencies() { std::lock_guard guard{mutex_}; return std::exchange(latencies_, {}); }
  void on_destroy() override {}
  void finish() {
    targets_.clear();
    if (cleanup(caf::exit_reason::user_shutdown, nullptr)) unregister_from_system();
  }

private:
  static constexpr std::size_t window = 1 << 16;
  actor::directory* names_;
  std::vector<std::pair<trading::account_id, caf::strong_actor_ptr>> targets_;
  std::vector<std::atomic<std::int64_t>> sent_at_;
  std::atomic<std::uint64_t> next_{0};
  std::atomic<std::uint64_t> acked_{0};
  std::atomic<std::uint64_t> refused_{0};
  std::atomic<bool> stopped_{false};
  int run_ = 0;
  std::mutex mutex_;
  std::vector<double> latencies_;
  std::string first_refusal_;
};

/// Processor time of the whole process, client included, in seconds.
double processor_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

} // namespace

figures durable_orders(const settings& s) {
  const auto data = s.directory + "/orders";
  std::filesystem::remove_all(data);
  config::source source;
  source.name = "bench";
  source.text = R"({"instruments":[{"id":"BTCUSDT.SIM","tick_size":"0.01","lot_size":"0.00001"}],"venues":[{"name":"SIM"}],
    "risk":{"mark_age_max_ms":3600000,"open_orders_max":1000000,"orders_per_second_max":10000000,"position_max":"90000000"}})";
  auto config = config::load<desk::configuration>(source, desk::cross_checks());
  if (!config) throw std::runtime_error(to_string(config.error()));
  desk::desk_options o;
  o.config = &*config;
  o.data_dir = data;
  o.on_fatal = [](const std::string& why) {
    std::fprintf(stderr, "fatal: %s\n", why.c_str());
    ::_exit(4);
  };
  auto node = desk::desk::open(o);
  if (!node) throw std::runtime_error(to_string(node.error()));
  if (auto started = (*node)->start(); !started) throw std::runtime_error(to_string(started.error()));
  show_still_market(**node);
  caf::actor_config actor_config;
  auto handle = caf::make_actor<client, caf::strong_actor_ptr>((*node)->system().next_actor_id(), (*node)->system().node(), &(*node)->system(),
                                                               actor_config, (*node)->parts().env.names, s.accounts);
  auto& c = *static_cast<client*>(caf::actor_cast<caf::abstract_actor*>(handle));
  figures all;
  int run = 0;
  for (const int in_flight : s.in_flight) {
    c.begin(++run);
    for (int i = 0; i < in_flight; ++i) c.send_one();
    std::this_thread::sleep_for(std::chrono::duration<double>(s.seconds / 3)); // warm
    (void)c.take_latencies();
    const auto before = c.acked();
    const auto flushes = (*node)->parts().journal->stats().flushes;
    const auto processor = processor_seconds();
    const auto began = clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(s.seconds));
    const auto seconds = std::chrono::duration<double>(clock::now() - began).count();
    const auto used = processor_seconds() - processor;
    const auto acks = static_cast<double>(c.acked() - before);
    const auto flushed = static_cast<double>((*node)->parts().journal->stats().flushes - flushes);
    c.stop();
    std::this_thread::sleep_for(std::chrono::milliseconds{500});
    auto us = c.take_latencies();
    const auto label = "orders at " + std::to_string(in_flight) + " in flight: ";
    all.push_back({label + "durable", acks / seconds, "1/s"});
    all.push_back({label + "ack p50", percentile(us, 0.5), "us"});
    all.push_back({label + "ack p99", percentile(us, 0.99), "us"});
    all.push_back({label + "flushes per ack", acks > 0 ? flushed / acks : 0, ""});
    all.push_back({label + "processor time per ack", acks > 0 ? used * 1e6 / acks : 0, "us"});
  }
  if (c.refused() != 0) throw std::runtime_error("orders were refused, so this measured something else: " + c.first_refusal());
  c.finish();
  (*node)->stop();
  node->reset();
  std::filesystem::remove_all(data);
  return all;
}

} // namespace troupe::bench
