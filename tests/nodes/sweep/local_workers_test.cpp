// How workers of this machine are started.

#include "nodes/sweep/local_workers.hpp"
#include "nodes/sweep/worker_config.hpp"
#include "tests/support/test.hpp"

using namespace troupe;
using namespace troupe::sweep_node;

TEST_SUITE_BEGIN("sweep/local_workers");

TEST_CASE("a worker of this machine is told whom it dials and where its things lie, and its cache has room for any feed") {
  local_options o;
  o.program = "/opt/troupe-worker";
  o.certificates = "/s/certificates";
  o.cache = "/s/cache";
  o.orchestrator = {"o"};
  o.port = 4711;
  const auto words = worker_command(o, {"local-2"});
  REQUIRE(words.size() % 2 == 1);
  CHECK(words[0] == "/opt/troupe-worker");
  std::vector<std::string> sets;
  for (std::size_t i = 1; i < words.size(); i += 2) {
    CHECK(words[i] == "--set");
    sets.push_back(words[i + 1]);
  }
  const auto c = config::load<worker_configuration>({"no file", "{}", sets}, worker_checks());
  REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
  CHECK(c->name.value() == node_name{"local-2"});
  CHECK(c->certificates.value() == "/s/certificates/local-2");
  CHECK(c->orchestrator.name.value() == node_name{"o"});
  CHECK(c->orchestrator.address.value() == "127.0.0.1");
  CHECK(c->orchestrator.port.value() == 4711);
  CHECK(c->cache.folder.value() == "/s/cache");
  CHECK(c->cache.mib_max.value() == cache_mib_max);
  CHECK(c->runners.value() == 1);
  o.allow_idle = true;
  CHECK(worker_command(o, {"local-2"}).back() == "--allow-idle");
}

TEST_SUITE_END();
