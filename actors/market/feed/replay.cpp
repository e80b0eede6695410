#include "actors/market/feed/replay.hpp"

#include "actors/market/feed/bar_decoder.hpp"
#include "actors/market/feed/capture_decoder.hpp"

#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::feed {
namespace {

using decoder = std::variant<capture_decoder, bar_decoder>;

decoder decoder_for(const source_profile& profile, const book::limits& bounds) {
  if (profile.format == source_format::capture)
    return capture_decoder{profile.instrument, profile.source_symbol, bounds};
  return bar_decoder{profile};
}

} // namespace

struct replay::state {
  source_profile profile;
  line_source source;
  std::size_t line_bytes_max;
  decoder decode;
  market::tape_position next_position;
  std::vector<market::event> events;
  replay_step step;
};

replay::replay(std::unique_ptr<state> s) : state_(std::move(s)) {}
replay::replay(replay&&) noexcept = default;
replay& replay::operator=(replay&&) noexcept = default;
replay::~replay() = default;

result<replay> replay::open(const replay_options& options) {
  auto profile = describe_source(options.path, options.overrides);
  if (!profile) return profile.error();
  auto source = line_source::open(options.path, options.line_bytes_max);
  if (!source) return source.error();
  auto decode = decoder_for(*profile, options.book_limits);
  return replay{std::make_unique<state>(state{std::move(*profile), std::move(*source), options.line_bytes_max,
                                              std::move(decode), {options.tape, options.first_position}, {}, {}})};
}

result<const replay_step*> replay::next() {
  auto& s = *state_;
  source_line line;
  auto more = s.source.next(line);
  if (!more) return more.error();
  if (!*more) return nullptr;
  s.events.clear();
  s.step.line = line.number;
  s.step.position = s.next_position.position;
  s.step.raw = line.text;
  s.step.received_at = std::visit(
    [&](auto& decode) {
      if (line.too_long)
        return decode.unreadable(line.number, "the line is longer than " + std::to_string(s.line_bytes_max) + " bytes");
      return decode.line(line.text, line.number, s.next_position, s.events);
    },
    s.decode);
  s.step.events = s.events;
  ++s.next_position.position;
  return &s.step;
}

const source_profile& replay::profile() const noexcept { return state_->profile; }

const counters& replay::counts() const noexcept {
  return std::visit([](const auto& decode) -> const counters& { return decode.counts(); }, state_->decode);
}

const book::book* replay::levels() const noexcept {
  const auto* capture = std::get_if<capture_decoder>(&state_->decode);
  return capture == nullptr ? nullptr : &capture->levels();
}

} // namespace troupe::feed
