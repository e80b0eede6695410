#include "nodes/sweep/free_port.hpp"

#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::sweep_node {

result<std::uint16_t> free_port() {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  const bool found = s >= 0 && ::bind(s, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 &&
                     ::getsockname(s, reinterpret_cast<sockaddr*>(&at), &size) == 0;
  const auto why = errno;
  if (s >= 0) ::close(s);
  if (!found) return fail(errc::io_error, std::string{"no free port of 127.0.0.1: "} + std::strerror(why));
  return ntohs(at.sin_port);
}

} // namespace troupe::sweep_node
