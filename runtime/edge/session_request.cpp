#include "runtime/edge/session.hpp"

#include "runtime/edge/lane_limits.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

#include <openssl/crypto.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace troupe::edge {

namespace http = boost::beast::http;

namespace {

std::optional<method> method_of(http::verb v) noexcept {
  switch (v) {
    case http::verb::get:
    case http::verb::head: return method::get;
    case http::verb::post: return method::post;
    case http::verb::put: return method::put;
    case http::verb::patch: return method::patch;
    case http::verb::delete_: return method::del;
    default: return std::nullopt;
  }
}

std::string_view view(boost::beast::string_view s) noexcept { return {s.data(), s.size()}; }

/// The path of "/a?b", of "http://host/a?b" too, which is "/" where there is none. Empty when the target is neither.
std::string_view path_of(std::string_view target) noexcept {
  for (const std::string_view scheme : {"http://", "https://"}) { // RFC 3986, 3.1: in any case
    if (!boost::beast::iequals(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    if (!target.starts_with('/')) return "/";
  }
  return target.starts_with('/') ? target.substr(0, target.find('?')) : std::string_view{};
}

std::string_view query_of(std::string_view target) noexcept {
  const auto mark = target.find('?');
  if (mark == std::string_view::npos) return {};
  target.remove_prefix(mark + 1);
  return target.substr(0, target.find('#'));
}

/// A key that is there and says nothing would quietly be none, and of two nobody knows which is meant.
std::optional<error> unfit_key(const http_request& message) {
  const auto unfit = [](const char* why) { return error{errc::invalid_argument, "the request has invalid fields", {{"Idempotency-Key", why}}}; };
  const auto given = message.count("Idempotency-Key");
  if (given > 1) return unfit("appears twice");
  if (given == 1 && view(message["Idempotency-Key"]).find_first_not_of(" \t") == std::string_view::npos) return unfit("must not be blank");
  return std::nullopt;
}

/// How the body is packed, which nobody here unpacks: what came would be read as something else. Empty when it is not.
std::string_view packing_of(const http_request& message) {
  const auto [first, last] = message.equal_range(http::field::content_encoding);
  for (auto line = first; line != last; ++line)
    if (!line->value().empty() && !boost::beast::iequals(line->value(), "identity")) return view(line->value());
  return {};
}

/// A browser names no origin when a page of somebody else only loads something (an image, a script, a frame), but it says so. A person who follows
/// a link may come from anywhere.
bool is_loaded_by_foreign_page(const http_request& message) {
  const auto site = view(message["Sec-Fetch-Site"]);
  if (site != "cross-site" && site != "same-site") return false;
  const auto into = view(message["Sec-Fetch-Dest"]);
  return message.method() != http::verb::get || view(message["Sec-Fetch-Mode"]) != "navigate" || (!into.empty() && into != "document");
}

/// A browser cannot set headers of a WebSocket: its key comes among the subprotocols that it offers. It is taken out of them, so that it goes no further.
std::string take_offered_key(http_request& message) {
  constexpr std::string_view prefix = "troupe.key.";
  std::string key, others;
  const auto [first, last] = message.equal_range(http::field::sec_websocket_protocol);
  for (auto line = first; line != last; ++line)
    for (const auto offer : http::token_list{line->value()}) {
      if (view(offer).starts_with(prefix)) key = view(offer).substr(prefix.size());
      else (others += others.empty() ? "" : ", ") += view(offer);
    }
  if (key.empty()) return key;
  message.erase(http::field::sec_websocket_protocol);
  if (!others.empty()) message.set(http::field::sec_websocket_protocol, others);
  return key;
}

/// What a browser asks before it sends another page's request. It says who asks and shows no key; the answer is which methods there are.
bool is_preflight(const http_request& message) {
  return message.method() == http::verb::options && message.count(http::field::access_control_request_method) > 0;
}

} // namespace

std::shared_ptr<exchange> session::new_exchange() {
  auto e = std::make_shared<exchange>();
  e->owner = weak_from_this();
  e->queue = core_.answers;
  e->metrics = core_.metrics;
  auto& r = e->request;
  r.number = ++core_.requests;
  char id[32]; // leaves 15 digits to the number
  char* at = std::ranges::copy(core_.boot_id.view(), id).out;
  *at++ = '-';
  at = std::to_chars(at, std::end(id), r.number).ptr;
  r.id = text<32>{std::string_view{id, static_cast<std::size_t>(at - id)}};
  r.peer = peer_;
  r.listener = where_.declared.name;
  r.surfaces = &where_.declared.surfaces;
  r.received_at = std::chrono::time_point_cast<nanoseconds>(std::chrono::system_clock::now());
  return e;
}

void session::dispatch() {
  raise(core_.metrics->requests_total);
  auto message = parser_->release();
  parser_.reset();
  auto e = new_exchange();
  e->keep_alive = message.keep_alive() && !core_.draining && !reserved_;
  e->head_only = message.method() == http::verb::head;
  if (!message.keep_alive() || reserved_) input_ended_ = true;
  read_within(core_.options.idle_time);
  pending_.push_back(e);
  route_request(e, std::move(message));
}

namespace {

/// "localhost:8080" is localhost, "[::1]:8080" is ::1.
std::string_view name_in(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

bool is_loopback_name(std::string_view name) {
  if (boost::beast::iequals(name, "localhost")) return true;
  boost::system::error_code wrong;
  const auto address = boost::asio::ip::make_address(std::string{name}, wrong);
  return !wrong && address.is_loopback();
}

} // namespace

/// One under which this listener is known to be called. Where every request needs a key it may be any unless some are configured: a page that got
/// here under a name of its own has no key, and no certificate for that name either.
bool session::is_own_name(std::string_view name) const {
  const auto& named = where_.declared.hosts;
  if (is_loopback_name(name) || (where_.needs_key && named.empty())) return true;
  return std::ranges::any_of(named, [&](const std::string& own) { return boost::beast::iequals(own, name); });
}

/// A name that somebody pointed at this machine is not this server: a page of that name, which its browser takes for one of ours, could trade.
bool session::host_allowed(std::string_view host) const {
  if (host.empty() || is_own_name(name_in(host))) return true; // every browser says a name
  return std::ranges::any_of(core_.options.allowed_origins, [&](const std::string& origin) {
    const auto at = origin.find("://");
    return at != std::string::npos && name_in(std::string_view{origin}.substr(at + 3)) == name_in(host);
  });
}

bool session::origin_allowed(std::string_view origin, std::string_view host) const {
  const auto& allowed = core_.options.allowed_origins;
  if (std::find(allowed.begin(), allowed.end(), origin) != allowed.end()) return true;
  const std::string_view scheme = where_.tls ? "https://" : "http://";
  return origin.starts_with(scheme) && origin.substr(scheme.size()) == host && is_own_name(name_in(host));
}

bool session::admit(const std::shared_ptr<exchange>& e, http_request& message, const route* to) {
  auto& r = e->request;
  auto& refused = core_.metrics->refused;
  r.authorization = view(message[http::field::authorization]);
  constexpr std::string_view scheme = "Bearer "; // RFC 9110, 11.1: in any case
  auto offered = to && to->upgrade ? take_offered_key(message) : std::string{};
  const std::string_view shown{r.authorization};
  const auto key = boost::beast::iequals(shown.substr(0, scheme.size()), scheme) ? shown.substr(scheme.size()) : std::string_view{offered};
  const bool shows_key = !key.empty();
  if (shows_key && core_.options.caller_of) r.caller = core_.options.caller_of(key);
  if (r.caller && to && to->upgrade) e->key = sha256(key);
  OPENSSL_cleanse(offered.data(), offered.size());
  if (!r.caller) {
    const bool is_mistaken = shows_key && core_.options.caller_of && to && to->verb != method::get && !to->surface->rules.takes_unknown_keys;
    const bool is_free = (!where_.needs_key && !is_mistaken) || (to && to->is_open) || (is_preflight(message) && !e->allowed_origin.empty());
    if (is_free) return true;
    raise(refused.no_key);
    const auto why = fail(errc::not_authorised, shows_key ? "the key is none of this node's; they lie in the folder keys of its data directory, and one that is added there counts within a few seconds" : "this needs a key: send Authorization: Bearer KEY");
    const auto* formats = to ? to->surface : where_.answers_errors;
    auto r401 = formats->rules.format(why, 401, r.id.view());
    answer(e, std::move(r401.header("WWW-Authenticate", "Bearer")));
    return false;
  }
  if (!to) return true; // who has a key is told what there is
  const auto needed = to->needs_authorisation ? access::operate : to->verb == method::get ? access::read : access::trade;
  if (r.caller->may >= needed) return true;
  raise(refused.role);
  refuse(e, fail(errc::forbidden, needed == access::operate ? "this needs an operator's key" : "this key is for reading only"), 403);
  return false;
}

void session::route_request(const std::shared_ptr<exchange>& e, http_request&& message) {
  auto& r = e->request;
  auto& refused = core_.metrics->refused;
  r.target = view(message.target());
  r.sent_verb = view(message.method_string());
  if (const auto verb = method_of(message.method())) r.verb = *verb;
  if (core_.draining) {
    raise(refused.draining);
    return refuse(e, fail(errc::unavailable, "the node is stopping; repeat with the same id after a pause"), 503);
  }
  const auto origin = view(message[http::field::origin]);
  const auto host = view(message[http::field::host]);
  if (!host_allowed(host)) {
    raise(refused.foreign_origin);
    return refuse(e, fail(errc::forbidden, "this node is not called by that name: use localhost or 127.0.0.1, or, behind a proxy, list its page in the allowed origins"), 403);
  }
  if (!origin.empty()) {
    if (!origin_allowed(origin, host)) {
      raise(refused.foreign_origin);
      return refuse(e, fail(errc::forbidden, "pages of this origin may not call here; add it to the allowed origins"), 403);
    }
    e->allowed_origin = origin;
  } else if (is_loaded_by_foreign_page(message)) {
    raise(refused.foreign_origin);
    return refuse(e, fail(errc::forbidden, "pages of another origin may load nothing from here; follow a link, or add the origin to the allowed ones and fetch with CORS"), 403);
  }
  auto found = where_.routes.find(path_of(r.target));
  const auto verb = method_of(message.method());
  const auto* to = verb ? found.routes[static_cast<std::size_t>(*verb)] : nullptr;
  r.matched = to;
  if (!admit(e, message, to)) return;
  if (!found.found()) {
    raise(refused.route_not_found);
    return refuse(e, fail(errc::route_not_found, "nothing is served at this path; " + where_.directions), 404);
  }
  if (message.method() == http::verb::options) {
    response allowed;
    allowed.status = 204;
    allowed.header("Allow", found.allowed());
    if (!origin.empty())
      allowed.header("Access-Control-Allow-Methods", found.allowed())
        .header("Access-Control-Allow-Headers", "Content-Type, Authorization, Idempotency-Key")
        .header("Access-Control-Max-Age", "600"); // else a browser asks again every 5 s
    return answer(e, std::move(allowed));
  }
  if (!to) {
    raise(refused.method_not_allowed);
    const auto why = fail(errc::method_not_allowed, "this path serves " + found.allowed());
    auto r405 = where_.answers_errors->rules.format(why, 405, r.id.view());
    return answer(e, std::move(r405.header("Allow", found.allowed())));
  }
  if (reserved_ && to->lane != lane::control && !to->is_probe) {
    raise(refused.connections);
    return refuse(e, fail(errc::overloaded, "too many connections; reuse one or repeat after a pause"), 503);
  }
  if (const auto packing = packing_of(message); to->reads_body && !packing.empty()) {
    const auto why = fail(errc::unsupported, "a body with Content-Encoding " + std::string{packing.substr(0, 32)} + " is not read here; send it as it is");
    auto r415 = to->surface->rules.format(why, 415, r.id.view());
    return answer(e, std::move(r415.header("Accept-Encoding", "identity")));
  }
  auto query = parse_query(query_of(r.target));
  if (found.bad_escape || !query) {
    return refuse(e, query ? fail(errc::malformed, "the path holds a % that no two hexadecimal digits follow")
                           : query.error(), 400);
  }
  r.query = std::move(*query);
  r.path = name_values(to->path, std::move(found.values));
  if (to->takes_idempotency_key)
    if (auto why = unfit_key(message)) return refuse(e, *why, 400);
  r.idempotency_key = view(message["Idempotency-Key"]);
  if (to->upgrade) {
    r.body = message.body();
    return upgrade(*to, e, std::move(message));
  }
  r.body = std::move(message.body());
  call(*to, e);
}

void session::call(const route& to, const std::shared_ptr<exchange>& e) {
  auto& metrics = *core_.metrics;
  const bool urgent = to.lane == lane::control; // bounded all the same: parsing stops at twice the limit
  const auto waiting = std::count_if(pending_.begin(), pending_.end(), [](const auto& p) { return p->counted && !p->answered(); });
  if (!urgent && static_cast<std::size_t>(waiting) >= core_.options.requests_per_connection) {
    raise(metrics.refused.per_connection);
    return refuse(e, fail(errc::overloaded, "too many requests wait on this connection; read the answers first"), 429);
  }
  const lane_limits limits{core_.options.requests_max, core_.options.requests_reserved};
  if (!limits.has_place(to.lane, metrics.in_flight.load(std::memory_order_relaxed), metrics.reads_in_flight.load(std::memory_order_relaxed))) {
    raise(metrics.refused.in_flight);
    return refuse(e, fail(errc::overloaded, "too many requests are under way; repeat after a pause"), 503);
  }
  metrics.in_flight.fetch_add(1, std::memory_order_relaxed);
  e->counted = true;
  e->is_read = to.lane == lane::data;
  if (e->is_read) metrics.reads_in_flight.fetch_add(1, std::memory_order_relaxed);
  const auto now = steady_ns();
  e->deadline_ns = now + std::chrono::nanoseconds{core_.options.handler_time}.count();
  if (e->request.number % 64 == 0) e->started_ns = now;
  responder reply{e};
  try { // a handler's bug costs its request, not the server
    to.handler(e->request, reply);
  } catch (const std::exception& x) {
    reply.fail(fail(errc::internal, std::string{"the handler failed: "} + x.what()));
  }
}

void session::upgrade(const route& to, const std::shared_ptr<exchange>& e, http_request&& message) {
  if (auto undeclared = refuse_undeclared(e->request, false, false)) return refuse(e, *undeclared, 400);
  if (!boost::beast::websocket::is_upgrade(message) || pending_.size() > 1 || !out_.empty() || !writing_.empty()) {
    auto r = to.surface->rules.format(fail(errc::unsupported, "this path speaks WebSocket: send an Upgrade request on "
                                                              "a connection without requests under way"),
                                      426, e->request.id.view());
    return answer(e, std::move(r.header("Upgrade", "websocket")));
  }
  constexpr std::size_t key_bytes = 24; // RFC 6455, 4.1: 16 bytes as base64
  if (view(message[http::field::sec_websocket_key]).size() != key_bytes)
    return refuse(e, fail(errc::malformed, "a WebSocket handshake has a Sec-WebSocket-Key of 24 characters"), 400);
  if (view(message[http::field::sec_websocket_version]) != "13") {
    auto r = to.surface->rules.format(fail(errc::unsupported, "version 13 of WebSocket is spoken here"), 426, e->request.id.view());
    return answer(e, std::move(r.header("Upgrade", "websocket").header("Sec-WebSocket-Version", "13")));
  }
  if (buffer_.size() > 0) // RFC 6455, 4.1: it waits for the answer; whoever does not may mean a request, or a frame
    return refuse(e, fail(errc::malformed, "nothing may follow a WebSocket handshake before its answer has come"), 400);
  raise(to.metrics.by_class[0]);
  if (core_.options.answered) core_.options.answered(e->request, 101);
  raise(core_.metrics->websockets);
  std::shared_ptr<void> counted{nullptr, [metrics = core_.metrics](void*) {
    metrics->websockets.fetch_sub(1, std::memory_order_relaxed);
  }};
  pending_.clear();
  closed_ = true; // the socket is somebody else's now
  to.upgrade({std::move(socket_), std::move(message), e->request, std::move(counted), e->key});
  core_.remove(*this);
}

void session::answer(const std::shared_ptr<exchange>& e, response r) {
  const bool first = e->claim();
  TROUPE_ASSERT(first, "the edge answers only what no handler has seen");
  e->answer = std::move(r);
  e->done = true;
}

void session::refuse(const std::shared_ptr<exchange>& e, const error& why, unsigned status) {
  const auto* formats = e->request.matched ? e->request.matched->surface : where_.answers_errors;
  answer(e, formats->rules.format(why, status, e->request.id.view()));
}

void session::refuse_and_close(const error& why, unsigned status) {
  auto e = new_exchange();
  e->keep_alive = false;
  input_ended_ = true;
  if (parser_) { // with as many fields as came
    const auto origin = view(parser_->get()[http::field::origin]), host = view(parser_->get()[http::field::host]);
    if (!origin.empty() && host_allowed(host) && origin_allowed(origin, host)) e->allowed_origin = origin;
  }
  parser_.reset();
  pending_.push_back(e);
  refuse(e, why, status);
  if (!parsing_) flush();
}

} // namespace troupe::edge
