// troupe check invariants: the journals of a desk's data folders against what must hold, by code that is no actor's.

#include "nodes/desk/config.hpp"
#include "runtime/core/counted.hpp"
#include "tools/check/check.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>

namespace troupe::cli {
namespace {

struct check_arguments {
  std::vector<std::string> data_dirs{"data"};
  std::string acked, config;
  std::vector<std::string> sets;
  bool drained = false;
  bool json = false;
};

std::string json_of(const check::check_report& r) {
  nlohmann::ordered_json out{{"holds", r.holds()},     {"streams", r.streams},
                             {"turns", r.turns},       {"orders", r.orders},
                             {"orders_open", r.orders_open}, {"fills", r.fills},
                             {"acknowledged", r.acknowledged_orders},
                             {"submits_under_way", r.submits_under_way}, {"fills_under_way", r.fills_under_way}};
  auto& rows = out["invariants"] = nlohmann::ordered_json::array();
  for (const auto* row : r.rows())
    rows.push_back({{"id", row->id}, {"sentence", row->sentence}, {"checked", row->checked}, {"violations", row->violations},
                    {"first", row->first}, {"note", row->note}});
  return out.dump();
}

void show(const check::check_report& r) {
  std::cout << counted(r.streams, "stream") << ", " << counted(r.turns, "turn") << ", " << counted(r.orders, "order") << " (" << r.orders_open << " open), " << counted(r.fills, "fill") << "\n\n";
  table t{{"", "MUST HOLD", "CHECKED", "VIOLATED", "NOTE"}};
  for (const auto* row : r.rows())
    t.row({row->id, row->sentence, std::to_string(row->checked), std::to_string(row->violations), row->note},
          row->violations > 0 ? colour::red : row->checked == 0 ? colour::dim : colour::plain);
  std::cout << t.str();
  for (const auto* row : r.rows())
    for (const auto& sentence : row->first) std::cout << paint(colour::red, row->id) << "  " << sentence << '\n';
  std::cout << '\n' << (r.holds() ? paint(colour::green, "every invariant holds") : paint(colour::red, "invariants are violated")) << '\n';
}

int check_invariants(const check_arguments& a) {
  check::check_options options;
  options.drained = a.drained;
  if (!a.acked.empty()) {
    auto told = check::read_acknowledgements(a.acked);
    if (!told) return complain_of_place(told.error());
    options.acknowledged = std::move(*told);
  }
  if (!a.config.empty()) {
    auto config = config::load_file<desk::configuration>(a.config, a.sets, desk::cross_checks());
    if (!config) return complain_of_place(config.error(), "configuration");
    options.configured = desk::limits_of(*config);
    options.firm_approvals = static_cast<std::size_t>(config->halt.firm_approvals.value());
  }
  auto r = check::check_data_folders({a.data_dirs.begin(), a.data_dirs.end()}, std::move(options));
  if (!r) {
    complain(r.error());
    return r.error().code == errc::corrupt ? finding : unreachable;
  }
  if (a.json) std::cout << json_of(*r) << '\n';
  else show(*r);
  return r->holds() ? done : finding;
}

} // namespace

void add_check_commands(CLI::App& root, int& code) {
  auto* check_app = root.add_subcommand("check", "Proofs over a data folder");
  check_app->require_subcommand(1);
  auto a = std::make_shared<check_arguments>();
  auto* c = check_app->add_subcommand("invariants", "Recomputes what must hold (I1 to I10, I14, I17) from the journals alone, by code that is no actor's");
  c->add_option("--data-dir", a->data_dirs, "The node's data folder, or one for each node of a desk; nodes may be running")->take_all()->capture_default_str();
  c->add_option("--acked", a->acked, "File of acknowledged orders, a line each: ORDER or CLIENT_ID ORDER");
  c->add_flag("--drained", a->drained, "Nothing may be under way between slots and venues");
  auto* config = c->add_option("--config", a->config, "The node's configuration, for its limits: what was decided before the data folder remembered them is compared with these");
  c->add_option("--set", a->sets, "key=value over the configuration, as the node was started")->needs(config);
  c->add_flag("--json", a->json, "For programs");
  c->footer("Example: troupe check invariants --data-dir data --config config/desk.json --acked acked.txt\nExit code 1 when an invariant is violated; the first violations are listed.");
  c->callback([a, &code] { code = check_invariants(*a); });
}

} // namespace troupe::cli
