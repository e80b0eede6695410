// A turn of a layout that this build cannot read: the actor is not started, and the refusal says which turn of which
// stream, whose layout, and its number.
#include "actors/trading/risk/core.hpp"
#include "nodes/desk/parts.hpp"
#include "nodes/desk/tape_seal.hpp"
#include "runtime/journal/memory_journal.hpp"
#include "tests/support/turns.hpp"

#include <caf/all.hpp>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("desk/refusal");

namespace {

constexpr std::uint32_t from_the_future = 4'242'424'242;

} // namespace

TEST_CASE("a turn of an unknown schema is refused by name, and nothing is started or written") {
  caf::actor_system_config config;
  caf::actor_system system{config};
  desk::shared_parts parts;
  const trading::instrument_id btc{"BTCUSDT.SIM"};
  parts.instruments[btc] = {btc, {"SIM"}, price{1}, quantity{1}, "USDT"};
  parts.journal = parts.venues = parts.books = journal::make_memory_journal({"done", "fills"});
  const auto write = [&](const actor_name& stream) {
    auto head = parts.journal->open_stream(stream).value();
    append_payload(*parts.journal, head, from_the_future, "what another build wrote");
  };
  for (const auto& name : {desk::risk_name, desk::operations_name, desk::supervision_name, actor_name{"oms/17"}, actor_name{"venue/SIM"}}) write(name);
  const auto before = parts.journal->heads().value();

  const auto refused = [&](const desk::started& tried, const std::string& why) {
    REQUIRE_FALSE(tried.has_value());
    CHECK(tried.error().code == errc::schema_mismatch);
    CHECK(tried.error().message == why + " schema 4242424242");
  };
  refused(start_risk(system, parts, {}), "risk turn 1: risk: no reader for turn");
  refused(start_operations(system, parts), "operations turn 1: operations: no reader for turn");
  refused(start_supervision(system, parts), "supervision turn 1: supervision: no reader for turn");
  refused(start_oms(system, parts, 17, {}, {}), "oms/17 turn 1: oms: no reader for turn");
  refused(start_portfolio(system, parts), "oms/17 turn 1: oms: no reader for turn");
  refused(start_venue(system, parts, {"SIM"}, 0, 0), "venue/SIM turn 1: venue: no reader for turn");
  CHECK(system.registry().running() == 0);
  for (const auto& was : before) {
    const auto now = parts.journal->heads().value();
    const auto same = std::find_if(now.begin(), now.end(), [&](const auto& h) { return h.stream == was.stream; });
    REQUIRE(same != now.end());
    CHECK(same->sequence == was.sequence);
    CHECK(same->chain == was.chain);
  }
}

TEST_CASE("a seal of a tape in an unknown layout is not shown as something else") {
  const auto shown = desk::feed_inspector().turn(from_the_future, "what another build wrote");
  REQUIRE_FALSE(shown.has_value());
  CHECK(shown.error().code == errc::schema_mismatch);
}
