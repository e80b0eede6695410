#include "runtime/telemetry/log.hpp"

#include "runtime/telemetry/log_levels.hpp"
#include "runtime/telemetry/patient_sink.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/text_forms.hpp"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include <unistd.h>

namespace troupe::log {
namespace {

level_table& table() {
  static level_table levels;
  return levels;
}

spdlog::level::level_enum as_spdlog(level l) noexcept {
  switch (l) {
  case level::trace: return spdlog::level::trace;
  case level::debug: return spdlog::level::debug;
  case level::info: return spdlog::level::info;
  case level::warn: return spdlog::level::warn;
  case level::error: return spdlog::level::err;
  case level::off: break;
  }
  return spdlog::level::off;
}

/// Counts what the writer thread has taken, so that `flush` knows when all of it is out, and what it could not write.
class counting_sink final : public spdlog::sinks::sink {
public:
  explicit counting_sink(spdlog::sink_ptr inner) : inner_{std::move(inner)} {}
  void log(const spdlog::details::log_msg& msg) override {
    try {
      inner_->log(msg);
    } catch (const std::exception&) { // a full disk: the line is lost, and there is no better place to complain
      refused_.fetch_add(1, std::memory_order_relaxed);
    }
    taken_.fetch_add(1, std::memory_order_release);
  }
  void flush() override { inner_->flush(); }
  void set_pattern(const std::string& pattern) override { inner_->set_pattern(pattern); }
  void set_formatter(std::unique_ptr<spdlog::formatter> f) override { inner_->set_formatter(std::move(f)); }
  [[nodiscard]] std::uint64_t taken() const noexcept { return taken_.load(std::memory_order_acquire); }
  [[nodiscard]] std::uint64_t refused() const noexcept { return refused_.load(std::memory_order_relaxed); }

private:
  spdlog::sink_ptr inner_;
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> refused_{0};
};

/// Everything that exists only while logging is started.
struct writer {
  std::shared_ptr<patient_sink> patient; // null with a file
  std::shared_ptr<counting_sink> sink;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;
  std::string node_json;
  bool as_json = true;
  std::atomic<std::uint64_t> handed{0};
  std::atomic<std::uint64_t> late{0}; // came while the pool was ending

  writer() = default;
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  ~writer() { // also when main() forgot to stop: a stuck reader must not keep the process from ending
    if (patient) patient->give_up_at(std::chrono::steady_clock::now());
  }

