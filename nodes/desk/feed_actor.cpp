#include "nodes/desk/feed_actor.hpp"

#include "actors/market/bar/bar_builder.hpp"
#include "actors/market/tape/tape.hpp"
#include "nodes/desk/feed_source.hpp"
#include "nodes/desk/feed_subscribers.hpp"
#include "nodes/desk/pace.hpp"
#include "nodes/desk/tape_seal.hpp"
#include "runtime/actor/answering.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/spawn_blocking.hpp"
#include "runtime/wire/wire.hpp"

#include <caf/all.hpp>

#include <limits>
#include <set>

namespace troupe::desk {
namespace {

struct feed_due {};

} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::feed_due)

namespace troupe::desk {
namespace {

constexpr std::size_t batch_events_max = 512;
constexpr std::size_t batch_lines_max = 8192; // of which many may hold nothing: a handler comes to its end whatever the file says
constexpr nanoseconds pump_interval = std::chrono::milliseconds{2};
constexpr nanoseconds levels_interval = std::chrono::milliseconds{100}; // the edge needs no more
constexpr nanoseconds tape_retry = std::chrono::seconds{1};              // a paused tape is tried again so often

result<tape::tape> open_tape(const feed_options& o, const shared_parts& parts) {
  tape::options t;
  t.directory = o.tape_directory;
  auto opened = tape::tape::open(t);
  if (!opened) return opened;
  const auto& r = opened->recovered();
  if (r.cut_bytes == 0) return opened;
  const auto what = r.put_aside.empty() ? std::string{", a write that was not finished"} : "; they are in " + r.put_aside.string() + ", and may hold entries";
  parts.env.log(actor_name{"feed/" + o.name.str()}, {}, "warn",
                std::to_string(r.cut_bytes) + " bytes that cannot be read were cut off behind position " + std::to_string(r.last_position) + " of the tape" + what);
  return opened;
}

class feed_actor final : public actor::last_answers<caf::event_based_actor> {
public:
  feed_actor(caf::actor_config& config, shared_parts& parts, feed_options options, std::unique_ptr<feed_source> from,
             std::optional<tape::tape> record, tape_seal seal, std::shared_ptr<feed_progress> progress)
    : last_answers(config), parts_{parts}, options_{std::move(options)}, source_{std::move(from)},
      pace_{options_.speed}, tape_{std::move(record)}, seal_{std::move(seal)}, progress_{std::move(progress)}, self_name_{"feed/" + options_.name.str()},
      text_name_{self_name_.value.str()}, pulse_{parts_.env.pulses->of(self_name_)},
      subscribers_{*this, parts_, self_name_, options_.subscribers, progress_}, tape_pauses_{!tape_ && !options_.tape_directory.empty()} {
    set_exception_handler([this](std::exception_ptr& thrown) { return actor::end_by(*this, thrown); });
  }
  const char* name() const override { return text_name_.c_str(); }

  caf::behavior make_behavior() override {
    pace_.start(parts_.env.clock->boot());
    subscribers_.look();
    lose_books(); // subscribers may hold what an earlier incarnation showed
    fetch();
    if (!parts_.env.deterministic) delayed_send(this, pump_interval, feed_due{});
    return caf::message_handler{
      [this](feed_due) {
        actor::handling scope{*pulse_, *this};
        pump();
        if (!parts_.env.deterministic) delayed_send(this, pump_interval, feed_due{});
      },
      [this](const actor::credit& c) {
        actor::handling scope{*pulse_, *this};
        subscribers_.on_credit(c.from);
      },
    }.or_else(actor::system_handlers(*this, parts_.env, self_name_, [this] { return shown(); }));
  }

