#include "runtime/actor/caf_inspect.hpp"

#include "nodes/desk/api/backup_place.hpp"
#include "nodes/desk/api/common.hpp"
#include "nodes/desk/api/operate.hpp"
#include "nodes/desk/api/v1_messages.hpp"
#include "nodes/desk/api/v1_routes.hpp"
#include "nodes/desk/settings_on_record.hpp"
#include "runtime/config/describe.hpp"
#include "runtime/core/printable.hpp"
#include "runtime/journal/rocks_journal.hpp"
#include "runtime/journal/unfinished_folder.hpp"
#include "runtime/telemetry/build_info.hpp"
#include "runtime/wire/wire.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>

namespace troupe::desk {
namespace {

namespace fs = std::filesystem;
using edge::request_context;
using edge::responder;

v1::node_view describe(const api& a) {
  const auto& parts = a.node->parts();
  v1::node_view n;
  n.name = a.node->config().node.name.value();
  n.version = telemetry::this_build().version;
  n.build = telemetry::build_id();
  n.boot_id = a.boot_id.str();
  n.config_hash = config::hash_of_cluster_wide(a.node->config());
  n.schema_hash = wire::schema_hash();
  n.started_at = a.started_at;
  n.uptime_seconds = (parts.env.clock->now() - a.started_at).count() / 1'000'000'000;
  n.not_ready = a.node->not_ready();
  n.faults_allowed = parts.env.faults_allowed;
  n.listeners = a.addresses();
  return n;
}

/// What a backup uses: a copy of its own, for it may still hang when the node is gone.
struct backup_order {
  fs::path data_dir, target;
  std::shared_ptr<journal::journal> slots, venues;
};

/// The portfolio's store is left out: it is folded again from the journal.
result<void> back_up(const backup_order& what, const std::function<bool()>& is_given_up) {
  if (auto apart = journal::must_lie_apart(what.data_dir, what.target); !apart) return apart;
  auto unfinished = journal::unfinished_folder::begin(what.target); // a node that is killed leaves nothing under the target's name
  if (!unfinished) return unfinished.error();
  // One instant for both: an execution is never in one without being in the other.
  const std::array<journal::copy_order, 2> orders{{{what.slots.get(), unfinished->path() / "journal"}, {what.venues.get(), unfinished->path() / "venues"}}};
  if (auto done = journal::checkpoint(orders, is_given_up); !done) return done.error();
  if (auto copied = copy_settings(what.data_dir, unfinished->path()); !copied) return copied.error();
  return unfinished->finish();
}

edge::response back_up_and_tell(const backup_order& what, const background_reader& reader, const request_context& request) {
  const auto is_given_up = [&reader] { return reader.is_given_up(); };
  if (!is_given_up()) {
    const auto done = back_up(what, is_given_up);
    if (done) return json_response(wire::to_json(v1::backup_reply{what.target.string(), {"journal", "venues"}}));
    if (!is_given_up()) return error_response(request, done.error());
  }
  return error_response(request, fail(errc::unavailable, "the node stops, and nothing was copied; copy its folder when it has stopped"));
}

} // namespace

void add_node_routes(edge::route_table& table, const std::shared_ptr<api>& a) {
  table.get<edge::none, v1::node_view>(
    "v1", "/v1/node", "Version, boot, hashes of configuration and schemas, and whether orders can be taken.", {},
    [a](const request_context&, edge::none, const responder& reply) { reply.value(describe(*a)); });
  table.post<v1::backup_request, v1::backup_reply>(
         "v1", "/v1/journal/backup", "Copies the journals of the running node into a new or empty folder on the node's machine.",
         {errc::not_authorised, errc::not_empty, errc::unavailable, errc::unsupported},
         [a, backups = std::make_shared<backup_place>()](const request_context&, const v1::backup_request& body, const responder& reply) {
           const auto who = require_operator(reply);
           if (!who) return;
           auto target = fs::path{body.directory.value}.lexically_normal();
           if (!target.has_filename()) target = target.parent_path(); // a slash at its end
           if (!target.is_absolute())
             return void(reply.fail({errc::invalid_argument, "the request has invalid fields", {{"directory", "must be an absolute path"}}}));
           auto taken = backups->take(a->node->parts().env.clock->boot());
           if (!taken) return void(reply.fail(taken.error()));
           operations::operation what{operations::kind::backup, {}, {}};
           const auto& path = body.directory.value;
           constexpr std::size_t shown = decltype(what.subject)::size_max;
           what.subject = printable<shown>(path.size() <= shown ? path : "..." + path.substr(path.size() - shown + 3));
           on_record(*a, reply, *who, a->node->nodes().self(), what, [a, reply, target, held = std::move(*taken)]() mutable {
             const auto& parts = a->node->parts();
             const backup_order order{a->node->config().node.data_dir.value(), target, parts.journal, parts.venues};
             a->read_then_reply(reply, [a, reply, order, mine = std::move(held)]() mutable {
               const auto until_made = std::move(mine); // who has the answer may ask for the next
               return back_up_and_tell(order, *a->reader, reply.context());
             });
           });
         })
    .authorised();
}

} // namespace troupe::desk
