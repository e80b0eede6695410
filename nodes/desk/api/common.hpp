#pragma once
// What handlers of every surface share: who asks, under which client id, and how refusals of a slot become answers.
// Pure; any thread.

#include "nodes/desk/api/api.hpp"

#include "actors/trading/oms/messages.hpp"
#include "actors/trading/risk/messages.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::desk {

/// `e` in the error format of the request's surface: for answers made on the reader's thread.
[[nodiscard]] edge::response error_response(const edge::request_context& request, const error& e);
[[nodiscard]] edge::response json_response(std::string body, unsigned status = 200);

/// Whose key came with the request, else "http".
[[nodiscard]] principal_id principal_of(const edge::request_context& request);
/// The operator, or nothing after answering 401: no key came, or nobody's. A key for less has been refused before.
[[nodiscard]] std::optional<principal_id> require_operator(const edge::responder& reply);

/// The client's own id, else the header Idempotency-Key, else "http-" and the request's id, so that each request is a new order. Errors:
/// invalid_argument (the header is longer than 48 characters or not printable).
[[nodiscard]] result<trading::client_order_id> client_id_of(const edge::request_context& request, const std::optional<text<48>>& given);

/// Whose account is meant: one that is named without a tenant is of `main`.
[[nodiscard]] std::optional<trading::tenant_id> tenant_meant(const std::optional<trading::tenant_id>& tenant,
                                                            const std::optional<trading::account_id>& account);

/// Nothing for an account that may open orders.
[[nodiscard]] std::optional<error> reserved(const trading::account_id& account);

/// A halt of white space alone would stop nobody and look as if it had. Nothing when the key is absent, empty (a scope says itself
/// whether it needs one) or can be seen.
[[nodiscard]] std::optional<error> blank_key(const std::optional<text<32>>& key);

/// Why somebody halts, as it goes on record: `otherwise` when nothing of it can be seen; cut, and with '?' for what is no printable ASCII. A halt waits for no
/// words, and is refused for none.
[[nodiscard]] text<95> reason_of_halt(const std::optional<std::string>& given, const text<95>& otherwise);

/// Names are configuration, so a wrong one would stop nothing and look as if it had. Accounts are whoever trades. Nothing when there is one; else
/// not_found, with those there are.
[[nodiscard]] std::optional<error> unknown_scope(const api& a, risk::halt_scope scope, std::string_view key);

/// Nodes that are away and have slots or venues, in any slot of which something of any scope may be open; ascending.
[[nodiscard]] std::vector<node_name> away_with_orders(const api& a);

/// Why a slot did nothing, as an error that names the field; nothing when the command was taken or an order is on record
/// as refused by pre-trade risk. A function of the ack alone: a repeat is answered with the same bytes.
[[nodiscard]] std::optional<error> failure_of(const oms::order_ack& ack);

/// Nothing with a client's own id is on record. Not retriable: what to do about it, the client decides.
[[nodiscard]] error no_order_of(const oms::client_order_query& which);

} // namespace troupe::desk