  void on_exit() override {
    seal_.seal(parts_.env.clock->now());
    if (tape_) (void)tape_->close();
    source_.reset();
    subscribers_.clear();
  }

private:
  void fetch() {
    read_next();
    if (!pending_ && options_.repeat && !options_.file.empty() && !progress_->failure()) begin_again_if_any_use();
    if (pending_) pace_.see(pending_->at);
    progress_->next_due_ns = pending_ ? to_ns(pending_->at) : std::numeric_limits<std::int64_t>::max();
    if (pending_) return;
    progress_->ended = true;
    if (!parts_.env.deterministic && !progress_->failure())
      parts_.env.log(self_name_, cause_now(), "info", "the feed has ended after " + std::to_string(progress_->lines) + " lines");
    seal_.seal(parts_.env.clock->now());
  }

  void read_next() {
    pending_.reset();
    auto next = source_->next();
    report_bad_lines();
    if (next) pending_ = std::move(*next);
    else give_up(next.error());
    if (pending_ && !pending_->events.empty()) has_shown_ = true;
  }

  /// A file of which nothing could be replayed would be read for ever, as fast as the machine can, onto the tape and into the log.
  void begin_again_if_any_use() {
    if (!std::exchange(has_shown_, false)) return give_up(fail(errc::invalid_argument, options_.file + ": nothing in it can be replayed, so it is not begun again"));
    if (auto again = source_->rewind(time_ns{}); !again) return give_up(again.error());
    begins_again_ = true;
    bars_.clear(); // time goes back with the file, and bars would wait for where it was
    bad_lines_seen_ = other_symbols_seen_ = 0; // told they were: the same lines are bad again
    pace_.start(parts_.env.clock->boot());
    read_next();
  }

  /// Nothing more comes: what the source says next would be a guess.
  void give_up(const error& why) {
    parts_.env.log(self_name_, cause_now(), "error", to_string(why));
    progress_->fail(why);
  }

  /// Each by number and reason, as long as the source keeps them, and once, however often the source begins again; the rest is counted.
  void report_bad_lines() {
    const auto* c = source_->counts();
    if (c) {
      progress_->bad_lines += c->bad_lines - std::exchange(bad_lines_seen_, c->bad_lines);
      progress_->other_symbols += c->other_symbols - std::exchange(other_symbols_seen_, c->other_symbols);
    }
    for (; c && bad_lines_told_ < c->first_bad_lines.size(); ++bad_lines_told_) {
      const auto& bad = c->first_bad_lines[bad_lines_told_];
      auto text = options_.file + " line " + std::to_string(bad.number) + ": " + bad.reason;
      if (!parts_.env.deterministic) parts_.env.log(self_name_, cause_now(), "warning", text); // a run says them all at its end
      progress_->tell_bad_line(std::move(text));
    }
  }

  [[nodiscard]] bool is_due(time_ns now, boot_ns now_boot) const {
    if (!pending_) return false;
    if (parts_.env.deterministic) return pending_->at <= now;
    return pace_.is_due(pending_->at, now_boot);
  }

  void pump() {
    subscribers_.look();
    if (subscribers_.is_blocked(cause_now())) return;
    const auto now = parts_.env.clock->now();
    const auto now_boot = parts_.env.clock->boot();
    keep_tape(now_boot);
    market::market_batch batch;
    // A file that begins again ends the batch: its books are lost behind its last quotes and before its first.
    for (std::size_t lines = 0; lines < batch_lines_max && batch.events.size() < batch_events_max && !begins_again_ && is_due(now, now_boot); ++lines) {
      take(batch, now);
      fetch();
    }
    if (tape_)
      if (auto synced = on_disk([&] { return tape_->sync_if_due(now_boot); }); !synced) drop_tape(synced.error());
    if (!batch.events.empty()) {
      show_levels(now, now_boot);
      publish(batch);
    }
    if (std::exchange(top_confirmed_, false)) confirm(now_boot);
    if (std::exchange(begins_again_, false)) lose_books();
    if (progress_->failure() && !std::exchange(is_market_gone_, true)) lose_books(); // behind its last quotes
  }

