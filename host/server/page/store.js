// @ts-check
// What the page knows: the stream folded into one snapshot. It holds a fixed amount, whatever comes. Neighbours: stream
// and history before it; the views behind it, which it wakes at most once a frame with the names of what has changed.

import { Faults, precedes } from "./faults.js";
import { Series } from "./series.js";

const EVENTS = 300;
const LOGS = 600;
const TOPICS = 64;
const CHARTED = 24;
const FIELDS = 16;
/** How long an actor that has ended stays in sight. */
export const GRAVE_MS = 5_000;
/** Turns per second are over this long. */
const RATE_SECONDS = 5;

/** Topics whose figures are drawn as one: the log is the sample's own history. */
const ALIAS = /** @type {Record<string, string>} */ ({ "kettle/log": "kettle/sample" });

/** @param {string} topic @returns {string} whose series its figures are in */
export const chartOf = (topic) => ALIAS[topic] ?? topic;

export class Store {
  /** @type {Tree | null} */
  tree = null;
  /** @type {Map<string, {node: TreeNode, parent: string | null, index: number}>} the tree's nodes by address */
  nodes = new Map();
  /** @type {Map<string, {node: TreeNode, parent: string | null, index: number, until: number}>} those that ended */
  ghosts = new Map();
  /** @type {Map<string, Latest>} */
  latest = new Map();
  /** @type {Map<string, Series>} */
  series = new Map();
  /** @type {Message[]} of greenroom/events, oldest first */
  events = [];
  /** @type {Message[]} of greenroom/logs, oldest first */
  logs = [];
  faults = new Faults();
  /** @type {{state: LinkState, detail: string}} */
  link = { state: "opening", detail: "" };
  /** @type {{text: string, live: boolean, time: number} | null} the last hole in the stream */
  lag = null;
  /** Whether history is being read: what it tells is not the whole story yet. */
  reading = false;
  /** Why there is no history, if there is none. */
  historyTrouble = "";

  /** When the host's clock said what, by our own that never jumps. */
  #clock = { host: Date.now() / 1000, here: performance.now() };
  #heard = performance.now();
  /** @type {Map<string, [number, number][]>} time and turns, by address */
  #turns = new Map();
  /** @type {Map<string, number[]>} the last times of live messages, by topic */
  #beats = new Map();
  /** @type {Set<string>} */
  #dirty = new Set();
  /** @type {((changes: Set<string>) => void)[]} */
  #views = [];
  #frame = 0;

  /** @param {(changes: Set<string>) => void} view called in an animation frame with what has changed since */
  listen(view) {
    this.#views.push(view);
  }

  /** @param {string} change `tree`, `events`, `logs`, `faults`, `link`, `topics`, `topic NAME`, `tick` */
  touch(change) {
    this.#dirty.add(change);
    this.#frame ||= requestAnimationFrame(() => {
      const changes = this.#dirty;
      [this.#dirty, this.#frame] = [new Set(), 0];
      for (const view of this.#views) view(changes);
    });
  }

  /** The host's time now, in unix seconds: as it last said, and what has passed here since. */
  now() {
    return this.#clock.host + (performance.now() - this.#clock.here) / 1000;
  }

  /** Seconds since anything came. */
  silence() {
    return (performance.now() - this.#heard) / 1000;
  }

  /** @param {string} topic @returns {number} the usual seconds between its messages */
  period(topic) {
    const times = this.#beats.get(topic) ?? [];
    const gaps = times.slice(1).map((time, at) => time - /** @type {number} */ (times[at]));
    return gaps.sort((a, b) => a - b)[gaps.length >> 1] ?? 2;
  }

  /** @param {string} address @returns {number | null} turns per second */
  rate(address) {
    const seen = this.#turns.get(address);
    const [first, last] = [seen?.[0], seen?.at(-1)];
    if (!first || !last || last[0] <= first[0]) return null;
    return (last[1] - first[1]) / (last[0] - first[0]);
  }

  /**
   * @param {Snapshot} data
   * @param {boolean} fresh
   */
  snapshot(data, fresh) {
    this.#heard = performance.now();
    const times = Object.values(data.latest).map(({ time }) => time);
    this.#set(Math.max(...times, fresh ? 0 : this.now()));
    if (fresh) {
      // Another start of the host: addresses, counters and topics begin anew. Lines in charts end here.
      this.ghosts.clear();
      this.nodes.clear();
      this.#turns.clear();
      this.#beats.clear();
      this.latest.clear();
      for (const series of this.series.values()) series.cut();
    }
    this.#tree(data.tree, this.now());
    for (const [topic, value] of Object.entries(data.latest)) {
      if (!topic.startsWith("greenroom/")) this.#topic({ topic, ...value, id: "", epoch: "", seq: 0, live: false, news: false }, true);
    }
    this.touch("link");
  }

  /** @param {Message} message */
  fold(message) {
    if (message.live) {
      this.#heard = performance.now();
      this.#set(message.time);
    }
    if (message.topic === "greenroom/tree") this.#tree(message.body, message.time);
    else if (message.topic === "greenroom/events") this.#event(message);
    else if (message.topic === "greenroom/logs") {
      if (keep(this.logs, message, LOGS)) this.touch("logs");
    } else this.#topic(message, message.live);
  }

  /** @param {LinkState} state @param {string} detail */
  connection(state, detail) {
    this.link = { state, detail };
    this.touch("link");
  }

  /** @param {Lag} lag */
  missed(lag) {
    // Without a number it was while nobody was connected. The tree's older states are never kept, so it says little.
    const text =
      lag.dropped === null
        ? lag.from === null
          ? "the host was started again: what it had kept before is gone"
          : "some messages were not kept while the page was away"
        : `${lag.dropped} ${lag.dropped === 1 ? "message was" : "messages were"} skipped`;
    this.lag = { text, live: lag.dropped !== null, time: performance.now() };
    this.touch("lag");
    this.touch("link");
  }

  /** @param {string} key */
  dismiss(key) {
    this.faults.dismiss(key);
    this.touch("faults");
  }

  /** @param {number} time */
  #set(time) {
    if (time > 0) this.#clock = { host: time, here: performance.now() };
  }

