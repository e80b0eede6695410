#include "nodes/desk/complain.hpp"

#include <iostream>

namespace troupe::desk {

int complain(const char* program, const char* what, const error& e, int code) {
  std::cerr << program << ": " << what << ": " << e.message << '\n';
  for (const auto& f : e.fields) std::cerr << "  " << (f.field.empty() ? "" : f.field + ": ") << f.message << '\n';
  return code;
}

} // namespace troupe::desk
