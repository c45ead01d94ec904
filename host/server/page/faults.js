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
 * @returns {boolean} whether an output had to be made safe. Without a `by` nobody was driving it: that is the host's own
 *   start or stop.
 */
export function isMadeSafe({ kind, body }) {
  return kind === "device-safe" && Boolean(body.by) && !ORDERLY.has(body.why);
}

/**
 * An actor that was spawned without a name has its behaviour's, with the beginning of its address. The next one of the
 * behaviour takes its place.
 * @param {string} name
 */
const family = (name) => name.replace(/-[0-9a-f]{8}$/, "");

/**
 * @param {Message} event
 * @returns {string | null} what the failure is of; null if it is none
 */
function subject(event) {
  const { kind, body, news } = event;
  const [actor, device] = [family(String(body.actor ?? body.package ?? "")), String(body.device ?? "")];
  if (/^(swap-failed|rolled-back|build-failed|quarantined)$/.test(kind)) return actor;
  if (kind === "ended") return isFault(event) ? actor : null;
  if (kind === "version-chosen") return String(body.source);
  if (kind === "gave-up") return body.supervisor ?? actor;
  if (kind === "device-safe") return isMadeSafe(event) ? device : null;
  if (/^(max-on|device-failed|write-failed)$/.test(kind)) return device;
  // Many machines lack a sensor from the start. Only one that is lost now is news; the devices' table has the others.
  if (kind === "device-missing") return news ? device : null;
  return null;
}

/** What an event mends: the open failure's kinds, for the actor or device that it names. */
const MENDS = /** @type {Record<string, string[]>} */ ({
  released: ["quarantined"],
  started: ["ended", "gave-up", "quarantined", "device-safe", "swap-failed", "build-failed"],
  swapped: ["ended", "device-safe", "swap-failed", "rolled-back", "build-failed"],
  "watch-passed": ["rolled-back"],
  built: ["build-failed"],
  "device-back": ["device-missing"],
  "device-set": ["device-safe", "max-on", "device-failed", "write-failed"],
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
    // The same again is no new failure: it would be read out again each time.
    if (known && !known.mended && alike(known.event, event)) known.times += 1;
    else this.open.set(key, { key, event, names, mended: null, times: 1 });
    return true;
  }

  /** @param {string} key */
  dismiss(key) {
    this.open.delete(key);
  }

  /** @param {Message} event @returns {string[]} the actors and devices that it is about */
  #names({ body }) {
    const names = [body.actor, body.by, body.device, body.supervisor, body.package];
    return names.filter((name) => typeof name === "string").map(family);
  }
}

/** @param {Message} a @param {Message} b */
function alike(a, b) {
  return ["reason", "detail", "why", "output", "stage"].every((field) => a.body[field] === b.body[field]);
}

/**
 * @param {Message} a
 * @param {Message} b
 * @returns {boolean} whether a came first
 */
export function precedes(a, b) {
  return a.epoch === b.epoch ? a.seq < b.seq : a.time < b.time;
}
