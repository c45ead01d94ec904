// @ts-check
// What has happened, newest first.

import { arrange, byId, row } from "./dom.js";
import { isFault } from "./faults.js";

const SHOWN = 100;
const BAD = /-failed$|^(rolled-back|gave-up|quarantined|max-on|device-missing|fault|not-granted)$/;
const WARN = /^(restarting|device-safe|device-warning|host-stopping|version-chosen|state-dropped)$/;
const GOOD = /^(swapped|watch-passed|built|device-back|started)$/;

/** @param {Message} event */
function tone(event) {
  if (BAD.test(event.kind) || isFault(event)) return "bad";
  return WARN.test(event.kind) ? "warn" : GOOD.test(event.kind) ? "good" : "plain";
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
    for (const event of store.events.slice(-SHOWN).reverse()) next.set(event.id, rows.get(event.id) ?? row(event, { "data-tone": tone(event), "data-kind": event.kind }));
    rows = next;
    arrange(list, [...rows.values()]);
    none.hidden = rows.size > 0;
  });
}
