#include "runtime/journal/record_json.hpp"

#include "runtime/core/hash.hpp"
#include "runtime/wire/text_forms.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

namespace troupe::journal {
namespace {

std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  return text;
}

} // namespace

std::string record_json(const record_view& record, const render_payload& render) {
  const auto& h = record.header;
  nlohmann::ordered_json line{{"stream", h.stream.value.view()},
                              {"sequence", h.sequence},
                              {"epoch", h.epoch},
                              {"schema", h.schema},
                              {"hybrid_time", h.hybrid_time},
                              {"at", wire::format_time(time_from_ns(static_cast<std::int64_t>(h.hybrid_time)))},
                              {"cause", {{"source", h.cause.source.view()}, {"number", h.cause.number}}},
                              {"previous", to_hex(h.previous)},
                              {"hash", to_hex(sha256(record.bytes))}};
  auto& cursors = line["acknowledged"] = nlohmann::ordered_json::array();
  for (const auto& c : h.acknowledged) cursors.push_back({{"receiver", c.receiver.value.view()}, {"sequence", c.sequence}});
  auto text = line.dump();
  text.pop_back(); // the turn is appended as the renderer wrote it, digits untouched
  auto turn = render ? render(h.schema, record.payload) : std::nullopt;
  return text + (turn ? ",\"turn\":" + *turn : ",\"payload_base64\":\"" + base64(record.payload) + '"') + '}';
}

} // namespace troupe::journal
