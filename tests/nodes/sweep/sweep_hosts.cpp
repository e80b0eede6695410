#include "tests/nodes/sweep/sweep_hosts.hpp"

#include "actors/research/sweep/core.hpp"
#include "nodes/sweep/free_port.hpp"
#include "runtime/actor/turn.hpp"
#include "runtime/journal/reader.hpp"

#include <csignal>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::test {

program::program(std::string name, std::vector<std::string> arguments, std::filesystem::path output)
  : name_{std::move(name)}, arguments_{std::move(arguments)}, output_{std::move(output)} {}

program::~program() { kill(); }

void program::start() {
  REQUIRE(pid_ <= 0);
  const auto file = (binary_dir() / name_).string();
  std::vector<char*> words{const_cast<char*>(file.c_str())};
  for (const auto& a : arguments_) words.push_back(const_cast<char*>(a.c_str()));
  words.push_back(nullptr);
  const int out = ::open(output_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  pid_ = ::fork();
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(out, 1);
    ::dup2(out, 2);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  ::close(out);
}

void program::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void program::kill() {
  signal(SIGKILL);
  (void)join(std::chrono::seconds{10});
}

bool program::is_running() {
  int status = 0;
  if (pid_ <= 0) return false;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_code_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  pid_ = -1;
  return false;
}

std::optional<int> program::join(std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (is_running()) {
    if (std::chrono::steady_clock::now() > until) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return exit_code_;
}

std::string program::output() const {
  std::ifstream in{output_};
  return {std::istreambuf_iterator<char>{in}, {}};
}

sweep_hosts::sweep_hosts(int workers) {
  std::string out;
  const auto ca = (path() / "ca").string(), certificates = (path() / "certificates").string();
  REQUIRE_MESSAGE(run_program("troupe", {"ca", "init", "--ca", ca, "--name", "sweep"}, out) == 0, out);
  std::vector<std::string> issue{"ca", "issue", "orchestrator", "--ca", ca, "--out", certificates};
  for (int i = 1; i <= workers; ++i) issue.push_back("a" + std::to_string(i));
  REQUIRE_MESSAGE(run_program("troupe", issue, out) == 0, out);
  for (int i = 0; i < workers; ++i) {
    const auto name = "a" + std::to_string(i + 1);
    std::uint16_t port = 0;
    do port = sweep_node::free_port().value();
    while (std::ranges::count(ports_, port) != 0);
    ports_.push_back(port);
    workers_.push_back(std::make_unique<program>(
      "troupe-worker",
      std::vector<std::string>{"--allow-idle", "--set", "name=" + name, "--set", "certificates=" + certificates + "/" + name, "--set",
                               "listen.port=" + std::to_string(port), "--set", "runners=1", "--set", "cache.folder=" + cache_of(i).string()},
      path() / (name + ".log")));
  }
}

std::string sweep_hosts::nodes() const {
  std::string all;
  for (std::size_t i = 0; i < ports_.size(); ++i) all += (i ? ",a" : "a") + std::to_string(i + 1) + "@127.0.0.1:" + std::to_string(ports_[i]);
  return all;
}

std::vector<std::string> sweep_hosts::run_arguments(const std::string& name, const std::vector<std::string>& more) const {
  std::vector<std::string> words{"sweep", "run", name, "--data-dir", folder_of(name).string(), "--nodes", nodes(), "--certificates",
                                 (path() / "certificates" / "orchestrator").string()};
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

int troupe_sweep(const std::filesystem::path& where, std::vector<std::string> words, std::string& output) {
  words.insert(words.begin(), "sweep");
  return run_program("troupe", words, output, {{}, where, false});
}

std::vector<sweep::trial_result> rows_in(const std::filesystem::path& folder) {
  std::vector<sweep::trial_result> all;
  auto store = journal::open_for_reading(folder / "journal");
  if (!store) return all; // it does not exist yet, or changed its files at every look
  CHECK(sweep_node::for_each_row(**store, [&](const sweep::trial_result& r) {
    all.push_back(r);
    return true;
  }));
  return all;
}

std::map<std::uint64_t, int> recordings_in(const std::filesystem::path& folder) {
  std::map<std::uint64_t, int> times;
  auto store = journal::open_for_reading(folder / "journal");
  REQUIRE_MESSAGE(store.has_value(), to_string(store.error()));
  CHECK((*store)->read(actor_name{"sweep"}, 1, [&](const journal::record_view& r) {
    const auto turn = actor::decode_outcome<sweep::core>(r.header.schema, r.payload);
    REQUIRE(turn.has_value());
    for (const auto& e : turn->events)
      if (const auto* f = std::get_if<sweep::trials_finished>(&e))
        for (const auto& row : f->results) ++times[row.index];
    return true;
  }));
  return times;
}

std::string table_of(const std::string& output) {
  const auto at = output.rfind("table ");
  return at == std::string::npos ? "" : output.substr(at + 6, 64);
}

std::vector<std::string> desk_trials(const std::filesystem::path& feed, const std::string& fast, const std::string& slow) {
  return {"--again",  "--config", (source_dir() / "config/desk.json").string(), "--feed", feed.string(), // what another sweep has would not be run
          "--set",    "strategy.ma.fast=" + fast,                   "--set",  "strategy.ma.slow=" + slow};
}

} // namespace troupe::test
