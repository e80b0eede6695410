#pragma once
// A small desk's configuration, as the tests of this folder declare it.

#include "runtime/config/load.hpp"

namespace config_example {

namespace config = troupe::config;
using namespace std::chrono_literals;

enum class feed_kind : std::uint8_t { capture, bars, random_walk };
BOOST_DESCRIBE_ENUM(feed_kind, capture, bars, random_walk)

struct node_settings : config::section {
  using section::section;
  config::property<troupe::node_name> name{{.name = "name",
                                            .sentence = "The node's name, unique in the cluster.",
                                            .example = troupe::node_name{"desk-1"}}}; // no default: must be given
  config::property<std::string> log_level{{.name = "log_level",
                                           .sentence = "The least severe level that is logged.",
                                           .fallback = "info",
                                           .choices = {"debug", "info", "warn", "error"}}};
  void visit(config::visitor& v) override { v(name, log_level); }
};

struct lease_settings : config::section {
  using section::section;
  config::property<std::chrono::milliseconds> lease_ms{{.name = "lease_ms",
                                                        .sentence = "How long a slot may trade without renewal.",
                                                        .unit = "ms",
                                                        .fallback = 2000ms,
                                                        .min = 100ms,
                                                        .max = 60s,
                                                        .scope = config::scope::cluster_wide}};
  config::property<std::chrono::milliseconds> renewal_ms{{.name = "renewal_ms",
                                                          .sentence = "How often a lease is renewed.",
                                                          .unit = "ms",
                                                          .fallback = 500ms,
                                                          .min = 10ms,
                                                          .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(lease_ms, renewal_ms); }
};

struct limit_settings : config::section {
  using section::section;
  config::property<std::string> account{{.name = "account",
                                         .sentence = "The account this limit is for.",
                                         .pattern = "[a-z][a-z0-9_]*",
                                         .scope = config::scope::cluster_wide,
                                         .example = "alpha"}};
  config::property<troupe::quantity> order_size_max{{.name = "order_size_max",
                                                     .sentence = "The largest order, in units of the base.",
                                                     .unit = "base",
                                                     .fallback = troupe::quantity::whole(10),
                                                     .min = troupe::quantity{1},
                                                     .scope = config::scope::cluster_wide}};
  void visit(config::visitor& v) override { v(account, order_size_max); }
};

struct risk_settings : config::section {
  using section::section;
  lease_settings leases{"leases", "Permission to trade, granted to every slot for a short time."};
  config::list<limit_settings> limits{{.name = "limits", .sentence = "Limits of accounts.", .max = 3, .unique = "account"}};
  void visit(config::visitor& v) override { v(leases, limits); }
};

struct feed_settings : config::section {
  using section::section;
  config::property<feed_kind> kind{{.name = "kind", .sentence = "What it replays.", .fallback = feed_kind::random_walk}};
  config::property<std::string> file{{.name = "file", .sentence = "The file it reads.", .fallback = "", .max = 40}};
  config::property<double> speed{{.name = "speed", .sentence = "Multiple of real time; 0 is as fast as possible.",
                                  .fallback = 1.0, .min = 0.0, .max = 1e6}};
  config::property<std::vector<std::string>> symbols{{.name = "symbols", .sentence = "Symbols it passes on.",
                                                      .fallback = std::vector<std::string>{"BTCUSDT", "ETHUSDT"}, .min = 1, .max = 4}};
  void visit(config::visitor& v) override { v(kind, file, speed, symbols); }
};

struct desk : config::section {
  node_settings node{"node", "This process."};
  risk_settings risk{"risk", "Limits and leases."};
  config::property<bool> paper{{.name = "paper", .sentence = "Trade on the simulator only.", .fallback = true,
                                .scope = config::scope::cluster_wide}};
  config::property<std::int64_t> slots{{.name = "slots", .sentence = "Account slots.", .unit = "slots", .fallback = 64,
                                        .min = 1, .max = 64, .scope = config::scope::cluster_wide}};
  config::list<feed_settings> feeds{{.name = "feeds", .sentence = "Where market data comes from.", .max = 4},
                                    std::vector<feed_settings>(1)};
  void visit(config::visitor& v) override { v(node, risk, paper, slots, feeds); }
};

inline void renewal_is_well_inside_the_lease(const desk& d, config::report& findings) {
  const auto& leases = d.risk.leases;
  if (leases.renewal_ms.value() * 2 > leases.lease_ms.value())
    findings.violated({leases.renewal_ms, leases.lease_ms}, "must be at most half of risk.leases.lease_ms");
}

inline void captures_name_a_file(const desk& d, config::report& findings) {
  for (const auto& feed : d.feeds)
    if (feed.kind.value() == feed_kind::capture && feed.file.value().empty())
      findings.violated({feed.file, feed.kind}, "must name a file when kind is capture");
}

inline troupe::result<desk> load(std::string text, std::vector<std::string> overrides = {}) {
  return config::load<desk>({"desk.json", std::move(text), std::move(overrides)},
                            {renewal_is_well_inside_the_lease, captures_name_a_file});
}

} // namespace config_example
