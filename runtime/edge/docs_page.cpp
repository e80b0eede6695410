#include "runtime/edge/builtin.hpp"

namespace troupe::edge {
namespace {

// In pieces, because a string literal has a length limit in the standard and a reader has one too.
constexpr const char* style = R"css(
:root { --bg:#f7f7f5; --card:#fff; --ink:#1d2228; --soft:#5d6670; --line:#e2e3df; --accent:#0f6a5b; --code:#f1f2ee;
  --get:#1668a8; --post:#1d7a3e; --put:#9a6700; --delete:#b3261e; --ws:#7b3fb5 }
@media (prefers-color-scheme: dark) { :root { --bg:#14171a; --card:#1c2024; --ink:#e6e8ea; --soft:#9aa4ae; --line:#2c3238;
  --accent:#4cc2ab; --code:#15181b; --get:#6db5ef; --post:#62c986; --put:#e0b04c; --delete:#f28b82; --ws:#c39af0 } }
* { box-sizing:border-box }
body { margin:0; font:15px/1.5 system-ui,sans-serif; background:var(--bg); color:var(--ink) }
header { position:sticky; top:0; z-index:2; display:flex; gap:1rem; align-items:center; padding:.7rem 1.4rem;
  background:var(--card); border-bottom:1px solid var(--line) }
header h1 { font-size:1.05rem; margin:0 } header small { color:var(--soft); font-weight:400; margin-left:.4rem }
header a { color:var(--accent); font-size:.85rem; text-decoration:none }
input, textarea, button { font:inherit; color:inherit; background:var(--bg); border:1px solid var(--line);
  border-radius:6px; padding:.32rem .6rem }
#find { flex:1; max-width:24rem; margin-left:auto } #key { width:13rem }
:focus-visible { outline:2px solid var(--accent); outline-offset:1px }
main { display:grid; grid-template-columns:15rem minmax(0,1fr); gap:1.6rem; max-width:78rem; margin:0 auto; padding:1.2rem 1.4rem }
nav { position:sticky; top:4.2rem; align-self:start; max-height:calc(100vh - 5rem); overflow:auto; font-size:.85rem }
nav a { display:block; padding:.12rem .3rem; color:var(--soft); text-decoration:none; white-space:nowrap; overflow:hidden;
  text-overflow:ellipsis } nav a:hover { color:var(--accent) } nav b { display:block; margin:.7rem 0 .2rem }
h2 { font-size:1.05rem; margin:1.6rem 0 .6rem } h2 span { color:var(--soft); font-weight:400; font-size:.9rem }
details.op, details.type { background:var(--card); border:1px solid var(--line); border-radius:8px; margin:.45rem 0 }
summary { cursor:pointer; padding:.55rem .8rem; display:flex; gap:.8rem; align-items:baseline; list-style:none }
summary::-webkit-details-marker { display:none }
.verb { font:600 .74rem/1.4 ui-monospace,monospace; width:4.2rem; flex:none }
.get{color:var(--get)} .post{color:var(--post)} .put,.patch{color:var(--put)} .delete{color:var(--delete)} .ws{color:var(--ws)}
.path { font:.88rem ui-monospace,monospace; overflow-wrap:anywhere } .sum { color:var(--soft); font-size:.88rem; margin-left:auto; text-align:right }
.in { padding:.2rem 1rem 1rem; border-top:1px solid var(--line) }
h4 { margin:.9rem 0 .3rem; font-size:.78rem; text-transform:uppercase; letter-spacing:.05em; color:var(--soft) }
table { border-collapse:collapse; width:100%; font-size:.87rem } td { padding:.25rem .6rem .25rem 0; vertical-align:top;
  border-bottom:1px solid var(--line) } td:first-child { font-family:ui-monospace,monospace; white-space:nowrap }
.must { color:var(--delete) } .kind { color:var(--soft); font-family:ui-monospace,monospace; font-size:.82rem }
.kind a, a.ref { color:var(--accent) }
pre { background:var(--code); border:1px solid var(--line); border-radius:6px; padding:.6rem .8rem; overflow:auto;
  font:.82rem/1.45 ui-monospace,monospace; max-height:26rem; margin:.3rem 0 }
form label { display:grid; grid-template-columns:11rem 1fr; align-items:center; margin:.25rem 0; font-size:.87rem }
textarea { width:100%; min-height:8rem; font:.82rem/1.45 ui-monospace,monospace }
button { cursor:pointer; background:var(--accent); color:var(--card); border:0; padding:.4rem 1rem; margin-top:.5rem; font-weight:600 }
.ok { color:var(--post); font-weight:600 } .bad { color:var(--delete); font-weight:600 }
@media (max-width:52rem) { main { grid-template-columns:1fr } nav { display:none } header { flex-wrap:wrap } .sum { display:none } }
)css";

constexpr const char* markup = R"html(
<header><h1 id="title">API</h1><a id="file" href="/openapi.json">openapi.json</a>
<input id="find" type="search" placeholder="Find a path, summary or type" aria-label="Find">
<input id="key" type="password" placeholder="Key" aria-label="Key" autocomplete="off"></header>
<main><nav id="nav" aria-label="Operations"></nav><section id="all"><p>Loading the description of this listener…</p></section></main>
)html";

constexpr const char* tools = R"js(
"use strict";
const $ = id => document.getElementById(id);
// Text always enters as text nodes: nothing from a description or an answer is ever parsed as HTML.
function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) k in e && k !== "list" ? e[k] = v : e.setAttribute(k, v);
  e.append(...children.filter(c => c !== null && c !== undefined));
  return e;
}
let doc;
// The key is what stands in its field: it is kept nowhere else, and sent to where the page came from only.
const shown = () => $("key").value ? {Authorization: "Bearer " + $("key").value} : {};
const refName = s => s.$ref.split("/").pop();
const resolve = s => s && s.$ref ? doc.components.schemas[refName(s)] : s || {};
function kind(s) {
  if (!s) return [""];
  if (s.$ref) return [el("a", {href: "#type-" + refName(s), className: "ref"}, refName(s))];
  if (s.oneOf) return s.oneOf.flatMap((o, i) => [i ? " | " : "", ...kind(o)]);
  if (s.enum) return [s.enum.join(" | ")];
  if ("const" in s) return [JSON.stringify(s.const)];
  if (s.type === "array") return ["list of ", ...kind(s.items)];
  if (s.type === "object" && s.additionalProperties && s.additionalProperties !== true)
    return ["map of ", ...kind(s.additionalProperties)];
  const bounds = [];
  if (s.format) bounds.push(s.format);
  if (s.minimum !== undefined && Math.abs(s.minimum) < 2 ** 31 && Math.abs(s.maximum) < 2 ** 31)
    bounds.push(s.minimum + " … " + s.maximum);
  if (s.exclusiveMinimum !== undefined) bounds.push("above " + s.exclusiveMinimum);
  if (s.maxLength) bounds.push("at most " + s.maxLength + " characters");
  if (s.maxItems) bounds.push("at most " + s.maxItems);
  if (s.default !== undefined) bounds.push("default " + JSON.stringify(s.default));
  return [(Array.isArray(s.type) ? s.type.join(" or ") : s.type || "anything") + (bounds.length ? ", " + bounds.join(", ") : "")];
}
function example(schema, depth) {
  const s = resolve(schema);
  if (depth > 5) return null;
  if (s.default !== undefined) return s.default;
  if (s.enum) return s.enum[0];
  if ("const" in s) return s.const;
  if (s.oneOf) return example(s.oneOf[0], depth + 1);
  if (s.format === "decimal") return "1";
  if (s.format === "date-time") return new Date().toISOString();
  switch (Array.isArray(s.type) ? s.type[0] : s.type) {
    case "object": {
      const out = {};
      for (const [name, member] of Object.entries(s.properties || {}))
        if ((s.required || []).includes(name)) out[name] = example(member, depth + 1);
      return out;
    }
    case "array": return [example(s.items, depth + 1)];
    case "integer": return s.minimum > 0 ? s.minimum : 1;
    case "number": return 1;
    case "boolean": return false;
    case "null": return null;
    default: return "";
  }
}
function fieldTable(schema) {
  const s = resolve(schema), rows = Object.entries(s.properties || {});
  if (!rows.length) return el("p", {className: "kind"}, ...kind(schema));
  return el("table", {}, ...rows.map(([name, member]) => el("tr", {},
    el("td", {}, name, (s.required || []).includes(name) ? el("span", {className: "must", title: "required"}, " *") : null),
    el("td", {className: "kind"}, ...kind(member)), el("td", {}, member.description || ""))));
}
)js";

