#include "tests/support/test.hpp"

#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/wire.ipp"

using namespace troupe;

namespace wire_example {

enum class color : std::uint8_t { red = 1, green = 2 };
BOOST_DESCRIBE_ENUM(color, red, green)

struct leg {
  positive<quantity> size;
  color paint = color::red;
  friend bool operator==(const leg&, const leg&) = default;
};
BOOST_DESCRIBE_STRUCT(leg, (), (size, paint))

struct nothing {
  friend bool operator==(const nothing&, const nothing&) = default;
};
BOOST_DESCRIBE_STRUCT(nothing, (), ())

struct order {
  strong_id<struct account_tag, text<8>> account;
  std::optional<price> limit;
  std::vector<leg> legs;
  std::map<text<8>, money> cash;
  std::variant<leg, nothing> extra;
  bounded<int, 1, 1000> lots;
  with_default<color, color::green> paint;
  time_ns event_at{};
  as_number<price> shown;
  bool urgent = false;
  friend bool operator==(const order&, const order&) = default;
};
BOOST_DESCRIBE_STRUCT(order, (), (account, limit, legs, cash, extra, lots, paint, event_at, shown, urgent))

/// As `color`, but two bytes on the wire.
enum class wide_color : std::uint16_t { red = 1 };
BOOST_DESCRIBE_ENUM(wide_color, red)
struct wide {
  wide_color paint = wide_color::red;
};
BOOST_DESCRIBE_STRUCT(wide, (), (paint))

struct promise {
  boot_ns until{};
  boot_ns none{};
  time_ns said_at{};
};
BOOST_DESCRIBE_STRUCT(promise, (), (until, none, said_at))

struct named {
  std::optional<text<4>> before;
  required_text<text<8>> name;
  std::optional<text<4>> between;
  required_text<std::string> folder;
  std::optional<unread> more;
};
BOOST_DESCRIBE_STRUCT(named, (), (before, name, between, folder, more))

/// One is left out when it is absent, the others are null.
struct maybe {
  std::optional<int> left_out;
  strong_id<struct maybe_tag, std::optional<price>> shown;
  std::vector<std::optional<bool>> each;
};
BOOST_DESCRIBE_STRUCT(maybe, (), (left_out, shown, each))

/// Has a member that is called as what names a variant's alternative is.
struct task {
  text<8> kind;
  int size = 0;
  friend bool operator==(const task&, const task&) = default;
};
BOOST_DESCRIBE_STRUCT(task, (), (kind, size))
struct agenda {
  std::variant<nothing, task> what;
};
BOOST_DESCRIBE_STRUCT(agenda, (), (what))

order sample() {
  order o;
  o.account.value = "alpha";
  o.limit = *price::parse("61800.3");
  o.legs = {{{quantity{5}}, color::green}, {{quantity::whole(2)}, color::red}};
  o.cash["USDT"] = money{int128{1} << 90, "USDT"};
  o.extra = nothing{};
  o.lots.value = 7;
  o.event_at = time_from_ns(1723161253937085768);
  o.shown.value = *price::parse("0.10");
  return o;
}

} // namespace wire_example

using wire_example::leg;
using wire_example::order;
TROUPE_WIRE(wire_example::leg)
TROUPE_WIRE(wire_example::order)
TROUPE_WIRE(wire_example::wide)
TROUPE_WIRE(wire_example::agenda)
TROUPE_WIRE(wire_example::promise)

TEST_SUITE_BEGIN("wire");

TEST_CASE("bytes: what is encoded is decoded, and nothing else is accepted") {
  const auto original = wire_example::sample();
  std::string bytes;
  wire::encode(original, bytes);
  auto back = wire::decode<order>(bytes);
  REQUIRE(back);
  CHECK(*back == original);
  for (std::size_t n = 0; n < bytes.size(); ++n) CHECK_FALSE(wire::decode<order>(std::string_view{bytes}.substr(0, n)));
  CHECK(wire::decode<order>(bytes + "x").error().code == errc::malformed);
}

TEST_CASE("bytes: an enumerator or a bound out of range is refused") {
  std::string bytes;
  wire::encode(leg{{quantity{1}}, static_cast<wire_example::color>(9)}, bytes);
  CHECK(wire::decode<leg>(bytes).error().code == errc::out_of_range);
  bytes.clear();
  wire::encode(leg{{quantity{0}}, wire_example::color::red}, bytes);
  CHECK(wire::decode<leg>(bytes).error().code == errc::out_of_range);
}

TEST_CASE("bytes: a size larger than the input is refused before it is allocated") {
  std::string bytes = std::string("\x01""a", 2) + '\0' + "\xff\xff\xff\xff\x7f";
  CHECK(wire::decode<order>(bytes).error().code == errc::malformed);
}

