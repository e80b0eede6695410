// The files that a process is started with.

#include "runtime/telemetry/open_files.hpp"
#include "tests/support/test.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace troupe;

namespace {

/// Of a process that was started without them: whether no file gets their places, and what is said there goes nowhere.
bool keeps_their_places() {
  for (const int place : {0, 1, 2}) ::close(place);
  telemetry::hold_standard_files();
  const int first = ::open("/dev/null", O_RDWR);
  char one = 0;
  return first > 2 && ::write(1, &one, 1) < 0 && errno == EBADF && ::write(2, &one, 1) < 0 && errno == EBADF && ::read(0, &one, 1) < 0 && errno == EBADF;
}

} // namespace

TEST_SUITE_BEGIN("telemetry/open_files");

TEST_CASE("where standard input, output and error were closed, no file that is opened takes their places") {
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) ::_exit(keeps_their_places() ? 0 : 1);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("where they are open they stay what they are") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::dup2(ends[1], 1);
    telemetry::hold_standard_files();
    ::_exit(::write(1, "x", 1) == 1 ? 0 : 1);
  }
  ::close(ends[1]);
  char said = 0;
  CHECK(::read(ends[0], &said, 1) == 1);
  CHECK(said == 'x');
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}
