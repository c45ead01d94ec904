// @ts-check
// What has happened, newest first.

import { arrange, byId, el } from "./dom.js";
import { isFault } from "./faults.js";
import { clock } from "./format.js";

const SHOWN = 100;
const BAD = new Set(["manifest-failed", "swap-failed", "build-failed", "gave-up", "quarantined", "max-on", "device-missing", "device-failed", "write-failed", "fault", "not-granted"]);
const WARN = new Set(["restarting", "device-safe", "device-warning", "host-stopping"]);
const GOOD = new Set(["swapped", "built", "device-back", "started"]);

/** @param {Message} event */
function tone(event) {
  if (BAD.has(event.kind) || isFault(event)) return "bad";
  return WARN.has(event.kind) ? "warn" : GOOD.has(event.kind) ? "good" : "plain";
}

/** @param {Store} store */
export function events(store) {
  const [list, none] = [byId("event-rows"), byId("no-events")];
  /** @type {Map<string, HTMLElement>} */
  let rows = new Map();
  store.listen((changes) => {
    if (!changes.has("events")) return;
    /** @type {Map<string, HTMLElement>} */
    const next = new Map();
    for (const event of store.events.slice(-SHOWN).reverse()) next.set(event.id, rows.get(event.id) ?? row(event));
    rows = next;
    arrange(list, [...rows.values()]);
    none.hidden = rows.size > 0;
  });
}

/** @param {Message} event */
function row(event) {
  const { body, kind } = event;
  const about = body.actor ?? body.device ?? body.supervisor ?? "";
  return el(
    "li",
    { "data-tone": tone(event), "data-kind": kind },
    el("time", {}, clock(event.time)),
    el("b", {}, kind),
    el("span", {}, String(body.text ?? about)),
  );
}