TEST_CASE("json: what is written is read back equal") {
  const auto original = wire_example::sample();
  const auto text = wire::to_json(original);
  CAPTURE(text);
  CHECK(text.find(R"("shown":0.1)") != std::string::npos);
  CHECK(text.find(R"("event_at":"2024-08-08T23:54:13.937085768Z")") != std::string::npos);
  auto value = wire::parse_json(text);
  REQUIRE(value);
  auto back = wire::from_json<order>(*value);
  REQUIRE_MESSAGE(back.has_value(), to_string(back.error()));
  CHECK(*back == original);
}

TEST_CASE("json: an alternative with a member \"kind\" keeps it, under its own name") {
  const wire_example::agenda original{wire_example::task{{"later"}, 3}};
  const auto text = wire::to_json(original);
  CHECK(text == R"({"what":{"kind":"task","task":{"kind":"later","size":3}}})");
  auto back = wire::from_json<wire_example::agenda>(*wire::parse_json(text));
  REQUIRE_MESSAGE(back.has_value(), to_string(back.error()));
  CHECK(back->what == original.what);

  auto beside = wire::from_json<wire_example::agenda>(*wire::parse_json(R"({"what":{"kind":"task","size":3}})"));
  REQUIRE(beside.has_error());
  CHECK(beside.error().fields.at(0).field == "what.task");
  CHECK(beside.error().fields.at(1).field == "what.size");
  CHECK(beside.error().code == errc::unknown_field);
  CHECK(wire::schema<wire_example::agenda>().find(R"("properties":{"kind":{"const":"task"},"task":{"type":"object")") != std::string::npos);
}

TEST_CASE("json: every violation is reported, each with its field") {
  auto value = wire::parse_json(R"({"account":"much too long","limit":1e-9,"legs":[{"size":0,"paint":"BLUE"}],
    "cash":{},"extra":{"kind":"leg","size":"1","paint":"red"},"lots":1001,"event_at":5,"shown":"x","urgent":1,"more":1})");
  REQUIRE(value);
  auto refused = wire::from_json<order>(*value);
  REQUIRE(refused.has_error());
  std::string fields;
  for (const auto& f : refused.error().fields) fields += f.field + " ";
  CHECK(fields == "account limit legs[0].size legs[0].paint lots shown urgent more ");
  CHECK(refused.error().code == errc::unknown_field);
}

TEST_CASE("json: decimals come from the token's text, not from binary floating point") {
  auto value = wire::parse_json(R"({"size":92233720368.54775807,"paint":"red"})");
  REQUIRE(value);
  CHECK(wire::from_json<leg>(*value)->size.value.units == INT64_MAX);
}

