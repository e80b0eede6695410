#include "tests/support/test.hpp"

#include "runtime/actor/shell.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/runtime/actor/bank.hpp"
#include "tests/support/still_system.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace troupe;
using namespace troupe::actor;

namespace {

using transfers = inbox<bank::transfer>;

/// One bank that starts with effects for bank/b, which nobody is: what comes is kept, and acknowledged by hand.
struct indebted : test::still_system {
  environment env;
  std::vector<transfers> came;
  caf::strong_actor_ptr sender, creditor;

  indebted() {
    env.clock = &clock;
    env.names = &names;
    env.pulses = &pulses;
    env.deterministic = true;
    creditor = caf::actor_cast<caf::strong_actor_ptr>(system.spawn([this](caf::event_based_actor*) -> caf::behavior {
      return {[this](const transfers& in) { came.push_back(in); }};
    }));
    names.bind(actor_name{"bank/b"}, creditor);
  }
  ~indebted() {
    for (const auto& a : {sender, creditor}) caf::anon_send_exit(a, caf::exit_reason::kill);
    names.clear();
    scheduler.run();
  }
  /// `turns` holds how many effects each turn had; those of one turn have its number as their amount.
  void start(const std::vector<std::size_t>& turns) {
    recovered<bank::core> from;
    from.head.stream = actor_name{"bank/a"};
    from.head.epoch = 1;
    from.head.sequence = turns.size();
    auto& box = from.state.outboxes[actor_name{"bank/b"}];
    for (std::uint64_t turn = 1; turn <= turns.size(); ++turn)
      for (std::size_t i = 0; i < turns[turn - 1]; ++i) box.pending.push_back({turn, bank::transfer{static_cast<std::int64_t>(turn)}, {}});
    shell_options options;
    options.node = &env;
    options.journal = troupe::journal::make_memory_journal();
    sender = caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell<bank::core>>(bank::core{}, std::move(from), options));
    names.bind(actor_name{"bank/a"}, sender);
    scheduler.run();
  }
  /// The owed messages since the last call.
  std::vector<transfers> take() {
    scheduler.run();
    return std::exchange(came, {});
  }
  void acknowledge(std::uint64_t turn) {
    caf::anon_send(caf::actor_cast<caf::actor>(sender), delivered{actor_name{"bank/b"}, turn});
    scheduler.run();
  }
  /// What is sent when the sender looks once.
  std::vector<transfers> look() {
    scheduler.advance_time(std::chrono::milliseconds{200});
    return take();
  }
};

std::size_t effects_in(const std::vector<transfers>& messages) {
  return std::accumulate(messages.begin(), messages.end(), std::size_t{0}, [](std::size_t sum, const auto& m) { return sum + m.items.size(); });
}

} // namespace

TEST_SUITE_BEGIN("actor/effects");

