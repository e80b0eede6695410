#include "nodes/desk/key_ring.hpp"

#include "nodes/desk/durable_file.hpp"
#include "runtime/core/principal.hpp"
#include "runtime/journal/posix_file.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace troupe::desk {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t key_characters = 64; // 256 bits in hexadecimal

constexpr const char* first_keys[] = {"operator-1.key", "operator-2.key"};
constexpr edge::access all_roles[] = {edge::access::operate, edge::access::trade, edge::access::read};

fs::path folder_of(const fs::path& data_dir, edge::access may) {
  const auto keys = data_dir / "keys";
  return may == edge::access::operate ? keys : keys / (may == edge::access::trade ? "trade" : "read");
}

std::string principal_of_key(const key_file& key) {
  const std::string_view role = key.may == edge::access::operate ? operator_prefix : key.may == edge::access::trade ? "trade:" : "read:";
  return std::string{role} + key.name;
}

result<void> make_key_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return fail(errc::io_error, "cannot create " + folder.string() + ": " + failed.message());
  fs::permissions(folder, fs::perms::owner_all, failed);
  return {};
}

/// `write`: one of durable_file.hpp.
result<void> write_new_key(const fs::path& file, result<void> (*write)(const fs::path&, std::string_view, mode_t)) {
  sha256_digest random;
  if (RAND_bytes(random.bytes.data(), static_cast<int>(random.bytes.size())) != 1) return fail(errc::io_error, "no randomness for a key");
  auto key = to_hex(random) + "\n";
  auto done = write(file, key, 0600);
  OPENSSL_cleanse(key.data(), key.size());
  OPENSSL_cleanse(random.bytes.data(), random.bytes.size());
  return done;
}

result<std::vector<key_file>> keys_in(const fs::path& folder, edge::access may) {
  std::vector<key_file> all;
  std::error_code failed;
  for (fs::directory_iterator at{folder, failed}, end; !failed && at != end; at.increment(failed))
    if (at->path().extension() == ".key") all.push_back({at->path().stem().string(), may, at->path()});
  if (failed && failed != std::errc::no_such_file_or_directory) return fail(errc::io_error, "cannot read " + folder.string() + ": " + failed.message());
  std::ranges::sort(all, {}, &key_file::name);
  return all;
}

/// The first start may have been killed between the two. Whoever gave keys of other names wants no more of ours.
result<void> make_first_operators(const fs::path& folder) {
  const auto files = keys_in(folder, edge::access::operate);
  if (!files) return files.error();
  const bool are_ours = std::ranges::all_of(*files, [](const key_file& k) { return std::ranges::find(first_keys, k.path.filename().string()) != std::end(first_keys); });
  if (!are_ours) return {};
  for (const char* name : first_keys) {
    const bool is_there = std::ranges::any_of(*files, [&](const key_file& k) { return k.path.filename() == name; });
    if (is_there) continue;
    if (auto made = write_new_key(folder / name, write_durably); !made) return made;
  }
  return {};
}

result<sha256_digest> digest_of_key(const key_file& file) {
  struct stat info {};
  std::ifstream in{file.path};
  if (!in || ::stat(file.path.c_str(), &info) != 0) return fail(errc::io_error, "cannot read " + file.path.string() + ": " + std::strerror(errno));
  if ((info.st_mode & 077) != 0) return fail(errc::forbidden, file.path.string() + " can be read by others: chmod 600 it");
  std::string key;
  in >> key;
  if (key.size() < key_characters) return fail(errc::forbidden, file.path.string() + " holds no key of 64 hexadecimal characters");
  const auto digest = sha256(key);
  OPENSSL_cleanse(key.data(), key.size());
  return digest;
}

} // namespace

result<key_ring> key_ring::open(const fs::path& data_dir) {
  const auto operators = folder_of(data_dir, edge::access::operate);
  if (auto made = make_key_folder(operators); !made) return made.error();
  if (auto made = make_first_operators(operators); !made) return made.error();
  const auto files = list_keys(data_dir);
  if (!files) return files.error();
  key_ring all;
  std::vector<fs::path> seen;
  for (const auto& f : *files) {
    const auto digest = digest_of_key(f);
    if (!digest) return digest.error();
    const auto who = text<32>::make(principal_of_key(f));
    if (!who) return fail(errc::forbidden, f.path.string() + ": the name is too long");
    const auto same = std::ranges::find(all.keys_, *digest, &std::pair<edge::caller, sha256_digest>::second);
    if (same != all.keys_.end()) // one person would be two, or may do what the other folder grants
      return fail(errc::forbidden, f.path.string() + " holds the key of " + seen[static_cast<std::size_t>(same - all.keys_.begin())].string() + ": remove one of them");
    all.keys_.emplace_back(edge::caller{principal_id{*who}, f.may}, *digest);
    seen.push_back(f.path);
  }
  return all;
}

std::optional<edge::caller> key_ring::caller_of(std::string_view key) const {
  const auto digest = sha256(key);
  std::optional<edge::caller> found; // every key is compared, so that time tells nothing
  for (const auto& [who, expected] : keys_)
    if (CRYPTO_memcmp(digest.bytes.data(), expected.bytes.data(), digest.bytes.size()) == 0) found = who;
  return found;
}

result<fs::path> add_key(const fs::path& data_dir, edge::access may, const std::string& name) {
  const auto is_plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  const bool is_name = !name.empty() && name.size() <= key_name_characters_max && is_plain(name.front()) &&
                       std::ranges::all_of(name, [&](char c) { return is_plain(c) || c == '-' || c == '_' || c == '.'; });
  if (!is_name)
    return fail(errc::invalid_argument, "\"" + name + "\" is no name of a key: letters, digits, '-', '_' and '.', at most " + std::to_string(key_name_characters_max) +
                                          ", the first a letter or digit");
  const auto folder = folder_of(data_dir, may);
  if (auto made = make_key_folder(folder_of(data_dir, edge::access::operate)); !made) return made.error();
  if (auto made = make_key_folder(folder); !made) return made.error();
  const auto file = folder / (name + ".key");
  auto made = write_new_key(file, create_durably);
  if (made) return file;
  if (made.error().code == errc::conflict) return fail(errc::conflict, "there is a key " + file.string() + " already; it is never replaced: remove it first");
  return made.error();
}

result<std::vector<key_file>> list_keys(const fs::path& data_dir) {
  std::vector<key_file> all;
  for (const auto may : all_roles) {
    const auto some = keys_in(folder_of(data_dir, may), may);
    if (!some) return some.error();
    all.insert(all.end(), some->begin(), some->end());
  }
  return all;
}

result<void> remove_key(const key_file& key) {
  if (::unlink(key.path.c_str()) == 0) return journal::sync_directory(key.path.parent_path());
  if (errno == ENOENT) return fail(errc::not_found, "there is no key " + key.path.string());
  return journal::system_failure("remove", key.path);
}

} // namespace troupe::desk
