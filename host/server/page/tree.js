// @ts-check
// The live supervision tree: one line an actor, in the order in which they start. Follows the ARIA authoring guide's
// tree pattern: one line takes the focus, the arrows move it.

import { arrange, attribute, byId, el, reshape, shape, write } from "./dom.js";
import { count, span } from "./format.js";

/** @typedef {{node: TreeNode, level: number, set: number, at: number, parent: string | null, gone: boolean}} Line */
/** @typedef {ReturnType<typeof build>} Row */

const SHAPES = { starting: "half", running: "dot", restarting: "triangle", quarantined: "cross", stopping: "ring", stopped: "square", asleep: "moon" };

/**
 * @param {Store} store
 * @param {(address: string, focus: boolean) => void} inspect
 */
export function tree(store, inspect) {
  const list = byId("tree");
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** @type {Line[]} */
  let lines = [];
  /** @type {Set<string>} */
  const folded = new Set();
  let current = "";

  const render = () => {
    if (!store.tree) return;
    lines = flatten(store, folded);
    for (const address of rows.keys()) if (!lines.some((line) => line.node.address === address)) rows.delete(address);
    if (!lines.some((line) => line.node.address === current)) current = lines[0]?.node.address ?? "";
    const items = lines.map((line) => {
      const { address } = line.node;
      let row = rows.get(address);
      if (!row) rows.set(address, (row = build(line.node)));
      fill(row, line, store, folded);
      row.item.tabIndex = address === current ? 0 : -1;
      return row.item;
    });
    arrange(list, items);
  };
  store.listen((changes) => {
    if (changes.has("tree")) render();
  });

  /** @param {string | undefined} address */
  const go = (address) => {
    if (address === undefined) return;
    current = address;
    render();
    rows.get(address)?.item.focus();
  };
  /** @param {string} address */
  const toggle = (address) => {
    if (!folded.delete(address)) folded.add(address);
    render();
  };

  list.addEventListener("click", (event) => {
    const item = event.target instanceof Element ? event.target.closest("[role=treeitem]") : null;
    const address = item?.getAttribute("data-address");
    if (!address) return;
    current = address;
    if (event.target instanceof Element && event.target.closest(".fold")) toggle(address);
    else inspect(address, false);
    render();
  });

  let typed = { text: "", at: 0 };
  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = lines.findIndex((line) => line.node.address === current);
    const line = lines[at];
    if (!line) return;
    const { address } = line.node;
    const open = expandable(line) && !folded.has(address);
    /** @type {Record<string, () => void>} */
    const keys = {
      ArrowDown: () => go(lines[at + 1]?.node.address),
      ArrowUp: () => go(lines[at - 1]?.node.address),
      Home: () => go(lines[0]?.node.address),
      End: () => go(lines.at(-1)?.node.address),
      ArrowRight: () => (open ? go(lines[at + 1]?.node.address) : expandable(line) && toggle(address)),
      ArrowLeft: () => (open ? toggle(address) : go(line.parent ?? undefined)),
      Enter: () => inspect(address, true),
      " ": () => inspect(address, true),
    };
    const act = keys[event.key];
    if (act) {
      typed.text = "";
      act();
    } else if (event.key.length === 1) {
      typed = { text: (event.timeStamp - typed.at < 800 ? typed.text : "") + event.key.toLowerCase(), at: event.timeStamp };
      const after = [...lines.slice(at + (typed.text.length > 1 ? 0 : 1)), ...lines];
      go(after.find((other) => other.node.name.toLowerCase().startsWith(typed.text))?.node.address);
    } else return;
    event.preventDefault();
  });

  return {
    /** @param {string} address the one that the drawer shows; empty for none */
    select(address) {
      for (const [other, row] of rows) attribute(row.item, "aria-selected", other === address ? "true" : "false");
    },
    /** @param {string} address */
    focus: (address) => go(lines.some((line) => line.node.address === address) ? address : current),
  };
}

/** @param {Line} line */
const expandable = (line) => line.node.children.length > 0;

/**
 * The tree as lines, with those that have just ended where they were.
 * @param {Store} store
 * @param {Set<string>} folded
 * @returns {Line[]}
 */
function flatten(store, folded) {
  /** @type {Line[]} */
  const lines = [];
  /** @type {(siblings: {node: TreeNode, gone: boolean}[], level: number, parent: string | null) => void} */
  const walk = (siblings, level, parent) => {
    siblings.forEach(({ node, gone }, at) => {
      lines.push({ node, level, set: siblings.length, at: at + 1, parent, gone });
      if (folded.has(node.address)) return;
      const children = gone ? [] : node.children.map((child) => ({ node: child, gone: false }));
      const ended = [...store.ghosts.values()].filter((ghost) => ghost.parent === node.address);
      for (const ghost of ended.sort((a, b) => a.index - b.index)) {
        children.splice(ghost.index, 0, { node: ghost.node, gone: true });
      }
      walk(children, level + 1, node.address);
    });
  };
  if (store.tree) walk([{ node: store.tree.root, gone: false }], 1, null);
  return lines;
}

