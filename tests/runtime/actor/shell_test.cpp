#include "tests/support/test.hpp"

#include "runtime/actor/shell.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/runtime/actor/bank.hpp"
#include "tests/support/still_system.hpp"

using namespace troupe;
using namespace troupe::actor;

namespace {

/// A memory journal whose completions wait until `sync()`: what a slow disk looks like.
class slow_journal final : public journal::journal {
public:
  std::unique_ptr<journal> inner = troupe::journal::make_memory_journal();
  bool is_slow = false;
  std::vector<std::pair<troupe::journal::append_request, troupe::journal::completion>> waiting;
  result<troupe::journal::stream_head> open_stream(const actor_name& s) override { sync(); return inner->open_stream(s); }
  void append(troupe::journal::append_request r, troupe::journal::completion done) override {
    if (is_slow) waiting.emplace_back(std::move(r), std::move(done));
    else inner->append(std::move(r), std::move(done));
  }
  void sync() {
    auto now = std::exchange(waiting, {});
    for (auto& [r, done] : now) inner->append(std::move(r), std::move(done));
  }
  void lose() { waiting.clear(); } // a crash before the disk
  std::uint64_t length(const actor_name& s) const {
    const auto heads = inner->heads().value();
    for (const auto& h : heads)
      if (h.stream == s) return h.sequence;
    return 0;
  }
  /// The stream becomes what it was when it had `length` turns; nothing else changes.
  void restore(const actor_name& s, std::uint64_t length) {
    auto fresh = troupe::journal::make_memory_journal();
    const auto heads = inner->heads().value();
    for (const auto& whole : heads) {
      troupe::journal::stream_head head;
      const auto reach = [&](std::uint64_t epoch) {
        while (head.epoch < epoch) head = fresh->open_stream(whole.stream).value();
      };
      REQUIRE(inner->read(whole.stream, 1, [&](const troupe::journal::record_view& turn) {
        const auto& h = turn.header;
        if (whole.stream == s && h.sequence > length) return false;
        reach(h.epoch);
        troupe::journal::append_request one;
        one.stream = whole.stream;
        one.epoch = h.epoch;
        one.first_sequence = h.sequence;
        troupe::journal::encode_record(h, turn.payload, one.records.emplace_back());
        fresh->append(std::move(one), [](const result<std::uint64_t>& done) { REQUIRE(done.has_value()); });
        return true;
      }));
      if (whole.stream != s) reach(whole.epoch);
    }
    inner = std::move(fresh);
  }
  result<void> flush() override { return inner->flush(); }
  result<void> read(const actor_name& s, std::uint64_t from,
                    const std::function<bool(const troupe::journal::record_view&)>& v) const override {
    return inner->read(s, from, v);
  }
  result<std::optional<troupe::journal::snapshot>> load_snapshot(const actor_name& s, std::uint64_t m) const override {
    return inner->load_snapshot(s, m);
  }
  std::function<void()> looks_up = [] {};
  result<std::optional<std::string>> get(std::string_view t, std::string_view k) const override {
    looks_up();
    return inner->get(t, k);
  }
  result<void> scan(std::string_view t, std::string_view f,
                    const std::function<bool(std::string_view, std::string_view)>& v) const override {
    return inner->scan(t, f, v);
  }
  result<std::vector<troupe::journal::stream_head>> heads() const override { return inner->heads(); }
  troupe::journal::statistics stats() const override { return inner->stats(); }
  bool is_roomy = true;
  bool has_space() const noexcept override { return is_roomy; }
};

struct desk : test::still_system {
  environment env;
  std::shared_ptr<slow_journal> store = std::make_shared<slow_journal>();
  std::vector<caf::strong_actor_ptr> living;
  caf::scoped_actor self{system};

