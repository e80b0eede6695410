#include "tests/nodes/process/proof.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>

namespace troupe::test {

void check_invariants(const node_process& node, const std::map<std::string, std::string>& acknowledged, bool drained) {
  check_invariants(std::vector<const node_process*>{&node}, acknowledged, drained);
}

void check_invariants(const std::vector<const node_process*>& nodes, const std::map<std::string, std::string>& acknowledged, bool drained) {
  std::vector<std::filesystem::path> folders;
  for (const auto* node : nodes) folders.push_back(node->options().data_dir);
  check_folders(folders, nodes.front()->configuration(), acknowledged, drained);
}

void check_folders(const std::vector<std::filesystem::path>& folders, const std::vector<std::string>& configuration,
                   const std::map<std::string, std::string>& acknowledged, bool drained) {
  const auto list = folders.front().string() + ".acked";
  {
    std::ofstream out{list};
    for (const auto& [client_id, order_id] : acknowledged) out << client_id << ' ' << order_id << '\n';
  }
  std::vector<std::string> arguments{"check", "invariants", "--acked", list};
  for (const auto& folder : folders) arguments.insert(arguments.end(), {"--data-dir", folder.string()});
  arguments.insert(arguments.end(), configuration.begin(), configuration.end());
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
std::uint64_t turns_in(const std::string& metrics) {
  std::uint64_t sum = 0;
  for (auto at = metrics.find("troupe_actor_turns_total{"); at != std::string::npos; at = metrics.find("troupe_actor_turns_total{", at + 1))
    sum += std::stoull(metrics.substr(metrics.find("} ", at) + 2));
  return sum;
}

} // namespace

void await_settled(const std::function<std::vector<std::string>()>& metrics) {
  // What nobody acknowledged is sent again within twice the 200 ms of shell_options::resend_after, and taking it is a turn:
  // a second without one has nothing under way.
  constexpr auto quiet = std::chrono::seconds{1};
  const auto sum = [&] {
    std::uint64_t all = 0;
    for (const auto& text : metrics()) all += turns_in(text);
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
}

void stop_settled(node_process& node) { stop_settled(std::vector<node_process*>{&node}); }

void stop_settled(const std::vector<node_process*>& nodes) {
  await_settled([&] {
    std::vector<std::string> all;
    for (const auto* node : nodes) {
      const auto metrics = node->client().get("/metrics");
      REQUIRE(metrics);
      all.push_back(metrics->body);
    }
    return all;
  });
  for (auto* node : nodes) node->signal(SIGTERM);
  for (auto* node : nodes) {
    REQUIRE(node->join(std::chrono::seconds{20}));
    CHECK(node->exit_code() == 0);
  }
}

} // namespace troupe::test
