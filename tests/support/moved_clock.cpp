// Preloaded into a process, makes its wall clock differ by what a test writes: TROUPE_TEST_CLOCK names a file of eight bytes, the
// seconds to add. Other clocks stay, as they do when somebody sets a host's time.

#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>

namespace {

const volatile std::int64_t* added() {
  static const volatile std::int64_t none = 0;
  static const volatile std::int64_t* const where = [] {
    const char* file = std::getenv("TROUPE_TEST_CLOCK");
    const int fd = file ? ::open(file, O_RDONLY | O_CLOEXEC) : -1;
    void* at = fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, fd, 0);
    return at == MAP_FAILED ? &none : static_cast<const volatile std::int64_t*>(at);
  }();
  return where;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t which, timespec* t) noexcept {
  static const auto real = reinterpret_cast<int (*)(clockid_t, timespec*)>(::dlsym(RTLD_NEXT, "clock_gettime"));
  const int done = real(which, t);
  if (done == 0 && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) t->tv_sec += *added();
  return done;
}

time_t time(time_t* out) noexcept {
  timespec t{};
  clock_gettime(CLOCK_REALTIME_COARSE, &t);
  if (out) *out = t.tv_sec;
  return t.tv_sec;
}

int gettimeofday(timeval* t, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  t->tv_sec = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return 0;
}
}
