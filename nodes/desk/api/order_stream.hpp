#pragma once
// Publishes orders, fills, positions and tickers to the stream hub. Owns one actor behind the name "edge/orders", which
// folds every durable OMS event of this node's slots once, from messages and from the journal, and looks at the mark board ten times a second. Made after
// the desk started, destroyed before it stops.

#include "runtime/core/ids.hpp"

#include <memory>

namespace troupe::desk {

struct api;

class order_stream {
public:
  /// Requires: the routes of v1 and trade2026 were added, because they declare the channels.
  explicit order_stream(std::shared_ptr<api> a);
  ~order_stream();
  order_stream(const order_stream&) = delete;
  order_stream& operator=(const order_stream&) = delete;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace troupe::desk
