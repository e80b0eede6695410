#include "actors/market/feed/packed_bytes.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>
#include <zlib.h>

namespace troupe::feed {
namespace {

constexpr std::size_t packed_read_bytes = std::size_t{256} << 10;
constexpr int gzip_only = 16 + MAX_WBITS;
constexpr std::array<unsigned char, 2> gzip_magic{0x1f, 0x8b};

} // namespace

struct packed_bytes::file {
  enum class place { beginning, plain, member, behind_member };

  explicit file(int opened) : descriptor{opened}, in(packed_read_bytes) {}
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() {
    if (at != place::beginning && at != place::plain) inflateEnd(&unpacker);
    ::close(descriptor);
  }

  [[nodiscard]] std::size_t waiting() const noexcept { return end - begin; }
  /// Reads until at least `least` bytes wait, or fewer at the end of the file.
  result<void> fill(std::size_t least);
  result<void> look_at_beginning();
  /// What the member at hand gives; 0: nothing yet, it is over, or it is damaged.
  std::size_t unpack(char* out, std::size_t room);

  int descriptor;
  place at = place::beginning;
  std::vector<unsigned char> in;
  std::size_t begin = 0, end = 0; // what was read and not used yet
  std::uint64_t taken = 0;        // from the file
  z_stream unpacker{};
  const char* damage = nullptr;   // told behind what was unpacked before it
};

result<void> packed_bytes::file::fill(std::size_t least) {
  if (begin == end) begin = end = 0;
  while (waiting() < least) {
    const auto n = ::read(descriptor, in.data() + end, in.size() - end);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(errc::io_error, std::strerror(errno));
    if (n == 0) break;
    end += static_cast<std::size_t>(n);
    taken += static_cast<std::uint64_t>(n);
  }
  return {};
}

result<void> packed_bytes::file::look_at_beginning() {
  if (auto filled = fill(gzip_magic.size()); !filled) return filled.error();
  at = place::plain;
  if (waiting() < gzip_magic.size() || !std::equal(gzip_magic.begin(), gzip_magic.end(), in.begin())) return {};
  if (inflateInit2(&unpacker, gzip_only) != Z_OK) return fail(errc::io_error, "no memory to unpack it");
  at = place::member;
  return {};
}

std::size_t packed_bytes::file::unpack(char* out, std::size_t room) {
  unpacker.next_in = in.data() + begin;
  unpacker.avail_in = static_cast<uInt>(waiting());
  unpacker.next_out = reinterpret_cast<unsigned char*>(out);
  unpacker.avail_out = static_cast<uInt>(room);
  const int code = inflate(&unpacker, Z_NO_FLUSH);
  begin = end - unpacker.avail_in;
  if (code == Z_STREAM_END) at = place::behind_member;
  else if (code != Z_OK && code != Z_BUF_ERROR) damage = unpacker.msg != nullptr ? unpacker.msg : "the gzip data cannot be unpacked";
  return room - unpacker.avail_out;
}

packed_bytes::packed_bytes(std::unique_ptr<file> opened) : file_{std::move(opened)} {}
packed_bytes::packed_bytes(packed_bytes&&) noexcept = default;
packed_bytes& packed_bytes::operator=(packed_bytes&&) noexcept = default;
packed_bytes::~packed_bytes() = default;

result<packed_bytes> packed_bytes::open(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return fail(errc::io_error, "cannot open " + path.string() + ": " + std::strerror(errno));
  return packed_bytes{std::make_unique<file>(descriptor)};
}

std::uint64_t packed_bytes::position() const noexcept { return file_->taken - file_->waiting(); }

result<std::size_t> packed_bytes::read(char* out, std::size_t room) {
  auto& f = *file_;
  if (f.at == file::place::beginning)
    if (auto looked = f.look_at_beginning(); !looked) return looked.error();
  for (;;) {
    if (f.damage != nullptr) return fail(errc::corrupt, f.damage);
    if (auto filled = f.fill(1); !filled) return filled.error();
    const bool is_over = f.waiting() == 0;
    switch (f.at) {
    case file::place::plain: {
      const auto n = std::min(room, f.waiting());
      std::copy_n(f.in.data() + f.begin, n, out);
      f.begin += n;
      return n;
    }
    case file::place::behind_member:
      if (is_over) return std::size_t{0};
      inflateReset(&f.unpacker); // it is another member, or inflate says that it is none
      f.at = file::place::member;
      break;
    default:
      if (is_over) return fail(errc::corrupt, "the file ends within its gzip data");
      break;
    }
    if (const auto got = f.unpack(out, room); got > 0) return got;
  }
}

} // namespace troupe::feed
