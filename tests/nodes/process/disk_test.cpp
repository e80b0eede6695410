// The disk fails the node: it fills up under load, the power goes with what was not synced, bits flip while it is stopped.

#include "tests/nodes/process/proof.hpp"

#include "runtime/journal/rocks_journal.hpp"
#include "tests/runtime/journal/folders.hpp"

#include <csignal>
#include <cstdlib>
#include <random>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

using namespace troupe;
using namespace troupe::test;
using namespace std::chrono_literals;

namespace {

/// A file system of its own on a folder, unmounted at the end of the scope.
struct mounted {
  std::filesystem::path at;
  bool is_up = false;
  explicit mounted(std::filesystem::path folder) : at{std::move(folder)} { std::filesystem::create_directories(at); }
  ~mounted() { down(); }
  bool tmpfs(const char* size) { return is_up = ::mount("tmpfs", at.c_str(), "tmpfs", 0, size) == 0; }
  bool loop(const std::filesystem::path& image) {
    return is_up = std::system(("mount -o loop " + image.string() + " " + at.string() + " 2>/dev/null").c_str()) == 0;
  }
  void down() {
    if (is_up) ::umount2(at.c_str(), MNT_DETACH);
    is_up = false;
  }
};

/// An empty ext4 in a file. False: this machine cannot make one.
bool make_image(const std::filesystem::path& image, const std::string& size) {
  return std::system(("truncate -s " + size + " " + image.string() + " && mkfs.ext4 -q " + image.string() + " 2>/dev/null").c_str()) == 0;
}

/// Every write below `at` waits until the end of the scope.
class standstill {
public:
  explicit standstill(const std::filesystem::path& at) : folder_{::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)}, stands_{::ioctl(folder_, FIFREEZE, 0) == 0} {}
  ~standstill() {
    if (stands_) ::ioctl(folder_, FITHAW, 0);
    ::close(folder_);
  }
  standstill(const standstill&) = delete;
  standstill& operator=(const standstill&) = delete;
  explicit operator bool() const { return stands_; }

private:
  int folder_;
  bool stands_;
};

constexpr std::uint64_t mib = 1 << 20;
const char* limit_order = R"({"account":"d","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";

/// Takes what is left but for the little that the node writes meanwhile. Once: who goes on also takes what the ballast gives
/// back, and then the node can only end.
void fill(const std::filesystem::path& disk) {
  const int fd = ::open((disk / "filler").c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  REQUIRE(fd >= 0);
  const auto all = std::filesystem::space(disk).available;
  REQUIRE(all > 100 * mib);
  REQUIRE(::posix_fallocate(fd, 0, static_cast<off_t>(all - mib)) == 0);
  ::close(fd);
}

edge::client_response ask(const node_process& node, const char* method, const std::string& target, const std::string& body = {}) {
  auto answer = node.client().request(method, target, body);
  REQUIRE_MESSAGE(answer.has_value(), node.log());
  return std::move(*answer);
}

/// "201", or the error's code when it was refused for now.
std::string outcome_of_a_new_order(const node_process& node) {
  const auto answer = ask(node, "POST", "/v1/orders", limit_order);
  return answer.status == 503 ? json_field(answer.body, "code") : std::to_string(answer.status);
}

/// Cancels it and waits until the venue has said so.
bool is_cancelled(const node_process& node, const std::string& order) {
  if (ask(node, "DELETE", "/v1/orders/" + order).status != 202) return false;
  return eventually([&] { return json_field(ask(node, "GET", "/v1/orders/" + order).body, "status") == "CANCELED"; });
}

std::uint64_t tape_position(const node_process& node) {
  return std::strtoull(json_field(ask(node, "GET", "/v1/feeds").body, "tape_position").c_str(), nullptr, 10);
}

} // namespace

TEST_SUITE_BEGIN("process/disk");

