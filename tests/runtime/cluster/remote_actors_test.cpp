#include "tests/support/test.hpp"

#include "runtime/actor/answering.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/shell.hpp"
#include "runtime/cluster/memory_link.hpp"
#include "runtime/cluster/remote_actors.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/runtime/actor/bank.hpp"
#include "tests/support/still_system.hpp"

#include <caf/actor_registry.hpp>
#include <caf/binary_serializer.hpp>

using namespace troupe;
using namespace troupe::actor;
using namespace troupe::cluster;
using namespace std::chrono_literals;

namespace {

const admission both_nodes{{{"a"}, {"b"}}, {}};

void add_types(caf::actor_system_config& with) {
  actor::add_message_types(with, system_messages{});
  add_protocol<bank::core::protocol>(with);
}

/// One life of a node's process; the journal is its disk.
struct process : test::still_system {
  hybrid_clock hybrid;
  environment env;
  remote_actors remote;
  std::unique_ptr<cluster::link> carrier;
  std::vector<caf::strong_actor_ptr> living;
  caf::scoped_actor self{system};

  process(memory_network& network, const char* name, std::uint64_t boot) : still_system{add_types}, remote{system, names, boot, &hybrid} {
    env.clock = &clock;
    env.hybrid = &hybrid;
    env.names = &names;
    env.pulses = &pulses;
    env.deterministic = true;
    carrier = network.join({{name}, boot, "b", "s", "c"}, both_nodes, remote);
  }
  ~process() {
    for (auto& a : living) caf::anon_send_exit(a, caf::exit_reason::kill);
    scheduler.run();
    names.clear();
    remote.clear();
    scheduler.run();
    carrier.reset();
  }
  void start(const char* name, const std::shared_ptr<journal::journal>& disk) {
    auto from = recover(*disk, bank::core{}, actor_name{name});
    REQUIRE(from);
    shell_options options;
    options.node = &env;
    options.journal = disk;
    auto handle = caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell<bank::core>>(bank::core{}, std::move(*from), options));
    names.bind(actor_name{name}, handle);
    living.push_back(handle);
  }
  void find(const char* name, const char* node) { names.bind(actor_name{name}, remote.proxy({node}, actor_name{name})); }
  template <class C>
  void tell(const char* name, std::uint64_t number, C command, lane l = lane::order) {
    context ctx;
    ctx.request = number;
    send_to(*self.ptr(), names.ref(actor_name{name}), l, ctx, std::move(command));
  }
  /// The balance in the answer to `number`; -1: unanswered; nothing: no answer yet.
  std::optional<std::int64_t> answered(std::uint64_t number) {
    scheduler.run();
    std::optional<std::int64_t> r;
    for (bool more = true; more && !r;) {
      more = false;
      self->receive([&](std::uint64_t n, const bank::receipt& got) { more = true; if (n == number) r = got.balance; },
                    [&](const unanswered& u) { more = true; if (u.number == number) r = -1; },
                    caf::after(caf::timespan{0}) >> [] {});
    }
    return r;
  }
};

struct two_nodes {
  explicit two_nodes(std::uint64_t seed = 1) : network{seed} {
    a = std::make_unique<process>(network, "a", ++boots);
    b = std::make_unique<process>(network, "b", ++boots);
    run(1ms);
  }
  void run(nanoseconds d) {
    const auto until = network.now() + d;
    while (network.now() < until) {
      for (auto* p : {a.get(), b.get()}) {
        if (!p) continue;
        p->scheduler.advance_time(1ms);
        p->scheduler.run();
      }
      network.advance_to(network.now() + 1ms);
      for (auto* p : {a.get(), b.get()})
        if (p) p->scheduler.run();
    }
  }
  std::uint64_t boots = 0;
  memory_network network;
  std::shared_ptr<journal::journal> disk_a = journal::make_memory_journal(), disk_b = journal::make_memory_journal();
  std::unique_ptr<process> a, b;
};

} // namespace

