#include "runtime/actor/turn_line.hpp"

#include <algorithm>
#include <string_view>

namespace troupe::actor {
namespace {

/// The accessors of a shape serve reading too, so they take what may be changed; nothing here changes it.
void* open(const void* x) { return const_cast<void*>(x); }

struct part {
  const wire::type_description* type = nullptr;
  const void* value = nullptr;
};

part part_of(const wire::type_description& type, const void* x, std::string_view name) {
  for (const auto& m : type.members)
    if (m.name == name) return {m.type, m.of(open(x))};
  return {};
}

} // namespace

std::string message_line(const wire::type_description& type, const void* message) {
  if (type.variant) return message_line(*type.variant->alternatives[type.variant->index(message)], type.variant->get(message));
  if (const auto items = part_of(type, message, "items"); items.type && items.type->list) {
    const auto& list = *items.type->list;
    const auto size = list.size(items.value);
    return size == 1 ? message_line(*items.type->part, list.at(open(items.value), 0)) : std::to_string(size) + " effects";
  }
  auto out = std::string{wire::short_name_of(type)};
  for (const char* why : {"refusal", "reason"})
    if (const auto said = part_of(type, message, why); said.type) {
      std::string json;
      wire::write_json(*said.type, said.value, json);
      if (json != "\"\"" && json != "\"NONE\"") out += ' ' + json;
    }
  return out;
}

std::string turn_line(const wire::type_description& type, const void* turn) {
  std::string out;
  if (const auto command = part_of(type, turn, "command"); command.type) out += message_line(*command.type, command.value);
  if (const auto events = part_of(type, turn, "events"); events.type)
    for (std::size_t i = 0, n = events.type->list->size(events.value); i < n; ++i)
      out += (i == 0 ? " -> " : ", ") + message_line(*events.type->part, events.type->list->at(open(events.value), i));
  if (const auto refusal = part_of(type, turn, "refusal"); refusal.type)
    if (const auto& answer = *static_cast<const std::string*>(refusal.value); !answer.empty()) out += " -> refused " + answer;
  return out;
}

} // namespace troupe::actor
