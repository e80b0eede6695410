#pragma once
// Two nodes with certificates of one authority, linked over loopback, and what each was told.

#include "runtime/cluster/certificate.hpp"
#include "runtime/cluster/tls_link.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/test.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/describe/enum_to_string.hpp>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe::test {

/// What one node was told. The link's thread writes, the test waits.
class link_witness : public cluster::link_events {
public:
  void up(const cluster::greeting& g) override { note("up " + g.name.value.str()); }
  void down(const node_name& n, const std::string&) override { note("down " + n.value.str()); }
  void received(const node_name& from, lane l, std::string_view frame, nanoseconds) override {
    note(from.value.str() + '/' + boost::describe::enum_to_string(l, "?") + ": " + std::string{frame.substr(0, 40)} +
         (frame.size() > 40 ? " +" + std::to_string(frame.size() - 40) : ""));
  }
  /// True when `line` was or will soon be told.
  bool hears(const std::string& line, std::size_t times = 1) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, std::chrono::seconds{10}, [&] { return static_cast<std::size_t>(std::count(told_.begin(), told_.end(), line)) >= times; });
  }
  [[nodiscard]] std::vector<std::string> told() {
    std::lock_guard guard{mutex_};
    return told_;
  }

private:
  void note(std::string line) {
    std::lock_guard guard{mutex_};
    told_.push_back(std::move(line));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> told_;
};

struct two_hosts {
  temporary_directory folder;
  std::uint16_t port_a = free_port(), port_b = free_port();
  link_witness at_a, at_b;

  two_hosts() {
    REQUIRE(cluster::create_authority(folder.path() / "ca", "desk"));
    for (const char* n : {"a", "b"}) REQUIRE(cluster::issue_certificate(folder.path() / "ca", {n}, folder.path() / n));
  }

  cluster::tls_link_options options(const std::string& name, std::uint64_t boot, const std::string& configuration = "c") const {
    cluster::tls_link_options o;
    o.self = {{name}, boot, "build", "schema", configuration};
    o.rule.members = {{"a"}, {"b"}};
    o.listen = {"127.0.0.1", name == "a" ? port_a : port_b};
    o.peers[{name == "a" ? "b" : "a"}] = {"127.0.0.1", name == "a" ? port_b : port_a};
    o.files = cluster::link_files_in(folder.path() / name, {name});
    return o;
  }
  static std::unique_ptr<cluster::link> open(cluster::tls_link_options o, cluster::link_events& events) {
    auto made = cluster::open_tls_link(std::move(o), events);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    return std::move(*made);
  }
  /// Waits until the link says this about its only peer.
  static std::string problem_of(const cluster::link& l, cluster::peer_state wanted) {
    for (int i = 0; i < 1000; ++i) {
      const auto all = l.peers();
      if (!all.empty() && all[0].state == wanted && !all[0].problem.empty()) return all[0].problem;
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    return "never";
  }
};

/// Of an end that shows the certificate of this name in `where`; of one without any when the name is empty.
inline boost::asio::ssl::context tls_of(const std::filesystem::path& where, const std::string& certificate) {
  boost::asio::ssl::context tls{boost::asio::ssl::context::tlsv13};
  tls.load_verify_file((where / "ca.crt").string());
  if (certificate.empty()) return tls;
  tls.use_certificate_chain_file((where / (certificate + ".crt")).string());
  tls.use_private_key_file((where / (certificate + ".key")).string(), boost::asio::ssl::context::pem);
  return tls;
}

} // namespace troupe::test
