#include "tests/support/golden.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

namespace troupe::test {

namespace fs = std::filesystem;

std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    out += digits[static_cast<std::uint8_t>(c) >> 4];
    out += digits[static_cast<std::uint8_t>(c) & 15];
  }
  return out;
}

std::string unhex(std::string_view digits) {
  std::string out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string{digits.substr(i, 2)}, nullptr, 16));
  return out;
}

std::string golden_file(const std::string& name) {
  std::ifstream in{source_dir() / "tests/golden" / name, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

std::string golden_advice(const std::string& name) {
  return "the code no longer agrees with tests/golden/" + name +
         ", which a released version wrote. Stored types are never edited: undo the change, or make it a new version with an "
         "upcast of the old one, and golden bytes of its own beside these. A new alternative at the end of a variant only "
         "needs further samples.";
}

void check_golden(const std::string& name, std::string_view today) {
  if (golden_file(name) == today) return;
  const auto proposed = binary_dir() / "golden" / name;
  fs::create_directories(proposed.parent_path());
  std::ofstream{proposed, std::ios::binary | std::ios::trunc} << today;
  const auto why = golden_file(name).empty() ? "tests/golden/" + name + " is missing: a stored layout is kept from its first release on."
                                             : golden_advice(name);
  FAIL_CHECK(why << " What today's code writes is in " << proposed.string());
}

std::string golden_text(const std::vector<golden_sample>& samples) {
  std::string out;
  for (const auto& s : samples) out += hex(s.bytes) + '\n' + s.said + '\n';
  return out;
}

std::vector<golden_sample> golden_samples(const std::string& text) {
  std::vector<golden_sample> all;
  std::istringstream lines{text};
  std::string bytes, said;
  while (std::getline(lines, bytes) && std::getline(lines, said)) all.push_back({unhex(bytes), said});
  return all;
}

} // namespace troupe::test
