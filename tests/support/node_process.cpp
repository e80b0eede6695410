#include "tests/support/node_process.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace troupe::test {

using clock = std::chrono::steady_clock;

namespace {

/// fork and exec with standard output to `out` and standard error to `err`. It ends with the thread that called, so that a suite that is killed
/// leaves no node behind.
pid_t launch(const std::vector<std::string>& command, const surroundings& where, int out, int err) {
  std::vector<char*> arguments;
  for (const auto& c : command) arguments.push_back(const_cast<char*>(c.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || ::getppid() != parent) ::_exit(126);
  ::dup2(out, 1);
  ::dup2(err, 2);
  for (const auto& [name, value] : where.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (!where.directory.empty() && ::chdir(where.directory.c_str()) != 0) ::_exit(126);
  if (where.on_one_core) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<std::size_t>(::sched_getcpu()), &one);
    if (::sched_setaffinity(0, sizeof one, &one) != 0) ::_exit(126);
  }
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

} // namespace

node_process::~node_process() {
  if (pid_ > 0) kill();
  if (out_ >= 0) ::close(out_);
}

bool node_process::start(std::chrono::milliseconds limit) {
  std::vector<std::string> command{(binary_dir() / options_.program).string(), "--data-dir", options_.data_dir.string()};
  const auto configured = configuration();
  command.insert(command.end(), configured.begin(), configured.end());
  command.insert(command.end(), options_.arguments.begin(), options_.arguments.end());
  int pipe_ends[2];
  if (::pipe2(pipe_ends, O_CLOEXEC) != 0) return false;
  std::filesystem::create_directories(options_.data_dir.parent_path());
  const auto log_file = options_.data_dir.string() + ".log";
  const int err = ::open(log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  const auto began = clock::now();
  pid_ = launch(command, {options_.environment, {}, false}, pipe_ends[1], err);
  ::close(pipe_ends[1]);
  ::close(err);
  if (out_ >= 0) ::close(out_);
  out_ = pipe_ends[0];
  ready_line_.clear();
  while (clock::now() - began < limit) {
    pollfd p{out_, POLLIN, 0};
    if (::poll(&p, 1, 50) <= 0) continue;
    char buffer[512];
    const auto n = ::read(out_, buffer, sizeof buffer);
    if (n <= 0) {
      (void)join(std::chrono::seconds{5});
      return false;
    }
    ready_line_.append(buffer, static_cast<std::size_t>(n));
    if (ready_line_.find('\n') == std::string::npos) continue;
    ready_after_ = std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began);
    const auto edge = json_field(ready_line_, "edge");
    port_ = static_cast<std::uint16_t>(std::stoi(edge.substr(edge.rfind(':') + 1)));
    return true;
  }
  return false;
}

std::vector<std::string> node_process::configuration() const {
  const bool shipped = !options_.as_shipped.empty();
  std::vector<std::string> sets{"journal.write_buffer_mib=4", "journal.reserve_mib=0", "journal.ballast_mib=0"};
  if (!shipped) {
    sets.emplace_back(R"(edge.listeners=[{"name":"edge","port":0,"surfaces":["v1","ops","trade2026_oms"]}])");
    sets.emplace_back("risk.open_orders_max=100000");
    sets.emplace_back(options_.with_market ? R"(feeds=[{"name":"walk","seed":1,"step_ms":1}])" : "feeds=[]");
    if (!options_.with_strategies) sets.emplace_back("strategies=[]");
  }
  sets.insert(sets.end(), options_.sets.begin(), options_.sets.end());
  std::vector<std::string> all{"--config", (shipped ? options_.as_shipped : source_dir() / "config/desk.json").string()};
  for (auto& s : sets) {
    all.emplace_back("--set");
    all.push_back(std::move(s));
  }
  return all;
}

void node_process::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

void node_process::kill() {
  signal(SIGKILL);
  (void)join(std::chrono::seconds{10});
}

bool node_process::join(std::chrono::milliseconds limit) {
  const auto until = clock::now() + limit;
  while (pid_ > 0) {
    if (!is_running()) return true;
    if (clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  return true;
}

bool node_process::is_running() {
  if (pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_code_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  pid_ = -1;
  return false;
}

std::uint64_t node_process::resident_kib() const {
  std::ifstream status{"/proc/" + std::to_string(pid_) + "/status"};
  for (std::string word; status >> word;) {
    if (word != "VmRSS:") continue;
    std::uint64_t kib = 0;
    status >> kib;
    return kib;
  }
  return 0;
}

std::string node_process::log() const {
  std::ifstream in{options_.data_dir.string() + ".log"};
  std::ostringstream all;
  all << in.rdbuf();
  return all.str();
}

std::uint16_t node_process::port_of(const std::string& listener) const {
  auto described = client().get("/v1/node");
  if (!described) return 0;
  const auto url = json_field(described->body, listener);
  return url.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

edge::http_client node_process::client_of(const std::string& listener) const {
  return {"127.0.0.1", port_of(listener), std::chrono::seconds{10}};
}

edge::http_client node_process::client(std::chrono::milliseconds limit) const { return {"127.0.0.1", port_, limit}; }

std::string node_process::operator_key(int number) const {
  std::ifstream in{options_.data_dir / "keys" / ("operator-" + std::to_string(number) + ".key")};
  std::string key;
  in >> key;
  return key;
}

int run_program(const std::string& name, const std::vector<std::string>& arguments, std::string& output, const surroundings& where) {
  std::vector<std::string> command{(binary_dir() / name).string()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return -1;
  const pid_t pid = launch(command, where, ends[1], ends[1]);
  ::close(ends[1]);
  output.clear();
  char buffer[4096];
  for (ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) output.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

std::string json_field(std::string_view json, std::string_view name) {
  const auto key = "\"" + std::string{name} + "\":";
  auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  at += key.size();
  if (at < json.size() && json[at] == '"') {
    const auto end = json.find('"', at + 1);
    return std::string{json.substr(at + 1, end - at - 1)};
  }
  const auto end = json.find_first_of(",}]\n", at);
  return std::string{json.substr(at, end - at)};
}

} // namespace troupe::test
