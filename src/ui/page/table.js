// Elements and tables, made of text alone: nothing that a lab says becomes markup.

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "onclick") made.addEventListener("click", value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

// A table with a caption for those who hear it. A cell is text, an element, or [text, class]; a row may have a note
// below it.
export function table(caption, heads, rows) {
  const cell = (kind) => (value) => {
    const [content, style] = Array.isArray(value) ? value : [value];
    return element(kind, { class: style, scope: kind === "th" ? "col" : undefined }, content ?? "");
  };
  const body = rows.flatMap(({ cells, style, note }) => [
    element("tr", { class: note ? "noted" : style }, ...cells.map(cell("td"))),
    ...(note ? [element("tr", { class: "note" }, element("td"), element("td", { colspan: heads.length - 1 }, note))] : []),
  ]);
  return element("div", { class: "wide" },
    element("table", { "aria-label": caption },
      element("thead", {}, element("tr", {}, ...heads.map(cell("th")))),
      element("tbody", {}, ...body)));
}

export function refused(error) {
  return element("p", { class: "refused", role: "alert" }, error.message);
}

// As tracert has it: whole milliseconds, and none below one.
export function milliseconds(time) {
  if (time === null || time === undefined) return "*";
  return time < 1 ? "<1 ms" : `${Math.round(time)} ms`;
}

export function options(select, groups) {
  const chosen = select.value;
  select.replaceChildren(...groups.map(([label, names]) =>
    element("optgroup", { label }, ...names.map((name) => element("option", { value: name }, name)))));
  if (chosen) select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}
