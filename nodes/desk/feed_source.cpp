#include "nodes/desk/feed_source.hpp"

#include "runtime/wire/wire.hpp"

namespace troupe::desk {

result<std::unique_ptr<feed_source>> feed_source::open(const feed_options& o, time_ns begin) {
  auto s = std::make_unique<feed_source>(o);
  if (auto done = s->rewind(begin); !done) return done.error();
  return s;
}

result<void> feed_source::rewind(time_ns begin) {
  if (options_.file.empty()) {
    simulator::walk_options w;
    w.seed = options_.seed;
    w.step = options_.step;
    w.start = begin;
    w.instruments = simulator::default_instruments();
    auto made = simulator::random_walk::create(std::move(w));
    if (!made) return made.error();
    walk_.emplace(std::move(*made));
    return {};
  }
  feed::replay_options r;
  r.path = options_.file;
  r.tape = text<23>{options_.name.view()};
  if (!options_.instrument.empty())
    if (auto id = text<31>::make(options_.instrument)) r.overrides.instrument = market::instrument_id{*id};
  auto made = feed::replay::open(r);
  if (!made) return made.error();
  replay_.emplace(std::move(*made));
  return {};
}

result<std::optional<feed_entry>> feed_source::next() {
  if (walk_) {
    if (options_.quotes != 0 && walked_ >= options_.quotes) return std::optional<feed_entry>{};
    ++walked_;
    auto e = walk_->next();
    feed_entry out;
    out.at = std::visit([](const auto& x) {
      if constexpr (requires { x.received_at; }) return x.received_at;
      else return x.opened_at;
    }, e);
    out.raw = wire::to_json(e);
    out.events.push_back(std::move(e));
    return std::optional{std::move(out)};
  }
  const auto* book = replay_->levels();
  const auto tops = book ? book->counts().tops : 0;
  auto step = replay_->next();
  if (!step) return step.error();
  if (!*step) return std::optional<feed_entry>{};
  feed_entry out;
  out.at = (*step)->received_at;
  out.raw = (*step)->raw;
  out.events.assign((*step)->events.begin(), (*step)->events.end());
  out.confirms_top = book && book->counts().tops != tops;
  return std::optional{std::move(out)};
}

} // namespace troupe::desk
