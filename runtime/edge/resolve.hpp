#pragma once
// Internal to clients: where a host is. Stateless; blocks for at most its limit.

#include "runtime/core/result.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace troupe::edge {

/// Addresses are for who speaks in the clear, on this host; TLS makes sure that a name leads to whom it names.
enum class hosts { addresses, names_too };

/// An IP address, "localhost", or with `names_too` a name that the system knows; at least one place. Errors: invalid_argument (a name where only addresses
/// are taken), unavailable (nobody knows the name), timeout.
[[nodiscard]] result<std::vector<boost::asio::ip::tcp::endpoint>> resolve(const std::string& host, std::uint16_t port, hosts taken, std::chrono::milliseconds limit);

/// "HOST:PORT" as in a Host header, an IPv6 address in brackets.
[[nodiscard]] std::string authority_of(const std::string& host, std::uint16_t port);

} // namespace troupe::edge
