#pragma once
// CAF sees every described struct as one block of our own bytes: a struct is described once, and the link and the journal
// share one encoder. Include before any CAF header that instantiates a message.

#include "runtime/wire/describe.hpp"
#include "runtime/wire/wire.hpp"

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <string>
#include <type_traits>

namespace troupe::wire {

template <class F, class T>
typename F::result_type inspect_as_bytes(F& f, T& x) {
  if constexpr (std::is_void_v<typename F::result_type>) { // CAF's to_string
    auto shown = name<std::remove_const_t<T>>();
    return f(shown);
  } else if constexpr (F::reads_state) {
    std::string bytes;
    encode(x, bytes);
    return f(bytes);
  } else {
    std::string bytes;
    if (auto e = f(bytes)) return e;
    auto decoded = decode<T>(bytes);
    if (!decoded) return make_error(caf::sec::invalid_argument, to_string(decoded.error()));
    x = std::move(*decoded);
    return {};
  }
}

} // namespace troupe::wire

// The serializers live in caf, the stringification inspector in caf::detail; both look up `inspect` by ADL.
namespace caf {
template <class F, troupe::wire::described_struct T>
typename F::result_type inspect(F& f, T& x) {
  return troupe::wire::inspect_as_bytes(f, x);
}
namespace detail {
template <class F, troupe::wire::described_struct T>
typename F::result_type inspect(F& f, T& x) {
  return troupe::wire::inspect_as_bytes(f, x);
}
} // namespace detail
} // namespace caf