  [[nodiscard]] std::uint64_t overrun() const { return pool ? pool->overrun_counter() : 0; }
  [[nodiscard]] bool is_drained() const { return sink->taken() + overrun() + late.load() >= handed.load(); }
};

std::mutex writer_mutex; // guards start, stop and the counts against each other
counts ended; // of writers that were stopped

std::mutex current_mutex; // held for a copy only; an atomic of libstdc++ 12 would have a race: its load unlocks with relaxed order
std::shared_ptr<writer> current;

std::shared_ptr<writer> running() {
  std::lock_guard guard{current_mutex};
  return current;
}

/// Returns the one before.
std::shared_ptr<writer> set_running(std::shared_ptr<writer> next) {
  std::lock_guard guard{current_mutex};
  return std::exchange(current, std::move(next));
}

counts counts_of(const writer& w) {
  const auto given_up = w.patient ? w.patient->dropped() : 0;
  return {w.handed.load(), w.overrun() + w.late.load() + w.sink->refused() + given_up};
}

void append_cause(std::string& out, const cause_id& cause) {
  out += cause.source.view();
  out += '/';
  out += std::to_string(cause.number);
}

bool is_set(const cause_id& cause) noexcept { return !cause.source.empty() || cause.number != 0; }

/// What follows time and level in a JSON line.
std::string json_tail(const std::string& node_json, who actor, const cause_id& cause, std::string_view message,
                      fields more) {
  std::string out;
  out.reserve(160 + message.size());
  out += "\"node\":" + node_json + ",\"actor\":";
  wire::append_json_string(out, actor.name);
  if (is_set(cause)) {
    out += ",\"cause\":\"";
    append_cause(out, cause);
    out += '"';
  }
  out += ",\"message\":";
  wire::append_json_string(out, message);
  for (const auto& f : more) {
    out += ',';
    wire::append_json_string(out, f.key);
    out += ':';
    f.content.append_json(out);
  }
  return out;
}

/// "oms/17 order refused order_id="a" (http/12)".
std::string text_tail(who actor, const cause_id& cause, std::string_view message, fields more) {
  std::string out{actor.name};
  out += ' ';
  for (char c : message) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c; // one line, no escape codes
  for (const auto& f : more) {
    out += ' ';
    out += f.key;
    out += '=';
    f.content.append_json(out);
  }
  if (is_set(cause)) {
    out += " (";
    append_cause(out, cause);
    out += ')';
  }
  return out;
}

void write_at_once(level l, who actor, const cause_id& cause, std::string_view message, fields more) {
  const auto line = (l == level::error ? "error " : "warn ") + text_tail(actor, cause, message, more) + '\n';
  [[maybe_unused]] auto ignored = ::write(STDERR_FILENO, line.data(), line.size()); // nobody left to tell
}

constexpr const char* json_pattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%FZ","level":"%l",%v})";
constexpr const char* text_pattern = "%H:%M:%S.%e %^%-7l%$ %v";

} // namespace

void value::append_json(std::string& out) const {
  switch (kind_) {
  case kind::text: wire::append_json_string(out, text_); return;
  case kind::boolean: out += integer_ ? "true" : "false"; return;
  case kind::integer: out += std::to_string(integer_); return;
  case kind::natural: out += std::to_string(static_cast<std::uint64_t>(integer_)); return;
  case kind::number: wire::append_double(out, number_); return;
  case kind::decimal: out += '"' + format_scaled(integer_) + '"'; return;
  }
}

level level_named(std::string_view severity) noexcept {
  if (severity == "error") return level::error;
  if (severity.starts_with("warn")) return level::warn;
  if (severity == "debug") return level::debug;
  return severity == "trace" ? level::trace : level::info;
}

void write(std::string_view severity, who actor, const cause_id& cause, std::string_view message) {
  write(level_named(severity), actor, cause, message);
}

bool is_enabled(level l, who actor) noexcept { return l >= table().least() && l >= table().of(actor.name); }

void write(level l, who actor, const cause_id& cause, std::string_view message, fields more) {
  if (!is_enabled(l, actor)) return;
  const auto w = running();
  if (!w) {
    if (l >= level::warn) write_at_once(l, actor, cause, message, more);
    return;
  }
  const auto line = w->as_json ? json_tail(w->node_json, actor, cause, message, more)
                               : text_tail(actor, cause, message, more);
  w->handed.fetch_add(1, std::memory_order_relaxed);
  w->logger->log(as_spdlog(l), spdlog::string_view_t{line.data(), line.size()});
}

result<void> set_level(std::string_view pattern, level l) { return table().set(pattern, l); }
bool clear_level(std::string_view pattern) { return table().clear(pattern); }
std::vector<std::pair<std::string, level>> levels() { return table().all(); }

result<void> start(const options& o) {
  std::lock_guard guard{writer_mutex};
  if (running()) return fail(errc::conflict, "logging is started already");
  auto w = std::make_shared<writer>();
  const bool is_terminal = o.file.empty() && ::isatty(o.descriptor) == 1;
  w->as_json = o.as == format::json || (o.as == format::automatic && !is_terminal);
  wire::append_json_string(w->node_json, o.node);
  spdlog::sink_ptr sink;
  if (o.file.empty()) {
    sink = w->patient = std::make_shared<patient_sink>(o.descriptor, is_terminal && !w->as_json);
  } else {
    try {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(o.file.string(), o.file_bytes_max, o.file_count_max);
    } catch (const spdlog::spdlog_ex& e) {
      return fail(errc::io_error, "cannot log to " + o.file.string() + ": " + e.what());
    }
  }
  if (auto set = table().set("*", o.least); !set) return set;
  w->sink = std::make_shared<counting_sink>(std::move(sink));
  w->pool = std::make_shared<spdlog::details::thread_pool>(std::max<std::size_t>(o.queue_max, 1), 1);
  w->logger = std::make_shared<spdlog::async_logger>("troupe", w->sink, w->pool,
                                                       spdlog::async_overflow_policy::overrun_oldest);
  w->logger->set_level(spdlog::level::trace); // the level table decides
  w->logger->flush_on(spdlog::level::warn);
  w->logger->set_pattern(w->as_json ? json_pattern : text_pattern, spdlog::pattern_time_type::utc);
  w->logger->set_error_handler([late = &w->late](const std::string&) { late->fetch_add(1); });
  set_running(std::move(w));
  return {};
}

void stop(std::chrono::milliseconds patience) {
  std::lock_guard guard{writer_mutex};
  auto w = set_running(nullptr);
  if (!w) return;
  if (w->patient) w->patient->give_up_at(std::chrono::steady_clock::now() + patience);
  const auto overrun = w->overrun();
  w->pool.reset(); // writes what is queued, then joins the thread
  w->sink->flush();
  auto last = counts_of(*w);
  ended.written += last.written;
  ended.dropped += last.dropped + overrun;
}

bool flush(std::chrono::milliseconds patience) {
  const auto w = running();
  if (!w) return true;
  const auto end = std::chrono::steady_clock::now() + patience;
  while (true) {
    {
      std::lock_guard guard{writer_mutex};
      if (w->is_drained()) {
        w->sink->flush();
        return true;
      }
    }
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

counts totals() noexcept {
  std::lock_guard guard{writer_mutex};
  auto sum = ended;
  if (const auto w = running()) {
    const auto now = counts_of(*w);
    sum.written += now.written;
    sum.dropped += now.dropped;
  }
  return sum;
}

} // namespace troupe::log
