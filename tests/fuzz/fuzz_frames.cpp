// Any bytes as what a peer sends behind its TLS handshake: every whole frame is handed over as it was, in order, until the first that is
// malformed, which ends the connection; so does the end of the bytes, once. The first byte says whether the peer has been greeted, without
// which only short greetings pass, the second how many bytes are written at once. The connection's socket is one of a pair.

#include "runtime/cluster/link.hpp"
#include "runtime/cluster/tls_connection.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/asio/write.hpp>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <sys/socket.h>

using namespace troupe;
using namespace troupe::cluster;
namespace asio = boost::asio;
namespace ssl = asio::ssl;
using tcp = asio::ip::tcp;

namespace {

/// A key and a certificate that nobody verifies: who may come in is not asked here.
ssl::context& with_certificate() {
  static ssl::context made{ssl::context::tlsv13};
  static const bool is_made = [] {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    FUZZ_CHECK(key && certificate);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    FUZZ_CHECK(X509_set_pubkey(certificate, key) == 1 && X509_sign(certificate, key, EVP_sha256()) != 0);
    FUZZ_CHECK(SSL_CTX_use_certificate(made.native_handle(), certificate) == 1 && SSL_CTX_use_PrivateKey(made.native_handle(), key) == 1);
    SSL_CTX_set_num_tickets(made.native_handle(), 0);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return true;
  }();
  FUZZ_CHECK(is_made);
  return made;
}
ssl::context& without_certificate() {
  static ssl::context made{ssl::context::tlsv13};
  return made;
}

using frame = std::pair<std::uint8_t, std::string>;

struct conversation {
  std::vector<frame> frames;
  std::vector<std::string> ends; // why it was closed
};

/// What the format says is in the bytes; true: a frame that is malformed comes behind them.
bool expect(std::string_view bytes, bool is_greeted, std::vector<frame>& frames) {
  constexpr std::size_t header = 5;
  const std::size_t longest = is_greeted ? frame_bytes_max : 4096;
  while (bytes.size() >= header) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    const auto type = static_cast<std::uint8_t>(bytes[4]);
    if (type > (is_greeted ? 3 : 1) || length > longest) return true;
    if (bytes.size() - header < length) return false;
    frames.emplace_back(type, bytes.substr(header, length));
    bytes.remove_prefix(header + length);
  }
  return false;
}

/// The peer: it writes part by part, and closes behind the last.
void write(ssl::stream<tcp::socket>& to, std::string_view rest, std::size_t at_once) {
  if (rest.empty()) {
    boost::system::error_code ignored;
    to.next_layer().close(ignored);
    return;
  }
  const auto part = rest.substr(0, at_once);
  asio::async_write(to, asio::buffer(part.data(), part.size()), [&to, rest, part, at_once](const boost::system::error_code& failed, std::size_t) {
    write(to, failed ? std::string_view{} : rest.substr(part.size()), at_once);
  });
}

conversation talk(std::string_view bytes, bool is_greeted, std::size_t at_once) {
  conversation heard;
  asio::io_context io{1};
  int ends[2] = {-1, -1};
  FUZZ_CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  tcp::socket ours{io}, theirs{io};
  ours.assign(tcp::v4(), ends[0]);
  theirs.assign(tcp::v4(), ends[1]);
  const auto c = std::make_shared<tls_connection>(std::move(ours), with_certificate(), tls_connection::role::accepts);
  tls_connection::handlers h;
  h.received = [&](frame_type type, std::string_view frame_bytes) { heard.frames.emplace_back(static_cast<std::uint8_t>(type), frame_bytes); };
  h.closed = [&](const std::string& why) { heard.ends.push_back(why); };
  h.secured = [&, again = h]() mutable {
    again.secured = [] {};
    if (is_greeted) FUZZ_CHECK(c->take_over(again, 1 << 20));
  };
  c->start(h);
  ssl::stream<tcp::socket> peer{std::move(theirs), without_certificate()};
  peer.async_handshake(ssl::stream_base::client, [&](const boost::system::error_code& failed) {
    FUZZ_CHECK(!failed);
    write(peer, bytes, at_once);
  });
  io.run();
  return heard;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const bool is_greeted = (data[0] & 1) != 0;
  const std::string_view bytes{reinterpret_cast<const char*>(data) + 2, size - 2};
  std::vector<frame> frames;
  const bool is_malformed = expect(bytes, is_greeted, frames);
  const auto heard = talk(bytes, is_greeted, std::max<std::size_t>(1 + data[1], bytes.size() / 64));
  FUZZ_CHECK(heard.frames == frames);
  FUZZ_CHECK(heard.ends.size() == 1);
  FUZZ_CHECK((heard.ends.front() == "a frame is malformed") == is_malformed);
  return 0;
}
