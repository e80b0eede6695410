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
  if (!in || ::stat(file.path.c_str(), &info) != 0) {
    const int why = errno;
    return fail(why == ENOENT ? errc::not_found : errc::io_error, "cannot read " + file.path.string() + ": " + std::strerror(why));
  }
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
  std::vector<error> faults;
  auto all = key_ring{}.renewed(*files, faults);
  if (!faults.empty()) return faults.front();
  return all;
}

result<key_ring::held_key> key_ring::read(const key_file& file) {
  const auto digest = digest_of_key(file);
  if (!digest) return digest.error();
  const auto who = text<32>::make(principal_of_key(file));
  if (!who) return fail(errc::forbidden, file.path.string() + ": the name is too long");
  return held_key{edge::caller{principal_id{*who}, file.may}, *digest, file.path};
}

key_ring key_ring::renewed(const std::vector<key_file>& files, std::vector<error>& faults) const {
  std::vector<held_key> found;
  for (const auto& f : files) {
    auto key = read(f);
    if (key) found.push_back(std::move(*key));
    else if (key.error().code != errc::not_found) { // that one was removed since it was listed
      faults.push_back(key.error());
      const auto before = std::ranges::find(keys_, f.path, &held_key::file);
      if (before != keys_.end()) found.push_back(*before);
    }
  }
  key_ring all;
  for (const auto& key : found) { // one person would be two, or may do what the other folder grants
    const auto same = std::ranges::find_if(found, [&](const held_key& k) { return k.digest == key.digest && k.file != key.file; });
    if (same == found.end() || std::ranges::find(keys_, key) != keys_.end()) all.keys_.push_back(key);
    else faults.push_back(fail(errc::forbidden, key.file.string() + " holds the key of " + same->file.string() + ": remove one of them"));
  }
  return all;
}

std::optional<edge::caller> key_ring::caller_of(std::string_view key) const {
  const auto digest = sha256(key);
  std::optional<edge::caller> found; // every key is compared, so that time tells nothing
  for (const auto& k : keys_)
    if (CRYPTO_memcmp(digest.bytes.data(), k.digest.bytes.data(), digest.bytes.size()) == 0) found = k.whose;
  return found;
}

bool key_ring::holds(const sha256_digest& key) const noexcept { return std::ranges::find(keys_, key, &held_key::digest) != keys_.end(); }

std::string key_ring::names_beyond(const key_ring& other) const {
  std::string names;
  for (const auto& k : keys_) {
    const bool is_there = std::ranges::any_of(other.keys_, [&](const held_key& o) { return o.digest == k.digest && o.whose == k.whose; });
    if (!is_there) names += (names.empty() ? "" : ", ") + k.whose.who.value.str();
  }
  return names;
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
