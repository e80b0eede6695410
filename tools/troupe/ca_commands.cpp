// troupe ca: the cluster's own certificates. Works on files only; no node need run.

#include "runtime/cluster/certificate.hpp"
#include "runtime/wire/json_value.hpp"
#include "runtime/wire/text_forms.hpp"
#include "runtime/wire/wire.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace troupe::cli {
namespace {

struct ca_arguments {
  std::string ca = "ca", cluster = "troupe", out, file;
  std::vector<std::string> nodes, hosts;
  int days = cluster::certificate_days;
  bool json = false;
};

/// {"NAME":"VALUE",...}
std::string object_of(const std::vector<std::pair<const char*, std::string>>& members) {
  std::string out;
  for (const auto& [name, value] : members) {
    out += std::string{out.empty() ? "{\"" : ",\""} + name + "\":";
    wire::append_json_string(out, value);
  }
  return out + '}';
}

int init(const ca_arguments& a) {
  if (auto made = cluster::create_authority(a.ca, a.cluster); !made) {
    complain(made.error());
    return made.error().code == errc::conflict ? finding : usage;
  }
  if (a.json) {
    const std::filesystem::path folder{a.ca};
    std::cout << object_of({{"cluster", a.cluster}, {"certificate", (folder / cluster::authority_certificate_name).string()}, {"key", (folder / cluster::authority_key_name).string()}}) << '\n';
    return done;
  }
  std::cout << "made the authority of cluster \"" << a.cluster << "\" in " << a.ca << "\n"
            << "keep " << a.ca << '/' << cluster::authority_key_name << " off the hosts: whoever has it can let anybody in\n"
            << "next: troupe ca issue NODE... --ca " << a.ca << '\n';
  return done;
}

int issue(const ca_arguments& a) {
  if (a.nodes.size() > 1 && !a.hosts.empty()) {
    complain(fail(errc::invalid_argument, "--host is of one node: issue its certificate by itself"));
    return usage;
  }
  for (const auto& name : a.nodes) { // before any is issued
    if (auto good = cluster::parse_node_name(name); !good) {
      complain(good.error());
      return usage;
    }
  }
  for (const auto& name : a.nodes) {
    const auto into = a.out.empty() ? std::filesystem::path{name} : std::filesystem::path{a.out} / name;
    if (auto made = cluster::issue_certificate(a.ca, node_name{name}, into, a.days, a.hosts); !made) {
      complain(made.error());
      return made.error().code == errc::conflict ? finding : usage;
    }
    if (a.json) std::cout << object_of({{"node", name}, {"certificate", (into / (name + ".crt")).string()}, {"key", (into / (name + ".key")).string()}, {"ca", (into / cluster::authority_certificate_name).string()}}) << '\n';
    else std::cout << "issued " << (into / (name + ".crt")).string() << " for " << a.days << " days; copy the folder to the host of " << name << '\n';
  }
  return done;
}

int show(const ca_arguments& a) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(a.file, failed)) return complain(fail(errc::invalid_argument, "there is no file " + a.file));
  const auto c = cluster::read_certificate(a.file);
  if (!c) return complain_of_place(c.error());
  if (a.json) {
    std::cout << wire::to_json(*c) << '\n';
    return done;
  }
  const auto day = [](time_ns t) { return wire::format_time(t).substr(0, 10); };
  const auto left = std::chrono::duration_cast<std::chrono::days>(c->not_after - std::chrono::system_clock::now()).count();
  std::cout << (c->is_authority ? "authority of cluster " : "node ") << c->subject << '\n'
            << "issued by    " << c->issuer << '\n'
            << "valid        " << day(c->not_before) << " to " << day(c->not_after) << ", "
            << (left < 0 ? paint(colour::red, "expired") : std::to_string(left) + " days left") << '\n'
            << "serial       " << c->serial << '\n'
            << "fingerprint  " << c->fingerprint << '\n';
  return left < 0 ? finding : done;
}

} // namespace

void add_ca_commands(CLI::App& root, int& code) {
  auto* ca = root.add_subcommand("ca", "The cluster's own certificate authority: who has a certificate of it is in, nobody else is");
  ca->require_subcommand(1);
  auto a = std::make_shared<ca_arguments>();

  auto* i = ca->add_subcommand("init", "Makes the authority: a key and a certificate in a folder");
  i->add_option("--ca", a->ca, "Folder of the authority")->capture_default_str();
  i->add_option("--name", a->cluster, "The cluster's name, in every certificate")->capture_default_str();
  i->add_flag("--json", a->json, "For programs: the cluster's name and the files");
  i->footer("Example: troupe ca init --ca ca --name desk\nExit code 1 when there is one already; it is never replaced.");
  i->callback([a, &code] { code = init(*a); });

  auto* n = ca->add_subcommand("issue", "Issues a certificate for each node, in a folder of its name");
  n->add_option("NODE", a->nodes, "Names of nodes, as node.name in their configurations")->required();
  n->add_option("--ca", a->ca, "Folder of the authority")->capture_default_str();
  n->add_option("--out", a->out, "Where the nodes' folders are made; here when not given");
  n->add_option("--host", a->hosts, "Name or IP address under which clients of the node's edge call it, beside its own; repeatable")->take_all()->allow_extra_args(false);
  n->add_option("--days", a->days, "How long it is valid")->capture_default_str();
  n->add_flag("--json", a->json, "For programs: one object a line, with a node's files");
  n->footer("Example: troupe ca issue desk-1 desk-2 desk-3 --ca ca --out certificates\n"
            "         troupe ca issue desk-1 --host desk.example --host 10.0.0.5 --out certificates");
  n->callback([a, &code] { code = issue(*a); });

  auto* s = ca->add_subcommand("show", "What a certificate says");
  s->add_option("FILE", a->file, "A certificate (.crt)")->required();
  s->add_flag("--json", a->json, "For programs");
  s->footer("Example: troupe ca show certificates/desk-1/desk-1.crt\nExit code 1 when it has expired.");
  s->callback([a, &code] { code = show(*a); });
}

} // namespace troupe::cli
