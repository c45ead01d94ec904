// @ts-check
// The kettle: its temperature, what the controller does about it, and the handles. There only while something
// publishes kettle/sample.

import { post } from "./api.js";
import { Chart } from "./chart.js";
import { attribute, byId, el, reshape, write } from "./dom.js";
import { isFault, isMadeSafe } from "./faults.js";
import { ago, clock, span } from "./format.js";
import { shown } from "./period.js";

const TOPIC = "kettle/sample";
const WORDS = /** @type {Record<string, string>} */ ({
  idle: "not started",
  resting: "warm enough",
  heating: "below the set-point",
  slacking: "the element still gives off heat",
});
/** Data older than this many sample periods is old; with fast sampling, never under a second. */
const PERIODS = 3;

/** @param {Store} store */
export function kettle(store) {
  const panel = byId("kettle");
  const field = /** @type {HTMLInputElement} */ (byId("set-point-field"));
  const light = byId("light");
  const shapes = { light: firstShape(light), heater: firstShape(byId("heater")) };
  let edited = false;

  const readout = byId("readout");
  const chart = new Chart({
    least: 2,
    band: "heater",
    lines: [
      { field: "mash-temperature", label: "Set-point", colour: "violet", dashed: true, step: true },
      { field: "temperature", label: "Temperature", colour: "temperature" },
    ],
    hover: (at) => {
      const heater = at?.values.heater;
      const text = at
        ? `${clock(at.time)}  ${degrees(at.values.temperature ?? null, 2)}, set-point ${degrees(at.values["mash-temperature"] ?? null, 1)}` +
          `, heater ${heater === null || heater === undefined ? "unknown" : heater ? "on" : "off"}` +
          (at.mark ? ` · ${at.mark.text}` : "")
        : "";
      write(readout, text);
    },
  });
  byId("kettle-chart").append(chart.box);

  handles(field, () => (edited = false));
  field.addEventListener("input", () => (edited = true));

  store.listen((changes) => {
    const sample = store.latest.get(TOPIC);
    if (panel.hidden === Boolean(sample)) {
      panel.hidden = !sample;
      // The choice of the window stands by the first chart that there is.
      if (sample) byId("kettle-legend").after(byId("window"));
      else byId("topics").before(byId("window"));
    }
    if (!sample || !(changes.has(`topic ${TOPIC}`) || changes.has("tick") || changes.has("history"))) return;
    const { temperature = null, heater, controller } = sample.body ?? {};
    const target = sample.body?.["mash-temperature"] ?? null;
    const age = Math.max(0, store.now() - sample.time);
    const old = age > Math.max(PERIODS * store.period(TOPIC), 1);

    write(byId("temperature"), temperature === null ? "–" : temperature.toFixed(1));
    write(byId("no-reading"), temperature === null ? whyNone(store) : "");
    write(byId("set-point"), degrees(target, 1));
    write(byId("controller"), controller ?? "unknown");
    write(byId("controller-words"), WORDS[controller] ?? "");
    attribute(panel, "data-controller", controller ?? "");

    const on = heater === undefined || heater === null ? null : Boolean(heater);
    attribute(byId("heater"), "data-on", on === null ? null : String(on));
    write(byId("heater-state"), on === null ? "unknown" : on ? "on" : "off");
    reshape(shapes.heater, on ? "flame" : "flame-out");

    attribute(light, "data-old", String(old));
    reshape(shapes.light, old ? "cross" : "dot");
    write(byId("light-text"), old ? `data is ${span(age)} old` : "data is fresh");
    if (!edited && document.activeElement !== field && target !== null) field.value = String(target);
    document.title = `${temperature === null ? "–" : temperature.toFixed(1)} °C · ${store.tree?.host.name ?? "Greenroom"}`;

    const series = store.series.get(TOPIC);
    if (series) {
      chart.draw(series, shown(), store.now(), marks(store.events));
      if (changes.has("tick")) summary(chart, series, shown(), store.now());
      if (changes.has(`topic ${TOPIC}`) || changes.has("history")) table(series, store.now());
    }
    write(byId("history"), store.historyTrouble && `What was before could not be read: ${store.historyTrouble}`);
    attribute(byId("light"), "title", `sampled ${ago(age)}, usually every ${span(store.period(TOPIC))}`);
  });
}

