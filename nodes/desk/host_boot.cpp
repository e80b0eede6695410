#include "nodes/desk/host_boot.hpp"

#include "nodes/desk/durable_file.hpp"

#include <fstream>

namespace troupe::desk {

std::string this_host_boot() {
  std::ifstream in{"/proc/sys/kernel/random/boot_id"};
  std::string id;
  in >> id;
  return id;
}

result<host_boot> host_boot::open(const std::filesystem::path& data_dir, const std::string& id,
                                  const std::vector<journal::stream_head>& heads) {
  const auto file = data_dir / "host_boot";
  host_boot b;
  // "boot ID", one "SEQUENCE STREAM" a line, "end": a file without its last line is damaged.
  std::ifstream in{file};
  std::string word, written_by;
  bool whole = false;
  if (in >> word >> written_by && word == "boot" && !id.empty() && written_by == id)
    for (std::uint64_t upto = 0; in >> word;) {
      if ((whole = word == "end")) break;
      try {
        upto = std::stoull(word);
      } catch (const std::exception&) {
        break;
      }
      in.get();
      if (!std::getline(in, word)) break;
      b.upto_[word] = upto;
    }
  if (whole) return b;
  b.upto_.clear();
  auto text = "boot " + id + "\n";
  for (const auto& h : heads) {
    if (h.sequence == 0) continue;
    b.upto_[h.stream.value.str()] = h.sequence;
    text += std::to_string(h.sequence) + " " + h.stream.value.str() + "\n";
  }
  if (auto done = write_durably(file, text + "end\n", 0644); !done) return done.error();
  return b;
}

std::uint64_t host_boot::decided_before(const actor_name& stream) const {
  const auto it = upto_.find(stream.value.view());
  return it == upto_.end() ? 0 : it->second;
}

} // namespace troupe::desk
