// @ts-check
// The devices: what each reads or drives now, how old that is, and who drives it.

import { arrange, attribute, byId, el, reshape, shape, write } from "./dom.js";
import { ago, quantity } from "./format.js";

/** @param {Store} store */
export function devices(store) {
  const [section, rows] = [byId("devices"), byId("device-rows")];
  /** @type {Map<string, ReturnType<typeof build>>} */
  const known = new Map();
  let told = 0;

  store.listen((changes) => {
    if (changes.has("tree")) told = store.now();
    if (!store.tree || !(changes.has("tree") || changes.has("tick"))) return;
    const list = store.tree.devices;
    section.hidden = list.length === 0;
    for (const name of known.keys()) if (!list.some((device) => device.name === name)) known.delete(name);
    arrange(
      rows,
      list.map((device) => {
        let row = known.get(device.name);
        if (!row) known.set(device.name, (row = build(device)));
        fill(row, device, store.now() - told);
        return row.row;
      }),
    );
  });
}

/** @param {Device} device */
function build(device) {
  const mark = shape("dot");
  const [value, why] = [el("span"), el("small")];
  const [age, writer] = [el("td", { class: "age" }), el("td", { class: "writer" })];
  const row = el(
    "tr",
    { "data-device": device.name },
    el("th", { scope: "row" }, device.name, el("small", {}, device.kind)),
    el("td", { class: "value" }, mark, value, why),
    age,
    writer,
  );
  return { row, mark, value, why, age, writer };
}

/** @param {ReturnType<typeof build>} row @param {Device} device @param {number} since seconds since the tree was told */
function fill({ row, mark, value, why, age, writer }, device, since) {
  const { missing, output, unit } = device;
  const on = output && device.value !== null ? device.value !== 0 : null;
  write(why, missing ?? "");
  write(value, missing ? "missing" : on !== null ? (on ? "on" : "off") : quantity(device.value, unit));
  attribute(row, "data-missing", missing ? "" : null);
  attribute(row, "data-on", on === null ? null : String(on));
  reshape(mark, missing ? "cross" : on === null ? "dot" : on ? "flame" : "flame-out");
  mark.toggleAttribute("hidden", !missing && on === null);
  write(age, device.age_seconds === null ? "–" : ago(device.age_seconds + since));
  write(writer, output ? (device.writer ?? "nobody") : "");
  attribute(writer, "title", output ? (device.writer ? "drives it" : "at its safe level") : null);
}
