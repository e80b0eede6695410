#pragma once
// The carrier between hosts: TCP with mutual TLS, one connection a lane, so that control never waits behind orders or
// data. Of two nodes the one with the smaller name dials, without end and with growing pauses. A session is up when all its lanes
// are greeted, by both ends, and ends whole: any lane that breaks or a peer that is silent too long takes all three down. A new session of a
// peer takes the place of an old one, so a half-open connection is no obstacle. (Why not CAF's BASP: decision 0009.)

#include "runtime/cluster/admission.hpp"
#include "runtime/cluster/detector.hpp"
#include "runtime/cluster/host_lookup.hpp"
#include "runtime/cluster/link.hpp"
#include "runtime/core/result.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>

namespace troupe::cluster {

struct tls_address {
  std::string host; // a name or an address
  std::uint16_t port = 0;
};

/// Who dials whom. smaller_name: each pair settles it by their names. Where one side gives work and the other takes it, one always
/// dials and the other never does, and names are free.
enum class dialing : std::uint8_t { smaller_name, always, never };

struct tls_link_options {
  greeting self;
  admission rule;
  tls_address listen;                     // an address of this host; nothing is bound to all of them unasked
  std::map<node_name, tls_address> peers; // all other nodes
  dialing dials = dialing::smaller_name;
  link_files files;
  detector::limits beats;
  nanoseconds greet_within = std::chrono::seconds{2}; // TCP, TLS and greeting together
  nanoseconds redial_after = std::chrono::milliseconds{100};
  nanoseconds redial_after_max = std::chrono::seconds{1};
  host_lookup::resolver resolve = system_addresses;   // of peers' host names; an attempt waits for it as long as for a greeting
  std::size_t strangers_max = 64; // connections not greeted yet; the oldest one of the address with the most goes first
  std::array<std::size_t, lane_count> queue_bytes_max{4 << 20, 16 << 20, 16 << 20};
  std::function<void(const char* level, const std::string& line)> log = [](const char*, const std::string&) {};
};

/// Binds the port, starts the link's thread. `events` must outlive the link. Errors: as make_link_tls, invalid_argument (no address of this host),
/// unavailable (the address is in use).
[[nodiscard]] result<std::unique_ptr<link>> open_tls_link(tls_link_options options, link_events& events);

} // namespace troupe::cluster