  desk() {
    env.clock = &clock;
    env.names = &names;
    env.pulses = &pulses;
    env.deterministic = true;
    env.faults_allowed = true;
  }
  ~desk() {
    for (auto& a : living) caf::anon_send_exit(a, caf::exit_reason::kill);
    names.clear();
    scheduler.run();
  }
  template <class Wiring = plain_wiring>
  caf::strong_actor_ptr start(const char* name, bool is_patient = false) {
    auto from = recover(*store, bank::core{}, actor_name{name});
    REQUIRE_MESSAGE(from.has_value(), to_string(from.error()));
    shell_options options;
    options.node = &env;
    options.journal = store;
    options.snapshot_interval = 5;
    options.is_patient = is_patient;
    auto handle = caf::actor_cast<caf::strong_actor_ptr>(
      system.spawn<shell<bank::core, Wiring>>(bank::core{}, std::move(*from), options));
    names.bind(actor_name{name}, handle);
    living.push_back(handle);
    return handle;
  }
  void kill(const char* name, const caf::strong_actor_ptr& a) {
    names.bind(actor_name{name}, nullptr);
    caf::anon_send_exit(a, caf::exit_reason::kill);
    scheduler.run();
  }
  template <class C>
  void tell(const char* name, std::uint64_t number, C command) {
    context ctx;
    ctx.request = number;
    send_to(*self.ptr(), names.ref(actor_name{name}), lane::order, ctx, std::move(command));
  }
  /// The answer to `number` if it has arrived.
  std::optional<bank::receipt> answered(std::uint64_t number) {
    scheduler.run();
    std::optional<bank::receipt> r;
    bool more = true;
    while (more && !r) {
      more = false;
      self->receive([&](std::uint64_t n, const bank::receipt& got) { more = true; if (n == number) r = got; },
                    [&](const unanswered& u) { more = true; if (u.number == number) r = bank::receipt{false, -1}; },
                    caf::after(caf::timespan{0}) >> [] {});
    }
    return r;
  }
  /// Of 10 and 20 that came from a, the 20 are in no journal of b any more.
  void let_b_lose_what_it_acknowledged() {
    start("bank/a");
    const auto b = start("bank/b");
    tell("bank/a", 1, bank::deposit{1, 100});
    tell("bank/a", 2, bank::send_away{10, "bank/b"});
    scheduler.run();
    const auto older = store->length(actor_name{"bank/b"});
    tell("bank/a", 3, bank::send_away{20, "bank/b"});
    scheduler.run();
    CHECK(balance("bank/b") == 30);
    kill("bank/b", b);
    store->restore(actor_name{"bank/b"}, older);
  }
  std::int64_t balance(const char* name) {
    tell(name, 777, bank::balance_query{});
    auto r = answered(777);
    REQUIRE(r);
    return r->balance;
  }
};

} // namespace

TEST_SUITE_BEGIN("actor/shell");

TEST_CASE_FIXTURE(desk, "a look-up may wait for the disk longer than a handler may run otherwise, and nobody takes the actor for hung") {
  start("bank/a");
  tell("bank/a", 1, bank::deposit{1, 50});
  const auto pulse = pulses.of(actor_name{"bank/a"});
  std::uint32_t patience = 0, busy = 0;
  store->looks_up = [&] {
    patience = pulse->patience;
    busy = pulse->busy_since;
  };
  tell("bank/a", 2, bank::send_away{10, "bank/b"});
  CHECK(answered(2)->accepted);
  CHECK(patience * watchdog_tick_length >= disk_patience);
  CHECK(busy != 0);
  CHECK(pulse->patience == 0);
  CHECK(pulse->busy_since == 0);
}

TEST_CASE_FIXTURE(desk, "an answer waits until its turn is durable, and so does a query behind it") {
  start("bank/a");
  store->is_slow = true;
  tell("bank/a", 1, bank::deposit{1, 50});
  tell("bank/a", 2, bank::balance_query{});
  CHECK_FALSE(answered(1));
  store->sync();
  CHECK(answered(1)->balance == 50);
  CHECK(answered(2)->balance == 50);
}

TEST_CASE_FIXTURE(desk, "a repeated answer based on a state that is not durable waits as well") {
  start("bank/a");
  store->is_slow = true;
  tell("bank/a", 1, bank::deposit{1, 50});
  tell("bank/a", 2, bank::deposit{1, 50});
  CHECK_FALSE(answered(2));
  store->sync();
  CHECK(answered(2)->balance == 50);
}

