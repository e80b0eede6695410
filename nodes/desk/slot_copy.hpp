#pragma once
// A slot's stream on its way into this node's journal, with what the slot writes beside it: rows of finished orders and a snapshot, so
// that its actor starts here as fast as where it came from. What is here already is not copied again. One thread.

#include "actors/trading/oms/core.hpp"
#include "runtime/actor/recover.hpp"
#include "runtime/journal/journal.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe::desk {

class slot_copy {
public:
  /// Goes on where the journal's copy of `stream` ends. Errors: corrupt, schema_mismatch, io_error.
  [[nodiscard]] static result<slot_copy> open(std::shared_ptr<journal::journal> into, const actor_name& stream);

  /// Called once, on the journal's thread, when what was given is durable, or with why not: corrupt (another history than what is here,
  /// or not the next records), fenced (somebody writes the stream here), io_error; the copy is then good for nothing more.
  using stored = journal::completion;

  /// Takes the next records. Errors, and then nothing is called: corrupt, schema_mismatch (a record that this build cannot read).
  [[nodiscard]] result<void> add(std::vector<std::string> records, stored done);
  /// The end, where the stream's last writer had `epoch`: whoever opens it here is above.
  void finish(std::uint64_t epoch, stored done);

  /// The last record that was given, durable or not.
  [[nodiscard]] std::uint64_t sequence() const noexcept { return at_.head.sequence; }
  /// Its hash, hexadecimal; zeros when there is none.
  [[nodiscard]] std::string chain() const { return to_hex(at_.head.chain); }

private:
  slot_copy(std::shared_ptr<journal::journal> into, actor::recovered<oms::core> at) : journal_{std::move(into)}, at_{std::move(at)} {}
  void store(journal::append_request request, stored done);

  std::shared_ptr<journal::journal> journal_;
  oms::core core_{oms::configuration{}}; // folding does not depend on configuration
  actor::recovered<oms::core> at_;
};

} // namespace troupe::desk