TEST_CASE("json: every instant has its text, the first and the last that there are too") {
  const auto text = [](std::int64_t ns) { return wire::format_time(time_from_ns(ns)); };
  CHECK(text(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(text(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(text(1'709'164'800'000'000'001) == "2024-02-29T00:00:00.000000001Z");
  CHECK(text(INT64_MIN) == "1677-09-21T00:12:43.145224192Z");
  CHECK(text(INT64_MAX) == "2262-04-11T23:47:16.854775807Z");
}

TEST_CASE("json: text that must be there is more than white space, and the schema says so") {
  const auto read = [](const std::string& json) { return wire::from_json<wire_example::named>(*wire::parse_json(json)); };
  CHECK(read(R"({"name":" a ","folder":"/x y"})")->name.value == text<8>{" a "});
  for (const char* blank : {"", " ", "        "}) {
    const auto r = read(std::string{R"({"name":")"} + blank + R"(","folder":")" + blank + R"(\t"})");
    REQUIRE(r.has_error());
    CHECK(r.error().fields == std::vector<field_error>{{"name", "must not be blank"}, {"folder", "must not be blank"}});
  }
  const auto& s = wire::schema<wire_example::named>();
  CAPTURE(s);
  CHECK(s.find(R"("name":{"type":"string","maxLength":8,"pattern":"^[ -~]*[!-~][ -~]*$","minLength":1})") != std::string::npos);
  for (const char* free : {"before", "between"}) // may be blank, or left out
    CHECK(s.find(std::string{"\""} + free + R"(":{"type":"string","maxLength":4,"pattern":"^[ -~]*$"})") != std::string::npos);
  CHECK(s.find(R"("folder":{"type":"string","pattern":"\\S","minLength":1})") != std::string::npos);
}

TEST_CASE("json: a field that nobody reads takes any value, and is not unknown") {
  for (const char* any : {"null", "true", "-1.5e3", "\"x\"", "[1,[2]]", R"({"a":{"b":null}})"}) {
    CAPTURE(any);
    wire::json_decoding counting{wire::unknown_fields::count};
    CHECK(wire::from_json<wire_example::named>(*wire::parse_json(std::string{R"({"name":"n","folder":"f","more":)"} + any + "}"), counting));
    CHECK(counting.unknown_seen == 0);
  }
  CHECK(wire::schema<wire_example::named>().find(R"("more":{"description":"anything; it is not read"})") != std::string::npos);
}

TEST_CASE("json: depth, repeated names and garbage are refused") {
  CHECK(wire::parse_json(std::string(40, '[')).error().code == errc::too_deep);
  CHECK(wire::parse_json(R"({"a":1,"a":2})").error().code == errc::malformed);
  CHECK(wire::parse_json("{\"a\":1} x").error().code == errc::malformed);
  CHECK(wire::parse_json("").error().code == errc::malformed);
  CHECK(wire::parse_json("\"\xff\"").error().code == errc::malformed);
}

TEST_CASE("json: what is wrong is told in a sentence of bounded length, with the place and without words of a library") {
  CHECK(wire::parse_json(R"({"a":1e400})").error().message == "not JSON at byte 10: number overflow parsing '1e400'");
  CHECK(wire::parse_json("{").error().message.starts_with("not JSON at byte 2: syntax error while parsing object key - unexpected end of input"));
  for (const auto& long_one : {"[1e" + std::string(50'000, '9') + "]", "[\"" + std::string(50'000, 'x')}) {
    const auto why = wire::parse_json(long_one).error().message;
    CHECK(why.size() < 300);
    CHECK(why.find("json.exception") == std::string::npos);
  }
}

TEST_CASE("schema: bounds, defaults and required fields come from the types") {
  const auto& s = wire::schema<order>();
  CAPTURE(s);
  REQUIRE(wire::parse_json(s));
  CHECK(s.find(R"("lots":{"type":"integer","minimum":1,"maximum":1000})") != std::string::npos);
  CHECK(s.find(R"("default":"GREEN")") != std::string::npos);
  CHECK(s.find(R"("exclusiveMinimum":0)") != std::string::npos);
  CHECK(s.find(R"("required":["account","legs","cash","extra","lots","event_at","shown","urgent"])") != std::string::npos);
}

TEST_CASE("schema: what may be null says so, and what is left out instead does not") {
  CHECK(wire::to_json(wire_example::maybe{{}, {}, {std::nullopt, true}}) == R"({"shown":null,"each":[null,true]})");
  const auto& s = wire::schema<wire_example::maybe>();
  CAPTURE(s);
  CHECK(s.find(R"("left_out":{"type":"integer")") != std::string::npos);
  CHECK(s.find(R"("shown":{"oneOf":[{"type":["string","number"],"format":"decimal"},{"type":"null"}]})") != std::string::npos);
  CHECK(s.find(R"("each":{"type":"array","items":{"oneOf":[{"type":"boolean"},{"type":"null"}]}})") != std::string::npos);
  CHECK(s.find(R"("required":["shown","each"])") != std::string::npos);
}

TEST_CASE("layout: names, order, widths, enumerators and bounds of fields are in it") {
  const auto& l = wire::layout<order>();
  CAPTURE(l);
  CHECK(l.find("legs:list<wire_example.leg{") != std::string::npos);
  CHECK(l.find("paint:wire_example.color(red=1,green=2,)") != std::string::npos);
  CHECK(l.find(R"(lots:i32[{"type":"integer","minimum":1,"maximum":1000}])") != std::string::npos);
  CHECK(l.find("account:text<8>") != std::string::npos);
  CHECK(wire::layout<wire_example::wide>() == "wire_example.wide{paint:wire_example.wide_color:u16(red=1,),}");
}

TEST_CASE("registry: every registered type survives a round trip and enters the schema hash") {
  CHECK(wire::schema_hash().size() == 64);
  for (const auto& t : wire::registered_types()) {
    CAPTURE(t.name);
    CHECK(t.round_trip());
  }
}

TEST_CASE("an instant since the boot of another host is moved onto our clock, and nothing else is") {
  using namespace std::chrono_literals;
  const wire_example::promise theirs{boot_ns{100s}, {}, time_from_ns(5)};
  std::string bytes;
  wire::encode(theirs, bytes);
  const auto decoded = [&] { return wire::decode<wire_example::promise>(bytes).value(); };
  {
    const wire::foreign_clock ahead{60s};
    CHECK(decoded().until == boot_ns{160s});
    CHECK(decoded().none == boot_ns{}); // none stays none
    CHECK(decoded().said_at == time_from_ns(5));
    {
      const wire::foreign_clock behind{-200s};
      CHECK(decoded().until == boot_ns{1ns}); // long past, and not none
    }
    CHECK(decoded().until == boot_ns{160s});
    const wire::foreign_clock unknown{wire::foreign_clock::unknown};
    CHECK(decoded().until == boot_ns{1ns});
  }
  CHECK(decoded().until == boot_ns{100s});
}
