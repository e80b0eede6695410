#include "actors/market/feed/capture.hpp"

#include "actors/market/feed/capture_fields.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

namespace troupe::feed {
namespace {

constexpr std::uint64_t milliseconds_max = INT64_MAX / 1'000'000;
/// The year 2200: nanoseconds in 64 bits end in 2262, and whoever replays it reckons on from there.
constexpr std::int64_t received_at_max = 7'258'118'400'000'000'000;

bool whole(const json_scalar& token, std::uint64_t& out) noexcept {
  if (token.quoted || token.text.empty()) return false;
  const auto [end, code] = std::from_chars(token.text.data(), token.text.data() + token.text.size(), out);
  return code == std::errc{} && end == token.text.data() + token.text.size();
}

} // namespace

/// What one JSON object held, as text.
struct capture_parser::fields {
  std::array<json_scalar, field_count> token;
  std::uint64_t seen = 0;
  bool buyer_is_maker = false;

  [[nodiscard]] bool has(field f) const noexcept { return (seen >> static_cast<unsigned>(f) & 1) != 0; }
  [[nodiscard]] std::string_view text(field f) const noexcept {
    return has(f) ? token[static_cast<std::size_t>(f)].text : std::string_view{};
  }
};

/// Reads the JSON of one line into fields and level buffers, and converts fields; keeps the first complaint.
class capture_parser::reader {
public:
  reader(capture_parser& owner, std::string_view json) : owner_(owner), scan_(json) {}

  [[nodiscard]] bool read(fields& f) { return object(f, true) && scan_.finish(); }

  [[nodiscard]] error complaint() const {
    if (!complaint_.empty()) return fail(errc::malformed, complaint_);
    const char* const reason = scan_.reason() != nullptr ? scan_.reason() : "the message is not understood";
    return fail(errc::malformed, std::string{reason} + " (at byte " + std::to_string(scan_.offset()) + ")");
  }

public:
  /// Which message the fields are; nothing when one of them is wrong.
  [[nodiscard]] std::optional<captured_message> interpret(const fields& f) {
    if (f.has(field::channel)) return hyperliquid(f);
    if (f.has(field::stream)) return stream(f);
    if (f.has(field::snapshot_id)) return snapshot(f, field::snapshot_id);
    return ignored{"the message names no stream"};
  }

  [[nodiscard]] std::string_view symbol(const fields& f) const noexcept {
    if (!f.has(field::channel)) return f.text(field::symbol);
    return coin_.empty() ? f.text(field::coin) : coin_;
  }

private:
  /// "btcusdt@depth@100ms" is depth; "btcusdt@depth20@100ms" is something else, and so is "btcusdt@aggTrade".
  [[nodiscard]] std::optional<captured_message> stream(const fields& f) {
    auto name = f.text(field::stream);
    name.remove_prefix(std::min(name.find('@'), name.size() - 1) + 1);
    name = name.substr(0, name.find('@'));
    if (name == "bookTicker") return best_prices(f);
    if (name == "depth") return delta(f);
    if (name == "trade") return binance_trade(f);
    return ignored{"the stream is unknown"};
  }

  [[nodiscard]] std::optional<captured_message> best_prices(const fields& f) {
    auto& t = owner_.ticker_;
    t.event_at = {};
    if (!named(f) || !number(f, field::last_id, t.update_id) || !at_least_zero(f, field::bid, t.bid) ||
        !at_least_zero(f, field::bid_size, t.bid_size) || !at_least_zero(f, field::ask, t.ask) ||
        !at_least_zero(f, field::ask_size, t.ask_size))
      return std::nullopt;
    if (f.has(field::match_time) && !moment(f, field::match_time, t.event_at)) return std::nullopt;
    if (t.bid.is_zero() || t.bid_size.is_zero()) t.bid = {}, t.bid_size = {};
    if (t.ask.is_zero() || t.ask_size.is_zero()) t.ask = {}, t.ask_size = {};
    return &t;
  }

  [[nodiscard]] std::optional<captured_message> delta(const fields& f) {
    auto& d = owner_.delta_;
    d.previous_update_id = 0;
    if (!named(f) || !number(f, field::first_id, d.first_update_id) ||
        !number(f, field::last_id, d.last_update_id) || !listed(f))
      return std::nullopt;
    if (f.has(field::previous_id) && !number(f, field::previous_id, d.previous_update_id)) return std::nullopt;
    if (d.first_update_id > d.last_update_id) return refused(field::first_id, "must not be above u");
    if (!moment(f, f.has(field::match_time) ? field::match_time : field::event_time, d.event_at)) return std::nullopt;
    d.bids.swap(owner_.bids_);
    d.asks.swap(owner_.asks_);
    return &d;
  }

