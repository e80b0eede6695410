// troupe strategy correct: what only an operator may say about what a strategy holds.

#include "tools/troupe/commands.hpp"
#include "tools/troupe/json_text.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/post.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace troupe::cli {
namespace {

struct strategy_correction_arguments {
  operator_options node;
  std::string name, instrument, change, account, id, reason;
};

int correct_strategy(const strategy_correction_arguments& a) {
  return post_correction(a.node, "/v1/strategies/" + escaped(a.name) + "/corrections",
                         body_of({{"account", a.account}, {"correction_id", a.id}, {"instrument", a.instrument}, {"quantity", a.change}, {"reason", a.reason}}),
                         a.name + " takes its position for", a.instrument);
}

} // namespace

void add_strategy_commands(CLI::App& root, int& code) {
  auto* strategy = root.add_subcommand("strategy", "Corrects what a strategy takes its position for");
  strategy->require_subcommand(1);

  auto a = std::make_shared<strategy_correction_arguments>();
  auto* correct = strategy->add_subcommand("correct", "Changes what a strategy takes its position for; the books stay as they are");
  correct->add_option("NAME", a->name, "The strategy, for example mm")->required();
  correct->add_option("INSTRUMENT", a->instrument, "SYMBOL.VENUE that it trades, or has traded")->required();
  correct->add_option("CHANGE", a->change, "Signed, in units of the base; 0 says that you have looked and nothing is missing")->required();
  correct->add_option("--reason", a->reason, "On record with your name, at most 95 characters")->required();
  correct->add_option("--account", a->account, "For which it traded; the one it trades for without it");
  correct->add_option("--id", a->id, "Your own id: asking again with it corrects nothing a second time");
  a->node.add_with_key_to(*correct);
  correct->footer("Example: troupe strategy correct mm BTCUSDT.SIM -0.01 --id restored-1 --reason 'fills of orders that came back without its name'\n"
                  "`troupe check invariants` says what is missing. A position in the books is corrected with `troupe position correct`.\n"
                  "The same id and words again are answered as first, while it is among the strategy's last 64; the same id with others is refused.");
  correct->callback([a, &code] { code = correct_strategy(*a); });
}

} // namespace troupe::cli
