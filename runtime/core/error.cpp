#include "runtime/core/error.hpp"

#include "runtime/core/result.hpp"

#include <stdexcept>

namespace troupe {

std::string_view to_string(errc code) noexcept {
  return boost::describe::enum_to_string(code, "unknown");
}

std::string to_string(const error& e) {
  std::string text{to_string(e.code)};
  text += ": ";
  text += e.message;
  if (!e.fields.empty()) {
    text += " (";
    for (std::size_t i = 0; i < e.fields.size(); ++i) {
      if (i > 0) text += "; ";
      if (!e.fields[i].field.empty()) text += e.fields[i].field + ": ";
      text += e.fields[i].message;
    }
    text += ')';
  }
  return text;
}

void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw std::runtime_error(to_string(e));
}

} // namespace troupe
