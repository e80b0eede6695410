// The documents against the programs: every command is run, and what a page calls a key or a metric is one.

#include "nodes/desk/config.hpp"
#include "runtime/config/describe.hpp"
#include "tests/house/source_tree.hpp"
#include "tests/nodes/documents/desk_folder.hpp"
#include "tests/support/edge_certificates.hpp"

#include <functional>
#include <regex>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("documents");

namespace {

/// Every page of the tree but the list of changes, whose commands are history.
std::map<std::string, source_file> pages() {
  auto tree = source_tree();
  std::erase_if(tree, [](const auto& f) { return !f.first.ends_with(".md") || f.first == "CHANGELOG.md"; });
  return tree;
}

std::size_t run_page(const std::string& path, const std::string& text) {
  const auto steps = steps_of(text);
  if (steps.empty()) return 0;
  desk_folder desk;
  for (const auto& s : steps)
    if (const auto wrong = desk.run(s); !wrong.empty())
      FAIL_CHECK(path << ":" << s.line << ": " << s.command << "\n" << wrong);
  return steps.size();
}

/// Calls `visit` with what stands between `opening` and the next bold word of an actor's page.
void for_each_section(std::string_view opening, const std::function<void(const std::string& path, const std::string& text)>& visit) {
  std::size_t found = 0;
  for (const auto& [path, page] : pages()) {
    const auto at = page.text.find(opening);
    if (!path.starts_with("actors/") || at == std::string::npos) continue;
    const auto from = at + opening.size();
    auto end = page.text.find("\n\n", from);
    end = std::min(end, page.text.find("**", from));
    visit(path, page.text.substr(from, end - from));
    ++found;
  }
  CHECK(found >= 11);
}

std::vector<std::string> spans_of(const std::string& text) {
  static const std::regex span{"`([^`\n]+)`"}; // on one line: else a fence would open one
  std::vector<std::string> all;
  for (std::sregex_iterator at{text.begin(), text.end(), span}, end; at != end; ++at) all.push_back((*at)[1].str());
  return all;
}

std::set<std::string> declared_keys() {
  std::set<std::string> keys;
  for (const auto& p : config::list_properties(desk::configuration{})) keys.insert(p.path);
  return keys;
}

} // namespace

TEST_CASE("a page's commands are those of its shell blocks and those in its sentences") {
  const auto steps = steps_of("Say `tools/run --check`, never `tools`.\n\n"
                              "```sh\nbuild/bin/troupe \\\n  orders  # refused, exit code 1\n\n"
                              "curl -s localhost:8080/alive\n```\n\n```text\n{\"status\":...}\n```\n\n```json\ncurl no\n```\n");
  REQUIRE(steps.size() == 3);
  CHECK(steps[0].command == "tools/run --check");
  CHECK_FALSE(steps[0].in_block);
  CHECK(steps[1].command == "build/bin/troupe   orders");
  CHECK(steps[1].exit_code == 1);
  CHECK(steps[2].in_block);
  CHECK(steps[2].shown == std::vector<std::string>{"{\"status\":...}"});
}

TEST_CASE("a line that is shown stands for any numbers and, at its dots, for anything") {
  CHECK(missing_line({"order 62-1 NEW", "", "..."}, "first\n  order  3-17   NEW\n").empty());
  CHECK(missing_line({"{\"a\":1,...,\"z\":2}"}, "{\"a\":7,\"b\":[],\"z\":9}").empty());
  CHECK(missing_line({"b", "a"}, "a\nb\n") == "a");
  CHECK(missing_line({"order 62-1 FILLED"}, "order 62-1 NEW\n") == "order 62-1 FILLED");
  CHECK(missing_line({"ends ... here"}, "ends somewhere\n") == "ends ... here");
}

TEST_CASE("every command of the README runs and prints what is shown") {
  CHECK(run_page("README.md", pages().at("README.md").text) > 15);
}

TEST_CASE("every command of the other pages runs and prints what is shown") {
  std::size_t commands = 0;
  for (const auto& [path, page] : pages())
    if (path != "README.md") commands += run_page(path, page.text);
  CHECK(commands > 10);
}

TEST_CASE("every example in the help of troupe-node and of `troupe config` is accepted") {
  std::string all;
  for (const auto* command : {"check", "show", "reference"}) {
    std::string help;
    CHECK(run_program("troupe", {"config", command, "--help"}, help) == 0);
    all += help;
  }
  std::string help;
  CHECK(run_program("troupe-node", {"--help"}, help) == 0);
  all += help;
  static const std::regex example{R"((?:^|\n)(?:Example: |  )(troupe(?:-node)? .*?)(?=  |\n))"};
  desk_folder desk;
  std::size_t run = 0;
  for (std::sregex_iterator at{all.begin(), all.end(), example}, end; at != end; ++at, ++run) {
    step s;
    s.command = "build/bin/" + (*at)[1].str();
    if (const auto file = s.command.find("capture.jsonl.gz"); file != std::string::npos) s.command.replace(file, 16, "FILE");
    if (const auto wrong = desk.run(s); !wrong.empty()) FAIL_CHECK(s.command << "\n" << wrong);
  }
  CHECK(run >= 6);
}

TEST_CASE("every configuration key that a page names is declared") {
  const auto keys = declared_keys();
  for_each_section("**Configuration.**", [&](const auto& path, const auto& text) {
    for (const auto& name : spans_of(text))
      if (!keys.contains(name)) FAIL_CHECK(path << ": `" << name << "` is no configuration key");
  });
  // Elsewhere what looks like a key of one of the sections is one, or a section itself.
  std::set<std::string> sections, known = keys;
  for (const auto& k : keys) {
    sections.insert(k.substr(0, k.find_first_of(".[")));
    for (auto dot = k.find('.'); dot != std::string::npos; dot = k.find('.', dot + 1)) known.insert(k.substr(0, dot));
  }
  static const std::regex key_like{R"(([a-z]+)(\[\])?\.[a-z_.\[\]]+)"}, file_like{R"(.*\.(hpp|cpp|md|json|jsonl|gz|csv|key))"};
  for (const auto& [path, page] : pages())
    for (const auto& name : spans_of(page.text)) {
      std::smatch m;
      const bool is_key = std::regex_match(name, m, key_like) && sections.contains(m[1].str()) && !std::regex_match(name, file_like);
      if (is_key && !known.contains(name))
        FAIL_CHECK(path << ": `" << name << "` is no configuration key");
    }
}

TEST_CASE("every metric that a page names is exported by a running node") {
  temporary_directory dir;
  const edge_certificates certificates{dir.path()}; // which have a metric
  node_process node{{dir.path() / "data", {two_listeners(certificates.shown)}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto answer = node.client().get("/metrics");
  REQUIRE(answer);
  const auto exported = [&](const std::string& name) {
    return answer->body.find("\n# TYPE " + name.substr(0, name.find('{')) + " ") != std::string::npos;
  };
  for_each_section("**Metrics.**", [&](const auto& path, const auto& text) {
    for (const auto& name : spans_of(text))
      if (!name.starts_with("troupe_")) FAIL_CHECK(path << ": `" << name << "` is no metric");
  });
  static const std::regex metric{R"(troupe_[a-z_]+_[a-z]+(\{.*\})?)"};
  std::size_t named = 0;
  for (const auto& [path, page] : pages())
    for (const auto& name : spans_of(page.text))
      if (std::regex_match(name, metric) && name != "troupe_tests") {
        ++named;
        if (!exported(name)) FAIL_CHECK(path << ": a running node exports no " << name);
      }
  CHECK(named > 10);
}