  /// One entry onto the tape, its events, and the bars they close, into the batch. Received is when we took it.
  void take(market::market_batch& batch, time_ns now) {
    progress_->lines.fetch_add(1, std::memory_order_relaxed);
    progress_->begun.store(true, std::memory_order_relaxed);
    market::tape_position at{text<23>{options_.name.view()}, 0}; // 0: not on the tape
    if (tape_) {
      if (auto written = on_disk([&] { return tape_->append(now, pending_->raw); }); written) at.position = *written;
      else drop_tape(written.error());
    } else if (options_.tape_directory.empty()) {
      at.position = ++position_; // nothing is recorded: the line counts
    }
    progress_->tape_position = at.position;
    top_confirmed_ = top_confirmed_ || pending_->confirms_top;
    if (at.position != 0) seal_.add(at.position, pending_->raw, now);
    for (auto& e : pending_->events) {
      std::visit([&](auto& x) {
        x.tape = at;
        if constexpr (requires { x.received_at; }) x.received_at = now;
      }, e);
      if (const auto* t = std::get_if<market::trade>(&e)) {
        progress_->trades.fetch_add(1, std::memory_order_relaxed);
        add_bar(batch, *t);
      } else if (std::holds_alternative<market::quote>(e)) {
        progress_->quotes.fetch_add(1, std::memory_order_relaxed);
        if (!gaps_.empty()) set_gap(std::get<market::quote>(e).instrument, false);
      } else if (const auto* lost = std::get_if<market::book_lost>(&e)) {
        progress_->books_lost.fetch_add(1, std::memory_order_relaxed);
        set_gap(lost->instrument, true);
      } else {
        progress_->bars.fetch_add(1, std::memory_order_relaxed);
      }
      remember(e);
      batch.events.push_back(std::move(e));
    }
  }

  /// For what a run until done says at its end.
  void remember(const market::event& e) {
    if (!parts_.env.deterministic) return;
    if (const auto* q = std::get_if<market::quote>(&e)) {
      auto& told = progress_->told[q->instrument];
      ++told.quotes;
      if (q->bid_size.is_positive() || q->ask_size.is_positive()) ++told.sized_quotes;
    } else if (const auto* b = std::get_if<market::bar>(&e)) {
      progress_->told[b->instrument].bars.insert(nanoseconds{b->interval_ns});
    }
  }

  void set_gap(const market::instrument_id& id, bool lost) {
    if (lost) gaps_.insert(id);
    else gaps_.erase(id);
    progress_->gaps = gaps_.size();
  }

  void add_bar(market::market_batch& batch, const market::trade& t) {
    auto it = bars_.find(t.instrument);
    if (it == bars_.end()) {
      auto made = bar::bar_builder::create(t.instrument, options_.bar_interval);
      if (!made) return;
      it = bars_.emplace(t.instrument, std::move(*made)).first;
    }
    auto as_received = t; // whether the venue's clock is ahead tells the source's own time: a capture is as old as it is
    as_received.received_at = pending_->at;
    if (auto closed = it->second.on_trade(as_received)) {
      progress_->bars.fetch_add(1, std::memory_order_relaxed);
      remember(batch.events.emplace_back(*closed));
    }
  }

  void publish(const market::market_batch& batch) {
    const auto heard_at = parts_.env.clock->boot();
    parts_.board->take(batch, {heard_at});
    subscribers_.publish(batch, {heard_at});
  }

  /// A market may be quiet for long: while its book is told and the top stays, the top is as old as what was told last. Of a file, which has one instrument: the
  /// walk tells every quote.
  void confirm(boot_ns now) {
    parts_.board->confirm(subscribers_.instruments(), now);
    subscribers_.confirm(now);
  }

  void lose_books() {
    market::market_batch lost;
    std::set<market::instrument_id> known = subscribers_.instruments();
    if (auto id = source_->instrument()) known.insert(*id);
    if (options_.file.empty())
      for (const auto& i : simulator::default_instruments()) known.insert(i.id);
    for (const auto& id : known) lost.events.emplace_back(market::book_lost{id, parts_.env.clock->now(), {}});
    publish(lost);
  }

