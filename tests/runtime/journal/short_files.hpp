#pragma once
// A disk that takes no more: what a writer of files says then, and leaves behind.

#include <csignal>

#include <sys/resource.h>

namespace troupe::test {

/// No file of this process grows beyond `bytes` meanwhile, as if the disk were full.
class short_files {
public:
  explicit short_files(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit shorter{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &shorter);
  }
  ~short_files() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  short_files(const short_files&) = delete;
  short_files& operator=(const short_files&) = delete;

private:
  void (*handler_)(int);
  rlimit before_{};
};

} // namespace troupe::test
