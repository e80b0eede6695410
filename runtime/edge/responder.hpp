#pragma once
// The right to answer one request, once, from any thread. Copies share the right. When the last copy goes unanswered
// the client gets 500, so no request can hang because a handler forgot it.

#include "runtime/core/result.hpp"
#include "runtime/edge/request.hpp"
#include "runtime/edge/response.hpp"
#include "runtime/wire/wire.hpp"

#include <memory>
#include <string>
#include <utility>

namespace troupe::edge {

class exchange;

class responder {
public:
  responder() = default;
  explicit responder(std::shared_ptr<exchange> e);
  responder(const responder& other);
  responder(responder&& other) noexcept = default;
  responder& operator=(responder other) noexcept;
  ~responder();

  /// Sends `r` if nobody answered yet; returns whether this call did. The client may have left: that is not an error.
  bool send(response r) const;
  /// Sends `e` in the error format of the route's surface, with the status of its code.
  bool fail(const error& e) const;
  /// The same with another status than the code's own.
  bool fail(const error& e, unsigned status) const;
  /// Sends JSON text.
  bool json(std::string text, unsigned status = 200) const;
  /// Sends `value` as JSON.
  template <class T>
  bool value(const T& x, unsigned status = 200) const {
    return json(wire::to_json(x), status);
  }
  /// Sends the value or the error.
  template <class T>
  bool result(const troupe::result<T>& r, unsigned status = 200) const {
    return r ? value(*r, status) : fail(r.error());
  }
  /// Sends text of another type, for example "text/plain; charset=utf-8".
  bool text(std::string body, std::string content_type, unsigned status = 200) const;

  /// The request; requires that this responder was not moved from.
  [[nodiscard]] const request_context& context() const noexcept;
  [[nodiscard]] explicit operator bool() const noexcept { return exchange_ != nullptr; }

private:
  std::shared_ptr<exchange> exchange_;
};

} // namespace troupe::edge