TEST_CASE_FIXTURE(desk, "restart: the state is that of the durable turns; held answers are reported unknown") {
  auto a = start("bank/a");
  tell("bank/a", 1, bank::deposit{1, 50});
  REQUIRE(answered(1));
  store->is_slow = true;
  tell("bank/a", 2, bank::deposit{2, 7});
  scheduler.run();
  store->lose();
  kill("bank/a", a);
  CHECK(answered(2)->balance == -1); // unknown
  store->is_slow = false;
  start("bank/a");
  CHECK(balance("bank/a") == 50);
}

TEST_CASE_FIXTURE(desk, "a message to an actor that is away is answered at once") {
  auto a = start("bank/a");
  kill("bank/a", a);
  tell("bank/a", 9, bank::deposit{1, 1});
  CHECK(answered(9)->balance == -1);
}

TEST_CASE_FIXTURE(desk, "a turn is urgent when somebody waits for it: an answer or an effect, not a fold alone") {
  start("bank/a");
  start("bank/b");
  store->is_slow = true;
  const auto urgent_of_next = [&] {
    scheduler.run();
    REQUIRE(store->waiting.size() == 1);
    const bool urgent = store->waiting.front().first.urgent;
    store->sync();
    return urgent;
  };
  tell("bank/a", 1, bank::deposit{1, 50});
  CHECK(urgent_of_next());
  tell("bank/a", 2, bank::send_away{20, "bank/b"});
  CHECK(urgent_of_next());
  CHECK_FALSE(urgent_of_next()); // bank/b takes the money; only its acknowledgement leaves
}

TEST_CASE_FIXTURE(desk, "no turn of a patient actor is urgent, whoever waits for it") {
  start("bank/a", true);
  store->is_slow = true;
  tell("bank/a", 1, bank::deposit{1, 50});
  scheduler.run();
  REQUIRE(store->waiting.size() == 1);
  CHECK_FALSE(store->waiting.front().first.urgent);
  store->sync();
  scheduler.run();
  CHECK(answered(1)->balance == 50);
}

TEST_CASE_FIXTURE(desk, "that a question got no answer is understood by whoever asked it") {
  const auto a = start("bank/a");
  bool understood = false;
  auto asked = self->request(caf::actor_cast<caf::actor>(a), caf::infinite, unanswered{5});
  scheduler.run();
  asked.receive([&] { understood = true; }, [](const caf::error&) {});
  CHECK(understood);
}

TEST_CASE_FIXTURE(desk, "effects arrive exactly once, whoever restarts in between") {
  auto a = start("bank/a");
  tell("bank/a", 1, bank::deposit{1, 100});
  tell("bank/a", 2, bank::send_away{30, "bank/b"}); // nobody is bank/b yet
  CHECK(answered(2)->accepted);
  kill("bank/a", a);
  a = start("bank/a"); // the effect is still owed
  auto b = start("bank/b");
  scheduler.advance_time(std::chrono::milliseconds{250});
  scheduler.run();
  scheduler.advance_time(std::chrono::milliseconds{250});
  scheduler.run();
  CHECK(balance("bank/b") == 30);
  kill("bank/a", a); // the acknowledgement's cursor was not written: it is sent again, and folded once
  a = start("bank/a");
  for (int i = 0; i < 3; ++i) {
    scheduler.advance_time(std::chrono::milliseconds{250});
    scheduler.run();
  }
  CHECK(balance("bank/b") == 30);
  CHECK(balance("bank/a") == 70);
  kill("bank/b", b);
  start("bank/b");
  CHECK(balance("bank/b") == 30);
}

TEST_CASE_FIXTURE(desk, "an effect whose message was lost with the receiver's mailbox is repeated in order") {
  start("bank/a");
  auto b = start("bank/b");
  tell("bank/a", 1, bank::deposit{1, 100});
  REQUIRE(answered(1));
  kill("bank/b", b);
  tell("bank/a", 2, bank::send_away{1, "bank/b"});
  REQUIRE(answered(2));
  start("bank/b");
  tell("bank/a", 3, bank::send_away{2, "bank/b"}); // arrives first, must not hide the lost one
  REQUIRE(answered(3));
  for (int i = 0; i < 3; ++i) {
    scheduler.advance_time(std::chrono::milliseconds{250});
    scheduler.run();
  }
  CHECK(balance("bank/b") == 3);
}

