// troupe top: what every actor does right now, from two looks at a node's edge.

#include "runtime/edge/error_format.hpp"
#include "runtime/wire/text_forms.hpp"
#include "tools/troupe/commands.hpp"
#include "tools/troupe/node_client.hpp"
#include "tools/troupe/screen.hpp"
#include "tools/troupe/signal_queue.hpp"
#include "tools/troupe/terminal.hpp"
#include "tools/troupe/top_view.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <iostream>
#include <memory>
#include <thread>

#include <poll.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

using steady = std::chrono::steady_clock;

struct top_arguments {
  node_options node;
  double interval_s = 1;
  bool once = false;
  [[nodiscard]] steady::duration interval() const { return std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(interval_s)); }
};

std::string now_text() {
  return wire::format_time(time_from_ns(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch()).count()));
}

std::string error_json(const error& e) {
  std::string members;
  edge::append_error_members(members, e);
  return "{\"at\":\"" + now_text() + "\",\"error\":{" + members + "}}";
}

/// A table after one interval; with --json an object an interval, until somebody ends it or once.
int print(const top_arguments& a, node_client& node, scrape before) {
  for (;;) {
    std::this_thread::sleep_for(a.interval());
    auto now = read_scrape(node);
    if (!now && (a.once || !a.node.json)) return complain(now.error());
    if (!now) {
      std::cout << error_json(now.error()) << std::endl;
      continue;
    }
    auto view = view_between(before, *now);
    sort_rows(view.rows, top_order::messages);
    if (a.node.json) {
      std::cout << json_of(view, now_text()) << std::endl;
    } else {
      for (const auto& l : summary_lines(view.summary, a.node.edge)) std::cout << paint(l.look, fitted(l.text, std::string::npos)) << '\n';
      std::cout << '\n';
      for (const auto& l : table_lines(view.rows, view.rows.size())) std::cout << paint(l.look, fitted(l.text, std::string::npos)) << '\n';
    }
    if (a.once || !a.node.json) return done;
    if (!std::cout) return done; // nobody reads it any more
    before = std::move(*now);
  }
}

/// What is on the screen, and how it is ordered.
struct live_table {
  const top_arguments& arguments;
  top_view view;
  top_order order = top_order::messages;
  std::string away; // why the node does not answer; empty: it does

  [[nodiscard]] std::vector<top_line> lines(std::size_t height) {
    auto all = summary_lines(view.summary, arguments.node.edge);
    if (!away.empty()) all[0] = {"node " + view.summary.node + " is away, asked again each interval, below is what it said last: " + away, colour::red};
    all.push_back({"", colour::plain});
    sort_rows(view.rows, order);
    const auto around = all.size() + 2; // the head of the table, and the last line
    const auto fit = height > around ? height - around : 0;
    for (auto& l : table_lines(view.rows, fit)) all.push_back(std::move(l));
    static constexpr const char* ordered_by[] = {"messages/s", "mailbox", "name", "mean time"};
    const auto shown = std::min(view.rows.size(), fit);
    all.push_back({std::to_string(shown) + " of " + std::to_string(view.rows.size()) + " actors by " + ordered_by[static_cast<std::size_t>(order)] +
                     "; keys: m mailbox, n name, t time, r messages/s, q ends",
                   colour::dim});
    return all;
  }
  /// False when it ends the command.
  [[nodiscard]] bool press(const std::string& keys) {
    for (const char key : keys) switch (key) {
      case 'q': case 'Q': return false;
      case 'm': order = top_order::mailbox; break;
      case 'n': order = top_order::name; break;
      case 't': order = top_order::time; break;
      case 'r': order = top_order::messages; break;
      default: break;
      }
    return !keys.empty(); // nothing typed and yet readable: the terminal is gone
  }
};

int draw(const top_arguments& a, node_client& node, scrape before) {
  signal_queue signals{SIGINT, SIGTERM, SIGHUP, SIGWINCH};
  screen shown;
  live_table table{a, view_between(before, before)};
  auto next = steady::now() + a.interval();
  for (;;) {
    if (!shown.draw(table.lines(shown.rows()))) return done;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - steady::now());
    pollfd both[] = {{signals.descriptor(), POLLIN, 0}, {shown.keys(), POLLIN, 0}};
    ::poll(both, 2, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    while (const auto number = signals.take())
      if (*number != SIGWINCH) return *number == SIGINT ? done : 128 + *number;
    if (both[1].revents != 0 && !table.press(shown.take_keys())) return done;
    if (steady::now() < next) continue;
    auto now = read_scrape(node);
    next = std::max(next + a.interval(), steady::now() + a.interval() / 2); // a slow node is not asked without a break
    table.away = now ? "" : now.error().message;
    if (!now) continue;
    table.view = view_between(before, *now);
    before = std::move(*now);
  }
}

int top(const top_arguments& a) {
  auto node = node_client::at(a.node);
  if (!node) return complain(node.error());
  auto first = read_scrape(*node);
  if (!first) return complain(first.error());
  const bool is_live = ::isatty(STDOUT_FILENO) != 0 && !a.once && !a.node.json;
  return is_live ? draw(a, *node, std::move(*first)) : print(a, *node, std::move(*first));
}

/// CLI::Range takes "nan".
CLI::Validator interval() {
  return {[](std::string& text) {
            double s = 0;
            const auto [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), s);
            const bool is_one = ec == std::errc{} && stop == text.data() + text.size() && s >= 0.2 && s <= 60;
            return is_one ? std::string{} : "\"" + text + "\" is not a number of seconds from 0.2 to 60";
          },
          "SECONDS", "interval"};
}

} // namespace

void add_top_command(CLI::App& root, int& code) {
  auto a = std::make_shared<top_arguments>();
  a->node.timeout_s = 2; // keys wait while a node that hangs is asked
  auto* command = root.add_subcommand("top", "What every actor does right now: messages a second, mailbox, time; live on a terminal");
  command->add_option("--interval", a->interval_s, "Seconds between two looks, 0.2 to 60")->check(interval())->capture_default_str();
  command->add_flag("--once", a->once, "One table after one interval, also on a terminal");
  a->node.add_to(*command);
  command->footer("Example: troupe top --once\n"
                  "On a terminal the table is redrawn until q or Ctrl-C; keys m, n, t, r order it by mailbox, name, time and messages/s.\n"
                  "Elsewhere it is printed once. --json: one object a line, one line an interval.");
  command->callback([a, &code] { code = top(*a); });
}

} // namespace troupe::cli
