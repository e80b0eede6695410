#pragma once
// What no journal does to its database, for what is said of it then.

#include "runtime/journal/layout.hpp"
#include "tests/support/test.hpp"

#include <rocksdb/db.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::test {

/// Lets `change` at one family of a stopped journal.
inline void alter(const std::filesystem::path& folder, std::string_view family,
                  const std::function<rocksdb::Status(rocksdb::DB&, rocksdb::ColumnFamilyHandle*)>& change) {
  namespace layout = journal::layout;
  const auto database = (folder / layout::database_folder).string();
  std::vector<std::string> families;
  REQUIRE(rocksdb::DB::ListColumnFamilies({}, database, &families).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> described;
  for (const auto& name : families) described.emplace_back(name, layout::family_options(name, 1 << 20));
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  REQUIRE(rocksdb::DB::Open(layout::database_options(1 << 20), database, described, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db{raw};
  for (auto* handle : handles)
    if (handle->GetName() == family) REQUIRE(change(*db, handle).ok());
  for (auto* handle : handles) REQUIRE(db->DestroyColumnFamilyHandle(handle).ok());
}

} // namespace troupe::test
