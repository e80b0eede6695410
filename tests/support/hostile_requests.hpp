#pragma once
// What clients send that no client should: garbage, contradictions, excess. Each with the status that says so; for any
// server of ours that has /alive and POST /v1/orders.

#include <string>
#include <vector>

namespace troupe::test {

/// A request with the right Content-Length.
[[nodiscard]] inline std::string post_text(const std::string& target, const std::string& body) {
  return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
[[nodiscard]] inline std::string get_text(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n"; }

/// The status of what a server said; 0 when that is no HTTP.
[[nodiscard]] inline unsigned status_of(const std::string& said) {
  return said.starts_with("HTTP/1.1 ") ? static_cast<unsigned>(std::stoi(said.substr(9, 3))) : 0;
}

struct hostile_request {
  std::string what;
  std::string bytes; // the conversation ends behind them
  unsigned status;
};

[[nodiscard]] inline std::vector<hostile_request> hostile_requests() {
  const std::string host = "Host: localhost\r\n";
  auto deep = [](const std::string& open) {
    std::string out;
    while (out.size() < 60'000) out += open;
    return out;
  };
  auto closing = [&](std::string request) { // so that the conversation ends
    return request.insert(request.find("\r\n") + 2, "Connection: close\r\n");
  };
  std::string same = "{", many = "[";
  for (int i = 0; i < 4000; ++i) same += "\"k" + std::to_string(i) + "\":1,";
  for (int i = 0; i < 30'000; ++i) many += "0,";
  return {
    {"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 not http\r\n\r\n", 400},
    {"zeros", std::string(3000, '\0') + "\r\n\r\n", 400},
    {"no version", "GET /\r\n\r\n", 400},
    {"old version", "GET / HTTP/0.9\r\n\r\n", 505},
    {"next version", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
    {"no host", "GET /alive HTTP/1.1\r\n\r\n", 400},
    {"two hosts", "GET /alive HTTP/1.1\r\n" + host + host + "\r\n", 400},
    {"space in name", "GET /alive HTTP/1.1\r\n" + host + "A B: c\r\n\r\n", 400},
    {"folded line", "GET /alive HTTP/1.1\r\n" + host + "A: b\r\n\x01 c\r\n\r\n", 400},
    {"negative length", "POST /v1/orders HTTP/1.1\r\n" + host + "Content-Length: -1\r\n\r\n", 400},
    {"huge length", "POST /v1/orders HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n", 400},
    {"two lengths", "POST /v1/orders HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
    {"length and chunks", "POST /v1/orders HTTP/1.1\r\n" + host +
                            "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
    {"bad chunk", "POST /v1/orders HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
    {"fields behind the body", "POST /v1/orders HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nIdempotency-Key: k\r\n\r\n", 400},
    {"huge chunk", "POST /v1/orders HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", 413},
    {"endless extension", "POST /v1/orders HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1;" +
                            std::string(200'000, 'x'), 400},
    {"deep arrays", closing(post_text("/v1/orders", deep("["))), 400},
    {"deep objects", closing(post_text("/v1/orders", deep("{\"a\":"))), 400},
    {"many members", closing(post_text("/v1/orders", same)), 400},
    {"many values", closing(post_text("/v1/orders", many)), 413},
    {"not UTF-8", closing(post_text("/v1/orders", "{\"account\":\"\xff\xfe\"}")), 400},
    {"truncated JSON", closing(post_text("/v1/orders", "{\"account\":\"al")), 400},
    {"huge number", closing(post_text("/v1/orders", "{\"limit\":1e" + std::string(50'000, '9') + "}")), 400},
    {"bad escape", closing(get_text("/v1/orders/%zz")), 400},
    {"many parameters", closing(get_text("/v1/orders/x?" + deep("a&").substr(0, 3000))), 400},
    {"climbing path", closing(get_text("/v1/../../etc/passwd")), 404},
    {"nul in path", closing(get_text("/v1/orders/%00")), 400},
  };
}

} // namespace troupe::test
