// The page: what is chosen, what is asked, and what the server tells.

import { showLink, showLists, words } from "./links.js";
import { showMatrix, showPing, showRefusal, showRoutes, showTrace } from "./paths.js";
import { Picture } from "./picture.js";
import { ask, listen } from "./server.js";
import { element, options } from "./table.js";

const MOST_LISTED = 500;
const at = (id) => document.getElementById(id);

let nodes = new Map();
let links = new Map();
let over = false;
// The node that was clicked first, until another one is.
let first = null;
// The links that orders are about.
let chosen = [];
let questions = 0;

// ---- Tabs.

const tabs = [...document.querySelectorAll("[role=tab]")];

function show(name) {
  for (const tab of tabs) {
    const isShown = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", String(isShown));
    tab.tabIndex = isShown ? 0 : -1;
    at(tab.getAttribute("aria-controls")).hidden = !isShown;
  }
  if (name === "routes") askRoutes();
  mark();
}

const shown = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true").id.slice(4);

for (const [index, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(tab.id.slice(4)));
  tab.addEventListener("keydown", ({ key }) => {
    const to = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: tabs.length - 1 }[key];
    if (to === undefined) return;
    const next = tabs[(to + tabs.length) % tabs.length];
    show(next.id.slice(4));
    next.focus();
  });
}

// ---- What is chosen.

const picture = new Picture({ node: chooseNode, link: chooseLink });

function mark() {
  picture.choose({
    from: first ?? (at("result").hasChildNodes() ? at("from").value : null),
    to: first === null && at("result").hasChildNodes() ? at("to").value : null,
    chosen: shown() === "link" ? chosen : [],
  });
}

function hint(text) {
  at("hint").textContent = text;
}

function chooseNode(name) {
  if (shown() === "routes") {
    at("node").value = name;
    askRoutes();
    return;
  }
  show("path");
  if (!nodes.get(name)?.address) {
    hint(`${name} has no address to be probed.`);
    return;
  }
  if (first === null || first === name) {
    first = name;
    at("from").value = name;
    at("node").value = name;
    hint(`From ${name}. Now click where to; Escape begins again.`);
    clear();
  } else {
    at("to").value = name;
    first = null;
    trace();
  }
  mark();
}

function chooseLink(name, names = [name]) {
  chosen = names;
  show("link");
  at("which").value = name;
  renderLink();
  at("link-result").textContent = "";
  mark();
}

function clear() {
  questions += 1;
  at("result").replaceChildren();
  at("stale").hidden = true;
  picture.lay(null, null);
}

document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  first = null;
  clear();
  hint("Click a node, and then another, to trace the path between them.");
  mark();
});

// ---- Questions.

// Asks, unless something else was asked meanwhile; shows that it takes its time.
async function question(path, show) {
  const number = ++questions;
  const pair = { from: at("from").value, to: at("to").value };
  at("stale").hidden = true;
  hint(`Probing from ${pair.from} to ${pair.to}.`);
  at("result").setAttribute("aria-busy", "true");
  try {
    const answer = await ask(path, pair);
    if (number !== questions) return;
    show(answer);
    hint("");
  } catch (error) {
    if (number !== questions) return;
    picture.lay(null, null);
    showRefusal(at("result"), error);
    hint("");
  } finally {
    if (number === questions) at("result").removeAttribute("aria-busy");
    mark();
  }
}

function trace() {
  return question("/api/trace", (traced) => {
    showTrace(at("result"), traced);
    picture.lay(traced.there, traced.back);
  });
}

at("pair").addEventListener("submit", (event) => {
  event.preventDefault();
  first = null;
  trace();
});
at("ping").addEventListener("click", () => {
  first = null;
  picture.lay(null, null);
  question("/api/ping", (pinged) => showPing(at("result"), pinged));
});
at("swap").addEventListener("click", () => {
  [at("from").value, at("to").value] = [at("to").value, at("from").value];
});
for (const id of ["from", "to"]) {
  at(id).addEventListener("change", () => {
    first = null;
    clear();
    mark();
  });
}

async function askRoutes() {
  const name = at("node").value;
  if (!name || over) return;
  try {
    const answer = await ask(`/api/routes?node=${encodeURIComponent(name)}`);
    if (at("node").value === name) showRoutes(at("table-of-routes"), answer);
  } catch (error) {
    showRefusal(at("table-of-routes"), error);
  }
}
at("node").addEventListener("change", askRoutes);

at("verify").addEventListener("click", async () => {
  at("verify").disabled = true;
  at("verified").textContent = "Probing every path.";
  try {
    const matrix = await ask("/api/verify", {});
    at("verified").textContent = `${matrix.summary}.`;
    showMatrix({ matrix: at("matrix"), verdict: at("verdict") }, matrix, (from, to) => {
      [at("from").value, at("to").value] = [from, to];
      first = null;
      show("path");
      trace();
    });
  } catch (error) {
    at("verified").textContent = error.message;
  } finally {
    at("verify").disabled = over;
  }
});

// ---- Orders.

async function order(names, fate) {
  const place = at("link-result");
  place.textContent = "";
  try {
    const { routes, nodes: count, elapsed_ms: time } = await ask("/api/fate", { names, fate });
    place.textContent = `Done: ${routes} routes of ${count} nodes changed in ${Math.round(time)} ms.`;
  } catch (error) {
    place.textContent = error.message;
    if (shown() !== "link") condition(error.message, true);
  }
}

