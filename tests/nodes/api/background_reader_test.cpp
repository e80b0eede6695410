// A backup that hangs holds up no stop.

#include "nodes/desk/api/background_reader.hpp"

#include "tests/support/test.hpp"

#include <future>

using namespace troupe;
using namespace troupe::desk;
using namespace std::chrono_literals;

TEST_SUITE_BEGIN("nodes/api/background_reader");

TEST_CASE("what hangs is not waited for; what asks ends when it is told to, and nothing behind it begins") {
  background_reader reader;
  std::promise<void> disk, began;
  int copied = 0;
  reader.run([&, answers = disk.get_future().share()] {
    began.set_value();
    answers.wait();
    while (!reader.is_given_up()) ++copied;
  });
  reader.run([&] {
    if (!reader.is_given_up()) ++copied;
  });
  began.get_future().wait();
  reader.give_up();
  CHECK_FALSE(reader.ends_within(1ms));
  disk.set_value();
  CHECK(reader.ends_within(20s));
  CHECK(copied == 0);
}

TEST_SUITE_END();
