// The picture: nodes and links to be clicked or reached by keyboard, their state, and a path laid over them.

const SVG = "http://www.w3.org/2000/svg";
const FLAGS = { down: "\u2715 down", blackhole: "\u25cc blackhole" };
// From the smallest writing that can be read on, the picture is scrolled rather than made smaller.
const LEAST_SCALE = 0.55;
const USUAL_SCALE = 0.62;
// From this on a picture is so wide that it has the page's whole width.
const WIDE = 1.6;
// Where on a link its flag may stand, the best place first.
const PLACES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9];

function shape(name, properties) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(properties)) made.setAttribute(key, value);
  return made;
}

export class Picture {
  #svg = document.querySelector("#canvas > svg");
  #canvas = document.querySelector("#canvas");
  #overlay = this.#svg.querySelector(".overlay") ?? this.#svg.appendChild(shape("g", { class: "overlay" }));
  #size;
  #zoom = 1;

  constructor({ node, link }) {
    this.#svg.setAttribute("role", "group");
    this.#svg.setAttribute("aria-label", "Nodes and links; the List tab has the same as tables");
    this.#overlay.setAttribute("aria-hidden", "true");
    this.#moveLegend();
    // What nothing can be done with is no stop for the keyboard.
    for (const still of this.#svg.querySelectorAll("[tabindex]")) still.removeAttribute("tabindex");
    for (const group of this.#all("node")) {
      const box = group.querySelector(".shape").getBBox();
      group.append(shape("rect", {
        class: "ring", x: box.x - 3, y: box.y - 3, width: box.width + 6, height: box.height + 6, rx: 7,
      }));
      this.#activate(group, () => node(group.dataset.node));
    }
    for (const group of this.#all("link")) {
      for (const line of group.querySelectorAll(".line")) {
        group.append(shape("path", { class: "hit", d: line.getAttribute("d") }));
      }
      this.#activate(group, () => link(group.dataset.link, this.#links(group)));
    }
    this.#giveLabels();
    const { width, height } = this.#svg.viewBox.baseVal;
    this.#size = { width, height };
    document.body.classList.toggle("wide", width / height > WIDE);
    const scale = (by) => () => {
      this.#zoom = by === 0 ? Math.min(...this.#fit()) : Math.min(3, Math.max(0.1, this.#zoom * by));
      this.#scale();
    };
    document.querySelector("#larger").addEventListener("click", scale(1.25));
    document.querySelector("#smaller").addEventListener("click", scale(0.8));
    document.querySelector("#fit").addEventListener("click", scale(0));
    const [across, down] = this.#fit();
    const readable = Math.max(LEAST_SCALE, Math.min(across, USUAL_SCALE));
    this.#zoom = Math.max(readable, Math.min(across, down, 1.25));
    this.#scale();
    this.#bringIntoView(this.#all("node").slice(0, 1).map((group) => group.dataset.node));
  }

  // Whoever points at a label means the line that runs behind it, of several the first.
  #giveLabels() {
    const lines = this.#all("link").map((group) => {
      const line = group.querySelector(".line");
      const length = line.getTotalLength();
      const count = Math.ceil(length / 8);
      return [group, Array.from({ length: count + 1 }, (_, index) => line.getPointAtLength((length * index) / count))];
    });
    for (const label of this.#svg.querySelectorAll(".label > rect")) {
      const box = label.getBBox();
      const isBehind = ({ x, y }) => x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height;
      const owner = lines.find(([, points]) => points.some(isBehind));
      if (!owner) continue;
      const { x, y, width, height } = box;
      owner[0].append(shape("rect", { class: "hit area", x, y, width, height }));
    }
  }

  // The signs stand below the picture, where there is room for them.
  #moveLegend() {
    const legend = this.#svg.querySelector(".legend");
    if (!legend) return;
    const box = this.#svg.viewBox.baseVal;
    const own = legend.getBBox();
    const top = legend.transform.baseVal.consolidate()?.matrix.f ?? own.y;
    const signs = shape("svg", {
      class: "lab", "aria-hidden": "true", viewBox: `0 0 ${own.x + own.width} ${box.height - top}`,
      width: (own.x + own.width) * 0.85, height: (box.height - top) * 0.85,
    });
    legend.removeAttribute("transform");
    signs.append(legend);
    document.querySelector("#signs").append(signs);
    this.#svg.setAttribute("viewBox", `0 0 ${box.width} ${top}`);
  }

  #all(kind) {
    return [...this.#svg.querySelectorAll(`g.${kind}[data-${kind}]:not([data-${kind}=""])`)];
  }

  // The lab's links that a line stands for.
  #links(group) {
    return (group.dataset.links ?? group.dataset.link).split(" ");
  }

  #activate(group, action) {
    group.setAttribute("tabindex", "0");
    group.setAttribute("role", "button");
    group.addEventListener("click", action);
    group.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      action();
    });
  }

  // The scales at which the picture takes all of the width, and all of the height.
  #fit() {
    const style = getComputedStyle(this.#canvas);
    const room = (side, one, other) => side - parseFloat(style[one]) - parseFloat(style[other]);
    const { clientWidth, clientHeight } = this.#canvas;
    return [
      room(clientWidth, "paddingLeft", "paddingRight") / this.#size.width,
      room(clientHeight, "paddingTop", "paddingBottom") / this.#size.height,
    ];
  }

  #scale() {
    this.#svg.style.width = `${Math.floor(this.#size.width * this.#zoom)}px`;
    this.#svg.style.height = `${Math.floor(this.#size.height * this.#zoom)}px`;
  }

  // Has the theme be that of the page.
  dress(theme) {
    for (const svg of document.querySelectorAll("svg.lab")) {
      svg.classList.toggle("light", theme === "light");
      svg.classList.toggle("dark", theme === "dark");
    }
  }

  describe(nodes, links) {
    const describe = (group, text) => {
      group.setAttribute("aria-label", text);
      let title = group.querySelector(":scope > title");
      if (!title) {
        title = shape("title", {});
        group.prepend(title);
      }
      title.textContent = text;
    };
    for (const group of this.#all("node")) {
      const node = nodes.get(group.dataset.node);
      if (node) describe(group, [node.name, node.element, node.address].filter(Boolean).join(", "));
    }
    for (const old of this.#overlay.querySelectorAll(".flag")) old.remove();
    for (const group of this.#all("link")) {
      const own = this.#links(group).map((name) => links.get(name)).filter(Boolean);
      const link = links.get(group.dataset.link);
      if (!link) continue;
      const others = own.filter((one) => one !== link && one.words !== link.words);
      describe(group, [
        `${link.kind} ${link.name}, ${link.ends.join(" to ")}: ${link.words}`,
        ...others.map((one) => `${one.name}: ${one.words}`),
      ].join("; "));
      const has = (condition) => own.some(({ state }) => state.condition === condition);
      const isImpaired = own.some(({ state }) => state.impaired.length > 0);
      group.classList.toggle("down", has("down"));
      group.classList.toggle("blackhole", has("blackhole"));
      group.classList.toggle("impaired", isImpaired);
      group.classList.toggle("ended", own.some(({ state }) => state.ended.length > 0));
      const condition = ["down", "blackhole"].find(has);
      const flag = FLAGS[condition] ?? (isImpaired ? "\u2248 impaired" : null);
      if (flag) this.#flag(group, flag, condition ?? "impaired");
    }
  }

  // A word on a link, for what its colour alone must not say, where it covers no other writing.
  #flag(group, text, kind) {
    const line = group.querySelector(".line");
    const flag = shape("g", { class: `flag ${kind}`, "data-flag": group.dataset.link });
    const back = shape("rect", { rx: 7 });
    const word = shape("text", {});
    word.textContent = text;
    flag.append(back, word);
    this.#overlay.append(flag);
    const length = line.getTotalLength();
    const [width, height] = [word.getComputedTextLength() + 12, 16];
    const taken = [...this.#svg.querySelectorAll(".label > rect, .node > .shape, .lan > .shape, .flag > rect")]
      .filter((other) => other !== back).map((other) => other.getBBox());
    const isFree = ({ x, y }) => taken.every((box) =>
      x + width / 2 < box.x || x - width / 2 > box.x + box.width || y + height / 2 < box.y || y - height / 2 > box.y + box.height);
    const places = PLACES.map((share) => line.getPointAtLength(length * share));
    const { x, y } = places.find(isFree) ?? places[0];
    for (const [key, value] of Object.entries({ x: x - width / 2, y: y - height / 2, width, height })) back.setAttribute(key, value);
    word.setAttribute("x", x);
    word.setAttribute("y", y + 4);
  }

  choose({ from, to, chosen }) {
    for (const group of this.#all("node")) {
      group.classList.toggle("from", group.dataset.node === from);
      group.classList.toggle("to", group.dataset.node === to);
    }
    for (const group of this.#all("link")) group.classList.toggle("chosen", this.#links(group).some((link) => chosen.includes(link)));
  }

  lay(there, back) {
    for (const old of this.#svg.querySelectorAll(".trace, .end")) old.remove();
    for (const old of this.#svg.querySelectorAll(".on-path")) old.classList.remove("on-path");
    for (const [way, name] of [[there, "there"], [back, "back"]]) {
      if (!way) continue;
      for (const group of this.#all("node")) {
        if (way.nodes.includes(group.dataset.node)) group.classList.add("on-path");
      }
      for (const group of this.#all("link")) {
        if (!this.#links(group).some((link) => way.links.includes(link))) continue;
        group.classList.add("on-path");
        for (const line of group.querySelectorAll(".line")) {
          const trace = shape("path", { class: `trace ${name}`, d: line.getAttribute("d") });
          if (name === "there") group.insertBefore(trace, line);
          else group.append(trace);
        }
      }
    }
    for (const hop of there?.hops ?? []) {
      if (hop.address) this.#number(hop);
    }
    if (there) this.#bringIntoView(there.nodes);
  }

  // Scrolls to a path, where not all of it is in view.
  #bringIntoView(names) {
    const boxes = this.#all("node").filter((one) => names.includes(one.dataset.node))
      .map((one) => one.getBoundingClientRect());
    if (boxes.length === 0) return;
    const frame = this.#canvas.getBoundingClientRect();
    const left = Math.min(...boxes.map((box) => box.left)) - 20;
    const right = Math.max(...boxes.map((box) => box.right)) + 20;
    const top = Math.min(...boxes.map((box) => box.top)) - 20;
    const bottom = Math.max(...boxes.map((box) => box.bottom)) + 20;
    const by = (low, high, from, to) => (low < from ? low - from : high > to ? Math.min(high - to, low - from) : 0);
    this.#canvas.scrollBy(by(left, right, frame.left, frame.right), by(top, bottom, frame.top, frame.bottom));
  }

  #number(hop) {
    const group = this.#all("node").find((one) => one.dataset.node === hop.node);
    const ring = group?.querySelector(".ring");
    if (!ring) return;
    const number = shape("text", {
      class: "end",
      x: ring.x.baseVal.value + ring.width.baseVal.value - 9,
      y: ring.y.baseVal.value + 16,
    });
    number.textContent = hop.ttl;
    group.append(number);
  }
}