  void show_levels(time_ns now, boot_ns now_boot) {
    const auto* b = source_->levels();
    if (!b || parts_.env.deterministic || now_boot - levels_at_ < levels_interval) return;
    levels_at_ = now_boot;
    constexpr std::size_t depth_max = 100;
    book_levels l;
    for (const auto& x : b->bids(depth_max)) l.bids.push_back({x.at, x.size});
    for (const auto& x : b->asks(depth_max)) l.asks.push_back({x.at, x.size});
    l.received_at = now;
    const auto id = source_->instrument();
    if (!id) return;
    subscribers_.show_levels(*id, l);
    parts_.board->set_levels(*id, std::move(l));
  }

  /// What led here: the newest entry of the tape.
  [[nodiscard]] cause_id cause_now() const { return {text<23>{options_.name.view()}, progress_->tape_position}; }

  /// The tape blocks on the disk, which may stand still for longer than a handler may run.
  template <class Step>
  std::invoke_result_t<Step> on_disk(Step&& step) {
    actor::patience_scope patient{*pulse_, actor::disk_patience};
    return step();
  }

  /// On a full disk the tape pauses: what is left belongs to cancels and halts. It goes on behind every position ever
  /// handed out as soon as there is space.
  void keep_tape(boot_ns now) {
    const bool has_space = parts_.journal->has_space();
    if (tape_ && !has_space) drop_tape(fail(errc::disk_full, "the disk reserve is reached"));
    if (!tape_pauses_ || !has_space || now - tape_tried_at_ < tape_retry) return;
    tape_tried_at_ = now;
    auto opened = on_disk([&] { return open_tape(options_, parts_); });
    if (!opened && opened.error().code == errc::disk_full) return;
    tape_pauses_ = false;
    if (!opened) return parts_.env.log(self_name_, cause_now(), "error", "the tape stays closed: " + to_string(opened.error()));
    tape_.emplace(std::move(*opened));
    seal_.begin(tape_->next_position(), parts_.env.clock->now());
    parts_.env.log(self_name_, cause_now(), "info", "the tape goes on behind position " + std::to_string(tape_->next_position() - 1));
  }

  /// Any other failure than a full disk ends the tape until the next start: a failed sync is not tried again.
  void drop_tape(const error& why) {
    tape_pauses_ = why.code == errc::disk_full;
    parts_.env.log(self_name_, cause_now(), "error", (tape_pauses_ ? "the tape pauses: " : "the tape ends: ") + to_string(why));
    tape_.reset();
    seal_.seal(parts_.env.clock->now());
  }

  [[nodiscard]] std::string shown() const {
    std::string out = "{\"status\":\"" + std::string{name_of(progress_->status())} + "\",\"file\":";
    wire::append_json_string(out, options_.file);
    out += ",\"lines\":" + std::to_string(progress_->lines) + ",\"quotes\":" + std::to_string(progress_->quotes) +
           ",\"trades\":" + std::to_string(progress_->trades) + ",\"bars\":" + std::to_string(progress_->bars) +
           ",\"books_lost\":" + std::to_string(progress_->books_lost) + ",\"bad_lines\":" + std::to_string(progress_->bad_lines) +
           ",\"other_symbols\":" + std::to_string(progress_->other_symbols) +
           ",\"tape_position\":" + std::to_string(progress_->tape_position) + ",\"ended\":" + (progress_->ended ? "true" : "false") +
           ",\"first_bad_lines\":[";
    if (const auto* c = source_->counts())
      for (std::size_t i = 0; i < c->first_bad_lines.size(); ++i) {
        out += (i ? ",{\"line\":" : "{\"line\":") + std::to_string(c->first_bad_lines[i].number) + ",\"reason\":";
        wire::append_json_string(out, c->first_bad_lines[i].reason);
        out += '}';
      }
    out += ']';
    if (auto why = progress_->failure()) {
      out += ",\"failure\":";
      wire::append_json_string(out, to_string(*why));
    }
    return out + ",\"subscribers\":" + subscribers_.shown() + '}';
  }

