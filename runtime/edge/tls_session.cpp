#include "runtime/edge/tls_session.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace troupe::edge {

void tls_session::freed::operator()(ssl_st* p) const noexcept { SSL_free(p); }

result<tls_session> tls_session::make(tls_context trust, const std::string& host) {
  tls_session s;
  s.trust_ = std::move(trust);
  s.ssl_.reset(SSL_new(s.trust_->native_handle()));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  if (!s.ssl_ || !in || !out) {
    BIO_free(in);
    BIO_free(out);
    return fail(errc::internal, "OpenSSL has no memory for a connection");
  }
  BIO_set_mem_eof_return(in, -1); // empty is not the end
  SSL_set_bio(s.ssl_.get(), in, out);
  SSL_set_connect_state(s.ssl_.get());
  if (!expect_host(s.ssl_.get(), host)) return fail(errc::invalid_argument, "\"" + host + "\" is no host's name");
  return s;
}

tls_session::state tls_session::after(int done) {
  switch (SSL_get_error(ssl_.get(), done)) {
  case SSL_ERROR_NONE: return state::open;
  case SSL_ERROR_WANT_READ:
  case SSL_ERROR_WANT_WRITE: return state::wants_input;
  case SSL_ERROR_ZERO_RETURN: return state::ended;
  default: break;
  }
  char reason[256] = "the peer broke off";
  if (const auto code = ERR_peek_last_error(); code != 0) ERR_error_string_n(code, reason, sizeof reason);
  ERR_clear_error();
  why_ = why_not_trusted(ssl_.get(), reason);
  return state::failed;
}

tls_session::state tls_session::shake_hands() {
  ERR_clear_error();
  return after(SSL_do_handshake(ssl_.get()));
}

bool tls_session::write(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t taken = 0;
    ERR_clear_error();
    if (after(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &taken)) != state::open) return false;
    bytes.remove_prefix(taken);
  }
  return true;
}

tls_session::state tls_session::read(std::string& out) {
  bool some = false;
  for (;;) {
    char buffer[16 * 1024];
    std::size_t n = 0;
    ERR_clear_error();
    const auto now = after(SSL_read_ex(ssl_.get(), buffer, sizeof buffer, &n));
    if (now != state::open) return some ? state::open : now; // the next call says it
    out.append(buffer, n);
    some = true;
  }
}

void tls_session::end() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

void tls_session::put(std::string_view bytes) { // memory takes everything
  BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size()));
}

std::string tls_session::take() {
  BIO* out = SSL_get_wbio(ssl_.get());
  std::string bytes(BIO_ctrl_pending(out), '\0');
  if (!bytes.empty()) bytes.resize(static_cast<std::size_t>(std::max(0, BIO_read(out, bytes.data(), static_cast<int>(bytes.size())))));
  return bytes;
}

} // namespace troupe::edge
