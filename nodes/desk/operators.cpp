#include "nodes/desk/operators.hpp"

#include "nodes/desk/durable_file.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>

#include <sys/stat.h>

namespace troupe::desk {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t key_characters = 64; // 256 bits in hexadecimal

constexpr const char* first_keys[] = {"operator-1.key", "operator-2.key"};

result<void> write_new_key(const fs::path& file) {
  sha256_digest random;
  if (RAND_bytes(random.bytes.data(), static_cast<int>(random.bytes.size())) != 1) return fail(errc::io_error, "no randomness for a key");
  auto key = to_hex(random) + "\n";
  auto done = write_durably(file, key, 0600);
  OPENSSL_cleanse(key.data(), key.size());
  return done;
}

} // namespace

result<operators> operators::open(const fs::path& data_dir) {
  operators all;
  all.directory_ = data_dir / "keys";
  std::error_code failed;
  fs::create_directories(all.directory_, failed);
  if (failed) return fail(errc::io_error, "cannot create " + all.directory_.string() + ": " + failed.message());
  fs::permissions(all.directory_, fs::perms::owner_all, failed);
  std::vector<fs::path> files;
  const auto list = [&] {
    files.clear();
    for (const auto& f : fs::directory_iterator(all.directory_, failed))
      if (f.path().extension() == ".key") files.push_back(f.path());
  };
  list();
  // The first start may have been killed between the two. Whoever gave keys of other names wants no more of ours.
  const bool is_ours = std::all_of(files.begin(), files.end(), [](const fs::path& f) {
    return std::find(std::begin(first_keys), std::end(first_keys), f.filename().string()) != std::end(first_keys);
  });
  if (is_ours && files.size() < std::size(first_keys)) {
    for (const char* name : first_keys)
      if (!fs::exists(all.directory_ / name, failed))
        if (auto made = write_new_key(all.directory_ / name); !made) return made.error();
    list();
  }
  std::sort(files.begin(), files.end());
  for (const auto& f : files) {
    struct stat info {};
    if (::stat(f.c_str(), &info) != 0) return fail(errc::io_error, "cannot read " + f.string());
    if ((info.st_mode & 077) != 0) return fail(errc::forbidden, f.string() + " can be read by others: chmod 600 it");
    std::ifstream in{f};
    std::string key;
    in >> key;
    if (key.size() < key_characters) return fail(errc::forbidden, f.string() + " holds no key of 64 hexadecimal characters");
    auto name = text<32>::make("operator:" + f.stem().string());
    if (!name) return fail(errc::forbidden, f.string() + ": the operator's name is too long");
    all.keys_.emplace_back(principal_id{*name}, sha256(key));
    OPENSSL_cleanse(key.data(), key.size());
  }
  return all;
}

std::optional<principal_id> operators::authenticate(std::string_view authorization) const {
  constexpr std::string_view scheme = "Bearer ";
  if (!authorization.starts_with(scheme)) return std::nullopt;
  const auto digest = sha256(authorization.substr(scheme.size()));
  std::optional<principal_id> found; // every key is compared, so that time tells nothing
  for (const auto& [name, expected] : keys_)
    if (CRYPTO_memcmp(digest.bytes.data(), expected.bytes.data(), digest.bytes.size()) == 0) found = name;
  return found;
}

} // namespace troupe::desk
