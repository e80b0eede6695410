#pragma once
// All OMS streams folded a second time, by other code than the actor's: orders, fills, positions, stakes. Owned by one
// check; every rule that does not hold goes into its report.

#include "tools/check/risk_history.hpp"
#include "tools/check/strategy_books.hpp"
#include "tools/check/streams.hpp"

#include "actors/trading/oms/done.hpp"
#include "actors/trading/portfolio/state.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

namespace troupe::check {

using namespace trading;

/// What stays of an order, also when it is finished.
struct order_facts {
  quantity asked;    // as first ordered
  quantity quantity_; // as replaced last
  quantity filled;
  std::uint64_t client_hash = 0;
  std::uint64_t sequence = 0; // of the turn that put it on record
  venue_id venue;
  order_status status = order_status::pending_new;
  bool sent = false; // accepted, so that the venue must hear of it
};

/// What only matters while it is open.
struct open_order {
  oms::new_order request;
  price reserve;
  quantity replace_quantity; // of the replace under way; zero: none
  price replace_reserve;
  std::uint32_t revision_asked = 0;
};

/// One account's stake in one instrument, as the limits count it.
struct stake {
  int128 position = 0;
  int128 open[2] = {0, 0};     // buys, sells: still open
  int128 notional[2] = {0, 0}; // the same at reserve prices
  std::vector<oms::lot> lots[2]; // ascending
  friend bool operator==(const stake&, const stake&) = default;
};

struct account_facts {
  std::map<instrument_id, stake> stakes;
  std::uint32_t open_orders = 0;
  std::int64_t second = 0;
  std::uint64_t in_second = 0;
};

/// Sums over fills and corrections; `fills` counts only those.
struct fill_sum {
  int128 quantity = 0; // signed
  int128 notional = 0; // signed: bought is positive
  int128 fees = 0;
  std::uint64_t fills = 0;
};
using holder = std::tuple<tenant_id, account_id, instrument_id>;
using purse = std::tuple<tenant_id, account_id, currency>;

/// What a report said, for comparing both sides.
struct report_facts {
  order_id order;
  venue::exec_type type = venue::exec_type::new_;
  quantity size;
  price at;
  int128 fee = 0;
  friend bool operator==(const report_facts&, const report_facts&) = default;
};
[[nodiscard]] inline report_facts facts_of(const venue::report& r) {
  return {r.order, r.type, r.last_quantity, r.last_price, r.fee.units};
}
/// "VENUE/EXECUTION".
[[nodiscard]] inline std::string report_key(const venue_id& venue, const execution_id& id) {
  return venue.value.str() + '/' + id.value.str();
}

class ledger {
public:
  /// `upto`: positions of the portfolio's checkpoint; sums are kept once more as of there.
  ledger(const risk_history& risk, audit& who, deliveries& between, strategy_books& strategies, check_report& report, std::map<actor_name, std::uint64_t> upto)
    : risk_{risk}, who_{who}, between_{between}, strategies_{strategies}, report_{report}, upto_{std::move(upto)} {}

  /// `senders` has the streams of whoever sends the slot effects.
  void read_slot(const journal::journal& j, const journal::journal& senders, std::uint32_t slot);
  /// Finished orders, their executions and their keys against the table "done".
  void compare_done(const journal::journal& j);
  /// Corrections and disputed fills against it.
  void compare_corrections(const journal::journal& j);

  [[nodiscard]] const order_facts* find(order_id id) const {
    const auto at = orders_.find(id.value);
    return at == orders_.end() ? nullptr : &at->second;
  }
  [[nodiscard]] const std::unordered_map<std::uint64_t, order_facts>& orders() const noexcept { return orders_; }
  [[nodiscard]] const std::unordered_map<std::string, report_facts>& reports() const noexcept { return reports_; }
  [[nodiscard]] const std::map<holder, fill_sum>& positions() const noexcept { return positions_; }
  /// The slot said of this report, which is no execution here, that no order could take it.
  [[nodiscard]] bool is_disputed(const std::string& report) const { return disputed_reports_.contains(report); }
  /// As the stakes have it, which follow the state machine and not the fills.
  [[nodiscard]] int128 position_of(const tenant_id& tenant, const account_id& account, const instrument_id& instrument) const {
    const auto a = accounts_.find({tenant, account});
    if (a == accounts_.end()) return 0;
    const auto s = a->second.stakes.find(instrument);
    return s == a->second.stakes.end() ? 0 : s->second.position;
  }
  [[nodiscard]] const std::map<holder, fill_sum>& positions_at_checkpoint() const noexcept { return then_; }
  [[nodiscard]] const std::map<purse, int128>& cash_at_checkpoint() const noexcept { return cash_then_; }
  /// Up to where the slot has folded what `venue` told it.
  [[nodiscard]] std::uint64_t folded_from(std::uint32_t slot, const actor_name& venue) const {
    const auto at = inboxes_.find(slot);
    return at == inboxes_.end() ? 0 : at->second.upto(venue);
  }
  [[nodiscard]] std::uint64_t last_number(std::uint32_t slot) const {
    const auto at = last_numbers_.find(slot);
    return at == last_numbers_.end() ? 0 : at->second;
  }
  /// The longest time from a halt to an order decided under the lease before it.
  [[nodiscard]] nanoseconds behind_halt() const noexcept { return behind_halt_; }
  /// Orders whose limits are only in the configuration.
  [[nodiscard]] std::uint64_t without_limits() const noexcept { return without_limits_; }
  /// Orders from before budgets were on record.
  [[nodiscard]] std::uint64_t without_budgets() const noexcept { return without_budgets_; }

private:
  struct moment {
    std::uint32_t slot;
    const journal::record_header& header;
    const oms_turn& turn;
    bool alone; // the turn took one command: its inputs are about that command
  };

