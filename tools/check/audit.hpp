#pragma once
// I17: who is behind what needs an operator, or is done to orders of others. Each such effect names its principal, the request that asked
// for it and, where several have to agree, all of them. Owned by one check; risk's stream comes before those of the slots.

#include "tools/check/report.hpp"
#include "tools/check/stored.hpp"

#include "runtime/journal/journal.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace troupe::check {

class audit {
public:
  /// `firm_approvals`: operators that must agree before a halt of the firm ends; nothing: not known, one is asked for.
  audit(check_report& report, std::optional<std::size_t> firm_approvals) : report_{report}, firm_approvals_{firm_approvals.value_or(1)} {}

  void take(const journal::record_header& h, const risk_turn& t);
  void take(const journal::record_header& h, const oms_turn& t);
  void take(const journal::record_header& h, const venue_turn& t);
  void take(const journal::record_header& h, const strategy_turn& t);
  /// What people did to one node: its streams "operations" and "placement/...". Not those of several nodes as one: each has a stream
  /// "operations" of its own.
  void read_node(const journal::journal& j);

private:
  using scope_key = std::pair<risk::halt_scope, std::string>;
  struct moment {
    const journal::record_header& header;
    const principal_id& principal;
  };

  void on(const moment& m, const risk::halted& e);
  void on(const moment& m, const risk::resume_approved& e);
  void on(const moment& m, const risk::resumed& e);
  void on(const moment& m, const risk::limits_set& e);
  void on(const moment& m, const risk::limits_reset& e);
  void on(const moment& m, const risk::instrument_blocked& e);
  void on(const moment&, const risk::budget_set&) {} // nobody asks for that
  void on(const moment& m, const operations::recorded& e);

  [[nodiscard]] static std::string where(const moment& m) {
    return m.header.stream.value.str() + " turn " + std::to_string(m.header.sequence) + ": ";
  }
  /// The turn is an operator's, and an HTTP request led to it.
  void must_be_an_operators(const moment& m, const std::string& what);
  void must_name_somebody(const moment& m, const std::string& what);
  void must_name_a_request(const moment& m, const std::string& what);
  /// What the event says of who it was is who asked.
  void must_be_by(const moment& m, const principal_id& by, const std::string& what);

  check_report& report_;
  const std::size_t firm_approvals_;
  std::map<scope_key, std::set<principal_id>> halted_by_;      // everybody who ever halted it
  std::map<scope_key, std::vector<principal_id>> approvals_; // of its end, since it was halted last
};

} // namespace troupe::check
