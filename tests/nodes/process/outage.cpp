#include "tests/nodes/process/outage.hpp"

namespace troupe::test {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slower = 5; // the promise is not one of instrumented programs
#else
constexpr int slower = 1;
#endif
constexpr milliseconds refused_within = 1s * slower;
constexpr milliseconds taken_within = 2s * slower;

std::string unused_id() {
  static int n = 0;
  return "outage-" + std::to_string(++n);
}

milliseconds ms_since(steady_clock::time_point began) { return std::chrono::duration_cast<milliseconds>(steady_clock::now() - began); }

/// How long the first order waits for its refusal, which is checked in every other respect.
milliseconds until_refused(const outage& o) {
  const auto began = steady_clock::now();
  const auto answer = o.orders(order_of(o.account, unused_id()));
  const auto took = ms_since(began);
  REQUIRE(answer);
  CHECK_MESSAGE(answer->status == 503, answer->body);
  // In the instant in which the link breaks nobody has said yet that the node is away: then its slot seems to start.
  const bool is_told = answer->body.find("on node " + o.node + ", which is away: ") != std::string::npos ||
                       answer->body.find("is starting on node " + o.node + ", or was given up there: ") != std::string::npos;
  CHECK_MESSAGE(is_told, answer->body);
  CHECK(json_field(answer->body, "retriable") == "true");
  const std::string pause{answer->header("Retry-After")};
  CHECK_MESSAGE((!pause.empty() && pause != "0" && pause.find_first_not_of("0123456789") == std::string::npos), "Retry-After: " << pause);
  return took;
}

} // namespace

order_entry orders_at(const node_process& node) {
  return [&node](const std::string& body) { return node.client().post("/v1/orders", body); };
}

void check_outage(const outage& o) {
  CAPTURE(o.node);
  milliseconds refused{}, taken{};
  for (int round = 0; round < 2; ++round) {
    o.breaks();
    refused = until_refused(o);
    o.meanwhile();
    o.mends();
    taken = until_taken(o.orders, o.account);
    MESSAGE("node " << o.node << " away: refused after " << refused.count() << " ms; back: taken after " << taken.count() << " ms");
    if (refused <= refused_within && taken <= taken_within) return;
  }
  CHECK(refused <= refused_within);
  CHECK(taken <= taken_within);
}

milliseconds until_taken(const order_entry& orders, const std::string& account) {
  const auto began = steady_clock::now();
  CHECK(eventually([&] {
    const auto answer = orders(order_of(account, unused_id()));
    return answer && answer->status == 201;
  }));
  return ms_since(began);
}

void check_lease_runs_out(const order_entry& orders, const std::string& account, steady_clock::time_point cut) {
  constexpr auto lease = 1s;     // risk.lease_ms
  constexpr auto margin = 100ms; // an answer of risk that was on its way
  int refused = 0;
  for (auto began = steady_clock::now(); began < cut + lease + 1500ms; began = steady_clock::now()) {
    const auto answer = orders(order_of(account, unused_id(), true));
    REQUIRE(answer);
    std::this_thread::sleep_for(10ms);
    if (began < cut + lease + margin) continue;
    CHECK_MESSAGE(json_field(answer->body, "refusal") == "NO_LEASE", answer->status << " " << answer->body);
    ++refused;
  }
  CHECK(refused > 10);
}

} // namespace troupe::test
