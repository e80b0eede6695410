#include "nodes/desk/config.hpp"
#include "runtime/config/describe.hpp"
#include "tests/support/test.hpp"

#include <fstream>
#include <iterator>

using namespace troupe;

namespace {

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

TEST_SUITE_BEGIN("desk/configuration");

TEST_CASE("docs/configuration.md is what `troupe config reference` prints") {
  const auto committed = text_of(test::source_dir() / "docs/configuration.md");
  const auto generated = config::reference_page(desk::configuration{});
  const bool is_current = committed == generated; // a comparison of the texts would print both pages
  CHECK_MESSAGE(is_current, "run: build/bin/troupe config reference > docs/configuration.md");
  for (const auto& property : config::list_properties(desk::configuration{})) {
    CHECK_MESSAGE(committed.find("`" + property.path + "`") != std::string::npos, property.path);
    CHECK_MESSAGE(!property.sentence.empty(), property.path);
  }
}

TEST_CASE("every configuration that is shipped loads and passes the cross checks") {
  std::size_t loaded = 0;
  for (const auto& entry : std::filesystem::directory_iterator{test::source_dir() / "config"}) {
    if (entry.path().extension() != ".json") continue;
    CAPTURE(entry.path().filename().string());
    const auto config = config::load_file<desk::configuration>(entry.path(), {}, desk::cross_checks());
    CHECK(config);
    if (!config) continue;
    ++loaded;
    // And what is in force is a configuration again.
    const auto again = config::load<desk::configuration>({"effective", config::effective_file(*config), {}}, desk::cross_checks());
    REQUIRE(again);
    CHECK(config::effective_file(*again).size() > 0);
    CHECK(config::hash_of_cluster_wide(*again) == config::hash_of_cluster_wide(*config));
  }
  CHECK(loaded >= 2);
}

TEST_CASE("what is wrong is reported all together, by the names of the keys") {
  const auto refusal = [](std::vector<std::string> overrides) {
    auto source = config::read_source(test::source_dir() / "config/desk.json", std::move(overrides));
    REQUIRE(source);
    const auto config = config::load<desk::configuration>(*source, desk::cross_checks());
    REQUIRE_FALSE(config);
    return to_string(config.error());
  };
  const auto unknown = refusal({"risk.nothing=1", "journal.write_buffer_mib=0"});
  CAPTURE(unknown);
  CHECK(unknown.find("risk.nothing") != std::string::npos);
  CHECK(unknown.find("journal.write_buffer_mib") != std::string::npos);
  const auto contradicting = refusal({"risk.renew_ms=600", "node.hang_after_ms=5000"});
  CAPTURE(contradicting);
  CHECK(contradicting.find("risk.renew_ms") != std::string::npos);
  CHECK(contradicting.find("node.hang_after_ms") != std::string::npos);
}
