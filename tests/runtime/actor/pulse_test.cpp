#include "runtime/actor/pulse.hpp"
#include "tests/support/test.hpp"

using namespace troupe;

TEST_SUITE_BEGIN("actor/pulse");

namespace {

struct actor_with_mail {
  struct {
    std::size_t waiting = 0;
    [[nodiscard]] std::size_t size() const { return waiting; }
  } mail;
  auto& mailbox() { return mail; }
};

} // namespace

TEST_CASE("mailbox depth: found by one message in 64, followed while there is any, and zero when there is none") {
  actor::pulse p{{"feed/walk"}};
  actor_with_mail self;
  const auto handled_with = [&](std::size_t waiting) {
    self.mail.waiting = waiting;
    const actor::handling scope{p, self};
    return p.mailbox.load();
  };
  CHECK(handled_with(0) == 0); // the first of all is a sample
  for (int i = 1; i < 64; ++i) CHECK(handled_with(7) == 0);
  CHECK(handled_with(7) == 7);
  CHECK(handled_with(6) == 6);
  CHECK(handled_with(0) == 0); // the last one behind a flood, sampled or not
  CHECK(handled_with(5) == 0);
}