  [[nodiscard]] std::optional<captured_message> snapshot(const fields& f, field id) {
    auto& s = owner_.snapshot_;
    s.event_at = {};
    if (!number(f, id, s.last_update_id) || !listed(f)) return std::nullopt;
    const auto at = f.has(field::match_time) ? field::match_time : field::time;
    if (f.has(at) && !moment(f, at, s.event_at)) return std::nullopt;
    s.bids.swap(owner_.bids_);
    s.asks.swap(owner_.asks_);
    return &s;
  }

  [[nodiscard]] std::optional<captured_message> binance_trade(const fields& f) {
    if (f.has(field::order_type) && f.text(field::order_type) != "MARKET")
      return ignored{"the trade is no market trade"};
    trade_raw t;
    if (!named(f) || !number(f, field::trade_id, t.trade_id) || !amount(f, field::trade_price, t.last) ||
        !amount(f, field::trade_size, t.size) || !moment(f, field::match_time, t.event_at))
      return std::nullopt;
    if (!f.has(field::buyer_is_maker)) return refused(field::buyer_is_maker, "is missing");
    t.aggressor = f.buyer_is_maker ? market::side::sell : market::side::buy;
    owner_.trades_.push_back(t);
    return std::span<const trade_raw>{owner_.trades_};
  }

  /// Hyperliquid counts no updates: its book is a full snapshot each time, and the venue's time orders them.
  [[nodiscard]] std::optional<captured_message> hyperliquid(const fields& f) {
    const auto channel = f.text(field::channel);
    if (channel == "trades") return std::span<const trade_raw>{owner_.trades_};
    if (channel != "l2Book") return ignored{"the channel is unknown"};
    if (f.text(field::coin).empty()) return refused(field::coin, "is missing");
    return snapshot(f, field::time);
  }

  [[nodiscard]] std::optional<captured_message> refused(field name, const char* what) {
    std::ignore = say(name, what);
    return std::nullopt;
  }

  [[nodiscard]] bool named(const fields& f) {
    return !f.text(field::symbol).empty() || say(field::symbol, "is missing");
  }

  [[nodiscard]] bool listed(const fields& f) {
    if (f.has(field::levels)) return true;
    return (f.has(field::bids) || say(field::bids, "are missing")) &&
           (f.has(field::asks) || say(field::asks, "are missing"));
  }

  [[nodiscard]] bool object(fields& f, bool top) {
    return scan_.object([&](std::string_view key) { return member(f, key, top); });
  }

  [[nodiscard]] bool member(fields& f, std::string_view key, bool top) {
    const auto name = field_of(key);
    if (name == field::unknown || (name == field::data && !top)) return scan_.skip();
    if (f.has(name)) return scan_.refuse("a field stands twice in one message");
    f.seen |= std::uint64_t{1} << static_cast<unsigned>(name);
    const char next = scan_.peek();
    switch (name) {
    case field::data:
      if (next == '[') return trade_list();
      return next == '{' ? object(f, false) : scan_.skip();
    case field::bid: case field::bids:
      if (next == '[') return pairs(owner_.bids_, f, field::bids);
      break;
    case field::ask: case field::asks:
      if (next == '[') return pairs(owner_.asks_, f, field::asks);
      break;
    case field::levels: return both_sides();
    case field::buyer_is_maker: return scan_.boolean(f.buyer_is_maker);
    default: break;
    }
    return scan_.scalar(f.token[static_cast<std::size_t>(name)]);
  }

  /// [["61800.20","0.014"],...]: Binance. Depth calls the lists b and a, the snapshot bids and asks.
  [[nodiscard]] bool pairs(std::vector<book::level>& out, fields& f, field plural) {
    f.seen |= std::uint64_t{1} << static_cast<unsigned>(plural);
    return scan_.array([&] {
      json_scalar at;
      json_scalar size;
      int count = 0;
      const bool ok = scan_.array([&] {
        ++count;
        return count > 2 ? scan_.skip() : scan_.scalar(count == 1 ? at : size);
      });
      return ok && level(out, at, size);
    });
  }