TEST_CASE_FIXTURE(indebted, "effects: 10,000 pending ones leave in messages of at most 256, in order, none twice when all is acknowledged") {
  static_assert(effects_per_message_max == 256);
  start(std::vector<std::size_t>(10'000, 1));
  std::uint64_t last = 0;
  std::size_t most_at_once = 0;
  for (auto messages = take(); !messages.empty(); messages = take()) {
    most_at_once = std::max(most_at_once, effects_in(messages));
    for (const auto& m : messages) {
      REQUIRE_FALSE(m.items.empty());
      CHECK(m.items.size() <= 256);
      CHECK(m.previous == last);
      for (const auto& item : m.items) {
        REQUIRE(item.sequence == last + 1);
        REQUIRE(item.effect.amount == static_cast<std::int64_t>(item.sequence));
        last = item.sequence;
      }
      acknowledge(last);
    }
  }
  CHECK(last == 10'000);
  CHECK(most_at_once <= effects_under_way_max);
  for (int i = 0; i < 20; ++i) CHECK(look().empty());
  CHECK(pulses.of(actor_name{"bank/a"})->acknowledged == 10'000);
}

TEST_CASE_FIXTURE(indebted, "effects: the items of one turn are never split") {
  start({200, 56, 1, 255, 2, 1000, 3, 256, 255, 2});
  const auto messages = take();
  std::vector<std::vector<std::uint64_t>> turns; // of each message
  std::uint64_t last = 0;
  for (const auto& m : messages) {
    CHECK(m.previous == last);
    CHECK(m.items.front().sequence > last);
    turns.emplace_back();
    for (const auto& item : m.items)
      if (turns.back().empty() || turns.back().back() != item.sequence) turns.back().push_back(item.sequence);
    last = m.items.back().sequence;
  }
  CHECK(turns == std::vector<std::vector<std::uint64_t>>{{1, 2}, {3, 4}, {5}, {6}, {7}, {8}, {9}, {10}});
  CHECK(effects_in(messages) == 2030);
}

TEST_CASE_FIXTURE(indebted, "effects: a turn of more than the window leaves whole, and what comes behind it waits for its acknowledgement") {
  start({1, 2 * effects_under_way_max, 1});
  auto messages = take();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].items.size() == 1);
  acknowledge(1);
  messages = take();
  REQUIRE(messages.size() == 1);
  CHECK(messages[0].items.size() == 2 * effects_under_way_max);
  acknowledge(2);
  CHECK(effects_in(take()) == 1);
}

TEST_CASE_FIXTURE(indebted, "effects: while nothing is acknowledged at most a window is sent again") {
  start(std::vector<std::size_t>(10'000, 1));
  CHECK(effects_in(take()) == effects_under_way_max);
  for (int i = 0; i < 20; ++i) {
    const auto again = look();
    REQUIRE(again.size() == 1);
    CHECK(again[0].previous == 0);
    CHECK(again[0].items.size() == effects_again_max);
  }
}

TEST_CASE_FIXTURE(indebted, "effects: a receiver that is back gets twice as many with each acknowledgement, up to a window") {
  start(std::vector<std::size_t>(30'000, 1));
  (void)take();
  auto messages = look();
  std::uint64_t heard = 0;
  for (auto window = effects_again_max; window < effects_under_way_max; window *= 2) {
    CHECK(effects_in(messages) == window);
    REQUIRE_FALSE(messages.empty());
    CHECK(messages[0].previous == heard);
    heard = messages.back().items.back().sequence;
    acknowledge(heard);
    messages = take();
  }
  CHECK(effects_in(messages) == effects_under_way_max);
  acknowledge(messages.back().items.back().sequence);
  CHECK(effects_in(take()) == effects_under_way_max);
}

TEST_CASE_FIXTURE(indebted, "effects: an acknowledgement of a message makes room for one more, and none of those under way is repeated") {
  start(std::vector<std::size_t>(10'000, 1));
  auto messages = take();
  REQUIRE(messages.size() == 16);
  acknowledge(messages[0].items.back().sequence);
  auto more = take();
  REQUIRE(more.size() == 1);
  CHECK(more[0].previous == effects_under_way_max);
  CHECK(more[0].items.size() == effects_per_message_max);
  CHECK(look().empty()); // something was acknowledged since the last look, or this is the first
}

TEST_CASE_FIXTURE(indebted, "effects: when a receiver is slow and nothing was lost, only what was sent again comes twice") {
  start(std::vector<std::size_t>(10'000, 1));
  auto first = take();
  std::size_t twice = 0;
  for (int i = 0; i < 10; ++i) twice += effects_in(look());
  CHECK(twice == 10 * effects_again_max);
  std::uint64_t sent = effects_under_way_max;
  for (const auto& m : first) {
    acknowledge(m.items.back().sequence);
    for (const auto& more : take()) {
      CHECK(more.previous == sent);
      sent = more.items.back().sequence;
    }
  }
  CHECK(sent == 2 * effects_under_way_max);
}

TEST_CASE_FIXTURE(indebted, "effects: a long turn that nobody acknowledges is sent again more rarely") {
  start({10 * effects_per_message_max});
  REQUIRE(take().size() == 1);
  int again = 0;
  for (int i = 0; i < 22; ++i) again += look().empty() ? 0 : 1;
  CHECK(again == 2);
}

TEST_CASE_FIXTURE(indebted, "effects: an acknowledgement beyond what is durable here is of a life that was lost, and changes nothing") {
  start({1, 1});
  CHECK(effects_in(take()) == 2);
  acknowledge(3);
  CHECK(pulses.of(actor_name{"bank/a"})->acknowledged == 0);
  CHECK(effects_in(look()) == 2);
}

TEST_CASE_FIXTURE(indebted, "effects: what is shown of a sender has no effect that is acknowledged") {
  start(std::vector<std::size_t>(100, 1));
  acknowledge(1);
  caf::scoped_actor self{system};
  context ctx;
  ctx.request = 1;
  send_to(*self.ptr(), sender, lane::order, ctx, inspect_request{});
  scheduler.run();
  std::string state;
  self->receive([&](std::uint64_t, const inspected& shown) { state = shown.state; }, caf::after(caf::timespan{0}) >> [] {});
  CHECK(state.find(R"("acknowledged":1)") != std::string::npos);
  CHECK(state.find(R"("sequence":2,)") != std::string::npos);
  CHECK(state.find(R"("sequence":1,)") == std::string::npos);
}

TEST_SUITE_END();
