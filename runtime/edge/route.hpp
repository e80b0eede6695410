#pragma once
// Routes as data: declared once by a typed builder; dispatch, decoding, validation and /openapi.json follow from the
// table. Filled before the server starts, then only read (the counters excepted).

#include "runtime/core/assert.hpp"
#include "runtime/core/context.hpp"
#include "runtime/edge/metrics.hpp"
#include "runtime/edge/request.hpp"
#include "runtime/edge/responder.hpp"
#include "runtime/edge/response.hpp"
#include "runtime/wire/wire.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::edge {

struct websocket_upgrade;

/// The request has no body, or no parameters, or the reply is not JSON.
struct none {};

/// How one family of routes behaves.
struct surface_rules {
  std::string title;
  wire::unknown_fields unknown = wire::unknown_fields::refuse;
  error_format format = native_error;
  std::string_view error_schema = native_error_schema();
  /// Where no key is needed one that is nobody's is as if there were none; else what it would change is 401, so that nothing is on record under another name
  /// than whoever sent it believes.
  bool takes_unknown_keys = false;
  /// "/orders/" is "/orders", as for clients of servers that send them from one to the other.
  bool takes_trailing_slash = false;
};

struct surface {
  std::string name;
  surface_rules rules;
  mutable counter unknown_fields{0}; // members and parameters ignored because nobody declared them
};

struct parameter {
  std::string name;
  std::string in; // "path", "query" or "header"
  std::string schema;
  bool required = false;
  std::string description;
};

/// A type by name and JSON Schema. An empty schema: none.
struct shape {
  std::string name;
  std::string schema;
};

struct route {
  const edge::surface* surface = nullptr;
  method verb = method::get;
  std::string path; // "/v1/orders/{order_id}"
  std::string summary;
  std::vector<parameter> parameters;
  shape request;
  shape reply;
  std::string reply_type = "application/json";
  std::vector<unsigned> taken; // statuses of the reply beside 200
  std::vector<errc> errors;
  bool reads_body = false;
  bool body_optional = false; // no body, a blank one or null counts as an empty object
  /// `control` still gets in when requests_max are under way, `order` when reads have taken all that lane_limits gives them.
  troupe::lane lane = troupe::lane::data;
  bool is_probe = false; // see probe()
  bool is_open = false;  // see open()
  bool takes_idempotency_key = false;
  bool needs_authorisation = false; // see authorised()
  /// Runs on the edge's thread and must not block; answers now or later.
  std::function<void(const request_context&, responder)> handler;
  /// Set on WebSocket routes only: takes the connection over, and closes what was taken over.
  std::function<void(websocket_upgrade&&)> upgrade;
  std::function<void(bool at_once)> close_upgraded;
  mutable route_metrics metrics;

  /// Documents that the route reads Idempotency-Key.
  route& idempotent();
  /// For operators: a key for less is refused (403). Whether none is needed where keys are not, the handler decides.
  route& authorised();
  /// For what stops or withdraws: served in the control lane.
  route& urgent();
  /// For whether the node is well: answered on a connection beyond the limit too, or a full node would look like a dead one.
  route& probe();
  /// For who has no key, also where every other route needs one: tells nothing of the node but whether it is well.
  route& open();
  route& may_lack_body();
  /// Documents that the reply may come with this status: 201 created, 202 under way.
  route& may_answer(unsigned status);
  route& describe_parameter(std::string_view name, std::string description);
};

/// Reads the path and query as a `T`; the body as a `T`. Errors carry every violation.
[[nodiscard]] wire::json_value parameters_value(const request_context& request);
[[nodiscard]] result<wire::json_value> body_value(const request_context& request);
/// Refuses parameters or a body where the route declares none (and the surface is strict).
[[nodiscard]] std::optional<error> refuse_undeclared(const request_context& request, bool parameters, bool body);

class route_table {
public:
  route_table() = default;
  route_table(const route_table&) = delete;
  route_table& operator=(const route_table&) = delete;

  /// Declares a surface before its first route. Requires: the name is new.
  void declare(const std::string& name, surface_rules rules);

