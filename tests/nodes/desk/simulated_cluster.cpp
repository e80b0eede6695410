#include "tests/nodes/desk/simulated_cluster.hpp"

#include "actors/platform/placement/core.hpp"
#include "actors/trading/oms/core.hpp"
#include "runtime/actor/messages.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tools/check/check.hpp"
#include "tools/check/joined_journal.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

namespace troupe::test {
namespace {

const time_ns epoch{std::chrono::sys_days{std::chrono::year{2024} / 1 / 1} - std::chrono::seconds{2}}; // where a run of the walk begins

caf::scheduler::test_coordinator& scheduler_of(desk::desk& d) { return dynamic_cast<caf::scheduler::test_coordinator&>(d.system().scheduler()); }

/// A link that carries nothing once its process is dead.
class mortal_link final : public cluster::link {
public:
  mortal_link(std::unique_ptr<cluster::link> real, std::shared_ptr<bool> is_alive) : real_{std::move(real)}, is_alive_{std::move(is_alive)} {}
  bool send(const node_name& to, lane l, std::string_view frame) override { return *is_alive_ && real_->send(to, l, frame); }
  std::size_t waiting(const node_name& to, lane l) const override { return real_->waiting(to, l); }
  std::vector<cluster::peer_view> peers() const override { return real_->peers(); }

private:
  std::unique_ptr<cluster::link> real_;
  std::shared_ptr<bool> is_alive_;
};

oms::new_order order_of(const std::string& client_id) {
  const auto h = std::hash<std::string>{}(client_id);
  oms::new_order o;
  o.tenant = trading::tenant_id{"main"};
  o.account = trading::account_id{"sim-" + std::to_string(h % 9)};
  o.client_id = trading::client_order_id{client_id};
  o.instrument = trading::instrument_id{"BTCUSDT.SIM"};
  o.side = (h >> 8) % 2 == 0 ? trading::side::buy : trading::side::sell;
  o.quantity = *quantity::parse("0.01");
  if ((h >> 16) % 2 == 0) { // rests, and is hit sooner or later
    o.type = trading::order_type::limit;
    o.tif = trading::time_in_force::day;
    const bool stays = (h >> 24) % 3 != 0; // far from the market: until somebody cancels it
    o.limit = *price::parse(o.side == trading::side::buy ? (stays ? "40000" : "44999") : stays ? "50000" : "45001");
  } else {
    o.type = trading::order_type::market;
    o.tif = trading::time_in_force::ioc;
  }
  return o;
}

} // namespace

/// Keeps what it is told until somebody looks: a scoped actor would take its time to find that there is nothing.
class simulated_cluster::client_actor final : public caf::monitorable_actor {
public:
  explicit client_actor(caf::actor_config& config) : caf::monitorable_actor(config) { register_at_system(); }
  void enqueue(caf::mailbox_element_ptr what, caf::execution_unit*) override { told.push_back(what->move_content_to_message()); }
  void on_destroy() override { leave(); }
  void leave() {
    if (!getf(is_cleaned_up_flag) && cleanup(caf::exit_reason::user_shutdown, nullptr)) unregister_from_system();
  }
  std::vector<caf::message> told;
};

simulated_cluster::simulated_cluster(std::uint64_t seed, std::vector<std::string> sets) : random_{seed}, disk_random_{seed}, network_{seed} {
  configure(std::move(sets));
  for (auto& m : nodes_) {
    m.journal = journal::make_memory_journal();
    m.venues = journal::make_memory_journal();
    m.books = journal::make_memory_journal({"fills"});
  }
}

void simulated_cluster::configure(std::vector<std::string> sets) {
  sets.insert(sets.begin(), {"journal.reserve_mib=0", "journal.ballast_mib=0", "strategies.0.parameters=[\"fast=2\",\"slow=4\",\"quantity=0.01\",\"bar_seconds=1\"]",
                           "risk.open_orders_max=100000", "oms.order_age_max_ms=1000"});
  for (std::size_t i = 0; i < size; ++i) {
    auto loaded = config::load_file<desk::configuration>(source_dir() / "config/cluster" / (name(i).value.str() + ".json"), sets, desk::cross_checks());
    REQUIRE_MESSAGE(loaded.has_value(), to_string(loaded.error()));
    REQUIRE(!nodes_[i].desk);
    nodes_[i].config = std::make_unique<desk::configuration>(std::move(*loaded));
  }
}

simulated_cluster::~simulated_cluster() {
  for (std::size_t i = 0; i < size; ++i) kill(i);
}

void simulated_cluster::start(std::size_t i) {
  const auto started = try_start(i);
  REQUIRE_MESSAGE(started.has_value(), to_string(started.error()));
}

result<void> simulated_cluster::try_start(std::size_t i) {
  auto& m = nodes_[i];
  REQUIRE(!m.desk);
  m.is_alive = std::make_shared<bool>(true);
  m.stands_still = false;
  desk::desk_options o;
  o.config = m.config.get();
  o.deterministic = true;
  o.streams_count_alone = is_as_one_;
  o.boot = ++lives_;
  o.accept_older_journal = m.is_restored;
  const auto slowest = is_as_one_ ? nanoseconds{} : nanoseconds{std::chrono::microseconds{50 << disk_random_() % 11}};
  m.disks = {disk_of(m, m.journal, slowest), disk_of(m, m.venues, slowest), disk_of(m, m.books, nanoseconds{})};
  o.stores = {m.disks[0], m.disks[1], m.disks[2]};
  o.carrier = [this, alive = m.is_alive](cluster::greeting who, cluster::admission rule, cluster::link_events& events) -> result<std::unique_ptr<cluster::link>> {
    auto joined = network_.join(std::move(who), std::move(rule), events);
    if (is_as_one_) network_.meet_now();
    return std::unique_ptr<cluster::link>{std::make_unique<mortal_link>(std::move(joined), alive)};
  };
  o.crash_point = [this, &m](std::string_view point) { pass(m, point); };
  auto opened = desk::desk::open(o);
  REQUIRE_MESSAGE(opened.has_value(), to_string(opened.error()));
  m.desk = std::move(*opened);
  m.desk->driver_clock().set(epoch + now_);
  if (auto started = m.desk->start(); !started) {
    *m.is_alive = false;
    m.desk.reset();
    return started.error();
  }
  caf::actor_config config;
  m.client = caf::make_actor<client_actor, caf::strong_actor_ptr>(m.desk->system().next_actor_id(), m.desk->system().node(), &m.desk->system(), config);
  return {};
}

void simulated_cluster::be_as_one() {
  is_as_one_ = true;
  cluster::network_faults none;
  none.delay_min = none.delay_max = nanoseconds{0};
  network_.set(none);
}

/// The portfolio's books are not waited for: they are written on the caller's thread, and can be folded again.
std::shared_ptr<simulated_disk> simulated_cluster::disk_of(member& m, std::shared_ptr<journal::journal> durable, nanoseconds slowest) {
  return std::make_shared<simulated_disk>(
    std::move(durable), disk_host{now_, m.is_alive, disk_random_, losses_, [this, &m](std::string_view point) { pass(m, point); }, slowest});
}

void simulated_cluster::pass(member& m, std::string_view point) {
  if (!*m.is_alive || m.dies_in == 0 || point != m.dies_at || --m.dies_in > 0) return;
  die(m);
  ++deaths_[m.dies_at];
}

void simulated_cluster::die(member& m) {
  if (!std::exchange(*m.is_alive, false)) return;
  for (auto& d : m.disks) d->lose_rest();
}

void simulated_cluster::kill(std::size_t i) {
  auto& m = nodes_[i];
  if (!m.desk) return;
  die(m);
  m.dies_in = 0;
  static_cast<client_actor*>(caf::actor_cast<caf::abstract_actor*>(m.client))->leave();
  m.client = nullptr;
  m.desk.reset();
}

std::shared_ptr<journal::journal> simulated_cluster::backup(std::size_t i) const {
  const auto& from = *nodes_[i].journal;
  std::shared_ptr<journal::journal> copy = journal::make_memory_journal();
  std::vector<journal::side_put> rows;
  const auto scanned = from.scan("done", "", [&](std::string_view key, std::string_view value) {
    rows.push_back({"done", std::string{key}, std::string{value}});
    return true;
  });
  REQUIRE(scanned);
  const auto heads = from.heads();
  REQUIRE(heads);
  for (const auto& h : *heads) {
    journal::append_request r;
    r.stream = h.stream;
    r.epoch = h.epoch;
    r.first_sequence = 1;
    r.is_copy = true;
    r.side = std::exchange(rows, {});
    const auto read = from.read(h.stream, 1, [&](const journal::record_view& record) {
      r.records.emplace_back(record.bytes);
      return true;
    });
    REQUIRE(read);
    auto snapshot = from.load_snapshot(h.stream, h.sequence);
    REQUIRE(snapshot);
    r.state = std::move(*snapshot);
    copy->append(std::move(r), [](const result<std::uint64_t>& stored) { REQUIRE(stored); });
  }
  return copy;
}

void simulated_cluster::restore(std::size_t i, std::shared_ptr<journal::journal> older) {
  REQUIRE(!nodes_[i].desk);
  nodes_[i].journal = std::move(older);
  nodes_[i].is_restored = true;
}

void simulated_cluster::kill_at_point(std::size_t i, std::string_view point, std::uint64_t n) {
  nodes_[i].dies_at = point;
  nodes_[i].dies_in = n;
}

void simulated_cluster::heal_all() {
  for (std::size_t a = 0; a < size; ++a)
    for (std::size_t b = 0; b < size; ++b) network_.heal(name(a), name(b));
}

void simulated_cluster::bury_the_dead() {
  for (std::size_t i = 0; i < size; ++i)
    if (nodes_[i].desk && !*nodes_[i].is_alive) kill(i);
}

/// A step of a disk or of an actor; when both can, either.
bool simulated_cluster::do_one(member& m) {
  const auto due = std::ranges::find_if(m.disks, [this](const auto& d) { return d->next_due() <= now_; });
  if (due == m.disks.end()) return scheduler_of(*m.desk).try_run_once();
  if (disk_random_() % 2 == 0 && scheduler_of(*m.desk).try_run_once()) return true;
  (*due)->step();
  return true;
}

/// Whatever can happen without time passing.
void simulated_cluster::settle() {
  for (bool moved = true; moved;) {
    moved = false;
    for (auto& m : nodes_) {
      if (!m.desk || m.stands_still) continue;
      while (*m.is_alive && do_one(m)) moved = true;
      if (*m.is_alive) take_answers(m);
    }
    bury_the_dead();
    if (network_.next_due() <= now_) {
      network_.advance_to(now_);
      moved = true;
    }
  }
}

nanoseconds simulated_cluster::next_due() const {
  auto next = network_.next_due();
  for (const auto& m : nodes_) {
    if (!m.desk || m.stands_still) continue;
    for (const auto& d : m.disks) next = std::min(next, d->next_due());
    auto& clock = scheduler_of(*m.desk).clock();
    if (!clock.schedule().empty()) next = std::min(next, now_ + std::max(nanoseconds{0}, std::chrono::duration_cast<nanoseconds>(clock.schedule().begin()->first - clock.now())));
    if (feeds_held_) continue;
    for (const auto& [feed, progress] : m.desk->feeds())
      if (const auto due = progress->next_due_ns.load(); due != INT64_MAX) next = std::min(next, std::max(now_, time_from_ns(due) - epoch));
  }
  return next;
}

void simulated_cluster::step_to(nanoseconds t) {
  const auto by = t - now_;
  now_ = t;
  for (auto& m : nodes_) {
    if (!m.desk) continue;
    m.desk->driver_clock().set(epoch + now_);
    scheduler_of(*m.desk).advance_time(by);
    if (feeds_held_ || m.stands_still) continue;
    for (const auto& [feed, progress] : m.desk->feeds())
      if (progress->next_due_ns.load() <= to_ns(epoch + now_)) desk::pump_feed(m.desk->system(), m.desk->parts(), feed);
  }
  network_.advance_to(now_);
}

void simulated_cluster::run(nanoseconds d) {
  const auto until = now_ + d;
  settle();
  constexpr int at_once_max = 1000; // what is due at once again and again must not stop time
  for (int at_once = 0; now_ < until;) {
    const auto due = next_due();
    at_once = due <= now_ ? at_once + 1 : 0;
    step_to(std::min(until, at_once < at_once_max ? std::max(due, now_) : now_ + std::chrono::microseconds{10}));
    settle();
  }
}

bool simulated_cluster::have_feeds_ended() const {
  for (const auto& m : nodes_)
    if (m.desk)
      for (const auto& [feed, progress] : m.desk->feeds())
        if (!progress->ended) return false;
  return true;
}

void simulated_cluster::place(std::size_t i, const std::string& client_id) {
  auto& m = nodes_[i];
  if (acknowledged_.contains(client_id)) return;
  unknown_.insert(client_id);
  if (!m.desk) return;
  const auto order = order_of(client_id);
  context c;
  c.cause = {"client", ++asks_};
  c.principal = principal_id{"client"};
  c.request = asks_;
  asked_[asks_] = client_id;
  m.desk->parts().env.names->ref(trading::slot_name(trading::slot_of(order.tenant, order.account)))
    ->enqueue(caf::make_mailbox_element(m.client, caf::make_message_id(), {}, c, order), nullptr);
}

void simulated_cluster::move(std::size_t i, std::uint32_t slot, std::size_t to) {
  auto& m = nodes_[i];
  if (!m.desk) return;
  context c;
  c.cause = {"http-move", ++asks_};
  c.principal = principal_id{"operator:one"};
  const auto from = m.desk->nodes().node_of(trading::slot_name(slot));
  m.desk->parts().env.names->ref(placement::keeper_of(name(to)))
    ->enqueue(caf::make_mailbox_element(m.client, caf::make_message_id(), {}, c, placement::fetch_slot{slot, from}), nullptr);
}

void simulated_cluster::halt(std::size_t i, const std::string& client_id) {
  auto& m = nodes_[i];
  if (!m.desk) return;
  context c;
  c.cause = {"operator", ++asks_};
  c.principal = principal_id{"operator:one"};
  c.request = asks_;
  const auto account = order_of(client_id).account;
  halting_[asks_] = account;
  m.desk->parts().env.names->ref(desk::risk_name)
    ->enqueue(caf::make_mailbox_element(m.client, caf::make_message_id(), {}, c,
                                        risk::halt_command{risk::halt_scope::account, text<32>{account.value.view()}, "drill"}), nullptr);
}

std::string simulated_cluster::open_under_halts() const {
  std::string all;
  for (std::size_t i = 0; i < size; ++i)
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
      const auto stream = trading::slot_name(slot);
      if (nodes_[i].desk->nodes().node_of(stream) != name(i)) continue;
      const auto known = actor::read_state<oms::core>(*nodes_[i].journal, oms::core{oms::configuration{}}, stream);
      REQUIRE(known);
      for (const auto& [id, w] : known->state.core.orders)
        if (halted_.contains(w.order.request.account)) all += to_text(id) + " of " + w.order.request.account.value.str() + " is open under a halt; ";
    }
  return all;
}

