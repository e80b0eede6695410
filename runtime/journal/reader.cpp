#include "runtime/journal/reader.hpp"

#include "runtime/journal/look.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

error read_only() { return fail(errc::unsupported, "the journal was opened for reading"); }

class reader final : public journal {
public:
  explicit reader(std::unique_ptr<rocks_store> store) : store_{std::move(store)} {}

  result<stream_head> open_stream(const stream_name&) override { return read_only(); }
  void append(append_request, completion done) override { done(read_only()); }
  result<void> flush() override { return {}; }
  result<void> read(const stream_name& stream, std::uint64_t from,
                    const std::function<bool(const record_view&)>& visit) const override {
    return store_->read(stream, from, visit);
  }
  result<std::optional<snapshot>> load_snapshot(const stream_name& stream, std::uint64_t at_most) const override {
    return store_->load_whole_snapshot(stream, at_most, {}); // verify tells of what is damaged
  }
  result<std::optional<std::string>> get(std::string_view table, std::string_view key) const override {
    return store_->get(table, key);
  }
  result<void> scan(std::string_view table, std::string_view from,
                    const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    return store_->scan(table, from, visit);
  }
  result<std::vector<stream_head>> heads() const override {
    auto epochs = store_->epochs();
    if (!epochs) return epochs.error();
    auto names = store_->streams();
    if (!names) return names.error();
    for (const auto& name : *names) epochs->emplace(name, 0);
    std::vector<stream_head> all;
    for (const auto& [stream, epoch] : *epochs) {
      auto last = store_->last_record(stream);
      if (!last) return last.error();
      all.push_back({stream, epoch, *last ? (*last)->first : 0, *last ? sha256((*last)->second) : sha256_digest{}});
    }
    return all;
  }
  statistics stats() const override { return {}; }
  bool has_space() const noexcept override { return true; }

private:
  std::unique_ptr<rocks_store> store_;
};

} // namespace

result<std::unique_ptr<journal>> open_for_reading(const fs::path& directory) {
  if (!holds_journal(directory)) return fail(errc::not_found, directory.string() + " holds no journal");
  auto seen = look(directory);
  if (!seen) return seen.error();
  return std::make_unique<reader>(std::move(seen->database.store));
}

bool holds_journal(const fs::path& directory) noexcept {
  std::error_code ignored;
  return fs::exists(directory / layout::database_folder / "CURRENT", ignored);
}

bool is_in_use(const fs::path& directory) noexcept {
  const int fd = ::open((directory / layout::database_folder / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool held = ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(fd);
  return held;
}

} // namespace troupe::journal