  shared_parts& parts_;
  feed_options options_;
  std::unique_ptr<feed_source> source_;
  pace pace_;
  std::optional<tape::tape> tape_;
  tape_seal seal_;
  std::shared_ptr<feed_progress> progress_;
  actor_name self_name_;
  std::string text_name_;
  std::shared_ptr<actor::pulse> pulse_;
  feed_subscribers subscribers_;
  bool tape_pauses_ = false;
  bool is_market_gone_ = false; // told, after the source had failed
  bool begins_again_ = false;   // from its next entry on, and nobody was told yet
  boot_ns tape_tried_at_{};
  std::set<market::instrument_id> gaps_; // books that are lost
  std::map<market::instrument_id, bar::bar_builder> bars_;
  std::optional<feed_entry> pending_;
  boot_ns levels_at_{};
  std::uint64_t position_ = 0;
  std::size_t bad_lines_told_ = 0;        // one by one, in all readings of the file together
  std::uint64_t bad_lines_seen_ = 0;      // of this reading; counted in progress_
  std::uint64_t other_symbols_seen_ = 0;
  bool has_shown_ = false;                // this reading, an event
  bool top_confirmed_ = false;            // by a line since the last look
};

} // namespace

feed_options feed_options_of(const configuration& c, const feed_section& f) {
  feed_options o;
  o.name = f.name.value();
  o.file = f.file.value();
  o.instrument = f.instrument.value();
  o.speed = f.speed.value();
  o.repeat = f.repeat.value();
  o.seed = static_cast<std::uint64_t>(f.seed.value());
  o.step = f.step.value();
  o.quotes = static_cast<std::uint64_t>(f.quotes.value());
  o.bar_interval = c.bars.interval.value();
  return o;
}

started start_feed(caf::actor_system& system, shared_parts& parts, const feed_options& options,
                   std::shared_ptr<feed_progress> progress) {
  auto from = feed_source::open(options, parts.env.clock->now());
  if (!from) return from.error();
  std::optional<tape::tape> record;
  if (!options.tape_directory.empty() && parts.journal->has_space()) { // else it begins when there is space
    auto opened = open_tape(options, parts);
    if (opened) record.emplace(std::move(*opened));
    else if (opened.error().code != errc::disk_full) return opened.error();
  }
  auto seal = tape_seal::open(parts.journal, actor_name{"feed/" + options.name.str()}, text<23>{options.name.view()});
  if (!seal) return seal.error();
  seal->on_error = [log = parts.env.log, name = options.name.str()](const error& e) {
    log(actor_name{"feed/" + name}, {}, "error", "sealing the tape: " + to_string(e));
  };
  if (record) seal->begin(record->next_position(), parts.env.clock->now());
  progress->restart();
  if (options.may_block)
    return actor::spawn_blocking<feed_actor>(system, parts.env, std::ref(parts), options, std::move(*from), std::move(record), std::move(*seal), std::move(progress));
  return caf::actor_cast<caf::strong_actor_ptr>(
    system.spawn<feed_actor>(std::ref(parts), options, std::move(*from), std::move(record), std::move(*seal), std::move(progress)));
}

result<time_ns> first_entry_at(const feed_options& options) {
  using namespace std::chrono;
  if (options.file.empty()) return time_ns{sys_days{2024y / January / 1}}; // any fixed day: the walk has no time of its own
  auto from = feed_source::open(options, time_ns{});
  if (!from) return from.error();
  for (;;) {
    auto e = (*from)->next();
    if (!e) return e.error();
    if (!*e) return fail(errc::invalid_argument, options.file + ": nothing in it can be replayed");
    if ((*e)->at != time_ns{}) return (*e)->at;
  }
}

void pump_feed(caf::actor_system&, shared_parts& parts, const text<15>& name) {
  caf::anon_send(caf::actor_cast<caf::actor>(parts.env.names->ref(actor_name{"feed/" + name.str()})), feed_due{});
}

} // namespace troupe::desk