std::size_t simulated_cluster::withdrawn() const {
  std::size_t n = 0;
  for (std::size_t i = 0; i < size; ++i)
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
      const auto stream = trading::slot_name(slot);
      if (nodes_[i].desk->nodes().node_of(stream) != name(i)) continue;
      const auto read = nodes_[i].journal->read(stream, 1, [&](const journal::record_view& r) {
        const auto turn = actor::decode_turn<oms::core>(r.header.schema, r.payload);
        if (turn && std::holds_alternative<oms::enforce_halt>(turn->command)) n += turn->events.size();
        return true;
      });
      REQUIRE(read);
    }
  return n;
}

std::string simulated_cluster::unfinished_moves() const {
  std::string all;
  for (std::size_t i = 0; i < size; ++i) {
    const auto known = actor::read_state<placement::core>(*nodes_[i].journal, placement::core{}, placement::keeper_of(name(i)));
    REQUIRE(known);
    for (const auto& [slot, from] : known->state.core.fetching)
      all += "slot " + std::to_string(slot) + " is still copied from " + from.value.str() + " to " + name(i).value.str() + "; ";
    for (const auto& [slot, what] : known->state.core.arriving) all += "slot " + std::to_string(slot) + " still arrives on " + name(i).value.str() + "; ";
  }
  return all;
}