for (const fate of ["down", "blackhole", "heal"]) {
  at(fate).addEventListener("click", () => order(chosen, fate));
}
at("heal-all").addEventListener("click", () => order([], "heal"));
at("which").addEventListener("change", () => chooseLink(at("which").value));

// ---- What the server tells.

function condition(text, isBad) {
  at("condition").textContent = text;
  at("condition").classList.toggle("bad", isBad);
}

function renderLink() {
  const own = chosen.map((name) => links.get(name)).filter(Boolean);
  showLink(at("link-state"), own);
  const some = (...conditions) => own.some(({ state }) => conditions.includes(state.condition));
  at("down").disabled = over || !some("up", "blackhole");
  at("blackhole").disabled = over || !some("up");
  at("heal").disabled = over || !some("down", "blackhole");
}

function render({ links: states, laterMs, problems }) {
  for (const state of states) {
    const link = links.get(state.name);
    if (link) Object.assign(link, { state, words: words(state) });
  }
  picture.describe(nodes, links);
  showLists({ nodes: at("nodes"), links: at("links") }, nodes, links, {
    node: chooseNode,
    link: chooseLink,
  });
  renderLink();
  summarize(states, laterMs, problems);
}

function summarize(states, laterMs, problems) {
  const names = (wanted) => states.filter((state) => state.condition === wanted).map((state) => state.name);
  const [down, lost] = [names("down"), names("blackhole")];
  const impaired = states.filter((state) => state.impaired.length > 0).map((state) => state.name);
  const few = (list) => (list.length > 3 ? `${list.length} links` : list.join(", "));
  const parts = [];
  if (down.length > 0) parts.push(`down: ${few(down)}`);
  if (lost.length > 0) parts.push(`blackholed: ${few(lost)}`);
  if (impaired.length > 0) parts.push(`impaired: ${few(impaired)}`);
  if (laterMs !== null) parts.push("sessions have still to notice");
  parts.push(...problems);
  const isBad = down.length + lost.length + problems.length > 0;
  const text = parts.join(" \u00b7 ");
  condition(text ? text.charAt(0).toUpperCase() + text.slice(1) : "All links are up", isBad);
  at("heal-all").hidden = down.length + lost.length + impaired.length === 0;
}

function list(event) {
  const time = new Date(event.time);
  const item = element("li", { class: event.kind },
    element("time", { datetime: time.toISOString() }, time.toLocaleTimeString([], { hour12: false })),
    element("span", { class: "kind" }, event.kind),
    element("span", { class: "text" }, event.text));
  at("events").prepend(item);
  while (at("events").childElementCount > MOST_LISTED) at("events").lastElementChild.remove();
  if (["fault", "heal", "impair", "routes", "session"].includes(event.kind)) {
    at("stale").hidden = !at("result").querySelector("table");
    if (shown() === "routes" && event.kind === "routes") askRoutes();
  }
}

function end(why) {
  over = true;
  condition(why, true);
  document.body.classList.add("over");
  for (const button of document.querySelectorAll("#panel button:not([role=tab]), #heal-all")) button.disabled = true;
}

function begin(parts) {
  nodes = new Map(parts.nodes.map((node) => [node.name, node]));
  const unknown = { condition: "up", impaired: [], ended: [] };
  links = new Map(parts.links.map((link) => [link.name, { ...link, state: unknown, words: "" }]));
  const byElement = new Map();
  for (const node of parts.nodes) {
    const key = node.isMachine ? "machines" : node.element;
    byElement.set(key, [...(byElement.get(key) ?? []), node]);
  }
  const groups = [...byElement].sort(([a], [b]) => (b === "machines") - (a === "machines"));
  const named = (filter) => groups
    .map(([label, group]) => [label, group.filter(filter).map((node) => node.name)])
    .filter(([, names]) => names.length > 0);
  const probed = named((node) => node.address);
  options(at("from"), probed);
  options(at("to"), probed);
  if (at("to").value === at("from").value) at("to").selectedIndex = Math.min(1, at("to").length - 1);
  options(at("node"), named(() => true));
  const kinds = new Map();
  for (const link of parts.links) kinds.set(`${link.kind}s`, [...(kinds.get(`${link.kind}s`) ?? []), link.name]);
  options(at("which"), [...kinds]);
  chosen = [at("which").value];
}

// ---- The theme.

const theme = at("theme");
theme.value = localStorage.getItem("theme") ?? "";
function dress() {
  if (theme.value) document.documentElement.dataset.theme = theme.value;
  else delete document.documentElement.dataset.theme;
  picture.dress(theme.value);
}
theme.addEventListener("change", () => {
  localStorage.setItem("theme", theme.value);
  dress();
});
dress();

// ---- The beginning. The token has done what it is for, and stays out of sight.

history.replaceState(null, "", "/");
show("path");
begin(await ask("/api/lab"));
listen({
  whole: ({ state, events }) => {
    at("events").replaceChildren();
    events.forEach(list);
    at("stale").hidden = true;
    render(state);
    document.body.dataset.ready = "true";
  },
  state: render,
  event: list,
  // Other parts make another picture.
  lab: () => location.reload(),
  ended: end,
  lost: () => {
    if (!over) condition("The page's server does not answer; trying again.", true);
  },
});
