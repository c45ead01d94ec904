// @ts-check
// Every other topic: a small chart for each figure in it, and a line with the latest value where there are none.

import { Chart } from "./chart.js";
import { arrange, attribute, byId, el, write } from "./dom.js";
import { ago, figure, sign, span } from "./format.js";
import { shown } from "./period.js";
import { figures } from "./store.js";

/** What the kettle's own panel shows already. */
const ELSEWHERE = new Set(["kettle/sample", "kettle/log"]);
/** The units of the machine's figures: a topic's body has none. */
const UNITS = /** @type {Record<string, Record<string, string>>} */ ({
  "machine/sample": { memory: "percent", cpu: "percent", temperature: "celsius" },
});
const COLOURS = ["blue", "violet", "green", "temperature"];

/** @typedef {{box: HTMLElement, value: HTMLElement, chart: Chart, field: string, unit: string}} Small */
/** @typedef {{box: HTMLElement, age: HTMLElement, small: Map<string, Small>, grid: HTMLElement}} Panel */

/** @param {Store} store */
export function topics(store) {
  const [section, list] = [byId("topics"), byId("other-topics")];
  const rows = byId("other-rows");
  /** @type {Map<string, Panel>} */
  const panels = new Map();
  /** @type {Map<string, {row: HTMLElement, body: HTMLElement, age: HTMLElement}>} */
  const lines = new Map();

  store.listen((changes) => {
    if (![...changes].some((change) => change === "tick" || change === "history" || change.startsWith("topic"))) return;
    const names = [...store.latest.keys()].filter((topic) => !ELSEWHERE.has(topic) && !topic.startsWith("greenroom/"));
    const charted = names.filter((topic) => store.series.has(topic)).sort();
    const plain = names.filter((topic) => !store.series.has(topic)).sort();
    if (changes.has("topics") || charted.length !== panels.size) {
      for (const topic of panels.keys()) if (!charted.includes(topic)) panels.delete(topic);
      arrange(section, charted.map((topic) => get(panels, topic, () => panel(topic)).box));
    }
    section.hidden = charted.length === 0;
    for (const topic of charted) draw(store, topic, /** @type {Panel} */ (panels.get(topic)));

    list.hidden = plain.length === 0;
    arrange(rows, plain.map((topic) => get(lines, topic, () => line(topic)).row));
    for (const topic of plain) {
      const { body, age } = /** @type {{body: HTMLElement, age: HTMLElement}} */ (lines.get(topic));
      const latest = /** @type {Latest} */ (store.latest.get(topic));
      write(body, `${latest.kind} ${JSON.stringify(latest.body)}`.slice(0, 300));
      write(age, ago(store.now() - latest.time));
    }
  });
}

/** @param {Store} store @param {string} topic @param {Panel} panel */
function draw(store, topic, { age, small, grid }) {
  const series = /** @type {Series} */ (store.series.get(topic));
  const latest = /** @type {Latest} */ (store.latest.get(topic));
  const values = figures(latest.body) ?? {};
  const names = [...series.fields.keys()];
  if (names.length !== small.size) {
    arrange(grid, names.map((field, at) => get(small, field, () => one(topic, field, at)).box));
  }
  for (const { field, value, chart, unit } of small.values()) {
    const now = values[field] ?? null;
    write(value, now === null ? "missing" : `${figure(now)} ${sign(unit)}`.trim());
    attribute(value, "data-missing", now === null ? "" : null);
    chart.box.hidden = now === null && !series.has(field);
    chart.draw(series, shown(), store.now());
    chart.box.setAttribute("role", "img");
    attribute(chart.box, "aria-label", `${field} of ${topic} in the last ${span(shown())}; now ${value.textContent}`);
  }
  const seconds = Math.max(0, store.now() - latest.time);
  write(age, ago(seconds));
  attribute(age, "data-old", seconds > Math.max(3 * store.period(topic), 1) ? "" : null);
}

/** @param {string} topic @returns {Panel} */
function panel(topic) {
  const age = el("span", { class: "age" });
  const grid = el("div", { class: "small-charts" });
  const id = `topic-${topic.replaceAll("/", "-")}`;
  const box = el(
    "section",
    { class: "card", "aria-labelledby": id, "data-topic": topic },
    el("header", {}, el("h2", { id }, topic), age),
    grid,
  );
  return { box, age, grid, small: new Map() };
}

/** @param {string} topic @param {string} field @param {number} at @returns {Small} */
function one(topic, field, at) {
  const value = el("span", { class: "value" });
  const colour = COLOURS[at % COLOURS.length] ?? "blue";
  const chart = new Chart({ small: true, lines: [{ field, label: field, colour }] });
  const box = el("div", { class: "small-chart", "data-field": field }, el("h3", {}, field), value, chart.box);
  return { box, value, chart, field, unit: UNITS[topic]?.[field] ?? "" };
}

/** @param {string} topic */
function line(topic) {
  const [body, age] = [el("td", { class: "mono" }), el("td", { class: "age" })];
  return { row: el("tr", {}, el("th", { scope: "row" }, topic), body, age), body, age };
}

/**
 * @template T
 * @param {Map<string, T>} map
 * @param {string} key
 * @param {() => T} make
 * @returns {T}
 */
function get(map, key, make) {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