std::size_t simulated_cluster::moves() const {
  std::size_t n = 0;
  for (std::size_t i = 0; i < size; ++i) {
    const auto known = actor::read_state<placement::core>(*nodes_[i].journal, placement::core{}, placement::keeper_of(name(i)));
    REQUIRE(known);
    n += known->state.core.taken.size();
  }
  return n;
}

std::string simulated_cluster::strays() const {
  std::string all;
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
    const auto stream = trading::slot_name(slot);
    std::string here, serves;
    for (std::size_t i = 0; i < size; ++i) {
      here += nodes_[i].desk->nodes().node_of(stream).value.str();
      if (nodes_[i].desk->parts().env.pulses->of(stream)->alive) serves += name(i).value.str();
    }
    if (here == std::string(3, here[0]) && serves == here.substr(0, 1)) continue;
    for (std::size_t i = 0; i < size; ++i)
      for (const auto& e : nodes_[i].desk->tree().all())
        if (e.name == stream) all += "on " + name(i).value.str() + " it is " + boost::describe::enum_to_string(e.status, "?") + ": " + e.last_reason + "; ";
    all += stream.value.str() + " is on " + here + " and serves on \"" + serves + "\"; ";
  }
  return all;
}

void simulated_cluster::take_answers(member& m) {
  auto& told = static_cast<client_actor*>(caf::actor_cast<caf::abstract_actor*>(m.client))->told;
  for (const auto& answer : std::exchange(told, {})) {
    if (answer.match_elements<std::uint64_t, risk::risk_reply>()) halted_.insert(halting_.at(answer.get_as<std::uint64_t>(0)));
    if (!answer.match_elements<std::uint64_t, oms::order_ack>()) continue; // unanswered: it is asked again
    const auto& client_id = asked_.at(answer.get_as<std::uint64_t>(0));
    const auto& ack = answer.get_as<oms::order_ack>(1);
    if (ack.order.value == 0) continue; // no order came of it yet: the slot has no lease
    const auto [at, is_new] = acknowledged_.emplace(client_id, ack.order);
    CHECK_MESSAGE(at->second == ack.order, client_id << " was acknowledged as " << to_text(at->second) << " and as " << to_text(ack.order));
    unknown_.erase(client_id);
  }
}

