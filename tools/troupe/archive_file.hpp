#pragma once
// An archive's file as `troupe journal` reads it: the journal of one stream. Nothing in it counts before the whole file was checked,
// so turns are shown on a second way through it; in memory are its snapshot and one turn at a time. Stateless.

#include "runtime/journal/archive.hpp"
#include "runtime/journal/tool.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

namespace troupe::cli {

/// As journal::verify. Damage is the one finding, and then no stream is reported. `hear` is told after each turn how many there were.
/// Errors: io_error.
[[nodiscard]] result<journal::verify_report> verify_archive(const std::filesystem::path& file,
                                                            const std::function<void(std::uint64_t records)>& hear);

/// Checks the whole file, before anything of it is shown. `stream` is what the command line asks for; empty: whichever it has. Errors:
/// invalid_argument (no name of a stream), not_found (it has another stream, and the sentence says which), corrupt, io_error.
[[nodiscard]] result<journal::archive_summary> checked_archive(const std::filesystem::path& file, const std::string& stream);

/// As journal::export_jsonl, of a file that was checked. Errors: corrupt (it has changed since), io_error.
[[nodiscard]] result<std::uint64_t> export_archive(const std::filesystem::path& file, const journal::export_options& options,
                                                   std::ostream& out);

} // namespace troupe::cli
