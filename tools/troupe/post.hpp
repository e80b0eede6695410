#pragma once
// One POST to a running node with a small body, and what a person or a program sees of the answer.

#include "tools/troupe/node_client.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::cli {

/// {"name":"value",...} without the empty ones.
[[nodiscard]] std::string body_of(std::initializer_list<std::pair<const char*, const std::string&>> members);

/// "DONE", or "DONE: why"; of what has no verdict its status.
[[nodiscard]] std::string verdict_line(const wire::json_value& answer);

/// Prints the verdict or status, or what went wrong. Returns the exit code: `finding` also when only an approval is on record.
int show_verdict(const node_options& options, const result<answered>& got);

/// Sends it, with an operator's key when one is given, and shows the verdict, or what else `answer` names of the reply: a reply without it is no node's.
int request_verdict(const node_options& options, std::string_view method, const std::string& target, const std::string& body, const std::string& key,
                    const char* answer = "verdict");
/// The same with POST.
int post(const node_options& options, const std::string& target, const std::string& body, const std::string& key, const char* answer = "verdict");

/// Sends what an operator corrects, with the operator's key, and tells the position that it left: "correction c1: alpha holds 2 BTCUSDT.SIM", of which `holder` is
/// the middle.
int post_correction(const operator_options& options, const std::string& target, const std::string& body, const std::string& holder, const std::string& instrument);

} // namespace troupe::cli
