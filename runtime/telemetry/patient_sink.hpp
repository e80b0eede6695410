#pragma once
// Where the writer thread puts lines of a descriptor (terminal, pipe, file). It waits for a slow reader, so that the
// queue in front of it overruns instead, but it can be told to stop waiting: a stuck terminal must not keep the process
// from ending. Internal to telemetry; used by the writer thread, told by any.

#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>

namespace troupe::log {

class patient_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  patient_sink(int descriptor, bool with_colours) : descriptor_{descriptor}, with_colours_{with_colours} {}

  /// From `end` on, lines the reader does not take at once are dropped.
  void give_up_at(std::chrono::steady_clock::time_point end) noexcept;
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

protected:
  void sink_it_(const spdlog::details::log_msg& msg) override;
  void flush_() override {}

private:
  [[nodiscard]] bool wait_for_reader() const noexcept;
  [[nodiscard]] bool put(const char* data, std::size_t size) const noexcept;

  int descriptor_;
  bool with_colours_;
  std::atomic<std::int64_t> give_up_at_{INT64_MAX}; // steady clock, nanoseconds
  std::atomic<std::uint64_t> dropped_{0};
};

} // namespace troupe::log
