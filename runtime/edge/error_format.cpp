#include "runtime/edge/error_format.hpp"
#include "runtime/edge/response.hpp"

#include "runtime/wire/json_value.hpp"

namespace troupe::edge {

using wire::append_json_string;

response& response::header(std::string_view name, std::string_view value) {
  headers += name;
  headers += ": ";
  for (char c : value) headers += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  headers += "\r\n";
  return *this;
}

unsigned http_status(errc code) noexcept {
  switch (code) {
    case errc::none: return 200;
    case errc::invalid_argument:
    case errc::malformed:
    case errc::unknown_field:
    case errc::out_of_range:
    case errc::too_deep: return 400;
    case errc::not_authorised: return 401;
    case errc::forbidden: return 403;
    case errc::not_found:
    case errc::route_not_found: return 404;
    case errc::method_not_allowed: return 405;
    case errc::conflict:
    case errc::not_empty: return 409;
    case errc::too_large: return 413;
    case errc::unsupported: return 422;
    case errc::overloaded:
    case errc::unavailable:
    case errc::disk_full:
    case errc::halted:
    case errc::lease_expired: return 503;
    case errc::timeout: return 504;
    case errc::fenced:
    case errc::sequence_gap:
    case errc::corrupt:
    case errc::io_error:
    case errc::schema_mismatch:
    case errc::internal: return 500;
  }
  return 500;
}

std::string_view reason_phrase(unsigned status) noexcept {
  switch (status) {
    case 101: return "Switching Protocols";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 426: return "Upgrade Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Status";
  }
}

namespace {

/// Seconds until another try makes sense. Most of what refuses clears within a second; clients add their own jitter.
const char* retry_after(errc code) noexcept {
  switch (code) {
    case errc::disk_full: return "30"; // somebody has to make room
    case errc::halted: return "60";    // operators lift a halt
    default: return "1";
  }
}

/// On every status that tells a client to come back. The body's `retriable` says whether with the same request: after
/// 413 it must be a smaller one.
void add_retry_after(response& out, errc code) {
  switch (out.status) {
    case 408:
    case 413:
    case 429:
    case 503:
    case 504: out.header("Retry-After", retry_after(code)); break;
    default: break;
  }
}

} // namespace

void append_error_members(std::string& out, const error& e) {
  out += "\"code\":\"";
  out += to_string(e.code);
  out += "\",\"message\":";
  append_json_string(out, e.message);
  out += ",\"fields\":[";
  for (std::size_t i = 0; i < e.fields.size(); ++i) {
    out += i == 0 ? "{\"field\":" : ",{\"field\":";
    append_json_string(out, e.fields[i].field);
    out += ",\"message\":";
    append_json_string(out, e.fields[i].message);
    out += '}';
  }
  out += is_retriable(e.code) ? "],\"retriable\":true" : "],\"retriable\":false";
}

response native_error(const error& e, unsigned status, std::string_view request_id) {
  response out;
  out.status = status;
  auto& body = out.body;
  body.reserve(160 + e.message.size());
  body += '{';
  append_error_members(body, e);
  body += ",\"request_id\":";
  append_json_string(body, request_id);
  body += '}';
  add_retry_after(out, e.code);
  return out;
}

response fastapi_error(const error& e, unsigned status, std::string_view) {
  response out;
  out.status = status;
  out.body = "{\"detail\":";
  if (e.fields.empty()) {
    append_json_string(out.body, e.message);
  } else {
    if (status == 400) out.status = 422;
    out.body += '[';
    for (std::size_t i = 0; i < e.fields.size(); ++i) {
      out.body += i == 0 ? "{\"loc\":[\"body\"," : ",{\"loc\":[\"body\",";
      append_json_string(out.body, e.fields[i].field);
      out.body += "],\"msg\":";
      append_json_string(out.body, e.fields[i].message);
      out.body += ",\"type\":\"value_error\"}";
    }
    out.body += ']';
  }
  out.body += '}';
  add_retry_after(out, e.code);
  return out;
}

std::string_view native_error_schema() noexcept {
  return R"({"type":"object","title":"edge.error","properties":{"code":{"type":"string","description":)"
         R"("The condition; stable."},"message":{"type":"string"},"fields":{"type":"array","items":{"type":"object",)"
         R"("properties":{"field":{"type":"string"},"message":{"type":"string"}},"required":["field","message"]}},)"
         R"("retriable":{"type":"boolean","description":)"
         R"("True when the same request with the same id may succeed after a pause."},)"
         R"("request_id":{"type":"string"}},"required":["code","message","fields","retriable","request_id"]})";
}

std::string_view fastapi_error_schema() noexcept {
  return R"({"type":"object","title":"edge.detail","properties":{"detail":{"description":)"
         R"("A sentence, or a list of violations."}},"required":["detail"]})";
}

} // namespace troupe::edge
