// Links: how each is, in words, and as tables beside the picture.

import { element, table } from "./table.js";

const CONDITIONS = {
  up: "up",
  disabled: "down from the start, by the lab file",
  down: "down",
  blackhole: "silently drops all packets",
};

// How a link is, in words that need no colour.
export function words({ condition, impaired, ended }) {
  const parts = [CONDITIONS[condition]];
  if (impaired.length > 0) parts.push("impaired");
  if (ended.length > 0) parts.push("its session has ended");
  return parts.join(", ");
}

function style({ condition, impaired }) {
  return `state-${condition === "up" && impaired.length > 0 ? "impaired" : condition}`;
}

// One link, or the several that a line of the picture stands for.
export function showLink(place, chosen) {
  const facts = ({ name, kind, ends, state }) => [
    element("p", { class: "outcome" }, `${name}: `, element("span", { class: style(state) }, words(state))),
    element("p", { class: "hint" }, `A ${kind} between ${ends.join(" and ")}.`),
    ...state.impaired.map((direction) => element("p", {}, direction)),
    ...state.ended.map((session) => element("p", {}, `Ended: ${session}.`)),
  ];
  place.replaceChildren(...chosen.flatMap(facts));
}

export function showLists({ nodes: nodePlace, links: linkPlace }, nodes, links, { node, link }) {
  const button = (name, action) => element("button", { type: "button", onclick: () => action(name) }, name);
  // A list is made anew with every change; whoever stands in it stays where they are.
  const focused = document.activeElement?.closest("#list") ? document.activeElement.textContent : null;
  nodePlace.replaceChildren(table("Nodes", ["Name", "Element", "Address"],
    [...nodes.values()].map((one) => ({ cells: [button(one.name, node), one.element, one.address ?? ""] }))));
  linkPlace.replaceChildren(table("Links", ["Name", "Ends", "State"],
    [...links.values()].map((one) => ({
      cells: [button(one.name, link), one.ends.join(" \u2013 "), [words(one.state), style(one.state)]],
    }))));
  if (focused !== null) {
    [...document.querySelectorAll("#list button")].find((one) => one.textContent === focused)?.focus();
  }
}
