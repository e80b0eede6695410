#include "runtime/journal/tool.hpp"

#include "runtime/journal/look.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>
#include <rocksdb/env.h>

#include <ostream>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t progress_step = 4096; // records between two reports of progress

result<stream_report> verify_stream(const rocks_store& store, const stream_name& stream, std::uint64_t epoch,
                                    std::vector<error>& findings, std::uint64_t& total,
                                    const std::function<void(std::uint64_t)>& progress) {
  stream_report report;
  report.head = {stream, epoch, 0, {}};
  std::uint64_t last_epoch = 0;
  auto read = store.read(stream, 1, [&](const record_view& record) {
    ++report.records;
    if (++total % progress_step == 0 && progress) progress(total);
    report.head.sequence = record.header.sequence;
    last_epoch = record.header.epoch;
    return true;
  });
  if (!read) {
    if (read.error().code == errc::io_error) return read.error();
    findings.push_back(read.error());
  }
  if (last_epoch > epoch)
    findings.push_back(fail(errc::corrupt, "stream " + stream.value.str() + ": a record has epoch " +
                                             std::to_string(last_epoch) + " but only " + std::to_string(epoch) +
                                             " was issued"));
  if (report.records > 0)
    if (auto last = store.last_record(stream); last && *last) report.head.chain = sha256((*last)->second);
  auto sequences = store.snapshot_sequences(stream);
  if (!sequences) return sequences.error();
  for (auto sequence : *sequences) {
    ++report.snapshots;
    auto state = store.load_snapshot(stream, sequence);
    if (!state) {
      findings.push_back(state.error());
      continue;
    }
    if (sequence > report.head.sequence && read)
      findings.push_back(fail(errc::corrupt, "stream " + stream.value.str() + ": a snapshot at sequence " +
                                               std::to_string(sequence) + " is ahead of its records"));
  }
  return report;
}

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

std::string to_line(const record_view& record, const export_options& options) {
  const auto& h = record.header;
  nlohmann::ordered_json line{
    {"stream", h.stream.value.view()}, {"sequence", h.sequence}, {"epoch", h.epoch}, {"schema", h.schema},
    {"hybrid_time", h.hybrid_time}, {"cause", {{"source", h.cause.source.view()}, {"number", h.cause.number}}},
    {"previous", to_hex(h.previous)}};
  auto& cursors = line["acknowledged"] = nlohmann::ordered_json::array();
  for (const auto& c : h.acknowledged)
    cursors.push_back({{"receiver", c.receiver.value.view()}, {"sequence", c.sequence}});
  auto text = line.dump();
  text.pop_back(); // the payload is appended as the renderer wrote it, digits untouched
  auto rendered = options.render ? options.render(h.schema, record.payload) : std::nullopt;
  text += rendered ? ",\"payload\":" + *rendered : ",\"payload_base64\":\"" + base64(record.payload) + '"';
  return text + "}\n";
}

} // namespace

result<verify_report> verify(const fs::path& directory, const std::function<void(std::uint64_t)>& progress) {
  auto seen = look(directory);
  if (!seen) return seen.error();
  const auto& store = *seen->database.store;
  verify_report report;
  report.frontier = seen->frontier;
  report.last = seen->database.last;
  report.torn = seen->database.torn;
  if (!report.frontier)
    report.findings.push_back(fail(errc::corrupt, "the frontier is missing, so that a short end cannot be noticed"));
  auto epochs = store.epochs();
  if (!epochs) return epochs.error();
  auto names = store.streams();
  if (!names) return names.error();
  for (const auto& name : *names) epochs->emplace(name, 0); // a stream with turns that was never opened is a finding
  std::vector<stream_head> heads;
  std::uint64_t total = 0;
  for (const auto& [stream, epoch] : *epochs) {
    auto one = verify_stream(store, stream, epoch, report.findings, total, progress);
    if (!one) return one.error();
    heads.push_back(one->head);
    report.streams.push_back(std::move(*one));
  }
  report.hash = journal_hash(std::move(heads));
  for (const auto& mark : {report.frontier.value_or(report.last), report.last})
    for (const auto& s : report.streams)
      if (s.head.stream == mark.stream && s.head.sequence < mark.sequence)
        report.findings.push_back(fail(errc::corrupt, "stream " + mark.stream.value.str() + " ends at sequence " +
                                                        std::to_string(s.head.sequence) + " before " +
                                                        std::to_string(mark.sequence)));
  return report;
}

result<std::uint64_t> export_jsonl(const fs::path& directory, const export_options& options, std::ostream& out) {
  auto seen = look(directory);
  if (!seen) return seen.error();
  const auto& store = *seen->database.store;
  std::vector<stream_name> names;
  if (options.stream) {
    names.push_back(*options.stream);
  } else {
    auto all = store.streams();
    if (!all) return all.error();
    names = std::move(*all);
  }
  std::uint64_t lines = 0;
  for (const auto& name : names) {
    auto read = store.read(name, options.from, [&](const record_view& record) {
      if (record.header.sequence > options.to) return false;
      out << to_line(record, options);
      ++lines;
      return out.good();
    });
    if (!read) return read.error();
    if (!out) return fail(errc::io_error, "the export could not be written after " + std::to_string(lines) + " lines");
  }
  return lines;
}

void export_record(const record_view& record, const export_options& options, std::ostream& out) { out << to_line(record, options); }

} // namespace troupe::journal
