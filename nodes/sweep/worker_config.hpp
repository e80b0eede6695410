#pragma once
// Everything that can be configured about a worker. Read once, before any actor starts.

#include "runtime/config/load.hpp"
#include "runtime/config/property.hpp"
#include "runtime/core/ids.hpp"

#include <string>
#include <vector>

namespace troupe::sweep_node {

using std::chrono::milliseconds;

/// How the orchestrator of a sweep is called when nobody says otherwise.
inline constexpr const char* orchestrator_default = "orchestrator";
inline constexpr std::uint16_t worker_port_default = 7420;
/// The most room that a cache of feeds may be given.
inline constexpr std::int64_t cache_mib_max = 10'000'000;

struct listen_section : config::section {
  using section::section;
  config::property<std::string> address{{.name = "address", .sentence = "Address to bind; on every one both ends show a certificate of the sweep's own authority.", .fallback = "127.0.0.1", .min = 1}};
  config::property<std::int64_t> port{{.name = "port", .sentence = "TCP port of the sweep; 0 takes any free one, for a worker that dials.", .fallback = worker_port_default, .min = 0, .max = 65535}};
  void visit(config::visitor& v) override { v(address, port); }
};

struct orchestrator_section : config::section {
  using section::section;
  config::property<node_name> name{{.name = "name", .sentence = "Its name, as its certificate says: nobody else gives this worker work.", .fallback = node_name{orchestrator_default}}};
  config::property<std::string> address{{.name = "address", .sentence = "Where to dial it; empty: it dials this worker.", .fallback = ""}};
  config::property<std::int64_t> port{{.name = "port", .sentence = "Its port, when this worker dials.", .fallback = 0, .min = 0, .max = 65535}};
  void visit(config::visitor& v) override { v(name, address, port); }
};

struct cache_section : config::section {
  using section::section;
  config::property<std::string> folder{{.name = "folder", .sentence = "Where feeds are kept; all workers of a host may share it.", .fallback = "sweep-cache", .min = 1}};
  config::property<std::int64_t> mib_max{{.name = "mib_max", .sentence = "Room for all feeds together; those used longest ago make way.", .unit = "MiB", .fallback = 4096, .min = 1, .max = cache_mib_max}};
  void visit(config::visitor& v) override { v(folder, mib_max); }
};

struct worker_configuration : config::section {
  using section::section;
  config::property<node_name> name{{.name = "name", .sentence = "The worker's name, as its certificate says.", .fallback = node_name{"worker-1"}}};
  config::property<std::string> role{{.name = "role", .sentence = "What this node is for: a node of this role runs trials and never trades.", .fallback = "worker", .choices = {"worker"}}};
  config::property<std::string> certificates{{.name = "certificates", .sentence = "Folder with NAME.crt, NAME.key and ca.crt, as `troupe ca issue` makes it; empty: a folder called as the worker.", .fallback = ""}};
  config::property<std::int64_t> runners{{.name = "runners", .sentence = "Trials at once, a process each; 0 means as many as the machine has cores.", .unit = "processes", .fallback = 0, .min = 0, .max = 256}};
  config::property<std::string> log_level{{.name = "log_level", .sentence = "Least severe log level.", .fallback = "info", .choices = {"trace", "debug", "info", "warn", "error", "off"}}};
  listen_section listen{"listen", "Where an orchestrator finds this worker."};
  orchestrator_section orchestrator{"orchestrator", "Whom this worker works for."};
  cache_section cache{"cache", "Feeds on this host."};
  void visit(config::visitor& v) override { v(name, role, certificates, runners, log_level, listen, orchestrator, cache); }
};

[[nodiscard]] std::vector<config::cross_check<worker_configuration>> worker_checks();

} // namespace troupe::sweep_node
