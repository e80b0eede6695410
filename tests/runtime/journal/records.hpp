#pragma once
// What the journal's tests share: a writer that keeps a stream's chain, and an append that waits for its
// answer.

#include "runtime/journal/journal.hpp"

#include <algorithm>
#include <future>
#include <random>
#include <string>
#include <vector>

namespace troupe::test {

/// Writes chained records of one stream as an owner would. Not thread-safe.
class stream_writer {
public:
  explicit stream_writer(journal::stream_head head) : head_{std::move(head)} {}

  journal::append_request next(std::size_t records, std::string_view payload = "payload") {
    journal::append_request request;
    request.stream = head_.stream;
    request.epoch = head_.epoch;
    request.first_sequence = head_.sequence + 1;
    for (std::size_t i = 0; i < records; ++i) {
      journal::record_header h;
      h.stream = head_.stream;
      h.epoch = head_.epoch;
      h.sequence = ++head_.sequence;
      h.schema = 7;
      h.hybrid_time = 1000 + h.sequence;
      h.cause = {"test", h.sequence};
      h.previous = head_.chain;
      auto& record = request.records.emplace_back();
      journal::encode_record(h, payload, record);
      head_.chain = sha256(record);
    }
    return request;
  }
  [[nodiscard]] const journal::stream_head& head() const { return head_; }

private:
  journal::stream_head head_;
};

/// What cannot be packed, so that it fills tables.
inline std::string unpackable(std::mt19937& random, std::size_t bytes) {
  std::string payload(bytes, '\0');
  std::ranges::generate(payload, [&] { return static_cast<char>(random()); });
  return payload;
}

inline result<std::uint64_t> append(journal::journal& to, journal::append_request request) {
  std::promise<result<std::uint64_t>> answer;
  to.append(std::move(request), [&](result<std::uint64_t> r) { answer.set_value(std::move(r)); });
  return answer.get_future().get();
}

/// Sequences and payloads of a stream from `from`, or the error of the read.
inline result<std::vector<std::pair<std::uint64_t, std::string>>> contents(const journal::journal& of,
                                                                           const journal::stream_name& stream,
                                                                           std::uint64_t from = 1) {
  std::vector<std::pair<std::uint64_t, std::string>> all;
  auto read = of.read(stream, from, [&](const journal::record_view& r) {
    all.emplace_back(r.header.sequence, std::string{r.payload});
    return true;
  });
  if (!read) return read.error();
  return all;
}

} // namespace troupe::test
