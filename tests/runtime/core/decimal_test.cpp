#include "runtime/core/decimal.hpp"
#include "runtime/core/hash.hpp"
#include "tests/support/test.hpp"

#include <cmath>
#include <limits>
#include <random>

using namespace troupe;

TEST_SUITE_BEGIN("core/decimal");

TEST_CASE("parse: text is read exactly or refused") {
  struct row { const char* text; bool ok; std::int64_t units; };
  const row rows[] = {
    {"0", true, 0}, {"-0", true, 0}, {"1", true, 100000000}, {"61800.30", true, 6180030000000},
    {"0.00000001", true, 1}, {"0.000000010", true, 1}, {"0.000000001", false, 0}, {"1e2", true, 10000000000},
    {"1.5E-8", false, 0}, {"15e-9", false, 0}, {"10e-9", true, 1}, {"", false, 0}, {"-", false, 0}, {".5", false, 0},
    {"5.", false, 0}, {"1..2", false, 0}, {"1e", false, 0}, {"nan", false, 0}, {"0x10", false, 0}, {" 1", false, 0},
    {"92233720368.54775807", true, INT64_MAX}, {"-92233720368.54775807", true, -INT64_MAX},
    {"92233720368.54775808", false, 0}, {"1e999999999", false, 0},
    {"99999999999999999999999999999999999999999", false, 0},
  };
  for (const auto& r : rows) {
    CAPTURE(r.text);
    auto p = price::parse(r.text);
    REQUIRE(p.has_value() == r.ok);
    if (r.ok) CHECK(p->units == r.units);
  }
}

TEST_CASE("format: parse(format(x)) is x for every x") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937_64 random{seed};
  for (int i = 0; i < 20000; ++i) {
    auto units = static_cast<std::int64_t>(random() >> (random() % 63));
    if (random() % 2) units = -units;
    CAPTURE(units);
    auto back = price::parse(price{units}.str());
    REQUIRE(back);
    REQUIRE(back->units == units);
  }
  CHECK(format_scaled(int128{1} << 100) == "12676506002282294014967.03205376");
}

TEST_CASE("divide: half goes to the even neighbour, on both sides of zero") {
  CHECK(divide(5, 2, rounding::half_even) == 2);
  CHECK(divide(7, 2, rounding::half_even) == 4);
  CHECK(divide(-5, 2, rounding::half_even) == -2);
  CHECK(divide(-7, 2, rounding::half_even) == -4);
  CHECK(divide(-7, 2, rounding::down) == -4);
  CHECK(divide(-7, 2, rounding::up) == -3);
  CHECK(divide(7, 3, rounding::half_even) == 2);
}

TEST_CASE("notional: exact products, one rounding") {
  CHECK(notional(*price::parse("61800.3"), *quantity::parse("0.006"), "USDT").str() == "370.8018");
  CHECK(notional(price{1}, quantity{50000000}, "USDT").units == 0);      // half to even
  CHECK(notional(price{3}, quantity{50000000}, "USDT").units == 2);
  CHECK(notional(price{INT64_MAX}, quantity{INT64_MAX}, "USDT").units > 0);
}

TEST_CASE("round_to_tick: only finite numbers in range become prices") {
  const price tick = *price::parse("0.1");
  CHECK(round_to_tick(61800.26, tick)->str() == "61800.3");
  CHECK(round_to_tick(61800.26, tick, rounding::down)->str() == "61800.2");
  CHECK(round_to_tick(-1.01, tick, rounding::up)->str() == "-1");
  CHECK_FALSE(round_to_tick(std::nan(""), tick));
  CHECK_FALSE(round_to_tick(std::numeric_limits<double>::infinity(), tick));
  CHECK_FALSE(round_to_tick(1e30, tick));
  CHECK_FALSE(round_to_tick(1.0, price{0}));
}

TEST_CASE("hash: published vectors") {
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(crc32c("123456789") == 0xe3069283u);
  CHECK(crc32c("6789", crc32c("12345")) == 0xe3069283u);
}