void simulated_cluster::ask_again() {
  const auto ids = unknown_;
  for (const auto& id : ids) place(random_() % size, id);
}

std::string simulated_cluster::violations() const {
  std::vector<const journal::journal*> desks, venues, books;
  for (const auto& m : nodes_) {
    desks.push_back(m.journal.get());
    venues.push_back(m.venues.get());
    books.push_back(m.books.get());
  }
  check::check_options options;
  options.drained = true;
  options.configured = desk::limits_of(*nodes_[0].config);
  for (const auto& [client_id, order] : acknowledged_) options.acknowledged.push_back({client_id, order});
  const auto report = check::check_journals({*check::join(desks), *check::join(venues), books}, options);
  std::string all;
  for (const auto* row : report.rows())
    for (const auto& sentence : row->first) all += row->id + std::string{": "} + sentence + '\n';
  return all;
}

namespace {

std::string hash_of(const std::vector<const journal::journal*>& journals) {
  std::vector<journal::stream_head> all;
  for (const auto* j : journals) {
    auto heads = j->heads();
    REQUIRE(heads);
    for (const auto& h : *heads)
      if (h.sequence > 0) all.push_back(h);
  }
  return to_hex(journal::journal_hash(std::move(all)));
}

} // namespace

std::string simulated_cluster::history_hash() const {
  std::vector<const journal::journal*> all;
  for (const auto& m : nodes_) all.insert(all.end(), {m.journal.get(), m.venues.get()});
  return hash_of(all);
}

std::string simulated_cluster::decisions_hash() const {
  std::vector<const journal::journal*> all;
  for (const auto& m : nodes_) all.push_back(m.journal.get());
  return hash_of(all);
}

simulated_cluster::hashes simulated_cluster::on_one_node() const {
  desk::desk_options o;
  o.config = nodes_[0].config.get();
  o.deterministic = true;
  auto alone = desk::desk::open(o);
  REQUIRE(alone);
  (*alone)->driver_clock().set(epoch);
  REQUIRE((*alone)->start());
  const auto summary = desk::run_until_done(**alone, [](std::uint64_t) {});
  REQUIRE(summary);
  CHECK(summary->fills > 0);
  return {summary->hash, hash_of({(*alone)->parts().journal.get()})};
}

} // namespace troupe::test
