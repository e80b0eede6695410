#include "runtime/journal/tool.hpp"

#include "runtime/journal/look.hpp"

#include <rocksdb/env.h>

#include <algorithm>
#include <map>
#include <ostream>

namespace troupe::journal {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t progress_step = 4096; // records between two reports of progress

/// The newest record is what the next turn builds on: it must be the one that reading ended with, and gives `head` its chain.
result<void> verify_end(const rocks_store& store, stream_head& head, bool was_read_whole) {
  auto last = store.last_record(head.stream);
  if (!last) return last.error();
  if (head.sequence > 0 && *last) head.chain = sha256((*last)->second);
  const auto newest = *last ? (*last)->first : 0;
  if (!was_read_whole || newest == head.sequence) return {};
  return fail(errc::corrupt, "stream " + head.stream.value.str() + " was read up to sequence " + std::to_string(head.sequence) +
                               ", but its newest is " + std::to_string(newest));
}

/// Rows have no checksums of their own; those of RocksDB's blocks are compared while they are read.
result<void> verify_tables(const rocks_store& store, std::vector<error>& findings) {
  for (const auto& table : store.tables()) {
    auto read = store.scan(table, {}, [](std::string_view, std::string_view) { return true; });
    if (read) continue;
    if (read.error().code == errc::io_error) return read;
    findings.push_back(read.error());
  }
  return {};
}

result<stream_report> verify_stream(const rocks_store& store, const stream_name& stream, std::uint64_t epoch,
                                    std::vector<error>& findings, std::uint64_t& total,
                                    const std::function<void(std::uint64_t)>& progress) {
  stream_report report;
  report.head = {stream, epoch, 0, {}};
  std::uint64_t last_epoch = 0;
  auto sequences = store.snapshot_sequences(stream);
  if (!sequences) {
    if (sequences.error().code == errc::io_error) return sequences.error();
    findings.push_back(sequences.error());
    sequences = std::vector<std::uint64_t>{};
  }
  std::map<std::uint64_t, sha256_digest> chains; // of the records that have a snapshot
  auto read = store.read(stream, 1, [&](const record_view& record) {
    if (std::ranges::binary_search(*sequences, record.header.sequence)) chains[record.header.sequence] = sha256(record.bytes);
    ++report.records;
    if (++total % progress_step == 0 && progress) progress(total);
    report.head.sequence = record.header.sequence;
    last_epoch = record.header.epoch;
    return true;
  }, blocks::checked);
  if (!read) {
    if (read.error().code == errc::io_error) return read.error();
    findings.push_back(read.error());
  }
  if (last_epoch > epoch)
    findings.push_back(fail(errc::corrupt, "stream " + stream.value.str() + ": a record has epoch " +
                                             std::to_string(last_epoch) + " but only " + std::to_string(epoch) +
                                             " was issued"));
  if (auto end = verify_end(store, report.head, read.has_value()); !end) {
    if (end.error().code == errc::io_error) return end.error();
    findings.push_back(end.error());
  }
  for (auto sequence : *sequences) {
    ++report.snapshots;
    auto state = store.load_snapshot(stream, sequence);
    if (!state) {
      findings.push_back(state.error());
      continue;
    }
    if (const auto chain = chains.find(sequence); chain != chains.end() && *state && (*state)->chain != chain->second)
      findings.push_back(fail(errc::corrupt, "stream " + stream.value.str() + ": the snapshot at sequence " + std::to_string(sequence) +
                                               " is not of the record there"));
    if (sequence > report.head.sequence && read)
      findings.push_back(fail(errc::corrupt, "stream " + stream.value.str() + ": a snapshot at sequence " +
                                               std::to_string(sequence) + " is ahead of its records"));
  }
  return report;
}

result<verify_report> verify_seen(const seen_journal& seen, const std::function<void(std::uint64_t)>& progress) {
  const auto& store = *seen.database.store;
  verify_report report;
  report.frontier = seen.frontier;
  report.last = seen.database.last;
  report.torn = seen.database.torn;
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
  if (auto tables = verify_tables(store, report.findings); !tables) return tables.error();
  return report;
}

} // namespace

result<verify_report> verify(const fs::path& directory, const std::function<void(std::uint64_t)>& progress) {
  auto seen = look(directory);
  if (!seen) return seen.error();
  auto report = verify_seen(*seen, progress);
  if (!report) return in_words_of(directory, *seen, report.error());
  for (auto& finding : report->findings) finding = in_words_of(directory, *seen, std::move(finding));
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
      out << record_json(record, options.render) << '\n';
      ++lines;
      return out.good();
    });
    if (!read) return read.error();
    if (!out) return fail(errc::io_error, "the export could not be written after " + std::to_string(lines) + " lines");
  }
  return lines;
}

} // namespace troupe::journal
