// @ts-check
// The one live connection: an EventSource on /stream, kept alive. Neighbours: the host's hub before it, the store
// behind it. It hands on each message once and in order, says when some are missing, and comes back by itself.

import { parseId } from "./sse.js";

/** The kinds that the host itself sends. An EventSource hears only kinds that it was told of. */
const HOST_KINDS = (
  "snapshot lag bye tree trace debug info warn error started ended restarting gave-up quarantined released auto-shutdown stopped compiled validated swapped swap-failed " +
  "compiling too-big limit watch-passed watch-failed rolled-back version-chosen store-failed state-dropped " +
  "build-started build-failed built device-set device-safe max-on device-missing device-back host-stopping " +
  "fault not-granted write-failed device-failed device-warning watch-polled watch-incomplete watch-unreadable manifest-applied manifest-failed " +
  "message sample"
).split(" ");

/** Silence after which the connection counts as dead: the tree alone comes about once a second. */
const SILENCE_MS = 10_000;
/** How long a hidden page stays connected: a browser allows six connections to a host over all its tabs. */
const HIDDEN_MS = 5_000;
const RETRY_MS = { first: 1_000, longest: 15_000 };

/**
 * @typedef {object} Sink who hears it
 * @property {(data: Snapshot, fresh: boolean) => void} snapshot fresh: of a start of the host that was not known
 * @property {(message: Message) => void} message
 * @property {(lag: Lag) => void} lag
 * @property {(state: LinkState, detail: string) => void} state
 */

export class Stream {
  /** @type {EventSource | null} */
  #source = null;
  /** @type {Set<string>} kinds that are listened to */
  #kinds = new Set(HOST_KINDS);
  /** The last message handed on. */
  #epoch = "";
  #seq = -1;
  /** The newest message when this connection began: at it, the page has caught up. */
  #target = -1;
  /** Whether the next hole in the ids is known: the host announced it, or looking for its cause was in vain. */
  #excused = true;
  #heard = 0;
  #delay = RETRY_MS.first;
  #learn = { at: -Infinity, patience: 5_000, kinds: 0 };
  #retry = 0;
  #hide = 0;
  /** @type {LinkState} */
  #state = "opening";

  /**
   * @param {string} url
   * @param {Sink} sink
   */
  constructor(url, sink) {
    this.url = url;
    this.sink = sink;
  }

