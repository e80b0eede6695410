// The portfolio as an actor: a projection of the 64 OMS streams. It reads them from the positions in its own state, hears
// of new turns by message, and keeps checkpoints and the table of fills in a store that can be rebuilt at any time.

#include "nodes/desk/portfolio_part.hpp"

#include "actors/trading/oms/core.hpp"
#include "actors/trading/portfolio/core.hpp"
#include "nodes/desk/mesh.hpp"
#include "nodes/desk/parts.hpp"
#include "runtime/actor/answering.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/wire/wire.ipp"

#include <caf/all.hpp>

#include <algorithm>
#include <utility>

using namespace troupe;

TROUPE_WIRE(desk::settle_request)
TROUPE_WIRE(desk::settled)
TROUPE_PROTOCOL("portfolio", portfolio::protocol, desk::settle_request, desk::settled)

namespace troupe::desk {
namespace {

struct checkpoint_due {};
struct catch_up_due {};

} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::checkpoint_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::catch_up_due)

namespace troupe::desk {
namespace {

constexpr nanoseconds checkpoint_interval = std::chrono::seconds{2};
constexpr std::size_t checkpoint_rows = 10'000; // fills waiting for a checkpoint, at most about this many
constexpr std::uint32_t checkpoint_schema = fnv1a("portfolio.state/1");

/// A state of another layout is not taken: it is a shortcut, and the slots' turns are still there.
std::uint32_t snapshot_schema() {
  static const auto id = fnv1a(wire::layout<portfolio::state>());
  return id;
}

/// The error with the turn it is about in front.
error named(error e, const journal::record_header& at) {
  e.message = at.stream.value.str() + " turn " + std::to_string(at.sequence) + ": " + e.message;
  return e;
}

/// State, store and the two ways of folding, shared by loading and running.
class ledger {
public:
  ledger(shared_parts& parts, journal::stream_head head) : parts_{parts}, head_{head} {}

  result<void> load() {
    auto snapshot = parts_.books->load_snapshot(portfolio_name, UINT64_MAX);
    if (!snapshot) return snapshot.error();
    if (*snapshot && (*snapshot)->schema == snapshot_schema()) {
      auto decoded = wire::decode<portfolio::state>((*snapshot)->state);
      if (!decoded) return decoded.error();
      state = std::move(*decoded);
    }
    return catch_up();
  }

  result<void> catch_up() {
    for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot)
      if (auto read = catch_up(trading::slot_name(slot)); !read) return read;
    return {};
  }

  /// Folds what the journal has behind our position.
  result<void> catch_up(const actor_name& stream) {
    std::optional<error> wrong;
    auto read = parts_.journal->read(stream, position(stream) + 1, [&](const journal::record_view& r) {
      auto t = actor::decode_outcome<oms::core>(r.header.schema, r.payload);
      if (!t) {
        wrong = named(t.error(), r.header);
        return false;
      }
      fold(stream, r.header.sequence, t->events);
      return true;
    });
    if (wrong) return *wrong;
    return read;
  }

  void fold(const actor_name& stream, std::uint64_t sequence, std::span<const oms::event> events) {
    const auto before = rows_.size();
    actor::archive rows{rows_};
    (void)core.fold(state, stream, sequence, events, rows);
    if (is_live_) parts_.fills_booked += rows_.size() - before;
    if (rows_.size() >= checkpoint_rows) checkpoint();
  }

  /// False: what is between our position and the message has to be read first.
  [[nodiscard]] bool follows(const actor::published<oms::event>& message) const { return message.previous <= position(message.stream); }
  /// Turns between the position and `message` had no events, unless the message starts later than we stand.
  result<void> take(const actor::published<oms::event>& message) {
    if (!follows(message)) return catch_up(message.stream);
    is_live_ = true;
    for (const auto& t : message.turns) {
      for (auto s = position(message.stream) + 1; s < t.sequence; ++s) fold(message.stream, s, {});
      fold(message.stream, t.sequence, t.events);
    }
    is_live_ = false;
    return {};
  }

