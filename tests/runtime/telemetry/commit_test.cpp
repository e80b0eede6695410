// What a build is called after: the script that every build runs, on small trees of its own.

#include "runtime/telemetry/build_info.hpp"
#include "tests/support/test.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace troupe;
using namespace troupe::test;

TEST_SUITE_BEGIN("telemetry/commit");

namespace {

bool runs(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

/// A source tree with one commit.
class small_tree {
public:
  small_tree() {
    write("runtime/a.cpp", "int a;\n");
    write("README.md", "a tree\n");
    REQUIRE(git("init -q"));
    REQUIRE(git("add ."));
    REQUIRE(git("-c user.name=tester -c user.email=tester@example.org -c commit.gpgsign=false commit -q -m first"));
  }
  void write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories(path_of(file).parent_path());
    std::ofstream{path_of(file)} << text;
  }
  void remove(const std::string& file) const { std::filesystem::remove(path_of(file)); }
  [[nodiscard]] bool git(const std::string& words) const { return runs("git -C " + path_of("").string() + " " + words); }
  /// What a build of it as it is now would be called after its version.
  [[nodiscard]] std::string commit(const std::string& below = "") const {
    const auto out = dir_.path() / "commit.cpp";
    REQUIRE(runs("cmake -DSOURCE=" + path_of(below).string() + " -DOUT=" + out.string() + " -P " + (source_dir() / "cmake/commit.cmake").string()));
    std::ifstream in{out};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    const auto end = text.rfind('"'), begin = text.rfind('"', end - 1);
    REQUIRE(begin != std::string::npos);
    return text.substr(begin + 1, end - begin - 1);
  }

private:
  [[nodiscard]] std::filesystem::path path_of(const std::string& file) const { return dir_.path() / "tree" / file; }
  temporary_directory dir_;
};

} // namespace

TEST_CASE("commit: trees that differ from one commit in different ways are two builds, and the same changes are the same build") {
  if (!runs("git --version") || !runs("cmake --version")) TROUPE_SKIP("git or cmake is not installed");
  const small_tree tree;
  const auto clean = tree.commit();
  CHECK(telemetry::is_build_id("0.1.0+" + clean));
  CHECK(clean.find("dirty") == std::string::npos);
  tree.write("runtime/a.cpp", "int a = 1;\n");
  const auto one = tree.commit();
  CHECK(one.starts_with(clean + "-dirty."));
  CHECK(telemetry::is_build_id("0.1.0+" + one));
  CHECK(tree.commit() == one);
  tree.write("runtime/a.cpp", "int a = 2;\n");
  const auto other = tree.commit();
  CHECK(other.starts_with(clean + "-dirty."));
  CHECK(other != one);
  tree.write("runtime/b.hpp", "int b;\n"); // not in git yet, and compiled all the same
  CHECK(tree.commit() != other);
  tree.remove("runtime/b.hpp");
  CHECK(tree.commit() == other);
  tree.write("runtime/a.cpp", "int a = 1;\n");
  tree.write("README.md", "no part of any program\n");
  CHECK(tree.commit() == one);
  REQUIRE(tree.git("checkout -q ."));
  CHECK(tree.commit() == clean);
}

TEST_CASE("commit: a tree below the root of a repository is one of its commits when it is a part of it, and unknown when it was only unpacked there") {
  if (!runs("git --version") || !runs("cmake --version")) TROUPE_SKIP("git or cmake is not installed");
  const small_tree tree;
  tree.write("unpacked/runtime/a.cpp", "int a;\n");
  CHECK(tree.commit("unpacked") == "unknown");
  REQUIRE(tree.git("add unpacked"));
  REQUIRE(tree.git("-c user.name=tester -c user.email=tester@example.org -c commit.gpgsign=false commit -q -m part"));
  CHECK(tree.commit("unpacked") == tree.commit());
  tree.write("unpacked/runtime/a.cpp", "int a = 1;\n");
  tree.write("unpacked/runtime/b.hpp", "int b;\n");
  const auto changed = tree.commit("unpacked");
  CHECK(changed.find("-dirty.") != std::string::npos);
  CHECK(tree.commit("unpacked") == changed);
}

TEST_SUITE_END();
