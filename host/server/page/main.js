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

const stream = new Stream("/stream", {
  snapshot(data, fresh) {
    store.snapshot(data, fresh);
    if (fresh) void backfill(store, data.last_event_id);
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