TEST_SUITE_BEGIN("cluster/remote_actors");

TEST_CASE_FIXTURE(two_nodes, "an actor on another node is asked and answers as one on this") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  a->tell("bank/b", 1, bank::deposit{1, 50});
  a->tell("bank/b", 2, bank::balance_query{});
  run(5ms);
  CHECK(a->answered(1) == 50);
  CHECK(a->answered(2) == 50);
  CHECK(a->remote.stats().pending == 0);
}

TEST_CASE_FIXTURE(two_nodes, "whoever asks an actor of a node that is down is told at once") {
  a->find("bank/b", "b");
  b.reset();
  a->tell("bank/b", 1, bank::deposit{1, 50});
  CHECK(a->answered(1) == -1);
  CHECK(a->remote.stats().bounced == 1);
}

TEST_CASE_FIXTURE(two_nodes, "what was asked and not answered when the node went down is told to be unknown") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  network.set({0, 0, 1s, 1s, false});
  a->tell("bank/b", 1, bank::deposit{1, 50});
  CHECK_FALSE(a->answered(1));
  CHECK(a->remote.stats().pending == 1);
  b.reset();
  CHECK(a->answered(1) == -1);
  CHECK(a->remote.stats().pending == 0);
}

TEST_CASE_FIXTURE(two_nodes, "a name that nobody has there is answered, and so is one that both think the other has") {
  a->find("bank/x", "b");
  a->tell("bank/x", 1, bank::balance_query{});
  run(5ms);
  CHECK(a->answered(1) == -1);
  b->find("bank/x", "a");
  a->tell("bank/x", 2, bank::balance_query{});
  run(5ms);
  CHECK(a->answered(2) == -1);
  CHECK(b->remote.stats().sent + a->remote.stats().sent == 4);
}

TEST_CASE_FIXTURE(two_nodes, "whoever asks an actor over there that has ended, before its name leads to somebody else, is told at once") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  caf::anon_send_exit(b->living.back(), caf::exit_reason::kill);
  b->scheduler.run();
  a->tell("bank/b", 1, bank::deposit{1, 50});
  run(5ms);
  CHECK(a->answered(1) == -1);
  CHECK(a->remote.stats().pending == 0);
}

TEST_CASE_FIXTURE(two_nodes, "a question that cannot be read over there, and an answer that cannot be read here, are told to whoever asked") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  for (const bool is_question : {true, false}) {
    CAPTURE(is_question);
    network.spoil = [&](std::string& frame) {
      auto e = wire::decode<envelope>(frame).value();
      if (e.to.value.empty() == is_question) return;
      e.content = "garbage";
      frame.clear();
      wire::encode(e, frame);
    };
    a->tell("bank/b", 1, bank::balance_query{});
    run(5ms);
    CHECK(a->answered(1) == -1);
    CHECK(a->remote.stats().pending == 0);
  }
}

TEST_CASE_FIXTURE(two_nodes, "an answer that cannot leave is told to be unknown") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  network.refuses = [](std::string_view frame) { return frame.find("bank.receipt") != std::string_view::npos; };
  a->tell("bank/b", 1, bank::balance_query{});
  run(5ms);
  CHECK(a->answered(1) == -1);
}

namespace {

/// Answers with as many bytes as the number of the question.
caf::behavior verbose(caf::event_based_actor* self) {
  return {[self](const context& c, const inspect_request&) {
    std::string state(c.request, 'x');
    for (std::size_t at = 0; at < state.size(); at += 1000) state[at] = static_cast<char>('a' + at / 1000 % 26);
    reply(*self, c, inspected{actor_name{"verbose"}, c.request, 0, 0, std::move(state)});
  }};
}

/// The bytes that came; -1: unanswered; nothing: no answer yet. They are those that were sent.
std::optional<std::int64_t> came(process& p, std::uint64_t number) {
  std::optional<std::int64_t> size;
  p.scheduler.run();
  for (bool more = true; more && !size;) {
    more = false;
    p.self->receive(
      [&](std::uint64_t n, const inspected& got) {
        more = true;
        if (n != number) return;
        size = static_cast<std::int64_t>(got.state.size());
        for (std::size_t at = 0; at < got.state.size(); at += 1000) CHECK_FALSE(got.state[at] != static_cast<char>('a' + at / 1000 % 26));
      },
      [&](const unanswered& u) {
        more = true;
        if (u.number == number) size = -1;
      },
      caf::after(caf::timespan{0}) >> [] {});
  }
  return size;
}

} // namespace

