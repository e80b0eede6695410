#include "tools/benchmarks/bench.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::bench {

using clock = std::chrono::steady_clock;

double percentile(std::vector<double>& values, double p) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(p * static_cast<double>(values.size())))];
}

namespace {

figures fdatasync_limit(const settings& s) {
  const auto file = s.directory + "/limit.bin";
  const int fd = ::open(file.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0) throw std::runtime_error("cannot create " + file);
  const std::string record(256, 'x');
  std::vector<double> us;
  const auto until = clock::now() + std::chrono::duration<double>(s.seconds);
  while (clock::now() < until) {
    const auto began = clock::now();
    if (::write(fd, record.data(), record.size()) != static_cast<ssize_t>(record.size()) || ::fdatasync(fd) != 0)
      throw std::runtime_error("cannot write " + file);
    us.push_back(std::chrono::duration<double, std::micro>(clock::now() - began).count());
  }
  ::close(fd);
  ::unlink(file.c_str());
  const auto rate = static_cast<double>(us.size()) / s.seconds;
  return {{"fdatasync rate", rate, "1/s"}, {"fdatasync p50", percentile(us, 0.5), "us"}, {"fdatasync p99", percentile(us, 0.99), "us"}};
}

figures loopback_limit(const settings& s) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* as_address = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, as_address, length) != 0 || ::listen(listener, 1) != 0 || ::getsockname(listener, as_address, &length) != 0)
    throw std::runtime_error("cannot listen on loopback");
  const int one = 1;
  std::thread echo{[&] {
    const int peer = ::accept(listener, nullptr, nullptr);
    ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char buffer[256];
    while (::read(peer, buffer, sizeof buffer) > 0)
      if (::write(peer, buffer, sizeof buffer) < 0) break;
    ::close(peer);
  }};
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, as_address, length) != 0) throw std::runtime_error("cannot connect on loopback");
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  std::vector<double> us;
  char buffer[256] = {};
  const auto until = clock::now() + std::chrono::duration<double>(s.seconds);
  while (clock::now() < until) {
    const auto began = clock::now();
    if (::write(fd, buffer, sizeof buffer) < 0 || ::read(fd, buffer, sizeof buffer) <= 0) break;
    us.push_back(std::chrono::duration<double, std::micro>(clock::now() - began).count());
  }
  ::close(fd);
  echo.join();
  ::close(listener);
  return {{"loopback round trip p50", percentile(us, 0.5), "us"}, {"loopback round trip p99", percentile(us, 0.99), "us"}};
}

} // namespace

figures machine_limits(const settings& s) {
  auto all = fdatasync_limit(s);
  for (auto& f : loopback_limit(s)) all.push_back(std::move(f));
  return all;
}

} // namespace troupe::bench
