#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/slot_mover.hpp"

#include "actors/platform/placement/core.hpp"
#include "nodes/desk/mesh.hpp"
#include "nodes/desk/slot_copy.hpp"
#include "runtime/actor/answering.hpp"
#include "runtime/actor/last_answers.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/actor/send.hpp"
#include "runtime/actor/spawn_blocking.hpp"
#include "runtime/wire/wire.ipp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

TROUPE_WIRE(troupe::placement::stream_page_query)
TROUPE_WIRE(troupe::placement::stream_page)
TROUPE_PROTOCOL("slot_mover", troupe::actor::protocol<troupe::actor::query<troupe::placement::stream_page_query, troupe::placement::stream_page>>)

namespace troupe::desk {
namespace {
struct fetch_look {};
/// What was given to the journal is durable, or not.
struct stored {
  std::optional<error> failed;
};
} // namespace
} // namespace troupe::desk
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::fetch_look)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::desk::stored)

namespace troupe::desk {
namespace {

constexpr nanoseconds fetch_look_interval = std::chrono::milliseconds{10};
constexpr nanoseconds answer_within = std::chrono::seconds{2};
constexpr nanoseconds away_again = std::chrono::milliseconds{200};
constexpr nanoseconds away_max = std::chrono::seconds{5}; // whoever is away so long keeps its slot, and holds up no other
constexpr nanoseconds waits_max = std::chrono::seconds{30}; // for the next page, or to be handed over
constexpr nanoseconds hand_over_again = std::chrono::milliseconds{200};
constexpr int empty_pages_max = 3; // then what is missing may be lost
constexpr std::size_t page_bytes = std::size_t{192} << 10; // one frame of the link

class slot_mover final : public actor::last_answers<caf::event_based_actor> {
public:
  slot_mover(caf::actor_config& config, shared_parts& parts, const actor_name& keeper)
    : last_answers(config), parts_{parts}, keeper_{keeper}, pulse_{parts.env.pulses->of(slot_mover_name)} {
    set_exception_handler([this](std::exception_ptr& thrown) { return actor::end_by(*this, thrown); });
  }
  const char* name() const override { return "slot_mover"; }

  caf::behavior make_behavior() override {
    return caf::message_handler{
      [this](const fetch_order& o) {
        actor::handling scope{*pulse_, *this};
        const auto known = find(o.slot);
        if (known != jobs_.end() && !known->end && known->from == o.from) return begin();
        forget(o.slot); // what has come already, or comes from elsewhere, is not fetched: that was an earlier move's
        queue({o.slot, o.from, std::nullopt});
        begin();
      },
      [this](const finish_order& o) {
        actor::handling scope{*pulse_, *this};
        const job wanted{o.what.slot, o.what.from, o.what};
        const auto known = find(wanted.slot);
        if (known != jobs_.end() && known->end == wanted.end) return begin();
        if (copy_ && known == jobs_.begin() && !known->end) {
          *known = wanted;
          waits_since_ = now();
          if (!is_storing_) go_on();
          return;
        }
        forget(wanted.slot);
        queue(wanted);
        begin();
      },
      [this](std::uint64_t number, const placement::stream_page& page) {
        actor::handling scope{*pulse_, *this};
        if (number == asked_page_) take(page);
      },
      [this](std::uint64_t number, const placement::hand_over_reply& r) {
        actor::handling scope{*pulse_, *this};
        if (number > asked_before_) heed(r);
      },
      [this](const actor::unanswered& u) {
        if (u.number == asked_page_) page_asked_at_ = now() - answer_within + away_again;
      },
      [this](const stored& s) {
        actor::handling scope{*pulse_, *this};
        is_storing_ = false;
        if (!copy_) return begin();
        if (s.failed) return fail_with(to_string(*s.failed));
        if (std::exchange(is_finishing_, false)) return arrived();
        go_on();
      },
      [this](fetch_look) {
        actor::handling scope{*pulse_, *this};
        is_armed_ = false;
        look();
      },
      [this](const troupe::context& c, const placement::stream_page_query& q) {
        actor::handling scope{*pulse_, *this};
        actor::reply(*this, c, read(q));
      },
    }.or_else(actor::system_handlers(*this, parts_.env, slot_mover_name, [this] { return shown(); }));
  }

private:
  struct job {
    std::uint32_t slot = 0;
    node_name from;
    std::optional<placement::take_over> end; // it is ours, and ends there
  };

