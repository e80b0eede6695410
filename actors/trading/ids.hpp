#pragma once
// Identities the trading actors share.

#include "actors/market/messages.hpp"
#include "runtime/core/ids.hpp"

#include <boost/describe.hpp>

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace troupe::trading {

using market::instrument_id;
using market::side;
using market::tape_position;
using market::venue_id;

/// Who the order is for. Accounts hash to slots; a slot owns everything of its accounts.
using account_id = strong_id<struct account_tag, text<32>>;
/// FIX ClOrdID (11): chosen by the client, unique within its account.
using client_order_id = strong_id<struct client_order_tag, text<48>>;
/// Keys carry a tenant beside the account; "main" unless several desks share a node.
using tenant_id = strong_id<struct tenant_tag, text<16>>;
/// The strategy an order came from; empty for orders from people and other systems.
using strategy_id = strong_id<struct strategy_tag, text<23>>;
/// FIX ExecID (17): unique per venue.
using execution_id = strong_id<struct execution_tag, text<31>>;
/// FIX PosReqID (710): of a position correction, unique within its account.
using correction_id = strong_id<struct correction_tag, text<48>>;

/// Where an instrument is traded: what stands behind the last dot of its id. Empty when the id has none.
[[nodiscard]] venue_id venue_named_by(const instrument_id& id) noexcept;

/// Fixed for ever: part of order ids and stream names.
inline constexpr std::uint32_t slot_count = 64;

/// The slot that owns `account`: FNV-1a over "tenant/account" modulo 64.
[[nodiscard]] std::uint32_t slot_of(const tenant_id& tenant, const account_id& account) noexcept;
/// "oms/17".
[[nodiscard]] actor_name slot_name(std::uint32_t slot);
/// The slot behind a name as `slot_name` makes it; nothing for any other.
[[nodiscard]] std::optional<std::uint32_t> slot_called(const actor_name& name) noexcept;
/// "venue/SIM", "strategy/ma_cross".
[[nodiscard]] actor_name venue_actor(const venue_id& venue);
[[nodiscard]] actor_name strategy_actor(const strategy_id& strategy);
/// Whom an actor, or whoever speaks for it, is called after: `name` is as these two make it. Nothing for any other.
[[nodiscard]] std::optional<venue_id> venue_called(std::string_view name) noexcept;
[[nodiscard]] std::optional<strategy_id> strategy_called(std::string_view name) noexcept;
/// Whether an account is called as venues' actors are: where disputes of accounts and of venues are kept together it would be taken for one. None may open orders.
[[nodiscard]] bool is_reserved(const account_id& account) noexcept;
inline constexpr const char* reserved_accounts = "must not begin with venue/: venues in dispute are called so";

/// FIX OrderID (37): slot and a number that only grows within the slot, written "17-4711". It routes without a
/// look-up and is never recycled. Zero is no order.
struct order_id {
  std::uint64_t value = 0; // slot in the top 8 bits, number below

  [[nodiscard]] static constexpr order_id make(std::uint32_t slot, std::uint64_t number) noexcept {
    return {(std::uint64_t{slot} << 56) | number};
  }
  [[nodiscard]] constexpr std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(value >> 56); }
  [[nodiscard]] constexpr std::uint64_t number() const noexcept { return value & 0x00ffffffffffffffu; }
  friend auto operator<=>(const order_id&, const order_id&) = default;
};
BOOST_DESCRIBE_STRUCT(order_id, (), (value))

[[nodiscard]] inline std::string to_text(const order_id& id) {
  return std::to_string(id.slot()) + '-' + std::to_string(id.number());
}
[[nodiscard]] bool from_text(std::string_view s, order_id& out) noexcept;
[[nodiscard]] constexpr const char* text_pattern(std::type_identity<order_id>) { return "^[0-9]{1,2}-[0-9]{1,17}$"; }
/// What the pattern leaves out.
[[nodiscard]] constexpr const char* text_bounds(std::type_identity<order_id>) { return "with a slot of 0 to 63 before the dash"; }

enum class order_type : std::uint8_t { market, limit };
BOOST_DESCRIBE_ENUM(order_type, market, limit)

/// FIX TimeInForce (59). DAY ends at 00:00 UTC.
enum class time_in_force : std::uint8_t { day, gtc, ioc, fok };
BOOST_DESCRIBE_ENUM(time_in_force, day, gtc, ioc, fok)

/// FIX OrdStatus (39). `pending_new` is durable here and on its way to the venue.
enum class order_status : std::uint8_t { pending_new, new_, partially_filled, filled, canceled, rejected, expired };
BOOST_DESCRIBE_ENUM(order_status, pending_new, new_, partially_filled, filled, canceled, rejected, expired)

[[nodiscard]] constexpr bool is_terminal(order_status s) noexcept { return s >= order_status::filled; }

/// What the exchange says about an instrument: configuration, part of the cluster-wide hash.
struct instrument {
  instrument_id id;
  venue_id venue;
  price tick_size;   // > 0; prices are multiples
  quantity lot_size; // > 0; quantities are multiples
  currency quote;    // prices and cash are in it
  friend bool operator==(const instrument&, const instrument&) = default;
};
BOOST_DESCRIBE_STRUCT(instrument, (), (id, venue, tick_size, lot_size, quote))

} // namespace troupe::trading
