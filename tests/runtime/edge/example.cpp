#include "tests/runtime/edge/example.hpp"

#include "runtime/wire/wire.ipp"

TROUPE_WIRE(edge_example::new_order)
TROUPE_WIRE(edge_example::order_query)
TROUPE_WIRE(edge_example::order_view)
TROUPE_WIRE(edge_example::note)
TROUPE_WIRE(edge_example::order_path)

namespace edge_example {

desk::desk(edge::server_options options, std::size_t stream_queue, edge::listener native)
  : hub{std::make_shared<edge::stream_hub>(edge::hub_options{
      .message_bytes = 1024, .queue_messages = stream_queue, .close_time = 200ms})} {
  hub->declare("orders", {});
  hub->declare("tickers", {.conflate = true, .key_of = [](std::string_view symbol) -> result<std::string> {
    if (symbol.find_first_of("?!") == symbol.npos) return std::string{symbol};
    return fail(errc::not_found, "there is no symbol " + std::string{symbol});
  }});
  add_routes();
  server = std::make_unique<edge::server>(table, std::move(options));
  native.name = "native";
  native.surfaces = {"v1", "ops"};
  auto started = server->start({native, {.name = "old", .surfaces = {"old"}}});
  REQUIRE_MESSAGE(started.has_value(), to_string(started.error()));
}

desk::~desk() {
  server->stop(0ms);
  std::lock_guard guard{mutex_};
  held_.clear();
}

void desk::add_routes() {
  using edge::none;
  using edge::request_context;
  using edge::responder;
  table.declare("v1", {.title = "Native"});
  table.declare("old", {.title = "Compatible", .unknown = wire::unknown_fields::count, .format = edge::fastapi_error,
                        .error_schema = edge::fastapi_error_schema(), .takes_trailing_slash = true});
  edge::add_builtin_routes(table, {.title = "Example", .version = "1", .not_ready = [this] { return not_ready; },
                                   .metrics_text = [] { return std::string{"example_metric 1\n"}; }});
  auto place = [this](const request_context&, new_order order, const responder& reply) {
    ++orders_seen_;
    reply.value(order_view{"o-1", 0, std::move(order.legs)});
  };
  table.post<new_order, order_view>("v1", "/v1/orders", "Place an order.", {errc::conflict, errc::halted}, place).idempotent();
  table.post<new_order, order_view>("old", "/orders", "Place an order.", {}, place);
  table.get<order_query, order_view>("v1", "/v1/orders/{order_id}", "Show an order.", {errc::not_found},
    [](const request_context&, const order_query& q, const responder& reply) {
      if (q.order_id == text<16>{"missing"}) reply.fail(fail(errc::not_found, "no such order"));
      else reply.value(order_view{q.order_id.str(), q.depth ? q.depth->value : 0, {}});
    }).describe_parameter("depth", "How many levels.");
  table.del<order_query, order_view>("v1", "/v1/orders/{order_id}", "Cancel an order.", {},
    [](const request_context&, const order_query& q, const responder& reply) {
      reply.value(order_view{q.order_id.str(), -1, {}});
    });
  table.add<order_path, note, order_view>(edge::method::patch, "v1", "/v1/notes/{order_id}", "Note something about an order.", {},
    [](const request_context&, const order_path& p, const note&, const responder& reply) { reply.value(order_view{p.order_id.str(), 1, {}}); });
  table.get<none, order_view>("v1", "/v1/orders/newest", "Show the newest order.", {},
    [](const request_context&, none, const responder& reply) { reply.value(order_view{"newest", 0, {}}); });
  table.get<none, none>("v1", "/v1/echo/{a}/{b}", "Show what arrived.", {},
    [](const request_context& r, none, const responder& reply) {
      reply.text(std::string{r.path_value("a")} + "|" + std::string{r.path_value("b")} + "|" + r.authorization + "|" +
                   r.idempotency_key + "|" + r.id.str(), "text/plain");
    }).authorised();
  auto hold = [this](const request_context&, none, responder reply) {
    std::lock_guard guard{mutex_};
    held_.push_back(std::move(reply));
    arrived_.notify_one();
  };
  table.get<none, none>("v1", "/v1/hold", "Answer later, in the data lane.", {}, hold);
  table.post<none, none>("v1", "/v1/hold", "Answer later.", {}, hold);
  table.post<none, none>("v1", "/v1/stop", "Answer later, in the control lane.", {}, hold).urgent();
  table.post<note, note>("v1", "/v1/note", "Say it back.", {},
    [](const request_context&, const note& n, const responder& reply) { reply.value(n); }).may_lack_body();
  table.post<none, none>("v1", "/v1/forget", "Never answer.", {}, [](const request_context&, none, const responder&) {});
  table.post<none, none>("v1", "/v1/throw", "Fail.", {},
    [](const request_context&, none, const responder&) { throw std::runtime_error("no good"); });
  hub->serve(table, "v1", "/v1/stream", "Orders and tickers.");
  hub->serve_channel(table, "v1", "/ws/ticker/{symbol}", "One ticker.", "tickers", "symbol", true);
}

edge::responder desk::held() {
  std::unique_lock lock{mutex_};
  REQUIRE(arrived_.wait_for(lock, patience, [&] { return !held_.empty(); }));
  auto first = std::move(held_.front());
  held_.erase(held_.begin());
  return first;
}

edge::raw_connection desk::raw() const {
  auto c = edge::raw_connection::open("127.0.0.1", port(), patience);
  REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
  return std::move(*c);
}

edge::websocket_client desk::stream(const std::string& target) const {
  auto c = edge::websocket_client::open("127.0.0.1", port(), target, patience);
  REQUIRE_MESSAGE(c.has_value(), to_string(c.error()));
  return std::move(*c);
}

std::string desk::conversation(const std::string& bytes) const {
  auto c = raw();
  (void)c.send(bytes, patience); // a server that refuses early closes early
  auto said = c.receive_all(patience);
  REQUIRE_MESSAGE(said.has_value(), to_string(said.error()));
  return *said;
}

} // namespace edge_example
