// @ts-check
// The bar on top: which host this is, whether its figures are real, and whether the page hears it.

import { attribute, byId, reshape, write } from "./dom.js";
import { ago, clock, span } from "./format.js";

const LINK = { opening: "connecting", catching: "catching up", live: "live", lost: "lost" };
const SHAPES = { opening: "ring", catching: "half", live: "dot", lost: "cross" };
/** How long a hole in the stream stays on show. */
const LAG_SECONDS = 60;

/** @param {Store} store */
export function header(store) {
  const [host, badge, link, state] = [byId("host"), byId("profile"), byId("link"), byId("link-state")];
  const [age, uptime, lag] = [byId("link-age"), byId("uptime"), byId("lag")];
  const then = byId("tree-age");
  const mark = /** @type {Element} */ (link.querySelector("svg"));
  let up = { seconds: 0, at: 0 };

  store.listen((changes) => {
    if (changes.has("tree") && store.tree) {
      const { name, profile, uptime_seconds, version } = store.tree.host;
      write(host, name);
      attribute(host, "title", `Greenroom ${version}`);
      badge.hidden = !profile;
      write(badge, profile === "sim" ? "SIMULATED" : `profile ${profile}`);
      attribute(badge, "data-sim", profile === "sim" ? "" : null);
      up = { seconds: uptime_seconds, at: performance.now() };
    }
    attribute(link, "data-state", store.link.state);
    write(state, store.link.detail ? `${LINK[store.link.state]}: ${store.link.detail}` : LINK[store.link.state]);
    reshape(mark, SHAPES[store.link.state]);
    write(age, store.tree ? `last event ${ago(store.silence())}` : "");
    const lost = store.link.state === "lost";
    write(uptime, up.at && !lost ? `up ${span(up.seconds + (performance.now() - up.at) / 1000)}` : "");
    write(then, lost && store.tree ? `as it was ${ago(store.silence())}` : "");
    const old = !store.lag || performance.now() - store.lag.time > LAG_SECONDS * 1000;
    lag.hidden = old;
    if (store.lag && changes.has("lag")) write(lag, `${store.lag.text} (${clock(store.now())})`);
  });
}
