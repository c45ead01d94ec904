// @ts-check
// What the reader should hear of at once. Good news goes by itself; a failure stays until it is dismissed or mended.

import { arrange, attribute, byId, el, shape, write } from "./dom.js";
import { isMadeSafe } from "./faults.js";
import { short, span, swapped } from "./format.js";

const PASSING_MS = 6_000;
/** A failure that is mended stays this long, so that it can be read: a restart takes milliseconds. */
const MENDED_MS = 4_000;
const MOST = 4;

const FAILED = /** @type {Record<string, (body: any) => string>} */ ({
  "swap-failed": (b) => `${b.actor}: the new build was not taken, the old one runs on`,
  "rolled-back": (b) => `${b.actor} went back to ${short(b.to)}, state ${b.state}`,
  "version-chosen": () => "A version was chosen at the start",
  "build-failed": (b) => `${b.actor ?? b.package ?? "an actor"}: build failed, the old code runs on`,
  ended: (b) => `${b.actor} ended: ${b.reason}`,
  quarantined: (b) => `${b.actor} is in quarantine`,
  "gave-up": (b) => `${b.supervisor ?? b.actor} gave up`,
  "device-safe": (b) => `${b.device} set to its safe level${b.microseconds === undefined ? "" : ` in ${span(b.microseconds / 1e6)}`}`,
  "max-on": (b) => `${b.device} was on for too long and was set to its safe level`,
  "device-failed": (b) => `${b.device} cannot be driven`,
  "write-failed": (b) => `${b.actor} could not set ${b.device}`,
  "device-missing": (b) => `${b.device} is missing`,
});

const PASSING = /** @type {Record<string, (body: any) => [string, string]>} */ ({
  swapped: (b) => [`${b.actor} swapped`, swapped(b)],
  restarting: (b) => [
    `${b.actor} restarting`,
    b.restarts === undefined ? String(b.text ?? "") : `${b.supervisor}: ${b.restarts} of ${b.limit} restarts`,
  ],
  "device-safe": (b) => [`${b.device} at its safe level`, String(b.why ?? b.text ?? "")],
  "device-back": (b) => [`${b.device} is back`, String(b.text ?? "")],
  "host-stopping": (b) => ["The host is stopping", String(b.text ?? "")],
});

/** @param {Store} store */
export function toasts(store) {
  const [calm, urgent] = [byId("toasts"), byId("alerts")];
  /** @type {Map<string, HTMLElement>} */
  const alerts = new Map();

  /** @param {string} title @param {string} text */
  const pass = (title, text) => {
    const toast = el("div", { class: "toast" }, shape("info"), el("div", {}, el("strong", {}, title), el("p", {}, text)));
    calm.append(toast);
    while (calm.children.length > MOST) calm.firstElementChild?.remove();
    expire(toast, PASSING_MS, () => toast.remove());
  };

  store.listen((changes) => {
    for (const event of store.fresh.splice(0)) {
      const say = PASSING[event.kind];
      if (say && !isMadeSafe(event)) pass(...say(event.body));
    }
    if (changes.has("lag") && store.lag?.live) pass("The page fell behind", store.lag.text);
    if (!(changes.has("faults") || changes.has("history") || changes.has("link"))) return;
    for (const [key, box] of alerts) {
      const fault = store.faults.open.get(key);
      if (!fault || fault.event.id !== box.dataset.id) alerts.delete(key);
    }
    for (const [key, fault] of store.faults.open) {
      // An old failure may have been mended by what has not come yet: it waits for the end.
      if (!fault.event.news && (store.reading || store.link.state !== "live")) continue;
      if (fault.mended && !fault.event.news) {
        store.faults.dismiss(key);
        continue;
      }
      let box = alerts.get(key);
      if (!box) alerts.set(key, (box = alert(fault, () => store.dismiss(key))));
      const often = box.querySelector(".often");
      if (often && fault.times > 1) write(often, `${fault.times} times`);
      if (!fault.mended || box.dataset.mended) continue;
      box.dataset.mended = "";
      const mark = box.querySelector(".mended");
      if (mark) write(mark, `mended: ${fault.mended.body.text ?? fault.mended.kind}`);
      const { id } = fault.event;
      expire(box, MENDED_MS, () => store.faults.open.get(key)?.event.id === id && store.dismiss(key));
    }
    arrange(urgent, [...alerts.values()]);
    attribute(urgent, "data-count", alerts.size);
  });
}

/** @param {Fault} fault @param {() => void} dismiss */
function alert({ event }, dismiss) {
  const { body, kind } = event;
  const title = (FAILED[kind] ?? (() => kind))(body);
  const chosen = kind === "version-chosen";
  const why = body.output ?? body.detail ?? (chosen ? body.text : body.why ?? body.text) ?? "";
  const detail = kind === "swap-failed" ? `${body.stage ?? ""}: ${why}` : String(why);
  const inner = el("div", {}, el("strong", {}, title));
  // Compiler output, a trap's frames: lines that are read as they were written.
  const lines = body.output || detail.includes("\n");
  if (lines) inner.append(el("pre", { tabindex: 0, "aria-label": `Details: ${title}` }, detail));
  else if (detail) inner.append(el("p", {}, detail));
  inner.append(el("p", { class: "often" }), el("p", { class: "mended" }));
  const close = el("button", { type: "button", class: "icon", "aria-label": `Dismiss: ${title}`, onclick: dismiss }, shape("cross"));
  return el("div", { class: chosen ? "toast" : "toast bad", "data-kind": kind, "data-id": event.id }, shape("warning"), inner, close);
}

/**
 * Does something after a while in which the reader has not been at it.
 * @param {HTMLElement} box
 * @param {number} after milliseconds
 * @param {() => void} act
 */
function expire(box, after, act) {
  let timer = setTimeout(act, after);
  const hold = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) box.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"])
    box.addEventListener(name, () => {
      hold();
      timer = setTimeout(act, after);
    });
}