TEST_CASE("a full disk under load: orders are refused, cancels and halts commit, a start works, and all resumes with the space") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  temporary_directory dir;
  mounted disk{dir.path() / "disk"};
  if (!disk.tmpfs("size=256m")) TROUPE_SKIP("no tmpfs mounts");
  node_process node{{disk.at / "data", {"journal.reserve_mib=48", "journal.ballast_mib=48"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  const auto ballast = node.options().data_dir / "journal/ballast";
  REQUIRE(std::filesystem::file_size(ballast) == 48 * mib);
  REQUIRE(eventually([&] { return ask(node, "GET", "/v1/marks/BTCUSDT.SIM").status == 200; }));
  std::vector<std::string> resting;
  for (int i = 0; i < 2; ++i) resting.push_back(json_field(ask(node, "POST", "/v1/orders", limit_order).body, "order_id"));
  order_load load{4};
  load.start(node);
  REQUIRE(eventually([&] { return load.acknowledged().size() > 50 && tape_position(node) > 0; }));

  fill(disk.at);
  REQUIRE(eventually([&] { return !std::filesystem::exists(ballast); })); // given back because nothing else was left
  CHECK(std::filesystem::space(disk.at).available <= 49 * mib);
  CHECK(eventually([&] { return outcome_of_a_new_order(node) == "disk_full"; }));
  const auto ready = node.client().get("/ready");
  REQUIRE(ready);
  CHECK(ready->status == 503);
  CHECK(ready->body.find("the disk's reserve is reached") != std::string::npos);
  CHECK(is_cancelled(node, resting[0])); // committed behind every order that was decided while there was space
  CHECK(ask(node, "POST", "/v1/halts", R"({"scope":"ACCOUNT","key":"x","reason":"full disk"})").status == 200);
  const auto acknowledged = load.acknowledged().size();
  CHECK(eventually([&] { return tape_position(node) == 0; })); // what is left is not the tape's
  CHECK(load.acknowledged().size() == acknowledged);
  node.kill();
  load.stop();

  REQUIRE_MESSAGE(node.start(), node.log());
  CHECK(ask(node, "GET", "/v1/halts").body.find("full disk") != std::string::npos);
  CHECK(outcome_of_a_new_order(node) == "disk_full");
  CHECK(is_cancelled(node, resting[1]));
  CHECK(tape_position(node) == 0);

  std::filesystem::remove(disk.at / "filler");
  CHECK(eventually([&] { return outcome_of_a_new_order(node) == "201"; }, 20s));
  CHECK(eventually([&] { return tape_position(node) > 0; }));
  CHECK(std::filesystem::file_size(ballast) == 48 * mib);
  load.start(node);
  CHECK(eventually([&] { return load.acknowledged().size() > acknowledged + 50; }));
  load.stop();
  CHECK(load.strange().empty());
  (void)load.resolve(node);
  check_acknowledged(node, load.acknowledged(), 50);
  stop_settled(node);
  check_invariants(node, load.acknowledged(), true);
}

TEST_CASE("the tape's disk stands still for longer than a handler may run: nobody is taken for hung, orders go on, and so does the tape afterwards") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  temporary_directory dir;
  const auto image = dir.path() / "disk.img";
  if (!make_image(image, "64M")) TROUPE_SKIP("no loop mounts");
  mounted disk{dir.path() / "disk"};
  if (!disk.loop(image)) TROUPE_SKIP("no loop mounts");
  std::filesystem::create_directories(dir.path() / "data");
  std::filesystem::create_directory_symlink(disk.at, dir.path() / "data/tape");
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  REQUIRE(eventually([&] { return tape_position(node) > 0; }));
  {
    standstill still{disk.at};
    REQUIRE(still);
    const auto began = std::chrono::steady_clock::now();
    std::uint64_t seen = 0;
    REQUIRE(eventually([&] { // it waits for the disk
      const auto before = tape_position(node);
      std::this_thread::sleep_for(300ms);
      return (seen = tape_position(node)) == before;
    }));
    while (std::chrono::steady_clock::now() - began < 6s) { // hung after 1 s, and the process ended after 4 s
      CHECK(outcome_of_a_new_order(node) == "201");
      std::this_thread::sleep_for(200ms);
    }
    CHECK(tape_position(node) == seen);
  }
  const auto seen = tape_position(node);
  CHECK(eventually([&] { return tape_position(node) > seen; }));
  const auto tree = ask(node, "GET", "/v1/actors").body;
  CHECK(tree.find("\"hung\"") == std::string::npos);
  CHECK(node.log().find("hung") == std::string::npos);
  stop_settled(node);
}

TEST_CASE("a power cut: nothing acknowledged is lost") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  temporary_directory dir;
  const auto image = dir.path() / "disk.img";
  if (!make_image(image, "512M")) TROUPE_SKIP("no loop mounts");
  order_load load{4};
  constexpr int cuts = 3;
  for (int cycle = 0; cycle <= cuts; ++cycle) {
    CAPTURE(cycle);
    mounted disk{dir.path() / ("disk" + std::to_string(cycle))};
    if (!disk.loop(image)) TROUPE_SKIP("no loop mounts");
    node_process node{{disk.at / "data"}};
    REQUIRE_MESSAGE(node.start(), node.log());
    (void)load.resolve(node);
    check_acknowledged(node, load.acknowledged(), 100);
    if (cycle == cuts) { // what the last cut left
      stop_settled(node);
      check_invariants(node, load.acknowledged(), true);
      break;
    }
    const auto answered = load.answered();
    load.start(node);
    CHECK(eventually([&] { return load.answered() > answered + 100; }));
    // From here on nothing reaches the image: what the page cache holds is gone, as when the power fails.
    constexpr unsigned long shutdown_request = _IOR('X', 125, __u32); // EXT4_IOC_SHUTDOWN
    __u32 no_log_flush = 2;
    const int fd = ::open(disk.at.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(fd >= 0);
    REQUIRE(::ioctl(fd, shutdown_request, &no_log_flush) == 0);
    ::close(fd);
    node.kill();
    load.stop();
  }
  CHECK(load.strange().empty());
}

TEST_CASE("one bit flipped at each of 500 offsets of a stopped node's newest logs: never a start with less than was acknowledged") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  temporary_directory dir;
  node_process node{{dir.path() / "data"}};
  REQUIRE_MESSAGE(node.start(), node.log());
  order_load load{4};
  load.start(node);
  REQUIRE(eventually([&] { return load.acknowledged().size() > 300; }));
  load.stop();
  await_settled([&] { return std::vector{node.client().get("/metrics")->body}; });
  node.kill(); // a clean stop leaves nothing in the logs
  check_invariants(node, load.acknowledged(), true);

  for (const auto& [name, flips] : {std::pair{std::string{"journal"}, 500}, std::pair{std::string{"venues"}, 100}}) {
    CAPTURE(name);
    const auto stopped = node.options().data_dir / name, tried = dir.path() / name;
    copy_folder(stopped, tried);
    auto options = small_journal(tried);
    options.write_buffer_bytes = 4 * mib;
    options.sync = false;
    const auto heads = [&](journal::journal& j) {
      std::map<std::string, std::uint64_t> all;
      for (const auto& h : j.heads().value()) all[h.stream.value.str()] = h.sequence;
      return all;
    };
    const auto acknowledged = heads(*open_rocks_journal(options).value());
    CHECK(acknowledged.size() > 1);
    copy_folder(stopped, tried);
    const auto log = newest_log(tried);
    const auto whole = read_file(log);
    REQUIRE(whole.size() > 10'000);
    int refused = 0, complete = 0;
    for (int i = 0; i < flips; ++i) {
      const auto offset = static_cast<std::size_t>(i) * (whole.size() - 1) / static_cast<std::size_t>(flips - 1);
      CAPTURE(offset);
      auto flipped = whole;
      flipped[offset] = static_cast<char>(flipped[offset] ^ (1 << (random() % 8)));
      write_file(log, flipped);
      auto opened = open_rocks_journal(options);
      if (opened) {
        REQUIRE(heads(**opened) == acknowledged);
        ++complete;
        opened->reset();
        copy_folder(stopped, tried);
        continue;
      }
      REQUIRE(opened.error().code == errc::corrupt);
      write_file(log, whole);
      ++refused;
    }
    MESSAGE(name << ": refused " << refused << ", opened complete " << complete);
    CHECK(refused + complete == flips);
    CHECK(refused > flips * 4 / 5);
  }
}
