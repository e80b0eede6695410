#include "nodes/sweep/sweep_folder.hpp"

#include "nodes/desk/durable_file.hpp"
#include "runtime/wire/wire.ipp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

TROUPE_WIRE(troupe::sweep_node::sweep_places)

namespace troupe::sweep_node {
namespace fs = std::filesystem;

namespace {

constexpr const char* places_name = "sweep.json";
constexpr const char* sweep_lock_name = "lock";

} // namespace

bool sweep_folder::has_sweep() const {
  std::error_code ignored;
  return fs::exists(path_ / places_name, ignored);
}

result<sweep_places> sweep_folder::places() const {
  const auto file = path_ / places_name;
  std::ifstream in{file, std::ios::binary};
  if (!in) return fail(errc::not_found, "there is no sweep in " + path_.string());
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  auto value = wire::parse_json(text);
  auto read = value ? wire::from_json<sweep_places>(*value) : result<sweep_places>{value.error()};
  if (!read) return fail(errc::malformed, file.string() + " cannot be read: " + to_string(read.error()));
  return read;
}

result<void> sweep_folder::keep(const sweep_places& p) const {
  return desk::write_durably(path_ / places_name, wire::to_json(p) + "\n", 0644);
}

std::optional<pid_t> sweep_folder::runs_in() const {
  const int descriptor = ::open((path_ / sweep_lock_name).c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  const bool is_taken = ::flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  char text[32] = {};
  const auto n = is_taken ? ::pread(descriptor, text, sizeof text - 1, 0) : 0;
  ::close(descriptor);
  if (n <= 0) return std::nullopt;
  const auto pid = std::strtol(text, nullptr, 10);
  return pid > 0 ? std::optional<pid_t>{static_cast<pid_t>(pid)} : std::nullopt;
}

result<sweep_lock> sweep_lock::take(const sweep_folder& folder) {
  std::error_code failed;
  fs::create_directories(folder.path(), failed);
  if (failed) return fail(errc::io_error, "cannot create " + folder.path().string() + ": " + failed.message());
  const auto file = folder.path() / sweep_lock_name;
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0644);
  if (descriptor < 0) return fail(errc::io_error, "cannot open " + file.string() + ": " + std::strerror(errno));
  sweep_lock lock{descriptor};
  // Who only looks whether it runs holds it for an instant.
  for (int attempt = 0; ::flock(descriptor, LOCK_EX | LOCK_NB) != 0; ++attempt) {
    if (attempt == 50) {
      const auto pid = folder.runs_in();
      return fail(errc::conflict, "the sweep in " + folder.path().string() + " runs already" + (pid ? ", in process " + std::to_string(*pid) : ""));
    }
    ::usleep(2000);
  }
  const auto text = std::to_string(::getpid()) + "\n";
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return fail(errc::io_error, "cannot write " + file.string() + ": " + std::strerror(errno));
  return lock;
}

sweep_lock::~sweep_lock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

} // namespace troupe::sweep_node
