#include "runtime/cluster/host_lookup.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <pthread.h>

namespace troupe::cluster {

namespace asio = boost::asio;

result<std::vector<std::string>> system_addresses(const std::string& host) {
  asio::io_context here; // asked in this thread, it makes no other one
  asio::ip::tcp::resolver resolver{here};
  boost::system::error_code failed;
  const auto found = resolver.resolve(host, "", failed);
  if (failed) return fail(errc::not_found, failed.message());
  std::vector<std::string> all;
  for (const auto& one : found) all.push_back(one.endpoint().address().to_string());
  return all;
}

struct host_lookup::shared {
  asio::io_context& io;
  const resolver how;
  std::mutex mutex;
  host_lookup* owner; // none: it is gone, and so may `io` be
};

host_lookup::host_lookup(asio::io_context& io, resolver how) : shared_{new shared{io, std::move(how), {}, this}} {}

host_lookup::~host_lookup() {
  std::lock_guard guard{shared_->mutex};
  shared_->owner = nullptr;
}

void host_lookup::find(const node_name& peer, const std::string& host, told when_known) {
  boost::system::error_code is_name;
  const auto address = asio::ip::make_address(host, is_name);
  if (!is_name) return when_known(std::vector{address.to_string()});
  if (const auto at = waiting_.find(peer); at != waiting_.end()) {
    at->second = std::move(when_known);
    return;
  }
  waiting_.emplace(peer, std::move(when_known));
  try {
    std::thread one{[with = shared_, peer, host] {
      ::pthread_setname_np(::pthread_self(), "host_lookup");
      auto found = with->how(host);
      std::lock_guard guard{with->mutex};
      if (!with->owner) return;
      asio::post(with->io, [with, peer, found = std::move(found)] {
        if (with->owner) with->owner->answer(peer, found);
      });
    }};
    one.detach();
  } catch (const std::system_error& e) { // no more threads: whoever asks again may find one
    asio::post(shared_->io, [with = shared_, peer, found = addresses{fail(errc::unavailable, e.what())}] {
      if (with->owner) with->owner->answer(peer, found);
    });
  }
}

void host_lookup::answer(const node_name& peer, const addresses& found) {
  const auto at = waiting_.find(peer);
  if (at == waiting_.end()) return;
  const auto tell = std::move(at->second);
  waiting_.erase(at); // it may ask again
  tell(found);
}

} // namespace troupe::cluster
