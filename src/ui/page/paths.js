// Traces and pings between two nodes, why their packets go as they do, and the matrix of all paths.

import { element, milliseconds, refused, table } from "./table.js";

function best(times) {
  const answered = times.filter((time) => time !== null);
  return answered.length > 0 ? Math.min(...answered) : null;
}

// The hops of a direction. Silent ones at the end say no more than that.
function hops(title, direction, key) {
  const silent = (hop) => hop.address === null && !hop.node;
  let shown = direction.hops;
  let last = shown.length;
  while (last > 0 && silent(shown[last - 1])) last -= 1;
  const more = shown.length - last;
  shown = more > 1 ? shown.slice(0, last + 1) : shown;
  const rows = shown.map((hop) => ({
    cells: [
      [String(hop.ttl), "number"],
      hop.address === null
        ? (hop.node ? `* (${hop.node})` : "*")
        : element("span", {}, hop.node ?? hop.address, " ", element("small", {}, hop.address)),
      hop.element ?? "",
      [hop.refused ? "unreachable" : milliseconds(best(hop.rttMs)), "number"],
    ],
    note: hop.silence,
  }));
  const outcome = direction.reached ? "reached" : "not reached";
  const line = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  line.setAttribute("class", "key");
  line.setAttribute("viewBox", "0 0 30 10");
  line.setAttribute("aria-hidden", "true");
  const stroke = document.createElementNS("http://www.w3.org/2000/svg", "path");
  stroke.setAttribute("class", `trace ${key}`);
  stroke.setAttribute("d", "M1 5H29");
  line.append(stroke);
  return element("section", { "aria-label": title }, ...[
    element("p", { class: "outcome" }, line, `${title}: ${outcome}`),
    direction.error ? element("p", { class: "refused" }, direction.error) : null,
    table(`${title}, hop by hop`, [["Hop", "number"], "Name", "Element", ["Best", "number"]], rows),
    more > 1 ? element("p", { class: "hint" }, `No answer from hop ${shown[last].ttl} to ${shown[last].ttl + more - 1}.`) : null,
  ].filter(Boolean));
}

export function showTrace(result, traced) {
  const { from, to, there, back, summary, why } = traced;
  const parts = [
    element("p", { class: "summary" }, `${summary}.`),
    hops(`There, ${from} to ${to}`, there, "there"),
    back ? hops(`Back, ${to} to ${from}`, back, "back") : null,
    element("details", { class: "why", open: true }, element("summary", {}, "Why this path"), element("pre", { tabindex: "0", role: "region", "aria-label": "Why this path" }, why)),
  ];
  result.replaceChildren(...parts.filter(Boolean));
}

export function showPing(result, { from, to, address, rttMs }) {
  const answered = rttMs.filter((time) => time !== null);
  const average = answered.reduce((sum, time) => sum + time, 0) / answered.length;
  const exact = (time) => `${time.toFixed(3)} ms`;
  const rows = rttMs.map((time, index) => ({
    cells: [[String(index + 1), "number"], [time === null ? "no answer" : exact(time), "number"]],
  }));
  result.replaceChildren(...[
    element("p", { class: "outcome" }, `${from} to ${to} [${address}]: ${answered.length} of ${rttMs.length} answered`),
    table("Pings", [["Request", "number"], ["Time", "number"]], rows),
    answered.length > 0
      ? element("p", { class: "hint" }, `Shortest ${exact(Math.min(...answered))}, average ${exact(average)}, longest ${exact(Math.max(...answered))}.`)
      : null,
  ].filter(Boolean));
}

const SYMBOLS = {
  pass: ["\u2713", "as expected"],
  fail: ["\u2717", "not as expected"],
  skip: ["\u2013", "not tried"],
  reached: ["\u25cf", "nothing expected; the destination answers"],
  unreached: ["\u25cb", "nothing expected; no answer"],
};

export function showMatrix({ matrix, verdict }, { machines, paths }, chosen) {
  const byPair = new Map(paths.map((path) => [`${path.from} ${path.to}`, path]));
  const cell = (from, to) => {
    const path = byPair.get(`${from} ${to}`);
    if (!path) return element("td");
    const outcome = path.verdict ?? (path.reached ? "reached" : "unreached");
    const [symbol, words] = SYMBOLS[outcome];
    const answer = path.reached ? milliseconds(path.rttMs) : "silent";
    const explain = () => {
      verdict.replaceChildren(
        element("p", { class: "outcome" }, `${from} to ${to}: ${words}`),
        element("p", {}, path.why || (path.reached ? `The destination answers at hop ${path.hops}, after ${answer}.` : "No answer comes back.")),
        element("div", { class: "buttons" }, element("button", { type: "button", onclick: () => chosen(from, to) }, "Trace this path")),
      );
    };
    return element("td", { class: outcome },
      element("button", { type: "button", "aria-label": `${from} to ${to}: ${words}, ${answer}`, onclick: explain },
        element("b", { "aria-hidden": "true" }, symbol), element("small", { "aria-hidden": "true" }, answer)));
  };
  const head = element("tr", {}, element("td", {}, ""), ...machines.map((to) => element("th", { scope: "col" }, to)));
  const rows = machines.map((from) =>
    element("tr", {}, element("th", { scope: "row" }, from), ...machines.map((to) => cell(from, to))));
  const legend = Object.values(SYMBOLS).map(([symbol, words]) => `${symbol} ${words}`).join(" \u00b7 ");
  matrix.replaceChildren(
    element("div", { class: "wide" },
      element("table", { class: "matrix", "aria-label": "Paths, from the row's machine to the column's" },
        element("thead", {}, head), element("tbody", {}, ...rows))),
    element("p", { class: "hint" }, `${legend}.`));
  verdict.replaceChildren();
}

export function showRefusal(result, error) {
  result.replaceChildren(refused(error));
}

// Effective routes in az's columns, or a router's table.
export function showRoutes(result, { node, element: kind, routes }) {
  const parts = [];
  const systemRows = (list) => list.map((route) => ({
    cells: [
      route.prefix,
      route.nextHops.map((hop) => hop.node ?? hop.address ?? hop.interface).join(", ") || "dropped",
      route.origin,
      route.asPath ?? "",
      route.state === "Active" ? "Active" : `Inactive: ${route.beatenBy?.rule ?? ""}`,
    ],
    style: route.state === "Active" ? undefined : "beaten",
  }));
  const system = (caption, list) =>
    table(caption, ["Prefix", "Next hop", "Origin", "AS path", "State"], systemRows(list));
  if (routes.value.some((route) => route.addressPrefix)) {
    parts.push(table(`Effective routes of ${node}`,
      ["Source", "State", "Address Prefix", "Next Hop Type", "Next Hop IP"],
      routes.value.map((route) => ({
        cells: [route.source, route.state, route.addressPrefix.join(", "), route.nextHopType, route.nextHopIpAddress.join(", ")],
        style: route.state === "Active" ? undefined : "beaten",
      }))));
    if (routes.ownSystem) parts.push(element("h2", {}, "Its own system"), system(`Routes of ${node}'s own system`, routes.ownSystem));
  } else if (routes.value.length > 0) {
    parts.push(system(`Routes of ${node}`, routes.value));
  } else {
    parts.push(element("p", { class: "hint" }, "It has no routes."));
  }
  result.replaceChildren(element("p", { class: "outcome" }, `${node}, ${kind}`), ...parts);
}