  /// A route whose handler is `void(const request_context&, Parameters, responder)`. Members of `Parameters` named
  /// like a part of the path come from the path, the others from the query. Requires: verb and path are new.
  template <class Parameters, class Reply, class Handler>
  route& get(const std::string& surface, const std::string& path, std::string summary, std::vector<errc> errors,
             Handler handler) {
    return with_parameters<Parameters, Reply>(method::get, surface, path, std::move(summary), std::move(errors),
                                              std::move(handler));
  }
  template <class Parameters, class Reply, class Handler>
  route& del(const std::string& surface, const std::string& path, std::string summary, std::vector<errc> errors,
             Handler handler) {
    return with_parameters<Parameters, Reply>(method::del, surface, path, std::move(summary), std::move(errors),
                                              std::move(handler));
  }
  /// A route whose handler is `void(const request_context&, Body, responder)`; parts of the path are read with
  /// request_context::path_value. `none` as the body: the request must be empty.
  template <class Body, class Reply, class Handler>
  route& post(const std::string& surface, const std::string& path, std::string summary, std::vector<errc> errors,
              Handler handler) {
    return with_body<Body, Reply>(method::post, surface, path, std::move(summary), std::move(errors), std::move(handler));
  }
  template <class Body, class Reply, class Handler>
  route& put(const std::string& surface, const std::string& path, std::string summary, std::vector<errc> errors,
             Handler handler) {
    return with_body<Body, Reply>(method::put, surface, path, std::move(summary), std::move(errors), std::move(handler));
  }
  /// Both: `void(const request_context&, Parameters, Body, responder)`.
  template <class Parameters, class Body, class Reply, class Handler>
  route& add(method verb, const std::string& surface, const std::string& path, std::string summary,
             std::vector<errc> errors, Handler handler);

  /// Only the declaration; the caller sets parameters, shapes and the handler. Requires: verb and path are new.
  route& add_untyped(method verb, const std::string& surface, const std::string& path, std::string summary,
                     std::vector<errc> errors);

  [[nodiscard]] const std::deque<route>& routes() const noexcept { return routes_; }
  /// Null when no such surface was declared.
  [[nodiscard]] const edge::surface* find_surface(std::string_view name) const noexcept;

private:
  template <class Parameters, class Reply, class Handler>
  route& with_parameters(method verb, const std::string& surface, const std::string& path, std::string summary,
                         std::vector<errc> errors, Handler handler) {
    return add<Parameters, none, Reply>(
      verb, surface, path, std::move(summary), std::move(errors),
      [h = std::move(handler)](const request_context& request, Parameters p, none, responder reply) {
        h(request, std::move(p), std::move(reply));
      });
  }
  template <class Body, class Reply, class Handler>
  route& with_body(method verb, const std::string& surface, const std::string& path, std::string summary,
                   std::vector<errc> errors, Handler handler) {
    return add<none, Body, Reply>(
      verb, surface, path, std::move(summary), std::move(errors),
      [h = std::move(handler)](const request_context& request, none, Body b, responder reply) {
        h(request, std::move(b), std::move(reply));
      });
  }

  std::deque<route> routes_; // stable addresses
  std::map<std::string, std::unique_ptr<edge::surface>, std::less<>> surfaces_;
};

namespace detail {

template <class T>
shape shape_of() {
  if constexpr (std::is_same_v<T, none>) return {};
  else return {wire::name<T>(), wire::schema<T>()};
}

/// Decodes `value` by the rules of the surface.
template <class T>
result<T> decode(const wire::json_value& value, const surface& s) {
  wire::json_decoding mode{s.rules.unknown};
  auto out = wire::from_json<T>(value, mode);
  if (mode.unknown_seen != 0) raise(s.unknown_fields, mode.unknown_seen);
  return out;
}

template <class T>
result<T> read_parameters(const request_context& request) {
  if constexpr (std::is_same_v<T, none>) return none{};
  else return decode<T>(parameters_value(request), *request.matched->surface);
}

template <class T>
result<T> read_body(const request_context& request) {
  if constexpr (std::is_same_v<T, none>) return none{};
  else {
    auto value = body_value(request);
    if (!value) return value.error();
    return decode<T>(*value, *request.matched->surface);
  }
}

/// Fills `out.parameters` from the properties of a schema and the parts of the path.
void declare_parameters(route& out, const std::string& schema);

} // namespace detail

template <class Parameters, class Body, class Reply, class Handler>
route& route_table::add(method verb, const std::string& surface_name, const std::string& path, std::string summary,
                        std::vector<errc> errors, Handler handler) {
  constexpr bool has_parameters = !std::is_same_v<Parameters, none>;
  constexpr bool has_body = !std::is_same_v<Body, none>;
  auto& r = add_untyped(verb, surface_name, path, std::move(summary), std::move(errors));
  r.request = detail::shape_of<Body>();
  r.reply = detail::shape_of<Reply>();
  r.reads_body = has_body;
  detail::declare_parameters(r, detail::shape_of<Parameters>().schema);
  r.handler = [h = std::move(handler)](const request_context& request, responder reply) {
    if (auto refused = refuse_undeclared(request, has_parameters, has_body)) {
      reply.fail(*refused);
      return;
    }
    auto parameters = detail::read_parameters<Parameters>(request);
    auto body = detail::read_body<Body>(request);
    if (parameters && body) {
      h(request, std::move(*parameters), std::move(*body), std::move(reply));
      return;
    }
    auto refused = parameters ? body.error() : parameters.error();
    if (!parameters && !body) { // one answer tells everything that is wrong
      const auto more = body.error(); // of a copy, which each call of error() makes
      refused.fields.insert(refused.fields.end(), more.fields.begin(), more.fields.end());
    }
    reply.fail(refused);
  };
  return r;
}

} // namespace troupe::edge
