// The test runner: doctest's, then one line per reason a case was skipped, then "N run, M skipped: reason xk".

#define DOCTEST_CONFIG_IMPLEMENT
#include "tests/support/test.hpp"

#include <iostream>
#include <map>
#include <mutex>

namespace {

std::mutex reasons_mutex;
std::map<std::string, int> reasons;

struct counter : doctest::IReporter {
  static inline unsigned run = 0;
  explicit counter(const doctest::ContextOptions&) {}
  void report_query(const doctest::QueryData&) override {}
  void test_run_start() override {}
  void test_run_end(const doctest::TestRunStats& stats) override { run = stats.numTestCasesPassingFilters; }
  void test_case_start(const doctest::TestCaseData&) override {}
  void test_case_reenter(const doctest::TestCaseData&) override {}
  void test_case_end(const doctest::CurrentTestCaseStats&) override {}
  void test_case_exception(const doctest::TestCaseException&) override {}
  void subcase_start(const doctest::SubcaseSignature&) override {}
  void subcase_end() override {}
  void log_assert(const doctest::AssertData&) override {}
  void log_message(const doctest::MessageData&) override {}
  void test_case_skipped(const doctest::TestCaseData&) override {}
};
REGISTER_LISTENER("count", 1, counter);

} // namespace

namespace troupe::test {

void skip(const std::string& reason) {
  std::lock_guard guard{reasons_mutex};
  ++reasons[reason];
  std::cout << "SKIPPED: " << reason << '\n';
}

} // namespace troupe::test

int main(int argc, char** argv) {
  doctest::Context context{argc, argv};
  const int status = context.run();
  if (context.shouldExit()) return status;
  int skipped = 0;
  std::string list;
  for (const auto& [reason, times] : reasons) {
    skipped += times;
    list += (list.empty() ? ": " : ", ") + reason + " x" + std::to_string(times);
  }
  std::cout << static_cast<int>(counter::run) - skipped << " run, " << skipped << " skipped" << list << std::endl;
  return status;
}