/** @param {string} name @param {...Element} before */
function cell(name, ...before) {
  return el("span", { class: name }, ...before, el("span", { class: "heard" }), el("span"));
}

/**
 * Fills a cell. Its column's heading is not read out, so the word goes before the value.
 * @param {Element} into
 * @param {string} word
 * @param {string} value
 */
function put(into, word, value) {
  write(/** @type {Element} */ (into.querySelector(".heard")), value && word ? `${word} ` : "");
  write(/** @type {Element} */ (into.lastElementChild), value);
}

/** @param {TreeNode} node */
function build(node) {
  const mark = shape("dot");
  const text = el("span");
  const bar = el("meter", { min: 0, "aria-hidden": "true" });
  const cells = {
    name: el("span", { class: "name" }),
    state: el("span", { class: "state" }, mark, text),
    mailbox: cell("mailbox", bar),
    turns: cell("turns"),
    restarts: cell("restarts"),
    digest: cell("digest mono"),
  };
  const fold = el("span", { class: "fold" }, shape("fold"));
  const lead = el("span", { class: "lead" }, fold, cells.name);
  const { state, mailbox, turns, restarts, digest } = cells;
  const item = el(
    "li",
    { role: "treeitem", "data-address": node.address, "data-name": node.name, "aria-selected": "false" },
    lead, state, el("span", { class: "meta" }, mailbox, turns, restarts, digest),
  );
  return { item, mark, text, bar, cells };
}

/**
 * @param {Row} row
 * @param {Line} line
 * @param {Store} store
 * @param {Set<string>} folded
 */
function fill(row, line, store, folded) {
  const { node, gone } = line;
  const { actor, supervisor } = node;
  const { item, cells, mark, text, bar } = row;
  const busy = !gone && actor?.handling;
  const state = gone ? "ended" : busy ? `${actor.handling} ${span(actor.busy_seconds ?? 0)}` : node.state;
  write(cells.name, node.name);
  attribute(cells.name, "title", node.name);
  write(text, state);
  reshape(mark, gone ? "cross" : busy ? "busy" : SHAPES[node.state] ?? "ring");
  attribute(item, "data-state", gone ? "ended" : busy ? "busy" : node.state);

  const rate = store.rate(node.address);
  const turns = !actor || rate === null ? "" : `${rate < 100 ? rate.toFixed(1) : Math.round(rate)}/s`;
  const waiting = actor ? `${actor.waiting}/${actor.mailbox_limit}` : (supervisor?.strategy ?? "");
  bar.hidden = !actor;
  if (actor) {
    bar.max = Math.max(1, actor.mailbox_limit);
    bar.high = actor.mailbox_limit * 0.8;
    bar.optimum = 0;
    bar.value = actor.waiting;
  }
  put(cells.mailbox, actor ? "mailbox" : "", waiting);
  const tight = Boolean(actor && actor.waiting > actor.mailbox_limit * 0.8);
  attribute(cells.mailbox, "data-tight", tight ? "" : null);
  put(cells.turns, "turns", turns);
  attribute(cells.turns, "title", actor ? count(actor.turns, "turn") : null);

  let restarts = actor && actor.restarts > 0 ? count(actor.restarts, "restart") : "";
  if (supervisor) {
    restarts = `${supervisor.restarts_in_window}/${supervisor.restarts_limit} in ${span(supervisor.window_seconds)}`;
  }
  // The next restart would be one too many: OTP's budget.
  const last = Boolean(supervisor && supervisor.restarts_limit > 0 && supervisor.restarts_in_window >= supervisor.restarts_limit);
  put(cells.restarts, supervisor ? "restarts" : "", restarts);
  attribute(cells.restarts, "data-tight", last ? "" : null);
  put(cells.digest, "build", actor?.digest?.slice(0, 8) ?? "");
  attribute(cells.digest, "title", actor?.digest ?? null);

  attribute(item, "aria-level", line.level);
  attribute(item, "aria-setsize", line.set);
  attribute(item, "aria-posinset", line.at);
  attribute(item, "aria-expanded", expandable(line) ? String(!folded.has(node.address)) : null);
  item.style.setProperty("--level", String(line.level - 1));
  attribute(item, "aria-disabled", gone ? "true" : null);
}