constexpr const char* page = R"js(
function tryIt(path, verb, op) {
  const inputs = [], out = el("div", {ariaLive: "polite"}), form = el("form", {});
  for (const p of op.parameters || []) {
    const input = el("input", {name: p.name, required: p.required, placeholder: p.in});
    inputs.push([p, input]);
    form.append(el("label", {}, p.name, input));
  }
  const body = op.requestBody && el("textarea", {spellcheck: false, ariaLabel: "Body",
    value: JSON.stringify(example(op.requestBody.content["application/json"].schema, 0), null, 2)});
  if (body) form.append(body);
  form.append(el("button", {type: "submit"}, "Send"));
  form.addEventListener("submit", async event => {
    event.preventDefault();
    let target = path;
    const query = new URLSearchParams(), headers = shown();
    for (const [p, input] of inputs) {
      if (p.in === "path") target = target.replace("{" + p.name + "}", encodeURIComponent(input.value));
      else if (input.value && p.in === "query") query.set(p.name, input.value);
      else if (input.value) headers[p.name] = input.value;
    }
    if ([...query].length) target += "?" + query;
    if (body) headers["Content-Type"] = "application/json";
    const started = performance.now();
    try {
      const r = await fetch(target, {method: verb.toUpperCase(), headers, body: body ? body.value : undefined});
      let text = await r.text();
      const took = (performance.now() - started).toFixed(1);
      try { text = JSON.stringify(JSON.parse(text), null, 2); } catch { /* not JSON: shown as it came */ }
      out.replaceChildren(el("p", {}, el("span", {className: r.ok ? "ok" : "bad"}, r.status + " " + r.statusText),
        " in " + took + " ms, request " + (r.headers.get("X-Request-Id") || "")), el("pre", {}, text.slice(0, 200000)));
    } catch (e) { out.replaceChildren(el("p", {className: "bad"}, "No answer: " + e.message)); }
  });
  return [form, out];
}
function listen(path, op) {
  const out = el("pre", {}, "not connected"), inputs = [], form = el("form", {});
  for (const p of op.parameters || []) {
    const input = el("input", {required: true});
    inputs.push([p.name, input]);
    form.append(el("label", {}, p.name, input));
  }
  const command = el("input", {value: '{"op":"subscribe","channels":["orders"]}', ariaLabel: "Command", size: 60});
  if (!inputs.length) form.append(command, " ");
  form.append(el("button", {type: "submit"}, "Connect and send"));
  let socket, lines = [];
  form.addEventListener("submit", event => {
    event.preventDefault();
    let target = path;
    for (const [name, input] of inputs) target = target.replace("{" + name + "}", encodeURIComponent(input.value));
    const show = line => { lines = [line, ...lines].slice(0, 100); out.textContent = lines.join("\n"); };
    if (socket) socket.close();
    const key = $("key").value; // which no header of a WebSocket can carry
    const mine = socket = new WebSocket(location.origin.replace("http", "ws") + target, key ? ["troupe", "troupe.key." + key] : []);
    mine.onopen = () => { show("connected"); if (!inputs.length) mine.send(command.value); };
    mine.onmessage = m => show(m.data);
    mine.onclose = c => show("closed: " + c.code + " " + c.reason);
  });
  return [form, out];
}
function operation(path, verb, op) {
  const inside = el("div", {className: "in"}), websocket = op["x-websocket"], name = websocket ? "ws" : verb;
  const box = el("details", {className: "op", id: op.operationId}, el("summary", {},
    el("span", {className: "verb " + name}, name.toUpperCase()), el("span", {className: "path"}, path),
    el("span", {className: "sum"}, op.summary || "")), inside);
  box.dataset.text = (path + " " + verb + " " + (op.summary || "")).toLowerCase();
  box.addEventListener("toggle", () => { // built when first opened: a description may hold hundreds
    if (!box.open || inside.childElementCount) return;
    if (op.security) inside.append(el("p", {}, "Needs an operator key (top right)."));
    if (op.parameters) inside.append(el("h4", {}, "Parameters"), el("table", {}, ...op.parameters.map(p => el("tr", {},
      el("td", {}, p.name, p.required ? el("span", {className: "must"}, " *") : null), el("td", {}, p.in),
      el("td", {className: "kind"}, ...kind(p.schema)), el("td", {}, p.description || "")))));
    if (op.requestBody) {
      const schema = op.requestBody.content["application/json"].schema;
      inside.append(el("h4", {}, "Body: ", ...kind(schema)), fieldTable(schema));
    }
    inside.append(el("h4", {}, "Answers"), el("table", {}, ...Object.entries(op.responses).map(([status, r]) => {
      const type = r.content && Object.entries(r.content)[0];
      return el("tr", {}, el("td", {className: status < 400 ? "ok" : ""}, status), el("td", {}, r.description),
        el("td", {className: "kind"}, ...(type ? type[1].schema ? kind(type[1].schema) : [type[0]] : [""])));
    })));
    inside.append(el("h4", {}, "Try it"), ...(websocket ? listen(path, op) : tryIt(path, verb, op)));
  });
  return box;
}
function render() {
  document.title = doc.info.title + " API";
  $("title").replaceChildren(doc.info.title, el("small", {}, doc.info.version));
  const all = $("all"), nav = $("nav");
  all.replaceChildren();
  const link = (id, text) => el("a", {href: "#" + id, title: text}, text);
  for (const tag of doc.tags) {
    all.append(el("h2", {}, tag.name, " ", el("span", {}, tag.description || "")));
    nav.append(el("b", {}, tag.name));
    for (const [path, verbs] of Object.entries(doc.paths))
      for (const [verb, op] of Object.entries(verbs)) if (op.tags.includes(tag.name)) {
        all.append(operation(path, verb, op));
        nav.append(link(op.operationId, (op["x-websocket"] ? "WS" : verb.toUpperCase()) + " " + path));
      }
  }
  all.append(el("h2", {}, "Types"));
  nav.append(el("b", {}, "Types"));
  for (const [name, schema] of Object.entries(doc.components.schemas).sort()) {
    const box = el("details", {className: "type", id: "type-" + name},
      el("summary", {}, el("span", {className: "path"}, name)), el("div", {className: "in"}, fieldTable(schema)));
    box.dataset.text = name.toLowerCase();
    all.append(box);
    nav.append(link("type-" + name, name));
  }
}
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) { target.open = true; target.scrollIntoView({block: "center"}); }
}
addEventListener("hashchange", openTarget);
$("find").addEventListener("input", () => {
  const wanted = $("find").value.toLowerCase();
  for (const box of document.querySelectorAll("details[data-text]")) box.hidden = !box.dataset.text.includes(wanted);
});
async function load() {
  const say = text => $("all").replaceChildren(el("p", {className: "bad"}, text));
  const headers = shown();
  try {
    const r = await fetch("/openapi.json", {headers});
    if (r.status === 401) return say(headers.Authorization ? "The key is none of this node's." : "This listener wants a key: put it into the field at the top right and press Enter.");
    if (!r.ok) throw new Error(r.status + " " + r.statusText);
    const text = await r.text();
    doc = JSON.parse(text);
    // A link shows no key, so it leads to what was fetched with one.
    if (headers.Authorization) Object.assign($("file"), {href: URL.createObjectURL(new Blob([text], {type: "application/json"})), download: "openapi.json"});
  } catch (e) { return say("No description: " + e.message); }
  render();
  openTarget();
}
$("key").addEventListener("change", () => { if (!doc) load(); });
load();
)js";

} // namespace

const std::string& docs_page() {
  static const std::string text =
    std::string{"<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>API</title>"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>"} +
    style + "</style></head><body>" + markup + "<script>" + tools + page + "</script></body></html>\n";
  return text;
}

} // namespace troupe::edge