  /** @param {Tree} tree @param {number} time */
  #tree(tree, time) {
    const before = this.nodes;
    this.tree = tree;
    this.nodes = new Map();
    /** @type {(node: TreeNode, parent: string | null, index: number) => void} */
    const walk = (node, parent, index) => {
      this.nodes.set(node.address, { node, parent, index });
      if (node.actor) this.#rate(node.address, time, node.actor.turns);
      node.children.forEach((child, at) => walk(child, node.address, at));
    };
    walk(tree.root, null, 0);
    for (const [address, entry] of before) {
      if (this.nodes.has(address)) continue;
      this.#turns.delete(address);
      this.ghosts.set(address, { ...entry, until: performance.now() + GRAVE_MS });
      setTimeout(() => this.ghosts.delete(address) && this.touch("tree"), GRAVE_MS);
    }
    this.touch("tree");
  }

  /** @param {string} address @param {number} time @param {number} turns */
  #rate(address, time, turns) {
    const seen = this.#turns.get(address) ?? [];
    if (seen.length && /** @type {[number, number]} */ (seen.at(-1))[0] >= time) return;
    seen.push([time, turns]);
    while (seen.length > 2 && /** @type {[number, number]} */ (seen[1])[0] <= time - RATE_SECONDS) seen.shift();
    if (seen.length > 20) seen.shift();
    this.#turns.set(address, seen);
  }

  /** @param {Message} event */
  #event(event) {
    if (!keep(this.events, event, EVENTS)) return;
    if (event.news) this.fresh.push(event);
    if (this.fresh.length > EVENTS) this.fresh.shift();
    if (this.faults.fold(event)) this.touch("faults");
    this.touch("events");
  }

  /** @type {Message[]} news that nobody has announced yet */
  fresh = [];

  /** @param {Message} message @param {boolean} newest whether it is the topic's latest */
  #topic(message, newest) {
    const { topic, time, kind, body } = message;
    if (newest && (this.latest.has(topic) || this.latest.size < TOPICS)) {
      if (!this.latest.has(topic)) this.touch("topics");
      this.latest.set(topic, { time, kind, body });
    }
    if (message.live) {
      const beats = this.#beats.get(topic) ?? [];
      if (beats.push(time) > 9) beats.shift();
      this.#beats.set(topic, beats);
    }
    const values = figures(body);
    const name = chartOf(topic);
    if (values && (this.series.has(name) || this.series.size < CHARTED)) {
      let series = this.series.get(name);
      if (!series) {
        this.series.set(name, (series = new Series()));
        this.touch("topics");
      }
      const at = typeof body === "object" && Number.isFinite(body?.time) ? body.time : time;
      if (series.add(at, values)) this.touch(`topic ${name}`);
    }
    this.touch(`topic ${topic}`);
  }
}

/**
 * The figures in a body: numbers, yes and no as 1 and 0, and fields that are missing now.
 * @param {any} body
 * @returns {Record<string, number | null> | null} null if there are none
 */
export function figures(body) {
  if (typeof body === "number") return { value: body };
  if (typeof body !== "object" || body === null || Array.isArray(body)) return null;
  /** @type {Record<string, number | null>} */
  const values = {};
  let any = false;
  for (const [name, value] of Object.entries(body).slice(0, FIELDS + 1)) {
    if (name === "time" || !(value === null || typeof value === "number" || typeof value === "boolean")) continue;
    any ||= value !== null;
    values[name] = value === null ? null : Number(value);
  }
  return any ? values : null;
}

/**
 * Keeps a message in its order, each once.
 * @param {Message[]} list
 * @param {Message} message
 * @param {number} most
 * @returns {boolean} whether it was new and is kept
 */
function keep(list, message, most) {
  let at = list.length;
  while (at > 0 && precedes(message, /** @type {Message} */ (list[at - 1]))) at -= 1;
  if (list[at - 1]?.id === message.id) return false;
  if (at === 0 && list.length >= most) return false;
  list.splice(at, 0, message);
  if (list.length > most) list.shift();
  return true;
}
