#include "nodes/desk/certificates.hpp"

#include "nodes/desk/file_stamp.hpp"
#include "runtime/cluster/certificate.hpp"
#include "runtime/wire/text_forms.hpp"

#include <utility>

namespace troupe::desk {
namespace {

/// By what `listener` of a shown certificate means: empty is the link between nodes.
std::string shower_of(const std::string& listener) { return listener.empty() ? "the link between nodes" : "listener " + listener; }

struct shown_certificate {
  std::string listener;
  edge::tls_files files;
  std::filesystem::path authority{}; // of the link: whose certificates its peers show
};

std::vector<shown_certificate> shown_by(const configuration& c) {
  std::vector<shown_certificate> all;
  for (const auto& l : c.edge.listeners)
    if (!l.certificate.value().empty()) all.push_back({l.name.value(), {l.certificate.value(), l.key.value()}});
  if (!c.cluster.members.empty()) {
    auto f = cluster::link_files_in(c.cluster.certificates.value(), c.node.name.value());
    all.push_back({{}, {std::move(f.certificate), std::move(f.key)}, std::move(f.authority)});
  }
  return all;
}

std::string second_of(time_ns t) { return wire::format_time(t).substr(0, 19) + 'Z'; }

std::string stamp_of_all(const edge::tls_files& f, const std::filesystem::path& authority) {
  return stamp_of(f.certificate) + stamp_of(f.key) + (authority.empty() ? "" : stamp_of(authority));
}

/// Nothing while it lasts for longer than it need.
std::optional<std::string> why_to_renew(const std::string& listener, const edge::tls_files& files, time_ns runs_out_at, time_ns now) {
  const auto left = runs_out_at - now;
  if (left > certificate_warning) return std::nullopt;
  const auto days = std::chrono::floor<std::chrono::days>(left).count();
  return "the certificate " + files.certificate.string() + " of " + shower_of(listener) +
         (days < 0 ? " ran out at " : " runs out at ") + second_of(runs_out_at) + (days < 0 ? "" : days == 1 ? ", in 1 day" : ", in " + std::to_string(days) + " days") +
         ": put another in its place; the node takes it as it runs";
}

} // namespace

std::vector<certificate_fault> certificate_faults(const configuration& c) {
  std::vector<certificate_fault> all;
  for (const auto& s : shown_by(c)) {
    if (s.listener.empty()) continue; // the link says itself what it cannot use
    if (auto made = edge::make_server_tls(s.files); !made) all.push_back({s.listener, made.error()});
  }
  return all;
}

std::vector<std::string> expiring_certificates(const configuration& c, time_ns now) {
  std::vector<std::string> all;
  for (const auto& s : shown_by(c)) {
    const auto held = cluster::read_certificate(s.files.certificate);
    if (!held || (!s.listener.empty() && held->not_after <= now)) continue; // a fault of a listener
    if (auto why = why_to_renew(s.listener, s.files, held->not_after, now)) all.push_back(std::move(*why));
  }
  return all;
}

certificate_watch::certificate_watch(const configuration& c, telemetry::metrics_registry& r, taker take, link_taker take_link, edge_log tell)
  : node_{c.node.name.value()}, take_{std::move(take)}, take_link_{std::move(take_link)}, tell_{std::move(tell)} {
  for (auto& s : shown_by(c)) {
    watched w{s.listener, std::move(s.files), std::move(s.authority)};
    w.taken = w.seen = stamp_of_all(w.files, w.authority);
    const auto held = cluster::read_certificate(w.files.certificate);
    if (!held) continue; // then nothing starts
    w.not_after = r.make_gauge("troupe_certificate_not_after_timestamp_seconds", "When the certificate that is shown runs out, in seconds since 1970.",
                               {{"use", w.listener.empty() ? "cluster" : "edge"}, {"listener", w.listener.empty() ? "link" : w.listener}});
    last_until(w, held->not_after);
    all_.push_back(std::move(w));
  }
}

void certificate_watch::last_until(watched& w, time_ns at) {
  w.runs_out_at = at;
  w.not_after.set(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  w.warned_at.reset();
}

void certificate_watch::look(time_ns now) {
  for (auto& w : all_) {
    take_renewed(w);
    if (w.warned_at && now - *w.warned_at < std::chrono::days{1}) continue;
    const auto why = why_to_renew(w.listener, w.files, w.runs_out_at, now);
    if (!why) continue;
    tell_(log::level::warn, *why);
    w.warned_at = now;
  }
}

void certificate_watch::take_renewed(watched& w) {
  auto stamp = stamp_of_all(w.files, w.authority);
  if (stamp != w.seen) {
    w.seen = std::move(stamp);
    return;
  }
  if (stamp == w.taken) return w.fault.clear();
  if (const auto taken = w.listener.empty() ? show_at_link(w) : show_at_listener(w); !taken) {
    if (w.fault == taken.error().message) return;
    w.fault = taken.error().message;
    return tell_(log::level::error, shower_of(w.listener) + " goes on with the certificate it had, which runs out at " + second_of(w.runs_out_at) + ": " + w.fault);
  }
  w.taken = std::move(stamp);
  w.fault.clear();
  tell_(log::level::info, shower_of(w.listener) + " shows the renewed certificate " + w.files.certificate.string() + ", which runs out at " + second_of(w.runs_out_at) +
                            (w.authority.empty() ? "" : ", and trusts what " + w.authority.string() + " holds now"));
}

result<void> certificate_watch::show_at_listener(watched& w) {
  auto made = edge::make_server_tls(w.files);
  if (!made) return made.error();
  last_until(w, edge::runs_out_at(*made));
  take_(w.listener, std::move(*made));
  return {};
}

result<void> certificate_watch::show_at_link(watched& w) {
  auto made = cluster::renew_link_tls(node_, {w.authority, w.files.certificate, w.files.key});
  if (!made) return made.error();
  last_until(w, cluster::runs_out_at(*made));
  take_link_(std::move(*made));
  return {};
}

} // namespace troupe::desk
