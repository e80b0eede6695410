#pragma once
// The node's HTTP side as one thing: server, routes, port to the actors, keys, certificates, metrics, and the actors that serve it under the
// supervisor "edge". Looks every second whether keys or certificates changed, on a thread of its own. Started after the other actors recovered, stopped before they go; its own actors end with them, first.

#include "nodes/desk/desk.hpp"
#include "runtime/core/result.hpp"

#include <memory>
#include <string>

namespace troupe::desk {

class edge_server {
public:
  /// Reads the keys, writes those of the first operators, and declares the routes. Before desk.start(). Errors: forbidden, io_error.
  [[nodiscard]] static result<std::unique_ptr<edge_server>> make(desk& d);
  ~edge_server();

  /// Starts its actors and serves every listener. Errors: as edge::server::start, unavailable (an actor does not start); then it has
  /// stopped, and its actors have ended.
  [[nodiscard]] result<void> start();
  /// Takes the ports, so that one that is in use is found before anybody trades. Errors: as edge::server::bind.
  [[nodiscard]] result<void> bind();
  /// Answers what is under way, then closes. False: a backup hangs and still uses this and the desk's stores, so neither may be taken apart; the process is to
  /// end as it stands when the desk has stopped.
  bool stop();
  /// Received and not answered yet. Any thread.
  [[nodiscard]] std::uint64_t requests_under_way() const;
  /// {"event":"ready","node":...,"edge":"http://127.0.0.1:8080","boot_id":...}
  [[nodiscard]] std::string ready_line() const;

private:
  struct impl;
  explicit edge_server(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

} // namespace troupe::desk
