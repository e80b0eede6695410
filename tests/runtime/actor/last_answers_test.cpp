// Who asked an actor that ends: by a handler that throws, because it is told to, or before its name leads elsewhere.

#include "tests/support/test.hpp"

#include "runtime/actor/shell.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "runtime/supervise/supervisor.hpp"
#include "tests/runtime/actor/bank.hpp"
#include "tests/support/still_system.hpp"

#include <set>

using namespace troupe;
using namespace troupe::actor;

namespace {

/// Is inspected, but for what is ahead, over which it throws.
class sphinx final : public last_answers<caf::event_based_actor> {
public:
  explicit sphinx(caf::actor_config& config) : last_answers(config) {
    set_exception_handler([this](std::exception_ptr& thrown) { return end_by(*this, thrown); });
  }
  caf::behavior make_behavior() override {
    return {[this](const troupe::context& c, const inspect_request& r) {
      if (r.ahead) throw std::runtime_error("jumps off its rock");
      reply(*this, c, pong{actor_name{"sphinx"}, c.request});
    }};
  }
};

struct askers : test::still_system {
  environment env;
  std::shared_ptr<journal::journal> store = journal::make_memory_journal();
  caf::scoped_actor self{system};
  std::multiset<std::uint64_t> given, refused; // numbers that were answered, or said to be unanswered

  askers() {
    env.clock = &clock;
    env.names = &names;
    env.pulses = &pulses;
    env.deterministic = true;
  }
  ~askers() {
    names.clear();
    scheduler.run();
  }
  caf::strong_actor_ptr spawn_bank() {
    auto from = recover(*store, bank::core{}, actor_name{"bank/a"});
    REQUIRE(from.has_value());
    shell_options options;
    options.node = &env;
    options.journal = store;
    return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<shell<bank::core>>(bank::core{}, std::move(*from), options));
  }
  template <class C>
  void ask(const caf::strong_actor_ptr& who, std::uint64_t number, C command, lane l = lane::order) {
    context ctx;
    ctx.request = number;
    send_to(*self.ptr(), who, l, ctx, std::move(command));
  }
  void hear() {
    scheduler.run();
    for (bool more = true; std::exchange(more, false);)
      self->receive([&](std::uint64_t n, const bank::receipt&) { more = true, given.insert(n); },
                    [&](std::uint64_t n, const pong&) { more = true, given.insert(n); },
                    [&](const unanswered& u) { more = true, refused.insert(u.number); }, caf::after(caf::timespan{0}) >> [] {});
  }
};

using numbers = std::multiset<std::uint64_t>;

} // namespace

TEST_SUITE_BEGIN("actor/last_answers");

TEST_CASE_FIXTURE(askers, "questions in the mailbox of an actor that is told to end are said to be unanswered, each once, and nothing of them is done") {
  const auto a = spawn_bank();
  ask(a, 1, bank::deposit{1, 5});
  scheduler.run();
  caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
  ask(a, 2, bank::deposit{2, 7});
  ask(a, 3, bank::balance_query{}, lane::control); // overtakes the word to end
  ask(a, 4, inspect_request{});
  ask(a, 0, bank::deposit{3, 9}); // nobody waits for that
  hear();
  CHECK(given == numbers{1, 3});
  CHECK(refused == numbers{2, 4});
  const auto left = recover(*store, bank::core{}, actor_name{"bank/a"});
  REQUIRE(left);
  CHECK(left->state.core.balance == 5);
}

TEST_CASE_FIXTURE(askers, "who asks one that has ended, before its name leads to somebody else, is told so at once") {
  const auto a = spawn_bank();
  caf::anon_send_exit(a, caf::exit_reason::kill);
  scheduler.run();
  ask(a, 1, bank::deposit{1, 5});
  hear();
  CHECK(given.empty());
  CHECK(refused == numbers{1});
}

TEST_CASE_FIXTURE(askers, "a handler that throws leaves neither who asked what it was handling without an answer nor those behind") {
  const auto s = caf::actor_cast<caf::strong_actor_ptr>(system.spawn<sphinx>());
  ask(s, 1, inspect_request{});
  ask(s, 2, inspect_request{true});
  ask(s, 3, inspect_request{});
  hear();
  CHECK(given == numbers{1});
  CHECK(refused == numbers{2, 3});
}

TEST_CASE_FIXTURE(askers, "a shell whose look-up fails says of that question and of those behind that they are unanswered") {
  store = journal::make_memory_journal({}); // has no table of who gets nothing
  const auto a = spawn_bank();
  ask(a, 1, bank::deposit{1, 5});
  ask(a, 2, bank::send_away{1, "bank/b"}); // looks whether bank/b is one that gets nothing
  ask(a, 3, bank::deposit{2, 7});
  hear();
  CHECK(given.size() + refused.size() == 3);
  CHECK(refused.count(2) == 1);
  CHECK(refused.count(3) == 1);
}

TEST_CASE_FIXTURE(askers, "a child that its supervisor stops, and one that crashes, leave nobody without an answer, and the next life answers") {
  supervise::tree tree;
  supervise::supervisor_spec spec;
  spec.name = actor_name{"root"};
  supervise::child_spec child;
  child.name = actor_name{"sphinx"};
  child.start = [](caf::actor_system& s) -> result<caf::strong_actor_ptr> { return caf::actor_cast<caf::strong_actor_ptr>(s.spawn<sphinx>()); };
  spec.children.push_back(std::move(child));
  spec.node = &env;
  spec.tree = &tree;
  const auto root = supervise::spawn_supervisor(system, std::move(spec));
  scheduler.run();
  const auto name = names.ref(actor_name{"sphinx"});
  ask(name, 1, inspect_request{});
  ask(name, 2, inspect_request{true});
  ask(name, 3, inspect_request{});
  hear();
  CHECK(given == numbers{1});
  CHECK(refused == numbers{2, 3});
  scheduler.advance_time(std::chrono::seconds{3}); // its back-off is over
  scheduler.run();
  ask(name, 4, inspect_request{});
  hear();
  CHECK(given == numbers{1, 4});
  ask(name, 5, inspect_request{});
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  while (scheduler.has_job()) scheduler.run_once();
  hear();
  CHECK(given.count(5) + refused.count(5) == 1);
}
