#include "tests/nodes/process/proof.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>

namespace troupe::test {

void check_invariants(const node_process& node, const std::map<std::string, std::string>& acknowledged, bool drained) {
  check_invariants(std::vector<const node_process*>{&node}, acknowledged, drained);
}

void check_invariants(const std::vector<const node_process*>& nodes, const std::map<std::string, std::string>& acknowledged, bool drained) {
  const auto list = nodes.front()->options().data_dir.string() + ".acked";
  {
    std::ofstream out{list};
    for (const auto& [client_id, order_id] : acknowledged) out << client_id << ' ' << order_id << '\n';
  }
  std::vector<std::string> arguments{"check", "invariants", "--acked", list};
  for (const auto* node : nodes) arguments.insert(arguments.end(), {"--data-dir", node->options().data_dir.string()});
  const auto configured = nodes.front()->configuration();
  arguments.insert(arguments.end(), configured.begin(), configured.end());
  if (drained) arguments.emplace_back("--drained");
  std::string output;
  const int code = run_program("troupe", arguments, output);
  CAPTURE(output);
  CHECK(code == 0);
}

void check_acknowledged(const node_process& node, const std::map<std::string, std::string>& acknowledged, std::size_t sample) {
  auto client = node.client();
  const std::size_t step = std::max<std::size_t>(1, acknowledged.size() / sample);
  std::size_t n = 0;
  for (const auto& [client_id, order_id] : acknowledged) {
    if (n++ % step != 0) continue;
    CAPTURE(client_id);
    CAPTURE(order_id);
    auto found = client.get("/v1/orders/" + order_id);
    REQUIRE(found);
    CHECK(found->status == 200);
    CHECK(json_field(found->body, "client_order_id") == client_id);
    auto again = client.post("/v1/orders", order_load::body_of(client_id));
    REQUIRE(again);
    CHECK(json_field(again->body, "order_id") == order_id);
  }
}

namespace {

/// Recorded turns of all actors since the start.
std::uint64_t turns_of(const node_process& node) {
  const auto metrics = node.client().get("/metrics");
  REQUIRE(metrics);
  std::uint64_t sum = 0;
  for (auto at = metrics->body.find("troupe_actor_turns_total{"); at != std::string::npos;
       at = metrics->body.find("troupe_actor_turns_total{", at + 1))
    sum += std::stoull(metrics->body.substr(metrics->body.find("} ", at) + 2));
  return sum;
}

} // namespace

void stop_settled(node_process& node) { stop_settled(std::vector<node_process*>{&node}); }

void stop_settled(const std::vector<node_process*>& nodes) {
  // What nobody acknowledged is sent again within twice the 200 ms of shell_options::resend_after, and taking it is a turn:
  // a second without one has nothing under way.
  constexpr auto quiet = std::chrono::seconds{1};
  const auto sum = [&] {
    std::uint64_t all = 0;
    for (const auto* node : nodes) all += turns_of(*node);
    return all;
  };
  auto turns = sum();
  auto since = std::chrono::steady_clock::now();
  CHECK(eventually([&] {
    if (const auto now = sum(); now != turns) {
      turns = now;
      since = std::chrono::steady_clock::now();
    }
    return std::chrono::steady_clock::now() - since > quiet;
  }, std::chrono::seconds{20}));
  for (auto* node : nodes) node->signal(SIGTERM);
  for (auto* node : nodes) {
    REQUIRE(node->join(std::chrono::seconds{20}));
    CHECK(node->exit_code() == 0);
  }
}

} // namespace troupe::test
