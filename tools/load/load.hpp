#pragma once
// Orders over HTTP as fast as a node takes them, or at a given rate, with a record of every acknowledgement that outlives
// the node: what kill tests compare the journal with, and what benchmarks measure with. One thread.

#include "runtime/core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::load {

struct load_options {
  std::string host = "127.0.0.1"; // with TLS a name too
  std::uint16_t port = 8080;
  bool tls = false;              // the edge speaks TLS, and shows a certificate for `host`
  std::filesystem::path ca;      // with `tls`: PEM file of the authority it must come from; empty: the system's
  std::filesystem::path key_file; // of a key to show; empty: none
  std::uint32_t connections = 64;
  std::uint64_t orders = 10'000; // 0: until `seconds` are over
  double seconds = 0;            // 0: until all orders are sent
  double rate = 0;               // orders a second, open loop; 0: each connection sends when it was answered
  std::string prefix = "load";   // of client ids: PREFIX-1, PREFIX-2, ...
  std::uint32_t accounts = 1;    // load-0, load-1, ...: spread over the slots
  std::uint32_t first_slot = 0, last_slot = 63; // only accounts of these, so that their node is known
  std::string instrument = "BTCUSDT.SIM";
  std::string quantity = "0.001";
  std::string limit;             // absent: market orders
  std::string time_in_force = "DAY";
  std::string side;              // BUY or SELL; empty: by turns
  std::string path;              // GET this instead of orders: what the edge itself costs; an answer 2xx counts as acknowledged
  std::filesystem::path acknowledged; // "CLIENT_ID ORDER" a line, written before the connection sends again; empty: none
  bool resolve = false;          // ask again, with the same ids, for what got no answer
  double patience_seconds = 10;  // without an answer the outcome is unknown; with `resolve` also for the node to be back
  std::function<bool()> is_stopped = [] { return false; }; // looked at all the time: then nothing more is sent, and what is under way awaited
};

struct load_report {
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0; // on record: accepted, or rejected by pre-trade risk
  std::uint64_t rejected = 0;     // of them, rejected
  std::uint64_t resolved = 0;     // of them, by asking again
  std::uint64_t unknown = 0;      // left without an answer
  bool cut_short = false;         // every connection was lost before the time was over
  bool stopped = false;           // before it was over, as it was asked to
  std::uint64_t unsent = 0;       // of `orders`: every connection was lost, or it was stopped, before their turn came
  std::map<unsigned, std::uint64_t> refused; // by HTTP status
  std::string first_wrong;                   // the first answer that says the order itself is wrong: status and body
  double seconds = 0;
  std::vector<std::uint64_t> latencies_ns; // ascending; from the scheduled time in open loop

  [[nodiscard]] std::uint64_t refused_in_all() const noexcept;
  /// All were sent and answered, and none was refused; with `may_be_refused` those do not count that pass when they are sent again later.
  [[nodiscard]] bool is_sound(bool may_be_refused) const noexcept;
  /// The latency that the share `p` (0 to 1) of all answers did not exceed, in microseconds.
  [[nodiscard]] double percentile_us(double p) const noexcept;
  [[nodiscard]] std::string json() const;
};

/// Errors: invalid_argument, unavailable (nobody listens at the start, or nobody who is trusted), io_error (the record cannot be written).
[[nodiscard]] result<load_report> run(const load_options& options);

} // namespace troupe::load
