#include "tests/support/test.hpp"

#include "runtime/cluster/bulk_queue.hpp"

#include <string>
#include <vector>

using namespace troupe;
using namespace troupe::cluster;

namespace {

/// Takes everything and writes when it is told to.
class narrow_link final : public cluster::link {
public:
  bool send(const node_name&, lane l, std::string_view frame) override {
    CHECK(l == lane::data);
    if (refuses) return false;
    waiting_ += frame.size();
    ++taken;
    return true;
  }
  std::size_t waiting(const node_name&, lane) const override { return waiting_; }
  std::vector<peer_view> peers() const override { return {}; }
  void writes() { waiting_ = 0; }
  bool refuses = false;
  std::size_t taken = 0;

private:
  std::size_t waiting_ = 0;
};

const node_name peer_b{"b"};

envelope message_to(const char* name, std::uint64_t from, std::uint64_t request, std::size_t bytes) {
  return {actor_name{name}, from, request, 0, 0, std::string(bytes, 'x')};
}
envelope answer_to(std::uint64_t address, std::uint64_t request, std::size_t bytes) { return {{}, address, request, 0, 0, std::string(bytes, 'x')}; }

} // namespace

TEST_SUITE_BEGIN("cluster/bulk_queue");

TEST_CASE("pieces are handed over as earlier ones are written, to the last") {
  bulk_queue q;
  narrow_link l;
  REQUIRE(q.put(peer_b, message_to("risk", 1, 1, 10 * piece_bytes)));
  CHECK(q.push(l, peer_b).empty());
  const auto at_once = l.taken;
  CHECK(at_once == 2);
  CHECK(q.push(l, peer_b).empty());
  CHECK(l.taken == at_once);
  for (std::size_t handed = at_once; handed < 10; handed += at_once) {
    l.writes();
    CHECK(q.push(l, peer_b).empty());
    CHECK(l.taken == handed + at_once);
  }
  l.writes();
  CHECK(q.push(l, peer_b).empty());
  CHECK(l.taken == 10);
}

TEST_CASE("between two actors nothing overtakes what waits, but answers to questions do") {
  bulk_queue q;
  narrow_link l;
  const auto small = message_to("risk", 1, 2, 10);
  CHECK_FALSE(q.must_wait(peer_b, small));
  REQUIRE(q.put(peer_b, message_to("risk", 1, 1, 5 * piece_bytes)));
  REQUIRE(q.put(peer_b, answer_to(9, 3, 5 * piece_bytes)));
  CHECK(q.must_wait(peer_b, small));
  CHECK_FALSE(q.must_wait({"c"}, small));
  CHECK_FALSE(q.must_wait(peer_b, message_to("risk", 2, 2, 10)));
  CHECK_FALSE(q.must_wait(peer_b, message_to("oms/1", 1, 2, 10)));
  CHECK_FALSE(q.must_wait(peer_b, answer_to(9, 4, 10)));
  CHECK_FALSE(q.must_wait(peer_b, answer_to(9, 0, 10))); // behind an answer no order is kept
  REQUIRE(q.put(peer_b, answer_to(9, 0, 5 * piece_bytes)));
  CHECK(q.must_wait(peer_b, answer_to(9, 0, 10)));
  q.forget(peer_b);
  CHECK_FALSE(q.must_wait(peer_b, small));
  CHECK(q.push(l, peer_b).empty());
  CHECK(l.taken == 0);
}

TEST_CASE("what is too long is not taken, nor more than fits for one node") {
  bulk_queue q;
  narrow_link l;
  CHECK_FALSE(q.put(peer_b, message_to("risk", 1, 1, content_bytes_max + 1)));
  for (std::size_t bytes = 0; bytes < bulk_bytes_max; bytes += content_bytes_max) CHECK(q.put(peer_b, message_to("risk", 1, 1, content_bytes_max)));
  CHECK_FALSE(q.put(peer_b, message_to("risk", 1, 1, 1)));
  CHECK(q.put({"c"}, message_to("risk", 1, 1, 1)));
  l.refuses = true;
  CHECK(q.push(l, peer_b).size() == bulk_bytes_max / content_bytes_max); // all are told
  CHECK(q.put(peer_b, message_to("risk", 1, 1, content_bytes_max)));
}

TEST_SUITE_END();
