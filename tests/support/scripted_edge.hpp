#pragma once
// A server on loopback whose answers a case has written: what is no node, or a node that says what no real one can be brought to say. A thread of its own; every
// connection serves one request.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>

#include <cstdint>
#include <functional>
#include <istream>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace troupe::test {

struct scripted_request {
  std::string line; // "PUT /v1/limits"
  std::string body;
};

/// An HTTP answer as it goes over the wire.
[[nodiscard]] inline std::string http_answer(int status, const std::string& body, const std::string& type = "application/json") {
  return "HTTP/1.1 " + std::to_string(status) + " -\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

class scripted_edge {
public:
  /// The bytes to answer with; none: the connection is closed without a word. Called on the server's thread.
  using script = std::function<std::string(const scripted_request&)>;

  explicit scripted_edge(script answers) : answers_{std::move(answers)}, acceptor_{io_, {boost::asio::ip::address_v4::loopback(), 0}} {
    port_ = acceptor_.local_endpoint().port();
    serving_ = std::thread{[this] { serve(); }};
  }
  ~scripted_edge() {
    {
      std::lock_guard guard{mutex_};
      ends_ = true;
    }
    boost::system::error_code ignored;
    boost::asio::io_context io;
    boost::asio::ip::tcp::socket last{io}; // wakes the one who accepts
    last.connect({boost::asio::ip::address_v4::loopback(), port_}, ignored);
    serving_.join();
  }
  scripted_edge(const scripted_edge&) = delete;
  scripted_edge& operator=(const scripted_edge&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// All that were asked so far, in order.
  [[nodiscard]] std::vector<scripted_request> asked() const {
    std::lock_guard guard{mutex_};
    return asked_;
  }

private:
  using tcp = boost::asio::ip::tcp;

  void serve() {
    for (;;) {
      tcp::socket from{io_};
      boost::system::error_code failed;
      acceptor_.accept(from, failed);
      {
        std::lock_guard guard{mutex_};
        if (ends_) return;
      }
      if (failed) continue;
      const auto request = read(from);
      if (!request) continue;
      {
        std::lock_guard guard{mutex_};
        asked_.push_back(*request);
      }
      boost::asio::write(from, boost::asio::buffer(answers_(*request)), failed);
    }
  }

  static std::optional<scripted_request> read(tcp::socket& from) {
    boost::asio::streambuf bytes;
    boost::system::error_code failed;
    boost::asio::read_until(from, bytes, "\r\n\r\n", failed);
    if (failed) return std::nullopt;
    std::istream in{&bytes};
    scripted_request request;
    std::string method, target, line;
    in >> method >> target;
    std::size_t length = 0;
    while (std::getline(in, line) && line != "\r")
      if (line.starts_with("Content-Length: ")) length = std::stoul(line.substr(16));
    request.line = method + ' ' + target;
    request.body.assign(std::istreambuf_iterator<char>{in}, {});
    while (request.body.size() < length) {
      char part[4096];
      const auto n = from.read_some(boost::asio::buffer(part), failed);
      if (failed) return std::nullopt;
      request.body.append(part, n);
    }
    return request;
  }

  script answers_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<scripted_request> asked_;
  bool ends_ = false;
  std::thread serving_;
};

} // namespace troupe::test
