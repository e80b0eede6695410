#include "actors/trading/oms/pretrade.hpp"

#include "actors/trading/oms/exposure.hpp"
#include "actors/trading/oms/halts.hpp"
#include "actors/trading/oms/sentence.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::oms {
namespace {

/// Why a slot may not use so much, in whole units of the quote currency so that it fits: what is needed is rounded up, what there is down. When no slot that
/// asks risk would have to keep less than it uses, risk lends more and a repeat may pass.
std::string beyond_budget(const risk::lease& l, int128 used, const char* how_to_repeat) {
  const auto whole = [](int128 units, rounding mode) { return format_scaled(divide(units, scale, mode) * scale); };
  const int128 firm = l.firm_exposure_max.value.units, others = firm - l.exposure_reachable.value.units;
  const auto most = whole(firm, rounding::down);
  if (used + others > firm) return "the firm's exposure would be " + whole(used + others, rounding::up) + ", above its limit of " + most;
  return "slot needs " + whole(used, rounding::up) + ", has " + whole(l.exposure_budget.value.units, rounding::down) + " of the firm's " + most +
         " now: " + how_to_repeat;
}

/// The walk. Each step returns true when it refuses, and has then said why.
class walk {
public:
  walk(const configuration& c, const state& s, const view& v, const intention& asked, time_ns now, boot_ns now_boot,
       inputs& read, std::vector<std::string>* warnings)
    : config_{c}, state_{s}, view_{v}, asked_{asked}, now_{now}, now_boot_{now_boot}, read_{read}, warnings_{warnings} {}

  pretrade_verdict run() {
    if (no_lease() || halted() || blocked()) return std::move(verdict_);
    find_limits();
    if (order_quantity() || no_mark() || collar() || order_notional()) return std::move(verdict_);
    find_stake();
    if (open_orders() || position() || exposure() || budget() || rate()) return std::move(verdict_);
    return std::move(verdict_);
  }

private:
  bool refuse(refusal r, std::string why) {
    verdict_.refusal = r;
    verdict_.reason = sentence(std::move(why));
    return true;
  }
  /// Refuses when `used` is above `allowed`; warns above 80 % of it.
  bool above(refusal r, const char* what, int128 used, int128 allowed, bool whole = false) {
    const auto show = [&](int128 n) { return whole ? std::to_string(static_cast<std::int64_t>(n)) : format_scaled(n); };
    if (used > allowed) return refuse(r, std::string{what} + " would be " + show(used) + ", allowed are " + show(allowed));
    if (warnings_ && used > 0 && used * 5 > allowed * 4)
      warnings_->push_back(std::string{what} + " would be " + show(used) + " of " + show(allowed));
    return false;
  }

  bool no_lease() {
    if (!view_.lease) return refuse(refusal::no_lease, "risk has granted no lease yet; nothing opens without one");
    const auto& l = *view_.lease;
    read_.limits_version = l.limits_version;
    read_.lease_expires_at = l.expires_at;
    if (l.expires_at <= now_boot_) {
      const auto ago = std::chrono::duration_cast<std::chrono::milliseconds>(now_boot_ - l.expires_at).count();
      return refuse(refusal::no_lease, "the risk lease ran out " + std::to_string(ago) + " ms ago");
    }
    verdict_.valid_until = std::min(l.expires_at, now_boot_ + config_.order_age_max);
    return false;
  }

  bool halted() {
    if (const auto* h = halt_over(view_.lease->halts, asked_.request, asked_.what.venue)) return refuse(refusal::halted, why_halted(*h));
    return disputed();
  }

  /// Risk is asked for the halt, and may be away.
  bool disputed() {
    const auto& all = state_.disputed;
    if (all.empty()) return false;
    const auto& account = asked_.request.account;
    if (const auto d = all.find(account); d != all.end())
      return refuse(refusal::halted, "account " + account.value.str() + " is to be halted: its venue and this desk count other fills (" + d->second.value.str() + ")");
    const auto& venue = asked_.what.venue;
    if (const auto d = all.find(disputed_venue(venue)); d != all.end())
      return refuse(refusal::halted, "venue " + venue.value.str() + " is to be halted: its fill " + d->second.value.str() + " is of an order not known here");
    return false;
  }

