// What is known of another node's actors without asking it.

#include "nodes/desk/mesh.hpp"

#include "tests/support/test.hpp"

using namespace troupe;

TEST_SUITE_BEGIN("desk/mesh");

TEST_CASE("nobody behind another node's name: it starts or was given up, and who says which is somebody that can answer") {
  const node_name b{"b"};
  CHECK(desk::why_silent(b, actor_name{"oms/42"}) == "oms/42 is starting on node b, or was given up there: `troupe inspect info oms/42` says which");
  CHECK(desk::why_silent(b, actor_name{"history@b"}) == "history@b is starting on node b, or was given up there: `troupe inspect info history@b` says which");
  CHECK(desk::why_silent(b, actor_name{"node@b"}) ==
        "node@b is starting on node b, or was given up there: at that node's own edge `troupe restart node` brings it back");
}
