#pragma once
// A value or an `error`. Boost's, because C++20 has no std::expected.

#include "runtime/core/error.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <string>
#include <utility>

namespace troupe {

template <class T>
using result = boost::system::result<T, error>;

/// Called by `result::value()` on an error: throws std::runtime_error. Only tests and main() use value().
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

/// Shorthand for `return fail(errc::not_found, "...")` from any function that returns a `result`.
[[nodiscard]] inline error fail(errc code, std::string message) { return {code, std::move(message), {}}; }

} // namespace troupe
