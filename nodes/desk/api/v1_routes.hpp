#pragma once
// The native routes by subject; v1.cpp adds them all. Called once, before the server starts; handlers run on its thread.

#include <memory>

namespace troupe::edge {
class route_table;
}
namespace troupe::desk {

struct api;

void add_order_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_book_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_correction_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_strategy_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_market_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_risk_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_actor_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_cluster_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_node_routes(edge::route_table& table, const std::shared_ptr<api>& a);
void add_stream_routes(edge::route_table& table, const std::shared_ptr<api>& a);

} // namespace troupe::desk