TEST_CASE_FIXTURE(desk, "a sender whose journal was restored is heard again: what it says anew is taken once, what the receiver heard of the lost life is not repeated") {
  auto a = start("bank/a");
  start("bank/b");
  tell("bank/a", 1, bank::deposit{1, 100});
  tell("bank/a", 2, bank::send_away{10, "bank/b"});
  scheduler.run();
  const auto older = store->length(actor_name{"bank/a"});
  tell("bank/a", 3, bank::send_away{20, "bank/b"}); // the backup does not have these
  tell("bank/a", 4, bank::send_away{30, "bank/b"});
  scheduler.run();
  CHECK(balance("bank/b") == 60);
  kill("bank/a", a);
  store->restore(actor_name{"bank/a"}, older);

  start("bank/a");
  CHECK(balance("bank/a") == 90);
  tell("bank/a", 5, bank::send_away{5, "bank/b"});
  scheduler.run();
  CHECK(balance("bank/b") == 65);
  tell("bank/a", 6, bank::send_away{6, "bank/b"});
  scheduler.run();
  CHECK(balance("bank/b") == 71);
  CHECK(pulses.of(actor_name{"bank/a"})->acknowledged.load() >= 2);
}

TEST_CASE_FIXTURE(desk, "a receiver whose journal was restored does not wait for what it has acknowledged and lost: nobody has that any more") {
  let_b_lose_what_it_acknowledged();

  start("bank/b");
  CHECK(balance("bank/b") == 10);
  tell("bank/a", 4, bank::send_away{5, "bank/b"});
  scheduler.run();
  CHECK(balance("bank/b") == 15);
}

namespace {
struct catching_up {
  [[nodiscard]] bool catches_up_with(const actor_name& sender) const { return sender == actor_name{"bank/a"}; }
};
} // namespace

TEST_CASE_FIXTURE(desk, "a receiver that fills its own holes passes over nothing, whatever it has acknowledged before its journal was restored") {
  let_b_lose_what_it_acknowledged();

  start<catching_up>("bank/b");
  tell("bank/a", 4, bank::send_away{5, "bank/b"});
  for (int i = 0; i < 3; ++i) {
    scheduler.advance_time(std::chrono::milliseconds{250});
    scheduler.run();
  }
  CHECK(balance("bank/b") == 10); // the 5 wait until what lies before them is there
}

struct reserved_wiring {
  static inline bool is_reserved = false;
  [[nodiscard]] bool holds_off(const actor_name&) const { return is_reserved; }
};

TEST_CASE_FIXTURE(desk, "what a receiver holds off is neither folded nor acknowledged, and comes again until it is taken, once") {
  start("bank/a");
  start<reserved_wiring>("bank/b");
  reserved_wiring::is_reserved = true;
  tell("bank/a", 1, bank::deposit{1, 100});
  tell("bank/a", 2, bank::send_away{10, "bank/b"});
  scheduler.run();
  for (int i = 0; i < 5; ++i) scheduler.advance_time(std::chrono::milliseconds{200});
  scheduler.run();
  CHECK(balance("bank/b") == 0);
  CHECK(store->length(actor_name{"bank/b"}) == 0);
  CHECK(pulses.of(actor_name{"bank/a"})->acknowledged == 0);
  reserved_wiring::is_reserved = false;
  for (int i = 0; i < 5; ++i) scheduler.advance_time(std::chrono::milliseconds{200});
  scheduler.run();
  CHECK(balance("bank/b") == 10);
  CHECK(store->length(actor_name{"bank/b"}) == 1);
}

namespace {

/// Keeps what cannot be paid until a deposit is durable, and then until the next.
struct patient_wiring {
  static constexpr std::uint32_t paid_tick = 1;
  std::vector<postponed<bank::send_away>> waiting;