  void checkpoint() {
    if (rows_.empty()) return;
    journal::append_request r;
    r.stream = portfolio_name;
    r.epoch = head_.epoch;
    r.first_sequence = ++head_.sequence;
    journal::record_header header;
    header.stream = portfolio_name;
    header.sequence = head_.sequence;
    header.epoch = head_.epoch;
    header.schema = checkpoint_schema;
    header.previous = head_.chain;
    std::string bytes;
    journal::encode_record(header, "checkpoint", bytes);
    head_.chain = sha256(bytes);
    r.records.push_back(std::move(bytes));
    written += rows_.size();
    for (auto& row : rows_) r.side.push_back({std::move(row.table), std::move(row.key), std::move(row.value)});
    rows_.clear();
    journal::snapshot s;
    s.sequence = head_.sequence;
    s.chain = head_.chain;
    s.schema = snapshot_schema();
    wire::encode(state, s.state);
    r.state = std::move(s);
    auto log = parts_.env.log;
    parts_.books->append(std::move(r), [log, cause = cause_id{"portfolio", head_.sequence}](result<std::uint64_t> done) {
      if (!done) log(portfolio_name, cause, "error", "checkpoint: " + to_string(done.error()));
    });
  }

  [[nodiscard]] std::uint64_t position(const actor_name& stream) const {
    auto it = state.streams.find(stream);
    return it == state.streams.end() ? 0 : it->second;
  }

  portfolio::core core;
  portfolio::state state;
  std::uint64_t written = 0;

private:
  shared_parts& parts_;
  journal::stream_head head_;
  std::vector<actor::archive::row> rows_;
  bool is_live_ = false; // what is read from the journal may have been counted before, or on another node
};

class portfolio_actor final : public actor::last_answers<caf::event_based_actor> {
public:
  portfolio_actor(caf::actor_config& config, shared_parts& parts, std::unique_ptr<ledger> loaded)
    : last_answers(config), parts_{parts}, ledger_{std::move(loaded)}, pulse_{parts.env.pulses->of(portfolio_name)} {
    set_exception_handler([this](std::exception_ptr& thrown) { return actor::end_by(*this, thrown); });
  }
  const char* name() const override { return "portfolio"; }

  caf::behavior make_behavior() override {
    if (!parts_.env.deterministic) delayed_send(this, checkpoint_interval, checkpoint_due{});
    return caf::message_handler{
      [this](const actor::published<oms::event>& message) {
        actor::handling scope{*pulse_, *this};
        std::optional<actor::patience_scope> patient;
        if (!ledger_->follows(message)) patient.emplace(*pulse_, parts_.recover_within);
        end_unless(ledger_->take(message), message.turns.empty() ? cause_id{} : message.turns.front().cause);
      },
      [this](catch_up_due) {
        actor::handling scope{*pulse_, *this};
        catch_up();
      },
      [this](checkpoint_due) {
        actor::handling scope{*pulse_, *this};
        catch_up(); // a lost message is only ever late
        ledger_->checkpoint();
        delayed_send(this, checkpoint_interval, checkpoint_due{});
      },
      [this](const troupe::context& c, const portfolio::positions_query& q) {
        actor::handling scope{*pulse_, *this};
        mark();
        look_around();
        actor::reply(*this, c, ledger_->core.answer(ledger_->state, view_, q));
      },
      [this](const troupe::context& c, const portfolio::cash_query& q) {
        actor::handling scope{*pulse_, *this};
        look_around();
        actor::reply(*this, c, ledger_->core.answer(ledger_->state, view_, q));
      },
      [this](const troupe::context& c, const portfolio::fills_query& q) {
        actor::handling scope{*pulse_, *this};
        look_around();
        actor::reply(*this, c, ledger_->core.answer(ledger_->state, view_, q));
      },
      [this](const troupe::context& c, const settle_request&) {
        actor::handling scope{*pulse_, *this};
        look_around();
        ledger_->checkpoint();
        actor::reply(*this, c, settled{ledger_->written, view_.out_of_date});
      },
    }.or_else(actor::system_handlers(*this, parts_.env, portfolio_name, [this] { return wire::to_json(ledger_->state); }));
  }

