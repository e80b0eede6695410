#pragma once
// The newest value of each key of a channel whose clients read bare values: such a client must first get a value of the
// usual form, not a list. Written by the order stream's actor, asked on the edge's thread; thread-safe.

#include "runtime/edge/stream_hub.hpp"

#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace troupe::desk {

class last_values {
public:
  /// Publishes `data` on the hub and remembers it.
  void publish(edge::stream_hub& hub, std::string_view channel, std::string_view key, const std::string& data);
  /// Answers with the newest value of `key`; without one, when the first is published. The provider of a channel.
  void ask(const std::string& key, edge::snapshot_answer answer);

private:
  std::mutex mutex_; // held while publishing, so that whoever joined the channel finds what was published before
  std::uint64_t sequence_ = 0;
  std::map<std::string, std::string, std::less<>> values_;
  std::deque<std::pair<std::string, edge::snapshot_answer>> waiting_;
};

} // namespace troupe::desk
