#include "tests/nodes/process/load.hpp"

namespace troupe::test {

std::string order_load::body_of(const std::string& client_id) {
  // Account, side, price and time in force follow from the id, so that a repeat has the same body.
  std::size_t h = 0;
  for (char c : client_id) h = h * 31 + static_cast<unsigned char>(c);
  const auto account = "load-" + std::to_string(h % 16);
  const bool buy = (h / 16) % 2 == 0;
  const bool rests = (h / 32) % 4 == 0;
  std::string out = "{\"account\":\"" + account + "\",\"client_order_id\":\"" + client_id + "\",\"instrument\":\"BTCUSDT.SIM\",\"side\":\"" +
                    (buy ? "BUY" : "SELL") + "\",\"quantity\":\"0.001\",\"type\":\"";
  if (rests) return out + "LIMIT\",\"limit_price\":\"" + (buy ? "44000" : "46000") + "\"}";
  return out + "MARKET\",\"time_in_force\":\"IOC\"}";
}

void order_load::start(std::uint16_t port, const std::function<void()>& enter) {
  leaving_ = false;
  for (int i = 0; i < connections_; ++i)
    threads_.emplace_back([this, port, enter] {
      enter();
      run(port);
    });
}

void order_load::stop() {
  leaving_ = true;
  for (auto& t : threads_) t.join();
  threads_.clear();
}

void order_load::run(std::uint16_t port) {
  edge::http_client client{"127.0.0.1", port, std::chrono::seconds{8}};
  while (!leaving_) {
    const auto id = "c" + std::to_string(++next_);
    {
      std::lock_guard guard{mutex_};
      unknown_.insert(id); // until an answer says otherwise
    }
    auto answer = client.post("/v1/orders", body_of(id));
    if (!answer) {
      std::lock_guard guard{mutex_};
      if (answer.error().code == errc::unavailable) unknown_.erase(id); // nothing was sent
      else cut_.insert(id);
      return; // the node died
    }
    ++answered_;
    std::lock_guard guard{mutex_};
    ++statuses_[answer->status];
    if (answer->status == 200 || answer->status == 201) {
      unknown_.erase(id);
      acknowledged_[id] = json_field(answer->body, "order_id");
    } else if (answer->status != 503 && answer->status != 504) {
      strange_.push_back(std::to_string(answer->status) + " " + answer->body);
    }
  }
}

std::map<std::string, std::string> order_load::acknowledged() const {
  std::lock_guard guard{mutex_};
  return acknowledged_;
}
std::set<std::string> order_load::unknown() const {
  std::lock_guard guard{mutex_};
  return unknown_;
}
std::set<std::string> order_load::cut() const {
  std::lock_guard guard{mutex_};
  return cut_;
}
std::uint64_t order_load::answered_with(unsigned status) const {
  std::lock_guard guard{mutex_};
  const auto at = statuses_.find(status);
  return at == statuses_.end() ? 0 : at->second;
}
std::vector<std::string> order_load::strange() const {
  std::lock_guard guard{mutex_};
  return strange_;
}

std::size_t order_load::resolve(const node_process& node) {
  auto client = node.client();
  std::size_t resolved = 0;
  for (const auto& id : unknown()) {
    auto answer = client.post("/v1/orders", body_of(id));
    if (!answer || (answer->status != 200 && answer->status != 201)) continue;
    ++resolved;
    std::lock_guard guard{mutex_};
    unknown_.erase(id);
    acknowledged_[id] = json_field(answer->body, "order_id");
  }
  return resolved;
}

} // namespace troupe::test
