// Bytes, JSON and schemas of market data.
#include "actors/market/batch.hpp"
#include "runtime/wire/wire.ipp"

TROUPE_WIRE(troupe::market::quote)
TROUPE_WIRE(troupe::market::trade)
TROUPE_WIRE(troupe::market::book_lost)
TROUPE_WIRE(troupe::market::bar)
TROUPE_WIRE(troupe::market::event)
TROUPE_WIRE(troupe::market::market_batch)
