#pragma once
// A wire between two ports, which a test can freeze (a peer that stands still, a network that lost its way) or cut.

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

namespace troupe::test {

class wire_between {
public:
  using tcp = boost::asio::ip::tcp;

  /// Takes connections at `from` (port 0: any free one) and passes what comes to `to`, and back.
  wire_between(const tcp::endpoint& from, const tcp::endpoint& to) : to_{to}, acceptor_{io_, from} {
    accept();
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~wire_between() {
    io_.stop();
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  /// Frozen: bytes are swallowed and ends not told. After a thaw the stream lacks them.
  void freeze(bool frozen) { frozen_ = frozen; }
  /// Closes every connection at both ends.
  void cut() {
    boost::asio::post(io_, [this] {
      for (const auto& known : pipes_)
        if (const auto p = known.lock()) p->close();
      pipes_.clear();
    });
  }

private:
  struct pipe {
    tcp::socket from, to;
    void close() {
      boost::system::error_code ignored;
      from.close(ignored);
      to.close(ignored);
    }
  };
  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& failed, tcp::socket from) {
      if (failed) return;
      const auto p = std::make_shared<pipe>(pipe{std::move(from), tcp::socket{io_}});
      boost::system::error_code refused;
      p->to.connect(to_, refused);
      if (!refused) {
        pipes_.push_back(p);
        pass(p, p->from, p->to);
        pass(p, p->to, p->from);
      }
      accept();
    });
  }
  void pass(const std::shared_ptr<pipe>& p, tcp::socket& in, tcp::socket& out) {
    const auto buffer = std::make_shared<std::array<char, 4096>>();
    in.async_read_some(boost::asio::buffer(*buffer), [this, p, buffer, &in, &out](const boost::system::error_code& failed, std::size_t n) {
      boost::system::error_code ignored;
      if (failed) {
        if (!frozen_) p->close();
        return;
      }
      if (!frozen_) boost::asio::write(out, boost::asio::buffer(buffer->data(), n), ignored);
      pass(p, in, out);
    });
  }
  const tcp::endpoint to_;
  boost::asio::io_context io_;
  tcp::acceptor acceptor_;
  std::vector<std::weak_ptr<pipe>> pipes_; // the io thread's
  std::atomic<bool> frozen_{false};
  std::thread thread_;
};

} // namespace troupe::test
