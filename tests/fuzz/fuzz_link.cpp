// Any bytes as what a peer may send over the link: greetings, beats, and messages for actors of ours in frames of any lane. Refused, or taken
// such that they encode to bytes which decode to an equal value; nobody gets in whom the rule keeps out; a message of CAF itself reaches
// nobody, and whoever is called over and over still answers. The first byte says which: 'h' and 'w' for a greeting and the answer to it, 'b'
// for beats, 'f' for frames, each behind its lane and its length in two bytes.

#include "runtime/actor/caf_inspect.hpp"

#include "actors/trading/oms/messages.hpp"
#include "runtime/actor/directory.hpp"
#include "runtime/actor/message_types.hpp"
#include "runtime/cluster/admission.hpp"
#include "runtime/cluster/clock_gap.hpp"
#include "runtime/cluster/messages.hpp"
#include "runtime/cluster/remote_actors.hpp"
#include "runtime/wire/foreign_clock.hpp"
#include "runtime/wire/wire.ipp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/still_system.hpp"

#include <caf/all.hpp>

#include <cstring>

TROUPE_WIRE(troupe::actor::inbox<troupe::oms::order_update>)

using namespace troupe;
using namespace troupe::cluster;

namespace {

const greeting ours{{"a"}, 1, "build", "schema", "configuration", {{"risk", "01234567"}}};
const admission rule{{{"a"}, {"b"}}, {"upgrade"}};

/// The decoded value, which has to come back as it is from its own bytes.
template <class T>
std::optional<T> read(std::string_view bytes) {
  auto value = wire::decode<T>(bytes);
  if (!value) {
    FUZZ_CHECK(!value.error().message.empty());
    return std::nullopt;
  }
  std::string once, twice;
  wire::encode(*value, once);
  const auto back = wire::decode<T>(once);
  FUZZ_CHECK(back.has_value());
  wire::encode(*back, twice);
  FUZZ_CHECK(twice == once);
  return std::move(*value);
}

/// Who gets in is a member under its own name with our layouts and configuration, whatever else it says.
void check_admission(const greeting& theirs) {
  const auto why = refusal(rule, ours, theirs);
  const bool fits = theirs.name == node_name{"b"} && (theirs.build == ours.build || theirs.build == "upgrade") &&
                    theirs.schema == ours.schema && theirs.configuration == ours.configuration;
  FUZZ_CHECK(why.has_value() != fits);
  FUZZ_CHECK(!why || !why->empty());
}

/// What was heard of a clock moves no instant out of time, whatever was said.
void hear(clock_gap& gap, const beat& said) {
  constexpr nanoseconds now = std::chrono::hours{1000};
  gap.heard(said.sent, now, said.ours_ahead);
  (void)gap.round_trip();
  const auto ahead = gap.at_least();
  const wire::foreign_clock theirs{ahead == clock_gap::unknown ? wire::foreign_clock::unknown : ahead};
  for (const auto at : {boot_ns{nanoseconds{1}}, boot_ns{now}, boot_ns::max()}) FUZZ_CHECK(wire::foreign_clock::ours(at) >= boot_ns{nanoseconds{1}});
  FUZZ_CHECK(wire::foreign_clock::ours(boot_ns{}) == boot_ns{});
}

template <class Greeting>
void check_greeting(std::string_view bytes) {
  const auto said = read<Greeting>(bytes);
  if (!said) return;
  check_admission(said->who);
  clock_gap gap;
  hear(gap, said->clocks);
}

void check_beats(std::string_view bytes) {
  constexpr std::size_t beat_bytes = 16;
  clock_gap gap;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(beat_bytes, bytes.size())))
    if (const auto said = read<beat>(bytes.substr(0, beat_bytes))) hear(gap, *said);
}

/// Takes every frame, as a link to a peer that reads all.
class taker final : public link {
public:
  bool send(const node_name&, lane, std::string_view frame) override {
    FUZZ_CHECK(frame.size() <= frame_bytes_max);
    FUZZ_CHECK(read<envelope>(frame).has_value());
    ++frames;
    return true;
  }
  [[nodiscard]] std::size_t waiting(const node_name&, lane) const override { return 0; }
  [[nodiscard]] std::vector<peer_view> peers() const override { return {}; }
  std::size_t frames = 0;
};

void add_types(caf::actor_system_config& with) {
  actor::add_message_types(with, actor::system_messages{});
  actor::add_message_types(with, boost::mp11::mp_list<oms::new_order, oms::cancel_order, oms::replace_order, oms::order_ack,
                                                      oms::order_query, oms::orders_view, actor::inbox<oms::order_update>>{});
}

/// An actor of ours: it takes messages of ours alone, and answers a ping.
caf::behavior called(caf::event_based_actor* self, std::size_t* heard) {
  self->set_default_handler([heard](caf::scheduled_actor*, caf::message_view& view) -> caf::result<caf::message> {
    const auto& content = view.content();
    FUZZ_CHECK(!content.match_elements<caf::exit_msg>() && !content.match_elements<caf::down_msg>() && !content.match_elements<caf::error>());
    ++*heard;
    return caf::message{};
  });
  return {[](actor::ping) { return actor::pong{}; }};
}

/// A node that lasts as long as the process, with one actor; sessions of its peer begin and end.
struct node : test::still_system {
  std::size_t heard = 0;
  caf::strong_actor_ptr here = caf::actor_cast<caf::strong_actor_ptr>(system.spawn(called, &heard));
  node() : still_system{add_types} { names.bind(actor_name{"oms/0"}, here); }

  [[nodiscard]] bool is_alive() {
    caf::scoped_actor self{system};
    bool answered = false;
    auto asked = self->request(caf::actor_cast<caf::actor>(here), caf::infinite, actor::ping{});
    scheduler.run();
    asked.receive([&](actor::pong) { answered = true; }, [](const caf::error&) {});
    return answered;
  }
};

void check_frames(std::string_view bytes) {
  static auto& b = *new node; // CAF's system needs its thread's storage to end, which is gone when statics are
  taker carrier;
  actor::hybrid_clock clock;
  remote_actors remote{b.system, b.names, 7, &clock};
  remote.opened(carrier);
  remote.up(ours);
  b.heard = 0;
  std::size_t frames = 0;
  for (constexpr std::size_t head = 3; bytes.size() > head; ++frames) {
    std::uint16_t length = 0;
    std::memcpy(&length, bytes.data() + 1, sizeof length);
    const auto l = static_cast<lane>(static_cast<unsigned char>(bytes[0]) % lane_count);
    remote.received(ours.name, l, bytes.substr(head, length), std::chrono::seconds{-3});
    bytes.remove_prefix(std::min<std::size_t>(bytes.size(), head + length));
    b.scheduler.run();
  }
  const auto seen = remote.stats();
  FUZZ_CHECK(seen.received + seen.unreadable <= 2 * frames); // one that is given up and the one that it is given up for
  FUZZ_CHECK(b.heard <= seen.received && carrier.frames <= 2 * frames);
  FUZZ_CHECK(seen.pending == 0); // nobody here has asked anything
  remote.down(ours.name, "the input has ended");
  b.scheduler.run();
  FUZZ_CHECK(b.is_alive());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 1, size - 1};
  switch (data[0]) {
  case 'h': check_greeting<hello>(bytes); break;
  case 'w': check_greeting<welcome>(bytes); break;
  case 'b': check_beats(bytes); break;
  case 'f': check_frames(bytes); break;
  default: break;
  }
  return 0;
}
