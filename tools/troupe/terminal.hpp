#pragma once
// What people see: tables, colours on a terminal only, a progress line on standard error. One thread.

#include "runtime/core/error.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

enum class colour { plain, bold, dim, red, green, yellow };
/// The text in that colour, or as it is when standard output is no terminal.
[[nodiscard]] std::string paint(colour c, std::string_view text);

/// Columns as wide as their widest cell; numbers are right-aligned.
class table {
public:
  explicit table(std::vector<std::string> head) : rows_{std::move(head)}, width_{rows_.size()} {}
  void row(std::vector<std::string> cells, colour c = colour::plain);
  [[nodiscard]] std::string str() const; // a head without words is left out
  /// The same without colours, a line each, the head first.
  [[nodiscard]] std::vector<std::string> lines() const;

private:
  std::vector<std::string> rows_; // the head first, row after row
  std::size_t width_;
  std::vector<colour> colours_;
};

/// How long still, as a person would say it: "95 s left", "12 min left", "3.5 h left".
[[nodiscard]] std::string time_left(double seconds);

/// One line that is rewritten: what, how far, how fast, how long still. Silent when standard error is no terminal.
class progress {
public:
  progress(std::string what, std::uint64_t total);
  ~progress();
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  void at(std::uint64_t n);

private:
  std::string what_;
  std::uint64_t total_;
  bool shown_;
  std::chrono::steady_clock::time_point began_, drawn_;
};

/// Says on standard error what was wrong and returns the exit code that fits: what is not there, where there is somebody to ask, is `finding`.
int complain(const error& e, std::string_view what = {});
/// The same of a file or folder: when it is not there itself, there is nobody to ask.
int complain_of_place(const error& e, std::string_view what = {});
/// From here on complain writes {"error":{...}} to standard output as well.
void errors_as_json() noexcept;
[[nodiscard]] bool errors_are_json() noexcept;

} // namespace troupe::cli