  /** Connects, and stays connected while the page is seen. */
  start() {
    this.#open();
    setInterval(() => this.#watch(), 1000);
    document.addEventListener("visibilitychange", () => this.#seen());
    addEventListener("pagehide", () => this.#close());
    addEventListener("pageshow", (event) => event.persisted && this.#open());
  }

  #open() {
    this.#close();
    const last = this.#seq < 0 ? "" : `?lastEventID=${encodeURIComponent(`${this.#epoch}-${this.#seq}`)}`;
    this.#heard = performance.now();
    const source = new EventSource(this.url + last);
    this.#source = source;
    for (const kind of this.#kinds) this.#listen(kind);
    source.addEventListener("open", () => {
      this.#heard = performance.now();
      this.#say("catching", "");
    });
  }

  #close() {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
  }

  /** @param {string} kind */
  #listen(kind) {
    const source = /** @type {EventSource} */ (this.#source);
    source.addEventListener(kind, (event) => {
      if (source !== this.#source) return;
      // `error` is both the connection's own event and a kind that a host may send (a log line's level).
      if (event instanceof MessageEvent) this.#receive(kind, event);
    });
    if (kind === "error") source.addEventListener("error", (event) => {
      if (source === this.#source && !(event instanceof MessageEvent)) this.#failed();
    });
  }

  #failed() {
    if (this.#source?.readyState === EventSource.CLOSED) {
      // The browser has given up for ever, as it must on any answer but 200. The page does not.
      this.#say("lost", "the host refused the stream");
      this.#reopen();
    } else {
      this.#say("lost", this.#state === "lost" ? "" : "the connection broke");
    }
  }

  #reopen() {
    this.#close();
    this.#retry = setTimeout(() => this.#open(), this.#delay * (0.75 + Math.random() / 2));
    this.#delay = Math.min(this.#delay * 2, RETRY_MS.longest);
  }

  /** @param {string} kind @param {MessageEvent<string>} event */
  #receive(kind, event) {
    this.#heard = performance.now();
    this.#delay = RETRY_MS.first;
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return; // not of this protocol
    }
    // What the host says about the stream itself has no topic; an actor may use the same words as kinds.
    if (typeof data?.topic === "string") this.#message(kind, event.lastEventId, data);
    else if (kind === "snapshot") this.#snapshot(data);
    else if (kind === "lag") this.#lag(data);
    else if (kind === "bye") this.#say("lost", "the host is stopping");
  }

  /** @param {Snapshot} data */
  #snapshot(data) {
    for (const { kind } of Object.values(data.latest)) this.#hear(kind);
    const id = parseId(data.last_event_id) ?? { epoch: data.tree.host.epoch, seq: 0 };
    const [first, fresh] = [this.#seq < 0, id.epoch !== this.#epoch];
    if (fresh) {
      this.#epoch = id.epoch;
      // The very first connection begins here. One that named an earlier start of the host is told everything that
      // this start has kept.
      this.#seq = first ? id.seq : -1;
      this.#excused = false;
    }
    this.#target = id.seq;
    this.sink.snapshot(data, fresh);
    this.#say(this.#seq >= this.#target ? "live" : "catching", "");
  }

  /** @param {Lag} data */
  #lag(data) {
    this.#excused = true;
    this.sink.lag(data);
  }

  /**
   * @param {string} kind
   * @param {string} text its id
   * @param {{topic: string, time: number, body: unknown}} data
   */
  #message(kind, text, data) {
    const id = parseId(text);
    if (!id) return;
    if (id.epoch !== this.#epoch) {
      this.#epoch = id.epoch;
      this.#seq = -1;
      this.#excused = true;
    }
    if (id.seq <= this.#seq) return;
    if (id.seq > this.#seq + 1 && this.#seq >= 0 && !this.#excused && this.#relearn()) return;
    this.#seq = id.seq;
    this.#excused = false;
    this.sink.message({ ...data, ...id, id: text, kind, live: true, news: this.#state === "live" });
    if (id.seq >= this.#target) this.#say("live", "");
  }

  /**
   * A hole in the ids that was not announced: messages of a kind that nobody listens to. Their names are in a new
   * snapshot, and the messages themselves are sent again from before the hole.
   * @returns {boolean} whether the stream was reopened, so that the message will come again
   */
  #relearn() {
    const [now, learn] = [performance.now(), this.#learn];
    if (this.#kinds.size > learn.kinds) learn.patience = 5_000;
    if (now - learn.at < learn.patience) return false;
    this.#learn = { at: now, patience: Math.min(learn.patience * 4, 3_600_000), kinds: this.#kinds.size };
    this.#excused = true;
    this.#open();
    return true;
  }

  /** @param {string} kind */
  #hear(kind) {
    if (this.#kinds.has(kind) || this.#kinds.size > 500) return;
    this.#kinds.add(kind);
    this.#listen(kind);
  }

  /** A half-open connection makes no error: only its silence shows. */
  #watch() {
    if (!this.#source || performance.now() - this.#heard < SILENCE_MS) return;
    this.#say("lost", "the host has gone silent");
    this.#open();
  }

  #seen() {
    clearTimeout(this.#hide);
    if (document.visibilityState === "hidden") this.#hide = setTimeout(() => this.#close(), HIDDEN_MS);
    else if (!this.#source) this.#open();
  }

  /** @param {LinkState} state @param {string} detail */
  #say(state, detail) {
    if (state === this.#state && !detail) return;
    this.#state = state;
    this.sink.state(state, detail);
  }
}
