#include "actors/market/simulator/random_walk.hpp"
#include "runtime/core/hash.hpp"
#include "tests/support/test.hpp"

#include <map>
#include <random>

using namespace troupe;

TEST_SUITE_BEGIN("market/simulator");

namespace {

simulator::random_walk walk(std::uint64_t seed) {
  simulator::walk_options options;
  options.seed = seed;
  options.instruments = simulator::default_instruments();
  return simulator::random_walk::create(options).value();
}

std::string describe(const market::event& e) {
  if (const auto* q = std::get_if<market::quote>(&e))
    return "q " + q->instrument.value.str() + " " + q->bid.str() + " " + q->bid_size.str() + " " + q->ask.str() + " " +
           q->ask_size.str() + " " + std::to_string(q->update_id) + " " + std::to_string(to_ns(q->received_at)) + "\n";
  const auto& t = std::get<market::trade>(e);
  return "t " + t.instrument.value.str() + " " + t.last.str() + " " + t.size.str() + " " +
         (t.aggressor == market::side::buy ? "b " : "s ") + std::to_string(t.trade_id) + " " +
         std::to_string(to_ns(t.received_at)) + "\n";
}

std::string first_events(std::uint64_t seed, int count) {
  auto w = walk(seed);
  std::string out;
  for (int i = 0; i < count; ++i) out += describe(w.next());
  return out;
}

} // namespace

TEST_CASE("one seed gives the same bytes everywhere, another seed others") {
  CHECK(first_events(1, 10'000) == first_events(1, 10'000));
  CHECK(first_events(1, 100) != first_events(2, 100));
  CHECK(to_hex(sha256(first_events(1, 10'000))) == "cf344d1b8a35462c9d647cbf203d04ca4a3f423a6d04a04055fb1bbb2ba05694");
}

TEST_CASE("quotes and trades are what an exchange could show, for any seed") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  auto w = walk(seed);
  std::map<market::instrument_id, market::quote> last;
  std::map<market::instrument_id, market::trade> unanswered; // a trade whose quote has not come yet
  std::map<market::instrument_id, price> ticks;
  for (const auto& i : simulator::default_instruments()) ticks[i.id] = i.tick;
  std::uint64_t quotes = 0;
  std::uint64_t trades = 0;
  std::uint64_t sweeps = 0;
  for (std::int64_t step = 1; step <= 200'000; ++step) {
    const auto event = w.next();
    if (const auto* q = std::get_if<market::quote>(&event)) {
      ++quotes;
      const auto tick = ticks.at(q->instrument).units;
      REQUIRE(to_ns(q->received_at) == step * 1'000'000);
      REQUIRE(q->bid.is_positive());
      REQUIRE(q->bid.units % tick == 0);
      REQUIRE((q->ask - q->bid).units % tick == 0);
      REQUIRE((q->ask - q->bid).units / tick >= 1);
      REQUIRE((q->ask - q->bid).units / tick <= 5);
      REQUIRE(q->bid_size.is_positive());
      REQUIRE(q->ask_size.is_positive());
      const auto before = last.find(q->instrument);
      REQUIRE(q->update_id == (before == last.end() ? 1 : before->second.update_id + 1));
      if (const auto t = unanswered.find(q->instrument); t != unanswered.end()) {
        const auto& had = before->second;
        const bool buy = t->second.aggressor == market::side::buy;
        const auto displayed = buy ? had.ask_size : had.bid_size;
        if (t->second.size < displayed) {
          REQUIRE((buy ? q->ask_size : q->bid_size) == displayed - t->second.size);
          REQUIRE((buy ? q->ask : q->bid) == t->second.last);
        } else {
          REQUIRE((buy ? q->bid > had.bid : q->bid < had.bid));
        }
        unanswered.erase(t);
      }
      last[q->instrument] = *q;
    } else {
      ++trades;
      const auto& t = std::get<market::trade>(event);
      REQUIRE(last.count(t.instrument) == 1);
      REQUIRE(unanswered.count(t.instrument) == 0);
      const auto& seen = last.at(t.instrument);
      const bool buy = t.aggressor == market::side::buy;
      REQUIRE(t.last == (buy ? seen.ask : seen.bid));
      REQUIRE(t.size.is_positive());
      if (t.size > (buy ? seen.ask_size : seen.bid_size)) ++sweeps;
      unanswered[t.instrument] = t;
    }
  }
  CHECK(last.size() == 3);
  CHECK(trades > quotes / 20);
  CHECK(sweeps < trades / 10);
}

TEST_CASE("the walks begin at 45,000, 2,500 and 100") {
  auto w = walk(7);
  std::map<std::string, std::string> first;
  for (int i = 0; i < 200; ++i)
    if (const auto event = w.next(); const auto* q = std::get_if<market::quote>(&event))
      first.emplace(q->instrument.value.str(), q->bid.str());
  CHECK(first == std::map<std::string, std::string>{{"BTCUSDT.SIM", "45000"}, {"ETHUSDT.SIM", "2500"}, {"SOLUSDT.SIM", "100"}});
}

TEST_CASE("a price at its lowest stays positive and keeps moving") {
  simulator::walk_options options;
  options.instruments = {{{"LOW.SIM"}, price{1}, price{1}, quantity{1}, 3}};
  auto w = simulator::random_walk::create(options).value();
  price highest;
  for (int i = 0; i < 20'000; ++i)
    if (const auto event = w.next(); const auto* q = std::get_if<market::quote>(&event)) {
      REQUIRE(q->bid.is_positive());
      highest = std::max(highest, q->bid);
    }
  CHECK(highest.units > 10);
}

TEST_CASE("options that cannot work are refused with every violation") {
  simulator::walk_options options;
  options.step = nanoseconds{0};
  options.instruments = {{{"A.SIM"}, price{15}, price{10}, quantity{0}, 0}, {{"A.SIM"}, price{10}, price{10}, quantity{1}, 1}};
  const auto refused = simulator::random_walk::create(options);
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == errc::invalid_argument);
  std::vector<std::string> fields;
  for (const auto& f : refused.error().fields) fields.push_back(f.field);
  CHECK(fields == std::vector<std::string>{"step", "instruments[0].size_step", "instruments[0].size_steps_max",
                                           "instruments[0].start", "instruments[1].id"});
}

TEST_SUITE_END();