  bool blocked() {
    const auto& list = view_.lease->blocked;
    if (std::find(list.begin(), list.end(), asked_.request.instrument) == list.end()) return false;
    return refuse(refusal::blocked, asked_.request.instrument.value.str() + " is blocked for new orders");
  }

  void find_limits() {
    const auto& l = *view_.lease;
    const auto own = l.accounts.find(asked_.request.account);
    limits_ = own == l.accounts.end() ? &l.fallback : &own->second;
  }

  bool order_quantity() {
    return above(refusal::order_quantity_max, "order quantity", asked_.quantity.units, limits_->order_quantity_max.units);
  }

  /// The price everything else is measured by: the best of the other side; for limit orders the own side will do.
  bool no_mark() {
    const auto& id = asked_.request.instrument;
    const auto at = view_.marks.find(id);
    if (at == view_.marks.end()) return refuse(refusal::no_mark, "there is no mark for " + id.value.str());
    const auto& q = at->second;
    read_.bid = q.bid;
    read_.ask = q.ask;
    read_.update_id = q.update_id;
    read_.tape = q.tape;
    const auto age = now_boot_ - q.heard_at;
    if (age > limits_->mark_age_max) {
      const auto ms = [](nanoseconds n) { return std::to_string(n.count() / 1'000'000); };
      return refuse(refusal::no_mark, "the mark of " + id.value.str() + " is " + ms(age) + " ms old, allowed are " +
                                        ms(limits_->mark_age_max));
    }
    const bool buys = asked_.request.side == side::buy;
    reference_ = buys ? q.ask : q.bid;
    if (!reference_.is_positive() && asked_.limit) reference_ = buys ? q.bid : q.ask;
    if (!reference_.is_positive())
      return refuse(refusal::no_mark, std::string{"nobody "} + (buys ? "offers " : "bids for ") + id.value.str());
    verdict_.mark = middle(q);
    verdict_.reserve = reserve(buys);
    return false;
  }

  /// A sale below the market fills at the market's price, so it counts at the higher of the two. A market buy keeps the worst price that its
  /// venue was given, however often its quantity is replaced; one that came back from its venue has none on record.
  [[nodiscard]] price reserve(bool buys) const {
    if (!buys) return asked_.limit ? std::max(*asked_.limit, reference_) : reference_;
    if (asked_.limit) return *asked_.limit;
    if (asked_.replaces && asked_.replaces->order.reserve.is_positive()) return asked_.replaces->order.reserve;
    return worst_price(side::buy, reference_, asked_.what.tick_size, config_.market_protection_bps);
  }

  bool collar() {
    if (!asked_.limit) return false;
    const bool buys = asked_.request.side == side::buy;
    const int128 room = int128{reference_.units} * limits_->price_collar_bps / 10'000;
    const int128 worst = buys ? reference_.units + room : reference_.units - room;
    if (buys ? asked_.limit->units <= worst : asked_.limit->units >= worst) return false;
    return refuse(refusal::price_collar, "limit " + asked_.limit->str() + " is worse than " + format_scaled(worst) + ", " +
                                           std::to_string(limits_->price_collar_bps) + " bps beyond " + reference_.str());
  }

  /// A market order's at what it should cost: at its worst price one that closes a position could be larger than the one that opened it.
  bool order_notional() {
    const auto value = notional(asked_.limit ? verdict_.reserve : reference_, asked_.quantity, {});
    return above(refusal::order_notional_max, "order notional", value.units, limits_->order_notional_max.value.units);
  }

