// @ts-check
// Which failures are still open: each stays until it is dismissed, or until what failed is seen to work again. The
// store folds every event into it, old ones too, so that a page opened later shows the same.

/** Ends that are in order (OTP `supervisor`). */
const ORDERLY = new Set(["normal", "shutdown"]);

/** @param {Message} event of `greenroom/events` @returns {boolean} whether it is an end that nobody planned */
export function isFault(event) {
  return event.kind === "ended" && !ORDERLY.has(String(event.body.reason ?? ""));
}

/**
 * @param {Message} event
 * @returns {string | null} what the failure is of; null if it is none
 */
function subject(event) {
  const { kind, body } = event;
  if (kind === "swap-failed" || kind === "build-failed") return body.actor ?? null;
  if (kind === "ended") return isFault(event) ? (body.actor ?? null) : null;
  if (kind === "gave-up") return body.supervisor ?? body.actor ?? null;
  // Without a `by` nobody was driving it: that is the host's own start or stop.
  if (kind === "device-safe") return body.by ? (body.device ?? null) : null;
  if (kind === "max-on" || kind === "device-missing") return body.device ?? null;
  return null;
}

/** What an event mends: the open failure's kinds, for the actor or device that it names. */
const MENDS = /** @type {Record<string, string[]>} */ ({
  started: ["ended", "gave-up", "device-safe", "swap-failed", "build-failed"],
  swapped: ["ended", "device-safe", "swap-failed", "build-failed"],
  built: ["build-failed"],
  "device-back": ["device-missing"],
  "device-set": ["device-safe", "max-on"],
});

export class Faults {
  /** @type {Map<string, Fault>} */
  open = new Map();
  /** @type {Map<string, Message>} the last event that mended, by what it mended */
  #mended = new Map();

  /**
   * @param {Message} event
   * @returns {boolean} whether anything has changed
   */
  fold(event) {
    let changed = false;
    for (const name of this.#names(event)) {
      for (const kind of MENDS[event.kind] ?? []) {
        const mark = `${kind} ${name}`;
        const before = this.#mended.get(mark);
        if (!before || precedes(before, event)) this.#mended.set(mark, event);
        for (const fault of this.open.values()) {
          if (fault.event.kind !== kind || !fault.names.includes(name) || !precedes(fault.event, event)) continue;
          if (!fault.mended) [fault.mended, changed] = [event, true];
        }
      }
    }
    const of = subject(event);
    if (of === null) return changed;
    const names = this.#names(event);
    // History comes after the live events it precedes: what has been mended since is not opened again.
    const mended = names.some((name) => {
      const by = this.#mended.get(`${event.kind} ${name}`);
      return by && precedes(event, by);
    });
    const key = `${event.kind} ${of}`;
    const known = this.open.get(key);
    if (mended || (known && !precedes(known.event, event))) return changed;
    this.open.set(key, { key, event, names, mended: null });
    return true;
  }

  /** @param {string} key */
  dismiss(key) {
    this.open.delete(key);
  }

  /** @param {Message} event @returns {string[]} the actors and devices that it is about */
  #names({ body }) {
    return [body.actor, body.by, body.device, body.supervisor].filter((name) => typeof name === "string");
  }
}

/**
 * @param {Message} a
 * @param {Message} b
 * @returns {boolean} whether a came first
 */
export function precedes(a, b) {
  return a.epoch === b.epoch ? a.seq < b.seq : a.time < b.time;
}