  std::deque<job>::iterator find(std::uint32_t slot) { return std::ranges::find(jobs_, slot, &job::slot); }
  void forget(std::uint32_t slot) {
    const auto at = find(slot);
    if (at == jobs_.end()) return;
    if (at == jobs_.begin()) copy_.reset();
    jobs_.erase(at);
  }
  /// What serves nowhere goes before what serves where it is, unless it could not be brought the last time; what is under way is left alone.
  void queue(job j) {
    if (!j.end) failed_.erase(j.slot);
    const auto behind = jobs_.begin() + (copy_ ? 1 : 0);
    const bool goes_before = j.end && !failed_.contains(j.slot);
    jobs_.insert(goes_before ? std::find_if(behind, jobs_.end(), [](const job& o) { return !o.end; }) : jobs_.end(), std::move(j));
  }
  [[nodiscard]] boot_ns now() const { return parts_.env.clock->boot(); }

  void begin() {
    if (copy_ || is_storing_) return arm();
    while (!jobs_.empty() && parts_.nodes->runs_here(trading::slot_name(jobs_.front().slot))) jobs_.pop_front(); // told before we had said so
    if (jobs_.empty()) return;
    asked_page_ = asked_hand_over_ = 0;
    asked_before_ = asked_;
    is_near_ = is_finishing_ = is_asking_end_ = false;
    empty_pages_ = 0;
    actor::patience_scope patient{*pulse_, parts_.recover_within}; // a copy that was begun is folded from its first turn
    auto opened = slot_copy::open(parts_.journal, trading::slot_name(jobs_.front().slot));
    if (!opened) return fail_with(to_string(opened.error()));
    copy_.emplace(std::move(*opened));
    seen_at_ = waits_since_ = now(); // folding what is here was no waiting
    go_on(); // of what is ours all may be here, and then nobody else need be there
  }

  [[nodiscard]] placement::stream_page read(const placement::stream_page_query& q) const {
    actor::patience_scope patient{*pulse_, actor::disk_patience};
    placement::stream_page out;
    std::size_t bytes = 0;
    out.is_end = true;
    auto read = parts_.journal->read(trading::slot_name(q.slot), q.from, [&](const journal::record_view& r) {
      if (out.records.size() > 1 && bytes + r.bytes.size() > page_bytes) {
        out.is_end = false;
        return false;
      }
      bytes += r.bytes.size();
      out.records.emplace_back(r.bytes);
      return true;
    });
    if (!read) out.failed = read.error();
    return out;
  }

  [[nodiscard]] std::string shown() const {
    std::string out = "{\"slots\":[";
    for (const auto& j : jobs_)
      out += (out.back() == '[' ? "{\"slot\":" : ",{\"slot\":") + std::to_string(j.slot) + ",\"from\":\"" + j.from.value.str() + "\",\"is_ours\":" + (j.end ? "true}" : "false}");
    out += "],\"not_brought\":[";
    for (const auto& [slot, why] : failed_) {
      out += (out.back() == '[' ? "{\"slot\":" : ",{\"slot\":") + std::to_string(slot) + ",\"why\":";
      wire::append_json_string(out, why);
      out += '}';
    }
    return out + "],\"sequence\":" + std::to_string(copy_ ? copy_->sequence() : 0) + '}';
  }

  /// What is asked again when nothing came.
  void look() {
    if (!copy_) return begin();
    const auto& j = jobs_.front();
    const bool may_wait = j.end && jobs_.size() == 1; // nobody else may take it, and it holds up no other
    if (!may_wait && now() - waits_since_ > waits_max) return fail_with(what_it_waits_for());
    if (is_storing_) return arm();
    if (parts_.nodes->is_up(j.from)) seen_at_ = now();
    else if (!may_wait && now() - seen_at_ > away_max) return fail_with("node " + j.from.value.str() + " is away");
    if (asked_page_ == 0 || now() - page_asked_at_ > answer_within) {
      page_asked_at_ = now();
      const auto from = is_asking_end_ ? j.end->at.sequence : std::max<std::uint64_t>(1, copy_->sequence());
      asked_page_ = ask(parts_.nodes->name_on(j.from, slot_mover_name), placement::stream_page_query{j.slot, from});
    }
    if (!j.end && is_near_ && (asked_hand_over_ == 0 || now() - hand_over_asked_at_ > hand_over_again)) {
      hand_over_asked_at_ = now();
      asked_hand_over_ = ask(placement::keeper_of(j.from), placement::hand_over{j.slot, parts_.nodes->self()});
    }
    arm();
  }