TEST_CASE_FIXTURE(two_nodes, "an answer of many frames comes whole, and one that is too long is told to be unknown") {
  b->living.push_back(caf::actor_cast<caf::strong_actor_ptr>(b->system.spawn(verbose)));
  b->names.bind(actor_name{"verbose"}, b->living.back());
  a->find("verbose", "b");
  for (const std::uint64_t bytes : {1u, 262'000u, 262'144u, 300'000u, 3'000'000u, 16'700'000u}) {
    CAPTURE(bytes);
    a->tell("verbose", bytes, inspect_request{});
    run(50ms);
    CHECK(came(*a, bytes) == static_cast<std::int64_t>(bytes));
  }
  a->tell("verbose", 17'000'000, inspect_request{});
  run(50ms);
  CHECK(came(*a, 17'000'000) == -1);
}

TEST_CASE_FIXTURE(two_nodes, "while an answer of 16 MiB is under way, an order, a command of the control lane and other answers that are sent later arrive before its end, and nothing is bounced") {
  b->living.push_back(caf::actor_cast<caf::strong_actor_ptr>(b->system.spawn(verbose)));
  b->names.bind(actor_name{"verbose"}, b->living.back());
  a->find("verbose", "b");
  a->start("bank/a", disk_a);
  b->find("bank/a", "a");
  network_faults slow;
  slow.frame_time = 1ms;
  slow.queue_bytes_max = std::size_t{1} << 20; // an answer does not fit into a lane
  network.set(slow);
  a->tell("verbose", 16'700'000, inspect_request{});
  run(5ms);
  b->tell("bank/a", 1, bank::deposit{2, 50}); // the bank takes rising ids, and control comes first
  b->tell("bank/a", 2, bank::deposit{1, 20}, lane::control);
  a->tell("verbose", 3, inspect_request{}); // of the same actor
  run(5ms);
  CHECK(b->answered(1).value_or(-2) == 70);
  b->tell("bank/a", 4, bank::balance_query{});
  run(20ms);
  CHECK(b->answered(4).value_or(-2) == 70);
  CHECK(came(*a, 3) == 3);
  CHECK(a->remote.stats().pending == 1); // the long answer's
  run(100ms);
  CHECK(came(*a, 16'700'000) == 16'700'000);
  CHECK(a->remote.stats().bounced + b->remote.stats().bounced == 0);
}

TEST_CASE_FIXTURE(two_nodes, "what one actor sends another arrives in its order, also behind what goes in many frames; what others send does not wait for it") {
  std::vector<std::uint64_t> seen;
  b->living.push_back(caf::actor_cast<caf::strong_actor_ptr>(b->system.spawn([&seen](caf::event_based_actor*) -> caf::behavior {
    return {[&seen](std::uint64_t, const inspected& i) { seen.push_back(i.sequence); }};
  })));
  b->names.bind(actor_name{"witness"}, b->living.back());
  a->find("witness", "b");
  network_faults slow;
  slow.frame_time = 1ms;
  network.set(slow);
  caf::scoped_actor other{a->system};
  const auto send = [&](caf::local_actor& from, std::uint64_t n, std::size_t bytes) {
    send_to(from, a->names.ref(actor_name{"witness"}), lane::order, std::uint64_t{0}, inspected{actor_name{"x"}, n, 0, 0, std::string(bytes, 'x')});
  };
  send(*a->self.ptr(), 1, 2'000'000);
  send(*a->self.ptr(), 2, 10);
  send(*a->self.ptr(), 3, 1'000'000);
  send(*a->self.ptr(), 4, 10);
  send(*other.ptr(), 5, 10);
  run(100ms);
  CHECK(seen == std::vector<std::uint64_t>{5, 1, 2, 3, 4});
}

TEST_CASE_FIXTURE(two_nodes, "whoever asks in many frames, or waits for an answer in many, is told when the link does not take them all") {
  b->living.push_back(caf::actor_cast<caf::strong_actor_ptr>(b->system.spawn(verbose)));
  b->names.bind(actor_name{"verbose"}, b->living.back());
  a->find("verbose", "b");
  network_faults slow;
  slow.frame_time = 1ms;
  network.set(slow);
  std::size_t long_frames = 0;
  network.refuses = [&](std::string_view frame) { return frame.size() > piece_bytes && ++long_frames > 4; };
  a->tell("verbose", 3'000'000, inspect_request{});
  run(50ms);
  CHECK(came(*a, 3'000'000) == -1);
  CHECK(b->remote.stats().bounced == 1);
  context long_question;
  long_question.request = 7;
  send_to(*a->self.ptr(), a->names.ref(actor_name{"verbose"}), lane::order, long_question, inspected{actor_name{"x"}, 0, 0, 0, std::string(1'000'000, 'x')});
  CHECK(came(*a, 7) == -1);
  CHECK(a->remote.stats().pending == 0);
}

TEST_CASE_FIXTURE(two_nodes, "an answer of many frames of which some are lost, repeated or late comes whole or not at all, and the next is not mixed with it") {
  b->living.push_back(caf::actor_cast<caf::strong_actor_ptr>(b->system.spawn(verbose)));
  b->names.bind(actor_name{"verbose"}, b->living.back());
  a->find("verbose", "b");
  network_faults f;
  f.drop_permille = 50;
  f.duplicate_permille = 50;
  f.reorders = true;
  f.delay_max = 5ms;
  network.set(f);
  int whole = 0;
  for (std::uint64_t n = 0; n < 60; ++n) {
    a->tell("verbose", 700'000 + n, inspect_request{});
    run(20ms);
    const auto bytes = came(*a, 700'000 + n);
    if (bytes && *bytes >= 0) {
      CHECK(*bytes == static_cast<std::int64_t>(700'000 + n));
      ++whole;
    }
  }
  MESSAGE(whole << " of 60 came whole");
  network.set({});
  run(50ms);
  a->tell("verbose", 900'000, inspect_request{});
  run(50ms);
  CHECK(came(*a, 900'000) == 900'000);
}

TEST_CASE_FIXTURE(two_nodes, "an answer that comes several times is delivered once") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  network.set({0, 1000, 50us, 50us, false});
  a->tell("bank/b", 1, bank::deposit{1, 50});
  run(5ms);
  CHECK(a->answered(1) == 50);
  CHECK_FALSE(a->answered(1));
  CHECK(a->remote.stats().received > 1);
}

TEST_CASE_FIXTURE(two_nodes, "a question that nobody answers is given up after a while and told to be unknown, and its answer, should it come, is dropped") {
  caf::strong_actor_ptr waits_there;
  b->living.push_back(caf::actor_cast<caf::strong_actor_ptr>(b->system.spawn([&waits_there](caf::event_based_actor* self) -> caf::behavior {
    return {[self, &waits_there](const context&, const inspect_request&) { waits_there = self->current_sender(); }};
  })));
  b->names.bind(actor_name{"silent"}, b->living.back());
  a->find("silent", "b");
  a->tell("silent", 1, inspect_request{});
  run(5ms);
  a->scheduler.advance_time(89s);
  a->tell("silent", 2, inspect_request{});
  run(5ms);
  CHECK_FALSE(a->answered(1));
  CHECK(a->remote.stats().pending == 2);
  a->scheduler.advance_time(10s);
  a->tell("silent", 3, inspect_request{});
  run(5ms);
  CHECK(a->answered(1) == -1);
  CHECK(a->remote.stats().pending == 2);
  REQUIRE(waits_there);
  waits_there->enqueue(nullptr, caf::make_message_id(), caf::make_message(std::uint64_t{1}, inspected{}), nullptr);
  run(5ms);
  CHECK_FALSE(came(*a, 1));
  waits_there->enqueue(nullptr, caf::make_message_id(), caf::make_message(std::uint64_t{2}, inspected{}), nullptr);
  run(5ms);
  CHECK(came(*a, 2) == 0);
  CHECK(a->remote.stats().pending == 1);
  waits_there = nullptr;
}

TEST_CASE_FIXTURE(two_nodes, "messages of CAF itself do not pass: nobody over there ends an actor here") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  const auto send = [&](const caf::message& m) {
    std::vector<char> bytes;
    caf::binary_serializer sink{a->system, bytes};
    auto copy = m;
    REQUIRE_FALSE(sink(copy));
    envelope e;
    e.to = {"bank/b"};
    e.content.assign(bytes.data(), bytes.size());
    std::string frame;
    wire::encode(e, frame);
    CHECK(a->carrier->send({"b"}, lane::control, frame));
    run(5ms);
  };
  send(caf::make_message(caf::exit_msg{{}, caf::exit_reason::kill}));
  send(caf::make_message(caf::down_msg{{}, caf::exit_reason::kill}));
  CHECK(b->remote.stats().unreadable == 2);
  caf::anon_send_exit(a->remote.proxy({"b"}, {"bank/b"}), caf::exit_reason::kill); // nor does ours end the proxy
  a->tell("bank/b", 1, bank::deposit{1, 50});
  run(5ms);
  CHECK(a->answered(1) == 50);
}

TEST_CASE_FIXTURE(two_nodes, "a frame that is no message is counted and disturbs nobody") {
  b->start("bank/b", disk_b);
  a->find("bank/b", "b");
  CHECK(a->carrier->send({"b"}, lane::order, "garbage"));
  envelope e;
  e.to = {"bank/b"};
  e.content = "garbage";
  std::string frame;
  wire::encode(e, frame);
  CHECK(a->carrier->send({"b"}, lane::order, frame));
  a->tell("bank/b", 1, bank::deposit{1, 50});
  run(5ms);
  CHECK(b->remote.stats().unreadable == 2);
  CHECK(a->answered(1) == 50);
}

TEST_CASE_FIXTURE(two_nodes, "a stand-in that is asked for when all were retired does not keep the system from its end, and tells whoever asks through it") {
  a->remote.clear();
  const auto before = a->system.registry().running();
  const auto late = a->remote.proxy({"b"}, {"bank/b"});
  CHECK(a->system.registry().running() == before);
  a->names.bind({"bank/b"}, late);
  a->tell("bank/b", 1, bank::balance_query{});
  CHECK(a->answered(1) == -1);
}

TEST_CASE("hybrid time travels with every message, so that what arrives is behind what was sent") {
  two_nodes both;
  both.a->clock.set(time_from_ns(3'600'000'000'000)); // an hour ahead
  both.a->start("bank/a", both.disk_a);
  both.a->find("bank/b", "b");
  both.b->start("bank/b", both.disk_b);
  both.b->find("bank/a", "a");
  const auto newest = [](const journal::journal& disk, const char* name) {
    std::uint64_t time = 0;
    REQUIRE(disk.read(actor_name{name}, 1, [&](const journal::record_view& r) { return time = r.header.hybrid_time, true; }));
    return time;
  };
  both.b->tell("bank/b", 1, bank::deposit{1, 10});
  both.run(5ms);
  CHECK(newest(*both.disk_b, "bank/b") < 3'600'000'000'000);
  both.a->tell("bank/a", 1, bank::deposit{1, 1000});
  both.a->tell("bank/a", 2, bank::send_away{10, "bank/b"});
  both.run(100ms);
  CHECK(newest(*both.disk_a, "bank/a") > 3'600'000'000'000);
  CHECK(newest(*both.disk_b, "bank/b") > newest(*both.disk_a, "bank/a"));
}

TEST_CASE("effects between nodes arrive exactly once over a network that drops, repeats and reorders, whoever dies in between") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random{seed};
    two_nodes both{seed};
    const auto wire_up = [&] {
      if (both.a->living.empty()) both.a->start("bank/a", both.disk_a), both.a->find("bank/b", "b");
      if (both.b->living.empty()) both.b->start("bank/b", both.disk_b), both.b->find("bank/a", "a");
    };
    wire_up();
    both.a->tell("bank/a", 1, bank::deposit{1, 1000});
    both.b->tell("bank/b", 2, bank::deposit{1, 1000});
    both.run(5ms);
    both.network.set({200, 200, 100us, 30ms, true});
    for (int i = 0; i < 40; ++i) {
      both.a->tell("bank/a", 10, bank::send_away{static_cast<std::int64_t>(random() % 20), "bank/b"});
      both.b->tell("bank/b", 10, bank::send_away{static_cast<std::int64_t>(random() % 20), "bank/a"});
      both.run(std::chrono::milliseconds{random() % 20});
      if (random() % 10 == 0) {
        auto& dies = random() % 2 ? both.a : both.b;
        const char* name = &dies == &both.a ? "a" : "b";
        dies.reset();
        dies = std::make_unique<process>(both.network, name, ++both.boots + 10);
        wire_up();
      }
      if (random() % 10 == 0) both.network.cut({"a"}, {"b"});
      if (random() % 4 == 0) both.network.heal({"a"}, {"b"});
    }
    both.network.heal({"a"}, {"b"});
    both.network.set({});
    both.run(3s);
    both.a->tell("bank/a", 98, bank::balance_query{});
    both.b->tell("bank/b", 99, bank::balance_query{});
    both.run(5ms);
    const auto left = both.a->answered(98), right = both.b->answered(99);
    REQUIRE(left);
    REQUIRE(right);
    CHECK(*left + *right == 2000);
  }
}

TEST_CASE_FIXTURE(two_nodes, "effects that waited for a node that was away come once each over a slow link, and few of them cross it twice") {
  constexpr std::size_t owed = 3000;
  a->start("bank/a", disk_a);
  a->find("bank/b", "b");
  b->start("bank/b", disk_b);
  b->find("bank/a", "a");
  network.cut({"a"}, {"b"});
  run(2s);
  a->tell("bank/a", 1, bank::deposit{1, 10'000});
  for (std::size_t i = 0; i < owed; ++i) a->tell("bank/a", 2, bank::send_away{1, "bank/b"});
  run(1s);
  network_faults slow;
  slow.delay_min = slow.delay_max = 700ms; // longer than the sender waits for an acknowledgement
  slow.frame_time = 20ms;
  network.set(slow);
  std::size_t carried = 0;
  network.refuses = [&](std::string_view frame) {
    if (frame.find("bank.transfer") == std::string_view::npos) return false;
    carried += frame.size();
    return false;
  };
  network.heal({"a"}, {"b"});
  run(60s);
  inbox<bank::transfer> once{actor_name{"bank/a"}, 1, 1, {}};
  for (std::uint64_t i = 0; i < owed; ++i) once.items.push_back({i + 2, {1}, {}});
  std::string bytes;
  wire::encode(once, bytes);
  MESSAGE(carried << " bytes carried, " << bytes.size() << " owed");
  CHECK(carried < 2 * bytes.size());
  b->tell("bank/b", 3, bank::balance_query{});
  CHECK(b->answered(3) == static_cast<std::int64_t>(owed));
}

TEST_SUITE_END();
