// A turn in words, for the log.
#include "runtime/actor/turn_line.hpp"

#include "runtime/wire/wire.ipp"
#include "tests/support/test.hpp"

using namespace troupe;

namespace turn_line_example {

struct opened {};
BOOST_DESCRIBE_STRUCT(opened, (), ())
struct closed {
  text<16> reason;
};
BOOST_DESCRIBE_STRUCT(closed, (), (reason))
using change = std::variant<opened, closed>;
struct together {
  std::vector<change> items;
};
BOOST_DESCRIBE_STRUCT(together, (), (items))
/// As actor::turn, of a core.
struct told_turn {
  std::vector<change> events;
  std::variant<together, opened> command;
  std::string refusal;
};
BOOST_DESCRIBE_STRUCT(told_turn, (), (events, command, refusal))

} // namespace turn_line_example

TROUPE_WIRE(turn_line_example::told_turn)

TEST_SUITE_BEGIN("actor/turn_line");

TEST_CASE("a turn's line names its command, what came of it, or the answer that refused it") {
  using namespace turn_line_example;
  const auto line = [](const told_turn& t) { return actor::turn_line(wire::type_of<told_turn>(), &t); };
  CHECK(line({{opened{}, closed{}}, opened{}, {}}) == "opened -> opened, closed");
  CHECK(line({{}, opened{}, R"({"reason":"full"})"}) == R"(opened -> refused {"reason":"full"})");
  CHECK(line({{}, together{{closed{}}}, {}}) == "closed");
  CHECK(line({{closed{{"too late"}}}, together{{closed{}, opened{}}}, {}}) == R"(2 effects -> closed "too late")");
}