  /// The account as it is, and the holding before and after, both at the marks of this moment.
  void find_stake() {
    const auto& r = asked_.request;
    int128 account_exposure = 0, shift = 0; // shift: this moment's marks against the journaled ones
    const holding* held = nullptr;
    if (auto t = state_.accounts.find(r.tenant); t != state_.accounts.end())
      if (auto a = t->second.find(r.account); a != t->second.end()) account_ = &a->second;
    if (account_) {
      for (const auto& [id, h] : account_->holdings) {
        const auto at = view_.marks.find(id);
        const auto mark = at == view_.marks.end() ? price{} : middle(at->second);
        if (mark.is_positive()) shift += exposure_of(h, mark).units - exposure_of(h).units;
        if (id == r.instrument) held = &h;
      }
      account_exposure = account_->exposure.units + shift;
    }
    read_.account_exposure.units = account_exposure;
    read_.slot_exposure.units = state_.exposure.units + shift;

    if (held) before_ = held;
    after_ = *before_;
    side_open_ = r.side == side::buy ? after_.open_buy.units : after_.open_sell.units;
    contribution old{};
    if (asked_.replaces) {
      old = contribution_of(*asked_.replaces);
      take(after_, r.side, old);
      side_open_ -= old.quantity.units;
    }
    const auto filled = asked_.replaces ? asked_.replaces->order.filled : quantity{};
    contribution fresh{asked_.quantity - filled, notional(verdict_.reserve, asked_.quantity - filled, {}), verdict_.reserve};
    fresh.quantity = std::max(fresh.quantity, old.quantity);
    fresh.notional.units = std::max(fresh.notional.units, old.notional.units);
    fresh.reserve = std::max(fresh.reserve, old.reserve);
    side_open_ += fresh.quantity.units;
    if (side_open_ <= INT64_MAX) add(after_, r.side, fresh); // else position() refuses
    raise_ = exposure_of(after_, verdict_.mark).units - exposure_of(*before_, verdict_.mark).units;
  }

  bool open_orders() {
    if (asked_.replaces) return false;
    const std::int64_t open = account_ ? account_->open_orders : 0;
    return above(refusal::open_orders_max, "open orders", int128{open} + 1, limits_->open_orders_max, true);
  }

  bool position() {
    const bool buys = asked_.request.side == side::buy;
    const int128 held = buys ? int128{before_->position.units} : -int128{before_->position.units};
    const auto open_before = buys ? before_->open_buy.units : before_->open_sell.units;
    if (asked_.replaces && side_open_ <= open_before) return false; // a change that takes nothing more
    if (side_open_ > INT64_MAX)
      return refuse(refusal::position_max, "open orders of that side would be more than can be counted");
    return above(refusal::position_max, buys ? "long position with open buys" : "short position with open sells",
                 held + side_open_, limits_->position_max.units);
  }

  /// What does not raise the exposure passes, so that a position can be closed above every limit.
  bool exposure() {
    if (raise_ <= 0) return false;
    return above(refusal::exposure_max, "account exposure", read_.account_exposure.units + raise_,
                 limits_->exposure_max.value.units);
  }
  bool budget() {
    if (raise_ <= 0) return false;
    const int128 used = read_.slot_exposure.units + raise_, allowed = view_.lease->exposure_budget.value.units;
    if (used <= allowed) return above(refusal::firm_exposure, "slot exposure", used, allowed); // warns
    if (used <= INT64_MAX) verdict_.wanted = {static_cast<std::int64_t>(used)};
    return refuse(refusal::firm_exposure, beyond_budget(*view_.lease, used, asked_.replaces ? "repeat" : "repeat with new client id"));
  }

  bool rate() {
    const auto second = std::chrono::floor<std::chrono::seconds>(now_).time_since_epoch().count();
    const std::int64_t count = account_ && account_->rate_second == second ? account_->rate_count : 0;
    return above(refusal::order_rate_max, "orders in this second", int128{count} + 1, limits_->orders_per_second_max, true);
  }

  const configuration& config_;
  const state& state_;
  const view& view_;
  const intention& asked_;
  time_ns now_;
  boot_ns now_boot_;
  inputs& read_;
  std::vector<std::string>* warnings_;

  pretrade_verdict verdict_;
  const risk::limits* limits_ = nullptr;
  const account* account_ = nullptr;
  const holding none_{};
  const holding* before_ = &none_;
  holding after_;
  price reference_;
  int128 side_open_ = 0;
  int128 raise_ = 0;
};

} // namespace

price worst_price(side s, price best, price tick, std::uint32_t bps) noexcept {
  const bool buys = s == side::buy;
  const auto share = int128{buys ? 10'000 + bps : 10'000 - std::min(bps, 10'000u)};
  const auto ticks = divide(int128{best.units} * share, int128{10'000} * tick.units, buys ? rounding::up : rounding::down);
  return price{static_cast<std::int64_t>(std::clamp<int128>(ticks, 1, INT64_MAX / tick.units) * tick.units)};
}

pretrade_verdict pretrade(const configuration& c, const state& s, const view& v, const intention& asked, time_ns now,
                          boot_ns now_boot, inputs& read, std::vector<std::string>* warnings) {
  return walk{c, s, v, asked, now, now_boot, read, warnings}.run();
}

} // namespace troupe::oms
