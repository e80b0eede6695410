// Where a sum has no right answer there is none: a bug of ours ends the process, and what outside input may cause is told.

#include "runtime/core/decimal.hpp"
#include "tests/support/ended_by.hpp"

using namespace troupe;
using test::ended_by;

TEST_SUITE_BEGIN("core/sums");

namespace {

constexpr int128 most_money = static_cast<int128>(~static_cast<unsigned __int128>(0) >> 1);

/// Sums of one kind at both ends of its range: the last that fits, and the first that does not.
template <class Number>
void check_range() {
  const Number least{-INT64_MAX}, most{INT64_MAX}, step{1};
  CHECK(most - step + step == most);
  CHECK(least + step - step == least);
  CHECK(ended_by([&] { (void)(most - step + step); }) == 0);
  CHECK(ended_by([&] { (void)(most + step); }) == SIGABRT);
  CHECK(ended_by([&] { (void)(least - step); }) == SIGABRT);
  CHECK(ended_by([&] { auto sum = most; sum += step; }) == SIGABRT);
  CHECK(ended_by([&] { auto sum = least; sum -= step; }) == SIGABRT);
  CHECK(checked_add(most - step, step) == most);
  CHECK_FALSE(checked_add(most, step));
  CHECK_FALSE(checked_add(least, -step));
  CHECK(capped_add(most - step, step) == most);
  CHECK(capped_add(most, step) == most);
  CHECK(capped_add(most, most) == most);
  CHECK(capped_add(least, -step) == least);
  CHECK(capped_add(least, most) == Number{0});
  CHECK(Number::whole(INT64_MAX / scale).units == INT64_MAX / scale * scale);
  CHECK(ended_by([] { (void)Number::whole(INT64_MAX / scale + 1); }) == SIGABRT);
  CHECK(ended_by([] { (void)Number::whole(-(INT64_MAX / scale) - 1); }) == SIGABRT);
}

} // namespace

TEST_CASE("money adds within one currency; two of them end the process, and nothing is converted") {
  const money usdt{500, "USDT"}, eur{500, "EUR"};
  CHECK(usdt + usdt == money{1000, "USDT"});
  CHECK(usdt + money{} == usdt); // an empty account has no currency yet
  CHECK(money{} - usdt == money{-500, "USDT"});
  CHECK(ended_by([&] { (void)(usdt + eur); }) == SIGABRT);
  CHECK(ended_by([&] { (void)(usdt - eur); }) == SIGABRT);
  CHECK(ended_by([&] { auto sum = usdt; sum += eur; }) == SIGABRT);
  CHECK(ended_by([&] { auto sum = usdt; sum -= eur; }) == SIGABRT);
}

TEST_CASE("money that leaves 128 bits ends the process") {
  const money most{most_money, "USDT"}, cent{1, "USDT"};
  CHECK(most - cent + cent == most);
  CHECK(ended_by([&] { (void)(most + cent); }) == SIGABRT);
  CHECK(ended_by([&] { (void)(-most - cent - cent); }) == SIGABRT);
}

TEST_CASE("a sum of prices or quantities that leaves its range ends the process, or is nothing where the input may be wrong") {
  check_range<price>();
  check_range<quantity>();
}