  void on(const moment& m, const oms::order_accepted& e);
  void on(const moment& m, const oms::order_rejected& e);
  void on(const moment& m, const oms::cancel_requested& e);
  void on(const moment& m, const oms::order_withdrawn& e);
  void on(const moment& m, const oms::replace_requested& e);
  void on(const moment& m, const oms::execution& e);
  void on(const moment& m, const oms::order_lost& e);
  void on(const moment& m, const oms::stray_order& e);
  void on(const moment&, const oms::command_refused&) {}
  void on(const moment& m, const oms::order_recovered& e);
  void on(const moment& m, const oms::numbers_skipped& e);
  void on(const moment& m, const oms::replace_recovered& e);
  void on(const moment& m, const oms::account_disputed& e) { disputed_.insert({m.slot, oms::disputed_name(e)}); }
  void on(const moment& m, const oms::dispute_closed& e) { disputed_.erase({m.slot, e.account}); }
  void on(const moment& m, const oms::position_corrected& e); // corrections.cpp
  void on(const moment& m, const oms::fill_disputed& e);

  [[nodiscard]] std::string where(const moment& m, order_id id) const;
  order_facts& register_order(const moment& m, order_id id, const oms::new_order& request);
  void check_opened_here(const moment& m, order_id id, const oms::new_order& request);
  /// The order when it is open, else nothing and a violation.
  open_order* must_be_open(const moment& m, order_id id, const char* what);
  void check_opening(const moment& m, order_id id, const oms::new_order& request, boot_ns valid_until);
  struct growth {
    quantity size; // of the whole order
    price reserve;
    price mark;
    bool is_new = true;
    int128 open_before = 0; // of its side
  };
  void check_limits(const moment& m, order_id id, const oms::new_order& request, const stake& before, const stake& after,
                    const growth& g);
  void check_budget(const moment& m, order_id id, const stake& before, const stake& after, const growth& g);
  /// By what the order raises exposure, rounded in its favour; zero when the turn does not tell.
  [[nodiscard]] static int128 raise_of(const moment& m, const stake& before, const stake& after, const growth& g);
  void book(const moment& m, const oms::execution& e);
  /// Into the sums as of now, and as of the portfolio's checkpoint.
  template <class Add>
  void add_to_sums(const moment& m, const holder& who, const currency& ccy, int128 cash, const Add& add) {
    add(positions_[who]);
    const auto upto = upto_.find(m.header.stream);
    if (upto == upto_.end() || m.header.sequence > upto->second) return;
    add(then_[who]);
    cash_then_[{std::get<0>(who), std::get<1>(who), ccy}] += cash;
  }
  void check_execution(const moment& m, const oms::execution& e, const order_facts& before, const open_order& o);
  void finish(order_id id, order_status status);
  /// The open part counts at what is asked from now on.
  void ask(const order_facts& f, open_order& o, std::uint32_t revision, quantity size, price reserve);
  /// Adds (sign 1) or takes back (sign -1) what the order's open part counts.
  void count(stake& s, const order_facts& f, const open_order& o, int sign) const;
  account_facts& account_of(const oms::new_order& r) { return accounts_[{r.tenant, r.account}]; }
  /// The row says of the order what its turns do.
  [[nodiscard]] bool is_of_turns(const oms::finished_order& row, std::string_view key) const;
  void compare_snapshot(std::uint32_t slot, const journal::snapshot& s, const inbox_marks& marks);

  const risk_history& risk_;
  audit& who_;
  deliveries& between_;
  strategy_books& strategies_;
  check_report& report_;
  std::map<actor_name, std::uint64_t> upto_;
  std::unordered_map<std::uint64_t, order_facts> orders_;
  std::map<order_id, open_order> open_;
  std::unordered_map<std::string, order_id> keys_; // tenant, account, client id
  std::unordered_map<std::string, report_facts> reports_;
  std::map<std::pair<tenant_id, account_id>, account_facts> accounts_;
  std::map<holder, fill_sum> positions_, then_;
  std::map<purse, int128> cash_then_;
  std::map<std::uint32_t, inbox_marks> inboxes_;
  std::map<std::uint32_t, std::uint64_t> last_numbers_;
  std::set<std::pair<std::uint32_t, account_id>> disputed_; // accounts, and venues by their names there, until a halt is on record
  std::map<std::string, oms::position_corrected> corrections_; // by the keys of their rows
  std::map<std::string, oms::fill_disputed> disputes_;
  std::set<std::string> disputed_reports_;
  std::uint64_t without_limits_ = 0;
  std::uint64_t without_budgets_ = 0;
  nanoseconds behind_halt_{0};
};

/// What acknowledgements are compared by.
[[nodiscard]] std::uint64_t hash_of(std::string_view client_id) noexcept;

/// Gross exposure of a stake at a mark: the position, and of the open orders what does not only close it. Rounded in
/// favour (`up` false) or against.
[[nodiscard]] int128 exposure_of(const stake& s, price mark, bool up);

} // namespace troupe::check
