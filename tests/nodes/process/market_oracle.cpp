#include "tests/nodes/process/market_oracle.hpp"

#include "tests/support/test.hpp"

#include <zlib.h>

namespace troupe::test {

namespace {

price price_of(const nlohmann::json& text) { return price::parse(text.get<std::string>()).value(); }
quantity quantity_of(const nlohmann::json& text) { return quantity::parse(text.get<std::string>()).value(); }

void set_levels(std::map<price, quantity>& side, const nlohmann::json& levels) {
  for (const auto& l : levels)
    if (const auto size = quantity_of(l[1]); size.is_positive()) side[price_of(l[0])] = size;
    else side.erase(price_of(l[0]));
}

} // namespace

market_oracle::market_oracle(const std::filesystem::path& capture) {
  gzFile in = gzopen(capture.c_str(), "rb");
  REQUIRE(in != nullptr);
  std::vector<char> line(4 << 20);
  tops_.push_back(top_); // before line 1
  while (gzgets(in, line.data(), static_cast<int>(line.size()))) {
    const std::string text = line.data();
    take(nlohmann::json::parse(text.substr(text.find(' ') + 1)));
    tops_.push_back(top_);
  }
  gzclose(in);
}

void market_oracle::take(const nlohmann::json& message) {
  if (message.contains("lastUpdateId")) {
    bids_.clear();
    asks_.clear();
    set_levels(bids_, message["bids"]);
    set_levels(asks_, message["asks"]);
    has_snapshot_ = true;
    levels_id_ = message["lastUpdateId"].get<std::uint64_t>();
    for (const auto& delta : early_) apply(delta);
    early_.clear();
    return show_levels(levels_id_);
  }
  const auto stream = message["stream"].get<std::string>();
  const auto& data = message["data"];
  if (stream.ends_with("@bookTicker")) {
    show(data["u"].get<std::uint64_t>(), price_of(data["b"]), quantity_of(data["B"]), price_of(data["a"]), quantity_of(data["A"]));
  } else if (stream.find("@depth") != std::string::npos) {
    if (!has_snapshot_) return early_.push_back(data);
    apply(data);
    show_levels(levels_id_);
  }
}

void market_oracle::apply(const nlohmann::json& delta) {
  const auto last = delta["u"].get<std::uint64_t>();
  if (last <= levels_id_) return;
  set_levels(bids_, delta["b"]);
  set_levels(asks_, delta["a"]);
  levels_id_ = last;
}

void market_oracle::show_levels(std::uint64_t update_id) {
  if (bids_.empty() || asks_.empty()) return;
  show(update_id, bids_.rbegin()->first, bids_.rbegin()->second, asks_.begin()->first, asks_.begin()->second);
}

void market_oracle::show(std::uint64_t update_id, price bid, quantity bid_size, price ask, quantity ask_size) {
  if (update_id <= shown_id_) return;
  shown_id_ = update_id;
  const auto set = [](shown_side& side, price at, quantity size) {
    if (side.at != at || side.size != size) side = {at, size, side.number + 1};
  };
  set(top_.bid, bid, bid_size);
  set(top_.ask, ask, ask_size);
}

} // namespace troupe::test
