#include "actors/platform/trade2026/market_messages.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::trade2026::ticker)
TROUPE_WIRE(std::vector<troupe::trade2026::ticker>)
TROUPE_WIRE(troupe::trade2026::tickers_params)
TROUPE_WIRE(troupe::trade2026::orderbook)
TROUPE_WIRE(troupe::trade2026::orderbook_params)
TROUPE_WIRE(std::vector<troupe::trade2026::candle>)
TROUPE_WIRE(troupe::trade2026::candles_params)
TROUPE_WIRE(troupe::trade2026::trade)
TROUPE_WIRE(std::vector<troupe::trade2026::trade>)
TROUPE_WIRE(troupe::trade2026::trades_params)
TROUPE_WIRE(troupe::trade2026::symbol_info)
TROUPE_WIRE(std::vector<troupe::trade2026::symbol_info>)
TROUPE_WIRE(troupe::trade2026::search_params)
TROUPE_WIRE(troupe::trade2026::gateway_root)
TROUPE_WIRE(troupe::trade2026::gateway_health)
TROUPE_WIRE(troupe::trade2026::gateway_stats)