  [[nodiscard]] std::string what_it_waits_for() const {
    const auto what = is_storing_         ? "this node's journal did not store it"
                      : jobs_.front().end ? "what is missing of it did not come"
                      : is_near_          ? "it was all here, and was not handed over"
                                          : "nothing of it came";
    return std::string{what} + " within " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(waits_max).count()) + " s";
  }

  void take(const placement::stream_page& page) {
    asked_page_ = 0;
    if (!copy_ || is_storing_) return; // the end was named meanwhile and is being stored, once
    if (page.failed) return fail_with(to_string(*page.failed));
    if (is_asking_end_) return judge(page);
    const auto& j = jobs_.front();
    auto records = page.records;
    if (copy_->sequence() > 0) { // the last that is here is asked for once more: a slot must not end there for a copy that cannot go on
      if (records.empty() || to_hex(sha256(records.front())) != copy_->chain()) return cannot_go_on("what is here of it has another history than what is there");
      records.erase(records.begin());
    }
    if (j.end ? !records.empty() : !is_near_) waits_since_ = now();
    is_near_ = is_near_ || page.is_end;
    is_tail_ = page.is_end;
    if (records.empty()) return is_short(j) ? wait_for_rest() : go_on();
    empty_pages_ = 0;
    if (!j.end && !parts_.journal->has_space()) return fail_with("the disk reserve of this node is reached");
    if (auto added = copy_->add(std::move(records), tell_when_stored()); !added) return fail_with(to_string(added.error()));
    is_storing_ = true;
  }

  /// Whoever does not have it is not asked again at once: a page that was under way when the end was named holds none of the rest.
  void wait_for_rest() {
    if (++empty_pages_ < empty_pages_max) return arm();
    cannot_go_on("what is missing of it is not there");
  }

  /// Of what is ours the end decides: whoever gave it may have lost it since.
  void cannot_go_on(const std::string& why) {
    const auto& end = jobs_.front().end;
    if (!end || end->at.sequence == 0) return fail_with(why);
    is_asking_end_ = true;
    asked_page_ = 0; // an answer that is under way is to something else
    why_not_ = why;
    look();
  }

  /// Where the end is as it was handed over, what is here is wrong. Where it is not, nobody has it any more. An operator may say that what is here is to count, as
  /// of a journal that was restored: venues have what is missing of orders and fills (decision 0016), and fence whoever had the slot with a lower epoch.
  void judge(const placement::stream_page& page) {
    is_asking_end_ = false;
    const auto& what = *jobs_.front().end;
    if (!page.records.empty() && to_hex(sha256(page.records.front())) == what.at.chain.view()) return fail_with(why_not_);
    const auto turns = std::to_string(copy_->sequence()) + " of " + std::to_string(what.at.sequence) + " turns";
    const bool went_nowhere_since = parts_.nodes->node_of(trading::slot_name(what.slot)) == what.from; // by all records that are known here
    if (!parts_.accepts_older_journal || !went_nowhere_since)
      return fail_with("that node has lost what it handed over, and " + turns + " are here. If it is to go on with these and what its venues know of the rest, "
                       "start this node once with --accept-older-journal");
    parts_.env.log(trading::slot_name(what.slot), {"slot_mover", asked_}, "warn",
                   "node " + what.from.value.str() + " has lost what it handed over: it goes on here with " + turns);
    store_end(what);
  }

  void heed(const placement::hand_over_reply& r) {
    if (!copy_ || jobs_.front().slot != r.slot || jobs_.front().end) return;
    if (!r.refused.empty()) fail_with(r.refused);
    else if (r.given && *r.given <= parts_.nodes->generation_of(r.slot)) // to us, once; it has gone on from here since
      fail_with("slot " + std::to_string(r.slot) + " is not on node " + jobs_.front().from.value.str() + " any more");
  }

  [[nodiscard]] slot_copy::stored tell_when_stored() {
    return [self = caf::actor_cast<caf::strong_actor_ptr>(this)](result<std::uint64_t> r) {
      self->enqueue(nullptr, caf::make_message_id(), caf::make_message(stored{r ? std::nullopt : std::optional{r.error()}}), nullptr);
    };
  }

