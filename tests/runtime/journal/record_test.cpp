#include "runtime/journal/journal.hpp"
#include "tests/support/test.hpp"
TEST_CASE("placeholder until the record tests are written") {}
