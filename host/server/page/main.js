// @ts-check
// Puts the page together: stream → store → views.

import { devices } from "./devices.js";
import { byId } from "./dom.js";
import { drawer } from "./drawer.js";
import { events } from "./events.js";
import { header } from "./header.js";
import { backfill } from "./history.js";
import { kettle } from "./kettle.js";
import { choose } from "./period.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";
import { toasts } from "./toasts.js";
import { topics } from "./topics.js";
import { tree } from "./tree.js";

export const store = new Store();

/** A history that breaks off is read again, less and less often. */
const AGAIN_MS = { first: 1_000, last: 60_000 };
let start = "";

/** @param {string} until the event that this start of the host was joined after */
async function fill(until) {
  start = until;
  for (let wait = AGAIN_MS.first; wait <= AGAIN_MS.last; wait *= 2) {
    await backfill(store, until);
    if (!store.historyTrouble) return;
    await new Promise((done) => setTimeout(done, wait));
    if (start !== until) return;
  }
}

const stream = new Stream("/stream", {
  snapshot(data, fresh) {
    store.snapshot(data, fresh);
    if (fresh) void fill(data.last_event_id ?? "");
  },
  message: (message) => store.fold(message),
  lag: (lag) => store.missed(lag),
  state: (state, detail) => store.connection(state, detail),
});

header(store);
kettle(store);
topics(store);
devices(store);
events(store);
toasts(store);
const lines = tree(store, (address, focus) => panel.open(address, focus));
const panel = drawer(store, (address, back) => {
  lines.select(back ? "" : address);
  if (back) lines.focus(address);
});
store.listen((changes) => {
  byId("waiting").hidden = store.tree !== null;
  byId("content").hidden = store.tree === null;
  if (changes.has("tree")) lines.select(panel.shown());
});

choose(() => store.touch("tick"));
setInterval(() => store.touch("tick"), 1000);
store.touch("tick");
stream.start();