  void on_exit() override {
    if (ledger_) ledger_->checkpoint();
    ledger_.reset();
  }

private:
  void end_unless(const result<void>& folded, const cause_id& cause) {
    if (folded) return;
    parts_.env.log(portfolio_name, cause, "error", to_string(folded.error()));
    quit(caf::make_error(caf::sec::runtime_error, to_string(folded.error())));
  }
  /// A stream that went, or is coming, has its accounts in the state; they are shown where the slot is.
  void look_around() {
    const auto slots = parts_.nodes->slots_of(parts_.nodes->self());
    view_.out_of_date = parts_.given_up.load() & slots;
    if (std::exchange(view_.slots, slots) != slots) catch_up(); // what came is known at once
  }
  /// Of a slot that came, or is coming, that may be millions of turns: it takes as long as folding a stream at a start.
  void catch_up() {
    actor::patience_scope patient{*pulse_, parts_.recover_within};
    end_unless(ledger_->catch_up(), {"portfolio", 0});
  }
  void mark() {
    view_.marks.clear();
    for (const auto& t : parts_.board->tickers())
      if (t.quote) ledger_->core.observe(view_, *t.quote);
  }

  shared_parts& parts_;
  std::unique_ptr<ledger> ledger_;
  portfolio::view view_;
  std::shared_ptr<actor::pulse> pulse_;
};

/// Fills say what they were paid in, and a position's sums are in one currency: with another one configured the next fill could never be booked.
std::optional<error> with_another_quote(const std::map<trading::instrument_id, trading::instrument>& configured, const portfolio::state& state) {
  for (const auto& [tenant, accounts] : state.accounts)
    for (const auto& [name, account] : accounts)
      for (const auto& [instrument, held] : account.positions) {
        const auto at = configured.find(instrument);
        if (at == configured.end() || at->second.quote == held.cost_basis.ccy) continue;
        return fail(errc::invalid_argument, "the instrument " + instrument.value.str() + " is configured with the quote " + at->second.quote.str() + ", but account " + name.value.str() +
                                              " has traded it in " + held.cost_basis.ccy.str() + ": set its quote back, or list what is quoted in " + at->second.quote.str() + " under another id");
      }
  return std::nullopt;
}

} // namespace

started start_portfolio(caf::actor_system& system, shared_parts& parts) {
  auto head = parts.books->open_stream(portfolio_name);
  if (!head) return head.error();
  auto loaded = std::make_unique<ledger>(parts, *head);
  if (auto done = loaded->load(); !done) return done.error();
  if (auto other = with_another_quote(parts.instruments, loaded->state)) return *other;
  return caf::actor_cast<caf::strong_actor_ptr>(system.spawn<portfolio_actor>(std::ref(parts), std::move(loaded)));
}

bool portfolio_is_ahead(const journal::journal& books, const std::vector<journal::stream_head>& heads) {
  const auto snapshot = books.load_snapshot(portfolio_name, UINT64_MAX);
  if (!snapshot || !*snapshot || (*snapshot)->schema != snapshot_schema()) return false; // none that would be taken
  const auto state = wire::decode<portfolio::state>((*snapshot)->state);
  if (!state) return false;
  return std::ranges::any_of(state->streams, [&](const auto& folded) {
    const auto head = std::ranges::find(heads, folded.first, &journal::stream_head::stream);
    return folded.second > (head == heads.end() ? 0 : head->sequence);
  });
}

result<std::string> portfolio_state(const journal::journal& orders) {
  portfolio::core core;
  portfolio::state state;
  actor::archive closed;
  for (std::uint32_t slot = 0; slot < trading::slot_count; ++slot) {
    const auto stream = trading::slot_name(slot);
    std::optional<error> wrong;
    auto read = orders.read(stream, 1, [&](const journal::record_view& r) {
      auto t = actor::decode_outcome<oms::core>(r.header.schema, r.payload);
      if (t) (void)core.fold(state, stream, r.header.sequence, t->events, closed);
      else wrong = named(t.error(), r.header);
      return t.has_value();
    });
    if (wrong) return *wrong;
    if (!read) return read.error();
  }
  return "{\"actor\":\"portfolio\",\"state\":" + wire::to_json(state) + '}';
}

void catch_up_portfolio(shared_parts& parts) {
  parts.env.names->ref(portfolio_name)->enqueue(nullptr, caf::make_message_id(), caf::make_message(catch_up_due{}), nullptr);
}

} // namespace troupe::desk
