#pragma once
// The client's end of TLS without a socket: what is to be sent comes out, what arrived goes in. So it blocks nowhere and raises no SIGPIPE, whoever carries
// its bytes. One thread.

#include "runtime/edge/tls.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace troupe::edge {

class tls_session {
public:
  /// `host` must be in the server's certificate. Errors: invalid_argument (no name), internal (OpenSSL has no memory).
  [[nodiscard]] static result<tls_session> make(tls_context trust, const std::string& host);

  enum class state { open, wants_input, ended, failed };
  /// Goes on with the handshake; `open` when it is done. `failed`: see why.
  [[nodiscard]] state shake_hands();
  /// Encrypts all of it. False: the session has failed. Requires: the handshake is done.
  [[nodiscard]] bool write(std::string_view bytes);
  /// Appends what can be read of what was put in. `open`: something was; `wants_input`: nothing yet; `ended`: the peer said goodbye.
  [[nodiscard]] state read(std::string& out);
  /// Says goodbye: nothing is written behind it.
  void end();

  /// Received from the peer.
  void put(std::string_view bytes);
  /// To be sent to the peer, after any other call; empty when there is nothing.
  [[nodiscard]] std::string take();
  /// Why it failed, for people.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

private:
  struct freed {
    void operator()(ssl_st* p) const noexcept;
  };
  tls_session() = default;
  [[nodiscard]] state after(int result);

  tls_context trust_; // outlives ssl_
  std::unique_ptr<ssl_st, freed> ssl_;
  std::string why_;
};

} // namespace troupe::edge