/** @param {HTMLInputElement} field @param {() => void} done */
function handles(field, done) {
  const trouble = byId("kettle-trouble");
  const well = byId("kettle-well");
  /** @param {HTMLButtonElement} button @param {() => Promise<string>} work */
  const run = async (button, work) => {
    if (button.getAttribute("aria-busy")) return;
    write(trouble, "");
    write(well, "");
    button.setAttribute("aria-busy", "true");
    try {
      write(well, await work());
    } catch (error) {
      write(trouble, error instanceof Error ? error.message : String(error));
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
  for (const set of ["on", "off"]) {
    const button = /** @type {HTMLButtonElement} */ (byId(`controller-${set}`));
    button.addEventListener("click", () =>
      run(button, async () => {
        await post("/controller", { set });
        return set === "on" ? "Started." : "Stopped.";
      }),
    );
  }
  byId("set-point-form").addEventListener("submit", (event) => {
    event.preventDefault();
    run(/** @type {HTMLButtonElement} */ (byId("set-point-button")), async () => {
      // What may be set is the controller's to say; only what is no number never gets there.
      if (!Number.isFinite(field.valueAsNumber)) throw new Error("Type a number of degrees, such as 66.");
      await post("/temperature", { set: field.valueAsNumber });
      done();
      return `Set-point is ${field.valueAsNumber} °C.`;
    });
  });
}

/** @param {Message[]} events @returns {Mark[]} */
export function marks(events) {
  /** @type {Mark[]} */
  const found = [];
  for (const event of events) {
    const kind = event.kind === "swapped" ? "swap" : isFault(event) ? "fault" : isMadeSafe(event) ? "safe" : null;
    if (kind) found.push({ time: event.time, kind, text: String(event.body.text ?? event.kind) });
  }
  return found;
}

/**
 * The chart in one sentence, for those who do not see it.
 * @param {Chart} chart
 * @param {Series} series
 * @param {number} seconds
 * @param {number} now
 */
function summary(chart, series, seconds, now) {
  const [, temperature = []] = series.window(now - seconds, ["temperature"]);
  let [low, high, last] = [Infinity, -Infinity, /** @type {number | null} */ (null)];
  for (const value of temperature) {
    if (value === null) continue;
    [low, high, last] = [Math.min(low, value), Math.max(high, value), value];
  }
  chart.box.setAttribute("role", "img");
  const text = last === null ? "no readings" : `${low.toFixed(1)} to ${high.toFixed(1)} °C, now ${last.toFixed(1)} °C`;
  attribute(chart.box, "aria-label", `Temperature in the last ${span(seconds)}: ${text}`);
}

/** @param {Series} series @param {number} now */
function table(series, now) {
  const details = /** @type {HTMLDetailsElement} */ (byId("kettle-table"));
  if (!details.open) return;
  const [times, temperature = [], target = [], heater = []] = series.window(now - 600, ["temperature", "mash-temperature", "heater"]);
  const rows = times
    .map((time, at) =>
      el(
        "tr",
        {},
        el("th", { scope: "row" }, clock(time)),
        el("td", {}, degrees(temperature[at] ?? null, 2)),
        el("td", {}, degrees(target[at] ?? null, 1)),
        el("td", {}, heater[at] ? "on" : "off"),
      ),
    )
    .slice(-20)
    .reverse();
  /** @type {HTMLTableElement} */ (details.querySelector("table")).tBodies[0]?.replaceChildren(...rows);
}

/** @param {Store} store @returns {string} why there is no temperature */
function whyNone(store) {
  // The sample does not say which device it was; the machine's own figures are not the kettle's.
  const lost = (store.tree?.devices ?? []).filter((d) => d.missing && !d.output && !d.kind.startsWith("machine-"));
  return ["no reading", ...lost.map((d) => `${d.name}: ${d.missing}`)].join("; ");
}

/** @param {number | null} value @param {number} digits */
function degrees(value, digits) {
  return value === null ? "–" : `${value.toFixed(digits)} °C`;
}

/** @param {Element} within */
function firstShape(within) {
  return /** @type {Element} */ (within.querySelector("svg"));
}
