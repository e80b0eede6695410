#pragma once
// One runner as its parent sees it: started, written to, read from, ended. It dies with the thread that started it. Used by
// one thread.

#include "nodes/sweep/frames.hpp"
#include "runtime/core/result.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace troupe::sweep_node {

/// Starts `command` so that it is killed when the calling thread ends, whatever ends it. `served`: what it finds as descriptor 3, or -1.
/// `output`: where its standard output goes, or -1, nowhere. Errors: io_error.
[[nodiscard]] result<pid_t> start_process(const std::vector<std::string>& command, int served, int output = -1);

/// How a process ended, in words: "exit code 1", "signal 6 (Aborted)".
[[nodiscard]] std::string words_of_status(int status);

class runner_process {
public:
  ~runner_process() { (void)end(); }
  runner_process() = default;
  runner_process(const runner_process&) = delete;
  runner_process& operator=(const runner_process&) = delete;

  /// Errors: io_error.
  [[nodiscard]] result<void> start(const std::vector<std::string>& command);
  [[nodiscard]] bool is_running() const noexcept { return pid_ > 0; }
  /// Readable when answers are there, or when it ended.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool write(std::string_view bytes) { return write_all(descriptor_, bytes); }
  /// Takes what is there. False: it ended.
  [[nodiscard]] bool read();
  [[nodiscard]] frame_reader& frames() noexcept { return in_; }
  /// Kills it when it still runs; says how it ended.
  std::string end();

private:
  pid_t pid_ = -1;
  int descriptor_ = -1;
  frame_reader in_;
};

} // namespace troupe::sweep_node
