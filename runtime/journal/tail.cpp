#include "runtime/journal/rocks_open.hpp"
#include "runtime/journal/tool.hpp"

#include <rocksdb/env.h>

#include <cerrno>

#include <stdlib.h>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

/// RocksDB wants a folder of its own for a follower, though nothing is kept in it.
class scratch_folder {
public:
  scratch_folder() : path_{(fs::temp_directory_path() / "troupe-tail-XXXXXX").string()} {
    if (!::mkdtemp(path_.data())) path_.clear();
  }
  ~scratch_folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

result<std::unique_ptr<rocks_store>> open_follower(const fs::path& directory, const std::string& scratch) {
  constexpr std::uint64_t write_buffer = std::uint64_t{64} << 20;
  const auto database = (directory / layout::database_folder).string();
  auto options = layout::database_options(write_buffer);
  options.info_log = make_logger({});
  std::vector<std::string> families;
  auto status = rocksdb::DB::ListColumnFamilies(options, database, &families);
  if (!status.ok()) return layout::to_error(status, "following " + database);
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& family : families)
    descriptors.emplace_back(family, layout::family_options(family, write_buffer));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  status = rocksdb::DB::OpenAsSecondary(options, database, scratch, descriptors, &handles, &raw);
  if (!status.ok()) return layout::to_error(status, "following " + database);
  return std::make_unique<rocks_store>(std::unique_ptr<rocksdb::DB>{raw}, std::move(families), std::move(handles));
}

} // namespace

result<void> tail(const fs::path& directory, const stream_name& stream, std::uint64_t from,
                  const std::function<bool(const record_view&)>& visit, const std::function<bool()>& wait_for_more) {
  scratch_folder scratch;
  if (scratch.path().empty()) return fail(errc::io_error, "no temporary folder can be made");
  auto store = open_follower(directory, scratch.path());
  if (!store) return store.error();
  std::uint64_t next = from == 0 ? 1 : from;
  for (;;) {
    auto last = (*store)->last_commit();
    if (!last) return last.error();
    // A follower sees what is written; it shows what is durable, which the frontier names.
    bool is_durable = !wait_for_more;
    while (!is_durable) {
      auto frontier = read_frontier(directory / layout::frontier_name);
      if (!frontier) return frontier.error();
      is_durable = *frontier && (*frontier)->commit >= last->commit;
      if (!is_durable && !wait_for_more()) return {};
    }
    bool wants_more = true;
    auto read = (*store)->read(stream, next, [&](const record_view& record) {
      next = record.header.sequence + 1;
      return wants_more = visit(record);
    });
    if (!read) return read.error();
    if (!wants_more || !wait_for_more || !wait_for_more()) return {};
    if (auto status = (*store)->db().TryCatchUpWithPrimary(); !status.ok())
      return layout::to_error(status, "following " + directory.string());
  }
}

} // namespace troupe::journal
