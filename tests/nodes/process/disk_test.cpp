// The disk fails the node: it fills up under load, and the power goes with what was not synced.

#include "tests/nodes/process/load.hpp"

#include <csignal>
#include <cstdlib>
#include <fstream>

#include <fcntl.h>
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

const char* limit_order = R"({"account":"d","instrument":"BTCUSDT.SIM","side":"BUY","quantity":"0.001","limit_price":"44000"})";

} // namespace

TEST_SUITE_BEGIN("process/disk");

TEST_CASE("a full disk: new orders are refused, cancels and halts commit, a start works, and orders resume with the space") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  temporary_directory dir;
  mounted disk{dir.path() / "disk"};
  if (!disk.tmpfs("size=256m")) TROUPE_SKIP("needs root");
  node_process node{{disk.at / "data", {"journal.reserve_mib=48", "journal.ballast_mib=32", "journal.write_buffer_mib=4"}}};
  REQUIRE_MESSAGE(node.start(), node.log());
  auto client = node.client();
  const auto resting = json_field(client.post("/v1/orders", limit_order)->body, "order_id");
  REQUIRE_FALSE(resting.empty());
  const auto filler = disk.at / "filler";
  const auto fill = [&] {
    std::ofstream out{filler, std::ios::app | std::ios::binary};
    const std::string megabyte(1 << 20, 'x');
    while (std::filesystem::space(disk.at).available > (28u << 20) && out) {
      out << megabyte;
      out.flush();
    }
  };
  fill();
  CHECK(eventually([&] {
    auto refused = node.client().post("/v1/orders", limit_order);
    return refused && refused->status == 503 && json_field(refused->body, "code") == "disk_full";
  }));
  CHECK(client.request("DELETE", "/v1/orders/" + resting)->status == 202);
  CHECK(eventually([&] { return json_field(client.get("/v1/orders/" + resting)->body, "status") == "CANCELED"; }));
  CHECK(client.post("/v1/halts", R"({"scope":"ACCOUNT","key":"x","reason":"full disk"})")->status == 200);
  fill(); // also what the ballast gave back
  node.kill();
  REQUIRE_MESSAGE(node.start(), node.log());
  auto again = node.client();
  CHECK(again.get("/v1/halts")->body.find("full disk") != std::string::npos);
  CHECK(json_field(again.post("/v1/orders", limit_order)->body, "code") == "disk_full");
  std::filesystem::remove(filler);
  CHECK(eventually([&] { return node.client().post("/v1/orders", limit_order)->status == 201; }, 20s));
  node.kill();
}

TEST_CASE("a power cut: nothing acknowledged is lost") {
  if (::geteuid() != 0) TROUPE_SKIP("needs root");
  temporary_directory dir;
  const auto image = dir.path() / "disk.img";
  if (std::system(("truncate -s 512M " + image.string() + " && mkfs.ext4 -q " + image.string() + " 2>/dev/null").c_str()) != 0)
    TROUPE_SKIP("no loop mounts");
  std::map<std::string, std::string> acknowledged;
  order_load load{4};
  for (int cycle = 0; cycle < 3; ++cycle) {
    CAPTURE(cycle);
    mounted disk{dir.path() / ("disk" + std::to_string(cycle))};
    if (!disk.loop(image)) TROUPE_SKIP("no loop mounts");
    node_process node{{disk.at / "data"}};
    REQUIRE_MESSAGE(node.start(), node.log());
    auto client = node.client();
    for (const auto& [client_id, order_id] : load.acknowledged()) {
      auto found = client.get("/v1/orders/" + order_id);
      REQUIRE(found);
      CAPTURE(order_id);
      CHECK(found->status == 200);
    }
    load.start(node);
    std::this_thread::sleep_for(700ms);
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
  CHECK(load.answered() > 0);
}
