#include "nodes/desk/tape_seal.hpp"

#include "nodes/desk/parts.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::desk::tape_sealed)

namespace troupe::desk {
namespace {

constexpr std::uint32_t seal_schema = fnv1a("feed.tape_sealed/1");
constexpr std::uint64_t entries_max = 4096; // of one stretch; about a megabyte of a depth stream

result<tape_sealed> decode_seal(std::uint32_t schema, std::string_view payload) {
  if (schema != seal_schema) return fail(errc::schema_mismatch, "feed: no reader for turn schema " + std::to_string(schema));
  return wire::decode<tape_sealed>(payload);
}

} // namespace

result<std::vector<tape_sealed>> seals_of(const journal::journal& j, const actor_name& feed) {
  std::vector<tape_sealed> all;
  std::optional<error> wrong;
  auto read = j.read(feed, 1, [&](const journal::record_view& r) {
    auto seal = decode_seal(r.header.schema, r.payload);
    if (seal) all.push_back(std::move(*seal));
    else wrong = seal.error();
    return !wrong;
  });
  if (wrong) return *wrong;
  if (!read) return read.error();
  return all;
}

result<tape_seal> tape_seal::open(std::shared_ptr<journal::journal> j, const actor_name& feed, text<23> tape) {
  auto head = j->open_stream(feed);
  if (!head) return head.error();
  tape_seal s;
  s.journal_ = std::move(j);
  s.head_ = *head;
  s.tape_ = tape;
  return s;
}

void tape_seal::begin(std::uint64_t next_position, time_ns at) {
  if (next_position == 1 && head_.sequence > 0) put_on_record({tape_, 1, 0, to_hex(sha256({}))}, at);
}

void tape_seal::add(std::uint64_t position, std::string_view raw, time_ns at) {
  if (entries_ == 0) first_ = position;
  last_ = position;
  open_ += raw;
  open_ += '\n';
  if (++entries_ >= entries_max) seal(at);
}

void tape_seal::seal(time_ns at) {
  if (entries_ == 0) return;
  put_on_record({tape_, first_, last_, to_hex(sha256(open_))}, at);
  open_.clear();
  entries_ = 0;
}

void tape_seal::put_on_record(const tape_sealed& stretch, time_ns at) {
  std::string payload;
  wire::encode(stretch, payload);
  journal::append_request r;
  r.stream = head_.stream;
  r.epoch = head_.epoch;
  r.first_sequence = ++head_.sequence;
  journal::record_header header;
  header.stream = head_.stream;
  header.sequence = head_.sequence;
  header.epoch = head_.epoch;
  header.schema = seal_schema;
  header.hybrid_time = static_cast<std::uint64_t>(to_ns(at));
  header.cause = {tape_, stretch.last};
  header.previous = head_.chain;
  std::string bytes;
  journal::encode_record(header, payload, bytes);
  head_.chain = sha256(bytes);
  r.records.push_back(std::move(bytes));
  journal_->append(std::move(r), [report = on_error](result<std::uint64_t> done) {
    if (!done) report(done.error());
  });
}

inspector feed_inspector() {
  inspector i;
  i.turn = [](std::uint32_t schema, std::string_view payload) -> result<std::string> {
    auto t = decode_seal(schema, payload);
    if (!t) return t.error();
    return wire::to_json(*t);
  };
  i.state = [turn = i.turn](const journal::journal& j, const actor_name& name, std::uint64_t at_most) -> result<std::string> {
    std::string last = "null";
    std::uint64_t sequence = 0;
    std::optional<error> wrong;
    auto read = j.read(name, 1, [&](const journal::record_view& r) {
      if (r.header.sequence > at_most) return false;
      auto shown = turn(r.header.schema, r.payload);
      if (!shown) wrong = shown.error();
      else last = std::move(*shown);
      sequence = r.header.sequence;
      return !wrong;
    });
    if (wrong) return *wrong;
    if (!read) return read.error();
    return "{\"actor\":\"" + name.value.str() + "\",\"sequence\":" + std::to_string(sequence) + ",\"state\":" + last + "}";
  };
  return i;
}

} // namespace troupe::desk
