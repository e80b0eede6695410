#include "tools/troupe/post.hpp"

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/terminal.hpp"

#include <iostream>

namespace troupe::cli {

std::string body_of(std::initializer_list<std::pair<const char*, const std::string&>> members) {
  std::string body = "{";
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    if (body.size() > 1) body += ',';
    wire::append_json_string(body, name);
    body += ':';
    wire::append_json_string(body, value);
  }
  return body + '}';
}

std::string verdict_line(const wire::json_value& answer) {
  const auto verdict = cell(answer, "verdict"), reason = cell(answer, "reason");
  return (verdict.empty() ? cell(answer, "status") : verdict) + (reason.empty() ? "" : ": " + reason);
}

int show_verdict(const node_options& options, const result<answered>& got) {
  if (!got) return complain(got.error());
  std::cout << (options.json ? got->text : verdict_line(got->value)) << '\n';
  return cell(got->value, "verdict") == "APPROVAL_RECORDED" ? finding : done; // what was asked has not happened yet
}

int post(const node_options& options, const std::string& target, const std::string& body, const std::string& key, const char* answer) {
  return request_verdict(options, "POST", target, body, key, answer);
}

int request_verdict(const node_options& options, std::string_view method, const std::string& target, const std::string& body, const std::string& key, const char* answer) {
  auto node = node_client::at(options);
  if (!node) return complain(node.error());
  return show_verdict(options, node->request(method, target, body, key, {answer}));
}

int post_correction(const operator_options& options, const std::string& target, const std::string& body, const std::string& holder, const std::string& instrument) {
  const auto key = options.key();
  if (!key) return complain(key.error());
  auto node = node_client::at(options);
  if (!node) return complain(node.error());
  const auto got = node->request("POST", target, body, *key, {"correction_id", "position"});
  if (!got) return complain(got.error());
  if (options.json) std::cout << got->text << '\n';
  else std::cout << "correction " << cell(got->value, "correction_id") << ": " << holder << ' ' << cell(got->value, "position") << ' ' << instrument << '\n';
  return done;
}

} // namespace troupe::cli