  [[nodiscard]] bool may_wait(const context&, const bank::send_away&) const { return waiting.size() < 2; }
  template <class Shell>
  void postpone(Shell&, postponed<bank::send_away> p) { waiting.push_back(std::move(p)); }
  template <class Shell>
  void released(Shell& self, std::uint64_t, const bank::core::event& e) {
    if (std::holds_alternative<bank::deposited>(e)) self.tick_after(paid_tick, nanoseconds{0});
  }
  template <class Shell>
  void tick(Shell& self, std::uint32_t) {
    for (const auto& p : std::exchange(waiting, {})) self.template take_up<bank::receipt>(p, true);
  }
  template <class Shell>
  void stopped(Shell&) {
    for (const auto& p : waiting) actor::say_unanswered(p.from, p.asked.request);
  }
};

} // namespace

TEST_CASE_FIXTURE(desk, "an ask that its core cannot decide yet waits with the wiring: nothing is on record, and it is decided and answered once when it is taken up") {
  const auto a = start<patient_wiring>("bank/a");
  const auto deposit = [&](std::uint64_t number, std::int64_t amount) {
    tell("bank/a", number, bank::deposit{number, amount});
    REQUIRE(answered(number));
    scheduler.advance_time(std::chrono::milliseconds{1});
    scheduler.run();
  };
  tell("bank/a", 1, bank::send_away{30, "bank/b"});
  tell("bank/a", 2, bank::send_away{50, "bank/b"});
  tell("bank/a", 3, bank::send_away{10, "bank/b"}); // there are two that wait: this one is decided
  const auto third = answered(3);
  REQUIRE(third);
  CHECK_FALSE(third->accepted);
  CHECK_FALSE(answered(1));
  CHECK(store->length(actor_name{"bank/a"}) == 0);
  deposit(4, 40);
  const auto paid = answered(1);
  REQUIRE(paid);
  CHECK(paid->accepted);
  CHECK(paid->balance == 10);
  CHECK_FALSE(answered(2));
  CHECK(store->length(actor_name{"bank/a"}) == 2);
  kill("bank/a", a);
  CHECK(answered(2)->balance == -1); // unknown, as whatever was held
  CHECK(store->length(actor_name{"bank/a"}) == 2);
}

TEST_CASE_FIXTURE(desk, "a refusal is answered and takes no turn while the disk's reserve is reached") {
  start("bank/a");
  store->is_roomy = false;
  tell("bank/a", 1, bank::deposit{1, -5});
  CHECK_FALSE(answered(1)->accepted);
  CHECK(store->length(actor_name{"bank/a"}) == 0);
  store->is_roomy = true;
  tell("bank/a", 2, bank::deposit{1, -5});
  CHECK_FALSE(answered(2)->accepted);
  CHECK(store->length(actor_name{"bank/a"}) == 1);
}

TEST_CASE_FIXTURE(desk, "a refusal that is recorded takes a turn, carries its answer and changes nothing") {
  start("bank/a");
  tell("bank/a", 1, bank::deposit{1, -5});
  CHECK_FALSE(answered(1)->accepted);
  std::string refusal;
  REQUIRE(store->read(actor_name{"bank/a"}, 1, [&](const troupe::journal::record_view& r) {
    auto t = decode_turn<bank::core>(r.header.schema, r.payload);
    REQUIRE(t);
    CHECK(t->events.empty());
    refusal = t->refusal;
    return true;
  }));
  CHECK(refusal == R"({"accepted":false,"balance":0})");
  CHECK(balance("bank/a") == 0);
}

TEST_CASE_FIXTURE(desk, "snapshots: a restart from one gives the same state as a full replay, at every past turn too") {
  auto a = start("bank/a");
  for (std::uint64_t i = 1; i <= 23; ++i) tell("bank/a", 100 + i, bank::deposit{i, static_cast<std::int64_t>(i)});
  scheduler.run();
  const auto before = balance("bank/a");
  kill("bank/a", a);
  auto snapshot = store->load_snapshot(actor_name{"bank/a"}, 1000);
  REQUIRE(snapshot);
  REQUIRE(*snapshot);
  CHECK((*snapshot)->sequence >= 5);
  start("bank/a");
  CHECK(balance("bank/a") == before);
  for (std::uint64_t at = 1; at <= 23; ++at) {
    auto past = read_state(*store, bank::core{}, actor_name{"bank/a"}, at);
    REQUIRE(past);
    CHECK(past->state.core.balance == static_cast<std::int64_t>(at * (at + 1) / 2));
  }
}

