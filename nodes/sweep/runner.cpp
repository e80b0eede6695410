#include "nodes/sweep/runner.hpp"

#include "nodes/sweep/frames.hpp"
#include "nodes/sweep/trial.hpp"
#include "runtime/wire/wire.ipp"

#include <cerrno>
#include <optional>

#include <unistd.h>

TROUPE_WIRE(troupe::sweep_node::runner_setup)
TROUPE_WIRE(troupe::sweep_node::runner_order)

namespace troupe::sweep_node {
namespace {

/// False: that was no frame of ours, or nobody takes the answer.
bool take(std::string_view frame, std::optional<trial_runner>& trials, int descriptor, std::string& out) {
  if (!trials) {
    auto setup = wire::decode<runner_setup>(frame);
    if (!setup) return false;
    trials.emplace(std::move(setup->what), std::filesystem::path{setup->feed});
    out.clear();
    append_frame({}, out); // ready
    return write_all(descriptor, out);
  }
  const auto order = wire::decode<runner_order>(frame);
  if (!order) return false;
  std::string bytes;
  wire::encode(trials->run(order->index), bytes);
  out.clear();
  append_frame(bytes, out);
  return write_all(descriptor, out);
}

} // namespace

int serve_trials(int descriptor) {
  frame_reader in;
  std::optional<trial_runner> trials;
  std::string out;
  char buffer[64 << 10];
  for (;;) {
    const auto n = ::read(descriptor, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return 0;
    in.append({buffer, static_cast<std::size_t>(n)});
    for (;;) {
      const auto frame = in.next();
      if (!frame) return 1;
      if (!*frame) break;
      if (!take(**frame, trials, descriptor, out)) return 1;
    }
  }
}

} // namespace troupe::sweep_node
