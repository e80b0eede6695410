#include "tools/benchmarks/bench.hpp"

#include "actors/trading/oms/core.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/journal/rocks_journal.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace troupe::bench {
namespace {

using clock = std::chrono::steady_clock;
constexpr std::uint64_t turns = 1'000'000;

double seconds_since(clock::time_point t) { return std::chrono::duration<double>(clock::now() - t).count(); }

std::unique_ptr<journal::journal> open(const std::string& directory) {
  journal::rocks_options o;
  o.directory = directory;
  o.sync = false;
  o.reserve_bytes = 0;
  auto j = journal::open_rocks_journal(std::move(o));
  if (!j) throw std::runtime_error(to_string(j.error()));
  return std::move(*j);
}

oms::configuration slot_config() {
  oms::configuration c;
  c.slot = 0;
  const trading::instrument_id id{"BTCUSDT.SIM"};
  c.instruments[id] = {id, trading::venue_id{"SIM"}, price{1'000'000}, quantity{1000}, currency{"USDT"}};
  return c;
}

/// Orders accepted, then cancelled by the venue, which has acknowledged them by then, as a busy day leaves them: half of the turns each.
void write_history(journal::journal& j) {
  auto head = j.open_stream(trading::slot_name(0));
  if (!head) throw std::runtime_error(to_string(head.error()));
  const oms::core core{slot_config()};
  actor::turn<oms::core> t;
  std::uint64_t sequence = 0;
  std::string payload;
  sha256_digest chain;
  journal::append_request request;
  const auto flush = [&] {
    bool good = true;
    j.append(std::exchange(request, {}), [&](result<std::uint64_t> r) { good = r.has_value(); });
    if (!good) throw std::runtime_error("the journal refused");
  };
  const auto put = [&](oms::event e, const actor::command_of<oms::core>& command, std::vector<journal::cursor> acknowledged = {}) {
    t.command = command;
    t.events.assign(1, std::move(e));
    t.decided_at = time_from_ns(static_cast<std::int64_t>(++sequence) * 1000);
    payload.clear();
    wire::encode(t, payload);
    journal::record_header h;
    h.stream = trading::slot_name(0);
    h.sequence = sequence;
    h.epoch = head->epoch;
    h.schema = actor::turn_schema<oms::core>();
    h.previous = chain;
    h.cause = {"bench", sequence};
    h.acknowledged = std::move(acknowledged);
    if (request.records.empty()) {
      request.stream = h.stream;
      request.epoch = h.epoch;
      request.first_sequence = sequence;
    }
    auto& bytes = request.records.emplace_back();
    journal::encode_record(h, payload, bytes);
    chain = sha256(bytes);
    if (request.records.size() == 1000) flush();
  };
  for (std::uint64_t n = 1; n <= turns / 2; ++n) {
    oms::new_order o;
    o.tenant = trading::tenant_id{"main"};
    o.account = trading::account_id{"bench"};
    o.client_id = trading::client_order_id{"b-" + std::to_string(n)};
    o.instrument = trading::instrument_id{"BTCUSDT.SIM"};
    o.quantity = quantity::whole(1);
    o.limit = price::whole(45'000);
    oms::order_accepted a;
    a.id = trading::order_id::make(0, n);
    a.request = o;
    a.decided_at = time_from_ns(static_cast<std::int64_t>(sequence) * 1000);
    a.reserve = price::whole(45'000);
    a.mark = price::whole(45'000);
    put(a, o);
    oms::execution x;
    x.venue = trading::venue_id{"SIM"};
    x.report.id = trading::execution_id{"SIM-" + std::to_string(n)};
    x.report.order = a.id;
    x.report.type = venue::exec_type::canceled;
    x.tenant = o.tenant;
    x.account = o.account;
    x.instrument = o.instrument;
    x.client_id = o.client_id;
    x.status = trading::order_status::canceled;
    put(x, actor::batch<venue::report>{{x.report}}, {{oms::venue_actor(x.venue), sequence}});
  }
  if (!request.records.empty()) flush();
}

} // namespace

figures recovery(const settings& s) {
  const auto directory = s.directory + "/recovery";
  std::filesystem::remove_all(directory);
  write_history(*open(directory));
  const auto began = clock::now();
  auto j = open(directory);
  const auto opened = seconds_since(began);
  const oms::core core{slot_config()};
  auto r = actor::recover(*j, core, trading::slot_name(0));
  if (!r) throw std::runtime_error(to_string(r.error()));
  const auto total = seconds_since(began);
  if (r->head.sequence != turns || !r->state.core.orders.empty()) throw std::runtime_error("the recovered state is not the written one");
  j.reset();
  std::filesystem::remove_all(directory);
  return {{"recovery of 1M turns: open", opened, "s"}, {"recovery of 1M turns: total", total, "s"},
          {"recovery of 1M turns: rate", static_cast<double>(turns) / total, "turns/s"}};
}

} // namespace troupe::bench
