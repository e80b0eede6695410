// troupe-load: orders over HTTP, each acknowledgement on record. Exit codes: 0 done, 1 some outcomes stay unknown, orders
// were refused or not sent, it was stopped, 2 usage, 3 nobody listens or the record cannot be written.

#include "runtime/telemetry/build_info.hpp"
#include "tools/common/arguments.hpp"
#include "tools/load/load.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdio>
#include <iostream>

namespace {

volatile std::sig_atomic_t is_interrupted = 0;

} // namespace

int main(int argc, char** argv) {
  using namespace troupe;
  constexpr std::int64_t seconds_max = 7 * 86'400, rate_max = 10'000'000;
  load::load_options o;
  bool allow_refused = false;
  CLI::App app{"Sends orders to a node over many connections, as fast as they are answered or at a rate, and reports latencies.", "troupe-load"};
  app.set_version_flag("--version", telemetry::version_line());
  app.add_option("--host", o.host, "IP address of the edge; with TLS a name too")->capture_default_str();
  app.add_option("--port", o.port, "Its port")->capture_default_str();
  app.add_flag("--tls", o.tls, "The edge speaks TLS; its certificate must be for --host");
  app.add_option("--ca", o.ca, "PEM file of the authority that the edge is trusted by, with TLS; without it the system's")->envname("TROUPE_CA");
  app.add_option("--key-file", o.key_file, "Key to show, where the edge needs one")->envname("TROUPE_KEY_FILE");
  app.add_option("-c,--connections", o.connections, "Kept connections, one order under way on each")->capture_default_str()->check(tools::whole_number());
  app.add_option("-n,--orders", o.orders, "How many; 0: until --seconds are over")->capture_default_str()->check(tools::whole_number());
  app.add_option("--seconds", o.seconds, "Stop after")->check(tools::number_up_to(seconds_max));
  app.add_option("--rate", o.rate, "Orders a second, whatever the answers (open loop); latency counts from the scheduled time; 0: none")->check(tools::number_up_to(rate_max, true));
  app.add_option("--prefix", o.prefix, "Of client ids; a new one for each run")->capture_default_str();
  app.add_option("--accounts", o.accounts, "Accounts load-0, load-1, ... that orders go round")->capture_default_str()->check(tools::whole_number());
  std::string slots;
  app.add_option("--slots", slots, "FIRST-LAST: only accounts of these slots, so that one node has them all");
  app.add_option("--instrument", o.instrument, "SYMBOL.VENUE")->capture_default_str();
  app.add_option("--quantity", o.quantity, "Of each order")->capture_default_str();
  app.add_option("--side", o.side, "BUY or SELL; by turns without")->transform(CLI::IsMember({"BUY", "SELL"}, CLI::ignore_case));
  app.add_option("--limit", o.limit, "Limit price; market orders without");
  app.add_option("--tif", o.time_in_force, "DAY, GTC, IOC or FOK")->capture_default_str()->transform(CLI::IsMember({"DAY", "GTC", "IOC", "FOK"}, CLI::ignore_case));
  app.add_option("--path", o.path, "GET this instead of sending orders, for example /alive: what the edge itself costs");
  app.add_option("--acked", o.acknowledged, "File that gets CLIENT_ID ORDER for every acknowledgement, before the connection sends again");
  app.add_flag("--resolve", o.resolve, "Ask again with the same ids for what got no answer, also when the node was away");
  app.add_option("--patience", o.patience_seconds, "Seconds until no answer means unknown, and for the node to be back")->capture_default_str()->check(tools::number_up_to(seconds_max));
  app.add_flag("--allow-refused", allow_refused, "That a node refuses some for now (429, 503) is no failure: it is measured");
  app.footer("Example: troupe-load --port 8080 -c 64 -n 100000 --limit 40000 --instrument BTCUSDT.SIM --acked acked.txt --resolve\nExit codes: 0 done, 1 outcomes stay unknown, orders were refused or not sent, 2 usage, 3 nobody listens or the\nrecord cannot be written. Ctrl-C sends no more, awaits what is under way and reports: 1.");
  if (const auto empty = tools::empty_argument(argc, argv)) {
    std::cerr << "troupe-load: " << *empty << '\n';
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  if (!slots.empty() && std::sscanf(slots.c_str(), "%u-%u", &o.first_slot, &o.last_slot) != 2) {
    std::cerr << "troupe-load: --slots takes FIRST-LAST, as in 0-21\n";
    return 2;
  }
  struct sigaction once {}; // a second Ctrl-C ends it at once
  once.sa_handler = [](int) { is_interrupted = 1; };
  once.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &once, nullptr);
  o.is_stopped = [] { return is_interrupted != 0; };
  auto report = load::run(o);
  if (!report) {
    std::cerr << "troupe-load: " << report.error().message << '\n';
    return report.error().code == errc::invalid_argument ? 2 : 3;
  }
  std::cout << report->json() << std::endl;
  if (report->stopped) std::cerr << "troupe-load: stopped after " << report->seconds << " s and " << report->sent << " orders\n";
  else if (report->unsent > 0)
    std::cerr << "troupe-load: every connection was lost after " << report->sent << " orders; " << report->unsent
              << " were not sent: run again with another --prefix for the rest\n";
  if (report->cut_short) std::cerr << "troupe-load: every connection was lost after " << report->seconds << " s and " << report->sent << " orders, before the time was over\n";
  if (!report->first_wrong.empty()) std::cerr << "troupe-load: orders were refused as wrong; the first answer: " << report->first_wrong << '\n';
  else if (const auto n = report->refused_in_all(); n > 0 && !allow_refused)
    std::cerr << "troupe-load: " << n << " of " << report->sent << " were refused, by their status in `refused`; --allow-refused takes that for a measurement\n";
  return report->is_sound(allow_refused) ? 0 : 1;
}