  /// [[{"px":"105055.0","sz":"3.03622","n":5},...],[...]]: Hyperliquid, bids first.
  [[nodiscard]] bool both_sides() {
    int side = 0;
    const bool ok = scan_.array([&] {
      auto* out = side == 0 ? &owner_.bids_ : &owner_.asks_;
      if (++side > 2) return scan_.refuse("levels must be two lists");
      return scan_.array([&] {
        fields item;
        return object(item, false) && level(*out, item.token[static_cast<std::size_t>(field::price_text)],
                                            item.token[static_cast<std::size_t>(field::size_text)]);
      });
    });
    return ok && (side == 2 || scan_.refuse("levels must be two lists"));
  }

  [[nodiscard]] bool level(std::vector<book::level>& out, const json_scalar& at, const json_scalar& size) {
    const auto p = price::parse(at.text);
    const auto q = quantity::parse(size.text);
    if (!p || !p->is_positive()) return scan_.refuse("a level's price must be a decimal number above 0 and at most 92233720368, exact at 1e-8");
    if (!q || *q < quantity{}) return scan_.refuse("a level's size must be a decimal number between 0 and 92233720368, exact at 1e-8");
    out.push_back({*p, *q});
    return true;
  }

  /// Hyperliquid's trades: all of one message belong to one coin.
  [[nodiscard]] bool trade_list() {
    return scan_.array([&] {
      fields item;
      return object(item, false) && hyperliquid_trade(item);
    });
  }

  [[nodiscard]] bool hyperliquid_trade(const fields& item) {
    trade_raw t;
    const auto taker = item.text(field::taker);
    if (taker != "A" && taker != "B") return say(field::taker, "must be A or B");
    t.aggressor = taker == "B" ? market::side::buy : market::side::sell;
    if (!coin_.empty() && coin_ != item.text(field::coin)) return say(field::coin, "must be the same in one message");
    coin_ = item.text(field::coin);
    return amount(item, field::price_text, t.last) && amount(item, field::size_text, t.size) &&
           number(item, field::trade_number, t.trade_id) && moment(item, field::time, t.event_at) &&
           (owner_.trades_.push_back(t), true);
  }

  [[nodiscard]] bool number(const fields& f, field name, std::uint64_t& out) {
    return (f.has(name) && whole(f.token[static_cast<std::size_t>(name)], out)) ||
           say(name, f.has(name) ? "must be a whole number" : "is missing");
  }

  /// Milliseconds since 1970.
  [[nodiscard]] bool moment(const fields& f, field name, time_ns& out) {
    std::uint64_t ms = 0;
    if (!number(f, name, ms)) return false;
    if (ms > milliseconds_max) return say(name, "is no time in milliseconds since 1970");
    out = time_from_ns(static_cast<std::int64_t>(ms) * 1'000'000);
    return true;
  }

  /// Greater than zero.
  template <class Kind>
  [[nodiscard]] bool amount(const fields& f, field name, scaled<Kind>& out) {
    return at_least_zero(f, name, out) && (out.is_positive() || say(name, "must be greater than 0"));
  }

  template <class Kind>
  [[nodiscard]] bool at_least_zero(const fields& f, field name, scaled<Kind>& out) {
    if (!f.has(name)) return say(name, "is missing");
    const auto parsed = scaled<Kind>::parse(f.token[static_cast<std::size_t>(name)].text);
    if (!parsed || parsed->units < 0) return say(name, "must be a decimal number between 0 and 92233720368, exact at 1e-8");
    out = *parsed;
    return true;
  }

  [[nodiscard]] bool say(field name, const char* what) {
    complaint_ = std::string{name_of(name)} + " " + what;
    return false;
  }

  capture_parser& owner_;
  json_scanner scan_;
  std::string_view coin_;
  std::string complaint_;
};

result<captured> capture_parser::parse_message(std::string_view json, time_ns received_at) {
  trades_.clear();
  bids_.clear();
  asks_.clear();
  reader read_line{*this, json};
  fields f;
  if (!read_line.read(f)) return read_line.complaint();
  const auto message = read_line.interpret(f);
  if (!message) return read_line.complaint();
  return captured{received_at, read_line.symbol(f), *message, f.has(field::stream)};
}

result<captured> capture_parser::parse(std::string_view line) {
  std::int64_t ns = 0;
  const auto [end, code] = std::from_chars(line.data(), line.data() + line.size(), ns);
  if (code != std::errc{} || ns <= 0 || end == line.data() + line.size() || *end != ' ')
    return fail(errc::malformed, "the line must begin with the receive time in nanoseconds since 1970 and a space");
  if (ns > received_at_max) return fail(errc::malformed, "the receive time is beyond the year 2200");
  return parse_message(line.substr(static_cast<std::size_t>(end - line.data()) + 1), time_from_ns(ns));
}

} // namespace troupe::feed
