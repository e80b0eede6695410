#include "runtime/wire/json_value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace troupe::wire {
namespace {

/// Receives nlohmann's parser events; refuses depth, volume and repeated names as they appear.
class builder : public nlohmann::json_sax<nlohmann::json> {
public:
  explicit builder(const json_limits& limits) : limits_{limits} {}

  bool null() override { return put({}); }
  bool boolean(bool b) override {
    json_value v{json_kind::boolean};
    v.boolean = b;
    return put(std::move(v));
  }
  bool number_integer(number_integer_t n) override { return number(std::to_string(n)); }
  bool number_unsigned(number_unsigned_t n) override { return number(std::to_string(n)); }
  bool number_float(number_float_t, const string_t& written) override { return number(written); }
  bool string(string_t& s) override {
    json_value v{json_kind::string};
    v.text = std::move(s);
    return put(std::move(v));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json_kind::object); }
  bool start_array(std::size_t) override { return open(json_kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (stack_.back().value.find(name)) return refuse(errc::malformed, "the member \"" + name + "\" appears twice");
    stack_.back().name = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    if (!refusal_.message.empty()) return false;
    constexpr std::size_t what_bytes_max = 200; // it repeats what it stopped at, which may be all there is
    std::string_view what = e.what();           // "[json.exception....] parse error at ...: reason", or "[json.exception....] reason"
    what.remove_prefix(std::min(what.find("] ") + 2, what.size()));
    if (what.starts_with("parse error")) what.remove_prefix(std::min(what.find(": ") + 2, what.size()));
    what = what.substr(0, what_bytes_max);
    return refuse(errc::malformed, "not JSON at byte " + std::to_string(position) + ": " + std::string{what});
  }

  json_value root;
  [[nodiscard]] const error& refusal() const noexcept { return refusal_; }

private:
  struct level {
    json_value value;
    std::string name; // of the member being read
  };

  bool refuse(errc code, std::string why) {
    if (refusal_.message.empty()) refusal_ = fail(code, std::move(why));
    return false;
  }
  bool number(std::string written) {
    json_value v{json_kind::number};
    v.text = std::move(written);
    return put(std::move(v));
  }
  bool put(json_value v) {
    if (++values_ > limits_.values_max) return refuse(errc::too_large, "the JSON text holds too many values");
    if (stack_.empty()) {
      root = std::move(v);
      return true;
    }
    auto& top = stack_.back();
    if (top.value.kind == json_kind::array)
      top.value.items.push_back(std::move(v));
    else
      top.value.members.emplace_back(std::move(top.name), std::move(v));
    return true;
  }
  bool open(json_kind kind) {
    if (stack_.size() >= limits_.depth_max)
      return refuse(errc::too_deep, "the JSON text nests deeper than " + std::to_string(limits_.depth_max));
    stack_.push_back({json_value{kind}, {}});
    return true;
  }
  bool close() {
    auto done = std::move(stack_.back().value);
    stack_.pop_back();
    return put(std::move(done));
  }

  json_limits limits_;
  std::vector<level> stack_;
  std::size_t values_ = 0;
  error refusal_{errc::none, {}, {}};
};

} // namespace

const json_value* json_value::find(std::string_view name) const noexcept {
  auto it = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.first == name; });
  return it == members.end() ? nullptr : &it->second;
}

result<json_value> parse_json(std::string_view input, const json_limits& limits) {
  builder events{limits};
  if (!nlohmann::json::sax_parse(input.begin(), input.end(), &events)) {
    if (events.refusal().message.empty()) return fail(errc::malformed, "not JSON");
    return events.refusal();
  }
  return std::move(events.root);
}

void append_json_string(std::string& out, std::string_view s) {
  const bool plain = std::all_of(s.begin(), s.end(), [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
  if (plain) { // almost every id and number; nlohmann's writer costs an allocation or two
    out += '"';
    out += s;
    out += '"';
    return;
  }
  out += nlohmann::json(std::string{s}).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace troupe::wire