TEST_CASE_FIXTURE(desk, "snapshots: turns between two are counted over restarts, so that short lives add up to no long recovery") {
  for (std::uint64_t life = 0; life < 4; ++life) { // of two turns each, where a snapshot is due every five
    const auto a = start("bank/a");
    for (std::uint64_t i = 0; i < 2; ++i) tell("bank/a", 100 + i, bank::deposit{10 * life + i + 1, 1});
    scheduler.run();
    kill("bank/a", a);
  }
  const auto snapshot = store->load_snapshot(actor_name{"bank/a"}, 1000);
  REQUIRE(snapshot);
  REQUIRE(*snapshot);
  CHECK((*snapshot)->sequence >= 5);
  const auto known = recover(*store, bank::core{}, actor_name{"bank/a"});
  REQUIRE(known);
  CHECK(known->snapshot == (*snapshot)->sequence);
  CHECK(known->state.core.balance == 8);
}

TEST_CASE_FIXTURE(desk, "a deposed incarnation cannot write: its clients learn nothing false") {
  auto old = start("bank/a");
  tell("bank/a", 1, bank::deposit{1, 5});
  REQUIRE(answered(1));
  auto young = start("bank/a"); // raises the epoch; the old one still lives
  context ctx;
  ctx.request = 2;
  send_to(*self.ptr(), old, lane::order, ctx, bank::deposit{2, 1000});
  CHECK(answered(2)->balance == -1);
  CHECK(balance("bank/a") == 5);
}

TEST_CASE_FIXTURE(desk, "a message past its deadline is dropped and counted") {
  start("bank/a");
  clock.set(time_from_ns(1000));
  context ctx;
  ctx.request = 4;
  ctx.deadline = boot_ns{nanoseconds{999}};
  send_to(*self.ptr(), names.ref(actor_name{"bank/a"}), lane::order, ctx, bank::deposit{1, 5});
  CHECK_FALSE(answered(4));
  CHECK(pulses.of(actor_name{"bank/a"})->expired == 1);
  CHECK(balance("bank/a") == 0);
}

TEST_CASE_FIXTURE(desk, "an inspection past its deadline is dropped and counted, and makes nothing that nobody reads") {
  start("bank/a");
  clock.set(time_from_ns(1000));
  context ctx;
  ctx.request = 4;
  ctx.deadline = boot_ns{nanoseconds{999}};
  send_to(*self.ptr(), names.ref(actor_name{"bank/a"}), lane::data, ctx, inspect_request{true});
  scheduler.run();
  bool is_shown = false;
  self->receive([&](std::uint64_t, const inspected&) { is_shown = true; }, caf::after(caf::timespan{0}) >> [] {});
  CHECK_FALSE(is_shown);
  CHECK(pulses.of(actor_name{"bank/a"})->expired == 1);
}

TEST_CASE_FIXTURE(desk, "a handler that throws ends the actor with the reason; what was durable stays") {
  self->monitor(caf::actor_cast<caf::actor>(start("bank/a")));
  tell("bank/a", 1, bank::deposit{1, 5});
  REQUIRE(answered(1));
  caf::anon_send(caf::actor_cast<caf::actor>(names.ref(actor_name{"bank/a"})), fault_command{fault::throw_});
  scheduler.run();
  std::string reason;
  self->receive([&](const caf::down_msg& down) { reason = system.render(down.reason); }, caf::after(caf::timespan{0}) >> [] {});
  CHECK(reason.find("injected fault: throw") != std::string::npos);
  start("bank/a");
  CHECK(balance("bank/a") == 5);
}

TEST_CASE_FIXTURE(desk, "one that ends late does not take its successor, which its supervisor has started, for gone") {
  const auto late = start("bank/a");
  start("bank/a");
  const auto pulse = pulses.of(actor_name{"bank/a"});
  pulse->alive = true;
  caf::anon_send_exit(late, caf::exit_reason::kill);
  scheduler.run();
  CHECK(pulse->alive);
}
