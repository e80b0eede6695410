#pragma once
// From a path the user gave to the journals in it: a node's data folder has several, a journal's own folder is one, an archive's file
// is one of a single stream.
// Stateless.

#include "runtime/journal/journal.hpp"
#include "runtime/journal/tool.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

struct store {
  std::string name; // "journal", "venues", "portfolio"; the folder's or the file's name for a single one
  std::filesystem::path folder;
  bool is_archive = false; // then `folder` is its file
};

/// As a program in another folder would name it, without a slash at its end.
[[nodiscard]] std::filesystem::path whole_path(const std::filesystem::path& path);

/// The journals in a folder. Errors: not_found (none there; the sentence says what to give).
[[nodiscard]] result<std::vector<store>> stores_in(const std::filesystem::path& path);
/// The same, and a file that is an archive: what can be read turn by turn. Errors: as stores_in; malformed (a file of something else), io_error.
[[nodiscard]] result<std::vector<store>> sources_in(const std::filesystem::path& path);
/// The half that a data folder needs and has not, the slots' journal or the venues': no node starts without it. `all` is what stores_in found there;
/// a single journal needs nothing.
[[nodiscard]] std::optional<store> missing_in(const std::filesystem::path& path, const std::vector<store>& all);
/// Corrupt, with what is missing and what to do.
[[nodiscard]] error missing_half(const store& gone);
/// What `verify` read of a store is kept in another one. Nothing: it is in its place, or an archive.
[[nodiscard]] std::optional<error> misplaced(const store& s, const journal::verify_report& r);
/// The store that holds a stream: the one where it was opened. Errors: not_found (with the streams there are), as stores_in.
[[nodiscard]] result<std::filesystem::path> store_of(const std::filesystem::path& path, const actor_name& stream);
/// A stream's name from the command line. Errors: invalid_argument.
[[nodiscard]] result<actor_name> stream_from(const std::string& text);

/// A stored turn as JSON when an actor of the desk wrote it, else nothing.
[[nodiscard]] std::optional<std::string> render_turn(std::uint32_t schema, std::string_view payload);
/// Positions and cash as JSON, added up from the slots' streams. Errors: as store_of and as reading a journal.
[[nodiscard]] result<std::string> portfolio_state(const std::filesystem::path& path);
/// An actor's state after a turn as JSON. Errors: not_found, and as reading the journal.
[[nodiscard]] result<std::string> state_at(const journal::journal& j, const actor_name& stream, std::uint64_t at_most);

} // namespace troupe::cli
