// troupe keys: who may do what at the edge. Works on the data folder alone; no node need run, and one that runs looks there every second.

#include "nodes/desk/key_ring.hpp"
#include "runtime/wire/json_value.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/terminal.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <vector>

namespace troupe::cli {
namespace {

struct keys_arguments {
  std::string data_dir = "data", name, role;
  bool json = false;
};

const char* role_name(edge::access may) { return may == edge::access::operate ? "operate" : may == edge::access::trade ? "trade" : "read"; }

edge::access role_of(const std::string& name) { return name == "operate" ? edge::access::operate : name == "trade" ? edge::access::trade : edge::access::read; }

int refuse_key(const error& e) {
  complain(e);
  return e.code == errc::conflict || e.code == errc::not_found ? finding : e.code == errc::io_error ? unreachable : usage;
}

/// {"name":...,"role":...,"file":...}: where it lies, never what is in it.
std::string key_json(const desk::key_file& k) {
  std::string out = "{\"name\":";
  wire::append_json_string(out, k.name);
  out += std::string{",\"role\":\""} + role_name(k.may) + "\",\"file\":";
  wire::append_json_string(out, k.path.string());
  return out + '}';
}

int add_one_key(const keys_arguments& a) {
  const auto made = desk::add_key(a.data_dir, role_of(a.role), a.name);
  if (!made) return refuse_key(made.error());
  if (a.json) std::cout << key_json({a.name, role_of(a.role), *made}) << '\n';
  else std::cout << made->string() << '\n';
  return done;
}

/// Files that no node can take, which keep it from starting. Who may not read keys, as another user, is told nothing of them.
int told_of_wrong_keys(const std::vector<desk::key_file>& all) {
  std::vector<error> faults;
  static_cast<void>(desk::key_ring{}.renewed(all, faults));
  std::erase_if(faults, [](const error& e) { return e.code != errc::forbidden; });
  for (const auto& e : faults) std::cerr << "troupe: " << e.message << "; until then no node starts here\n";
  return faults.empty() ? done : finding;
}

int show_keys(const keys_arguments& a) {
  const auto all = desk::list_keys(a.data_dir);
  if (!all) return refuse_key(all.error());
  if (!a.json) {
    table t{{"NAME", "ROLE"}};
    for (const auto& k : *all) t.row({k.name, role_name(k.may)});
    if (!all->empty()) std::cout << t.str();
    else std::cerr << "troupe: there is no key in " << a.data_dir << "/keys yet; a node's first start makes those of two operators\n";
    return told_of_wrong_keys(*all);
  }
  std::string out = "{\"keys\":[";
  for (const auto& k : *all) out += (out.back() == '[' ? "" : ",") + key_json(k);
  std::cout << out << "]}\n";
  return told_of_wrong_keys(*all);
}

int remove_one_key(const keys_arguments& a) {
  auto all = desk::list_keys(a.data_dir);
  if (!all) return refuse_key(all.error());
  std::erase_if(*all, [&](const desk::key_file& k) { return k.name != a.name || (!a.role.empty() && k.may != role_of(a.role)); });
  if (all->empty()) return refuse_key(fail(errc::not_found, "there is no such key \"" + a.name + "\" in " + a.data_dir + "/keys; `troupe keys list` shows those there are"));
  if (all->size() > 1) return refuse_key(fail(errc::invalid_argument, "\"" + a.name + "\" has keys of several roles: say which with --role"));
  if (auto removed = desk::remove_key(all->front()); !removed) return refuse_key(removed.error());
  if (a.json) std::cout << key_json(all->front()) << '\n';
  else std::cout << "removed " << all->front().path.string() << "; a node that runs takes it for a few seconds more\n";
  return done;
}

} // namespace

void add_keys_commands(CLI::App& root, int& code) {
  auto* keys = root.add_subcommand("keys", "Who may do what at the edge: keys of operators, of who trades and of who reads");
  keys->require_subcommand(1);
  auto a = std::make_shared<keys_arguments>();
  const auto add_folder = [&a](CLI::App* c) { c->add_option("--data-dir", a->data_dir, "The node's data folder")->capture_default_str(); };
  const CLI::IsMember roles{{"operate", "trade", "read"}};

  auto* add = keys->add_subcommand("add", "Makes a key in a file that only its owner can read, and prints the file's name");
  add->add_option("NAME", a->name, "Whose it is; stands in the record of what is done with it")->required();
  add->add_option("--role", a->role, "operate: everything. trade: orders, cancels, halts, and reading. read: reading")->required()->check(roles);
  add_folder(add);
  add->add_flag("--json", a->json, "For programs: name, role and file");
  add->footer("Example: troupe keys add ana --role trade --data-dir data\nA running node takes it within a few seconds. Exit code 1 when there is such a key; it is never replaced.");
  add->callback([a, &code] { code = add_one_key(*a); });

  auto* list = keys->add_subcommand("list", "Names and roles, without the keys");
  add_folder(list);
  list->add_flag("--json", a->json, "For programs");
  list->footer("Example: troupe keys list --data-dir data\nExit code 1 when a file is none that a node could take: it would not start.");
  list->callback([a, &code] { code = show_keys(*a); });

  auto* remove = keys->add_subcommand("remove", "Removes a key for good");
  remove->add_option("NAME", a->name, "Whose it is")->required();
  remove->add_option("--role", a->role, "When keys of several roles have the name")->check(roles);
  add_folder(remove);
  remove->add_flag("--json", a->json, "For programs: name, role and file of what was removed");
  remove->footer("Example: troupe keys remove ana --data-dir data\nA running node refuses it within a few seconds and closes the WebSockets that were opened with it. Exit code 1 when there is none.\n"
                 "When the last operator's key is gone, the next start makes those of two operators again.");
  remove->callback([a, &code] { code = remove_one_key(*a); });
}

} // namespace troupe::cli