  /// It is ours, and something is missing.
  [[nodiscard]] bool is_short(const job& j) const { return j.end && copy_->sequence() < j.end->at.sequence; }

  void go_on() {
    const auto& j = jobs_.front();
    if (j.end && !is_short(j)) return finish();
    if (!is_tail_ || is_short(j) || asked_hand_over_ == 0) return look();
    arm(); // it grows on while it serves there
  }

  void finish() {
    const auto& what = *jobs_.front().end;
    const auto stream = trading::slot_name(what.slot);
    if (copy_->sequence() != what.at.sequence || copy_->chain() != what.at.chain.view())
      return cannot_go_on("the copy of " + stream.value.str() + " is not what node " + what.from.value.str() + " handed over: it ends at " +
                          std::to_string(copy_->sequence()) + " with " + copy_->chain() + ", there at " + std::to_string(what.at.sequence) + " with " +
                          what.at.chain.str());
    store_end(what);
  }

  void store_end(const placement::take_over& what) {
    is_storing_ = is_finishing_ = true;
    raise_to(parts_.epochs[what.slot], what.at.epoch); // it may be served here by now
    copy_->finish(what.at.epoch, tell_when_stored());
  }

  void arrived() {
    const auto& what = *jobs_.front().end;
    tell(placement::slot_arrived{what.slot, what.generation});
    failed_.erase(what.slot);
    next();
  }

  /// Whoever has the slot keeps it; when nobody has, the keeper says again that it has to come, once a second: nobody else may take it.
  void fail_with(const std::string& why) {
    const auto j = jobs_.front();
    const bool is_news = !j.end || std::exchange(failed_[j.slot], why) != why;
    if (is_news) parts_.env.log(trading::slot_name(j.slot), {"slot_mover", asked_}, "error", "fetching it from node " + j.from.value.str() + ": " + why);
    if (!j.end) tell(placement::fetch_failed{j.slot, why});
    next();
  }

  void next() {
    copy_.reset();
    jobs_.pop_front();
    begin();
  }

  template <class Q>
  std::uint64_t ask(const actor_name& to, const Q& what) {
    troupe::context c;
    c.cause = {"slot_mover", ++asked_};
    c.principal = principal_id{"placement"};
    c.request = asked_;
    actor::send_to(*this, parts_.env.names->ref(to), lane::order, c, what);
    return asked_;
  }
  template <class C>
  void tell(const C& what) {
    troupe::context c;
    c.cause = {"slot_mover", ++asked_};
    c.principal = principal_id{"placement"};
    actor::send_to(*this, parts_.env.names->ref(keeper_), lane::order, c, what);
  }

  void arm() {
    if (is_armed_ || jobs_.empty()) return;
    is_armed_ = true;
    delayed_send(this, fetch_look_interval, fetch_look{});
  }

  shared_parts& parts_;
  const actor_name keeper_;
  std::shared_ptr<actor::pulse> pulse_;
  std::deque<job> jobs_; // at most one for each slot; the first is under way
  std::map<std::uint32_t, std::string> failed_; // ours, and why it could not be brought the last time: others go before them
  std::optional<slot_copy> copy_;
  bool is_near_ = false;      // everything that was there a moment ago was here
  bool is_tail_ = false;      // the newest page was the last
  bool is_storing_ = false;   // one page at a time
  bool is_finishing_ = false; // and what is stored is the end
  bool is_asking_end_ = false; // of whoever gave it, because of `why_not_`
  std::string why_not_;
  int empty_pages_ = 0; // one behind the other, of what is ours and not all here
  bool is_armed_ = false;
  std::uint64_t asked_ = 0;
  std::uint64_t asked_before_ = 0; // what is under way began
  std::uint64_t asked_page_ = 0, asked_hand_over_ = 0; // numbers; 0: nothing is asked
  boot_ns page_asked_at_{}, hand_over_asked_at_{};
  boot_ns seen_at_{};     // the node it comes from
  boot_ns waits_since_{}; // while it is copied: the newest page; then: the end of all that there was; when it is ours: the newest records
};

} // namespace

started start_slot_mover(caf::actor_system& system, shared_parts& parts, const actor_name& keeper) {
  return actor::spawn_blocking<slot_mover>(system, parts.env, std::ref(parts), keeper);
}

} // namespace troupe::desk
