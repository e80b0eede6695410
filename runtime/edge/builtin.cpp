#include "runtime/edge/builtin.hpp"

#include "runtime/edge/openapi.hpp"

#include <map>
#include <memory>

namespace troupe::edge {
namespace {

constexpr const char* status_schema =
  R"({"type":"object","title":"edge.status","properties":{"status":{"type":"string"}},"required":["status"]})";

/// Documents of one table differ by listener, because each serves its own surfaces.
class documents {
public:
  documents(const route_table& table, std::string title, std::string version)
    : table_{table}, title_{std::move(title)}, version_{std::move(version)} {}

  const std::string& of(const request_context& request) {
    auto& text = by_listener_[request.listener];
    if (text.empty()) text = openapi_json(table_, *request.surfaces, title_, version_);
    return text;
  }

private:
  const route_table& table_;
  std::string title_, version_;
  std::map<std::string_view, std::string> by_listener_;
};

} // namespace

void add_builtin_routes(route_table& table, builtin_options options) {
  table.declare("ops", {.title = "Health, metrics and documentation"});
  auto add = [&](const char* path, const char* summary, auto handler) -> route& {
    return table.get<none, none>("ops", path, summary, {},
                                 [h = std::move(handler)](const request_context& request, none, const responder& reply) {
                                   h(request, reply);
                                 });
  };
  add("/alive", "The process runs.", [](const request_context&, const responder& reply) {
    reply.json(R"({"status":"alive"})");
  }).probe().open().reply = {"edge.status", status_schema};

  auto& ready = add("/ready", "The node can do its work. 503 says what is missing; what does not need it is served all the same.",
                    [not_ready = options.not_ready](const request_context&, const responder& reply) {
    const auto why = not_ready ? not_ready() : std::nullopt;
    if (why) reply.fail(fail(errc::unavailable, *why));
    else reply.json(R"({"status":"ready"})");
  });
  ready.probe().open().reply = {"edge.status", status_schema};
  ready.errors = {errc::unavailable};

  if (options.metrics_text)
    add("/metrics", "Metrics in Prometheus text format.",
        [text = options.metrics_text](const request_context&, const responder& reply) {
          reply.text(text(), "text/plain; version=0.0.4; charset=utf-8");
        }).probe().reply_type = "text/plain";

  auto made = std::make_shared<documents>(table, options.title, options.version);
  add("/openapi.json", "This description.", [made](const request_context& request, const responder& reply) {
    reply.json(made->of(request));
  });

  add("/api/docs", "This description as a page to read and to try.",
      [](const request_context&, const responder& reply) {
        response page;
        page.content_type = "text/html; charset=utf-8";
        page.body = docs_page();
        page.header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; script-src "
                                               "'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; "
                                               "form-action 'none'; frame-ancestors 'none'");
        reply.send(std::move(page));
      }).open().reply_type = "text/html"; // the same everywhere: a browser cannot show a key when it opens a page, and gives it to the page
}

} // namespace troupe::edge
