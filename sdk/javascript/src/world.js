// The virtual host behind tests: actors, devices, names, topics, and a clock that only `advance` moves.
//
// The rules are the real host's: a turn is a transaction, links and monitors are Erlang's, what a handler throws ends the
// actor. What a turn asks for is kept in `effects` and takes effect when it ends well.

import { bytes, hostOf, refusal } from "./imports.js";
import { Instance } from "./instance.js";

const hex = (number) => number.toString(16).padStart(16, "0");

/** Whether a topic is one of a pattern. */
function matches(pattern, topic) {
  const [wanted, found] = [pattern.split("/"), topic.split("/")];
  for (const [at, segment] of wanted.entries()) {
    if (segment === "**" && at === wanted.length - 1) return true;
    if (found[at] === undefined || (segment !== "*" && segment !== found[at])) return false;
  }
  return wanted.length === found.length;
}

export class World {
  now = 0n;
  // 2026-01-01 00:00 UTC.
  wall = 1_767_225_600_000_000_000n;
  actors = new Map();
  names = new Map();
  behaviors = new Map();
  timers = [];
  asks = new Map();
  inputs = new Map();
  outputs = new Map();
  watches = [];
  routes = [];
  registry = null;
  denied = new Set();
  published = [];
  logs = [];
  dead = [];
  spawned = [];
  work = [];
  count = 0n;

  next() {
    return ++this.count;
  }

  /** A new actor: of a definition, or one that only records what it is sent. */
  add(definition, config) {
    const address = `${hex(1n)}-${hex(this.next() * 0x9e3779b97f4a7c15n & 0xffffffffffffffffn)}`;
    const resident = { address, definition, config, inbox: [], waiting: [], ended: null, links: new Set(), monitors: new Map(), trapsExits: false };
    this.actors.set(address, resident);
    return resident;
  }

  /** Runs whatever there is to do. */
  run() {
    for (let job = this.work.shift(); job; job = this.work.shift()) job();
  }

  alive(address) {
    const resident = this.actors.get(address);
    return resident && !resident.ended ? resident : undefined;
  }

  /** One turn: `run` gets the instance, and gives back what handles the next message. One that fails ends the actor. */
  turn(resident, run, { fails = (why) => this.end(resident, refusal("failed", why)) } = {}) {
    const effects = [];
    resident.host = hostOf(this, resident, effects);
    const log = globalThis.console;
    globalThis.console = this.consoleOf(resident);
    let next;
    try {
      resident.instance ??= new Instance(resident.definition, proxy(resident));
      next = run(resident.instance);
    } catch (error) {
      resident.fault = error;
      this.log(resident, "error", String(error?.stack ?? error));
      this.end(resident, refusal("trapped", String(error)));
      return undefined;
    } finally {
      globalThis.console = log;
    }
    if (next?.error !== undefined) {
      fails(next.error);
      return undefined;
    }
    effects.forEach((effect) => effect());
    return next;
  }

  /** Has an actor handle a message, unless it has ended. */
  deliver(resident, envelope) {
    this.work.push(() => {
      if (resident.ended) return this.lost(envelope, "no-actor");
      if (!resident.definition) return void resident.inbox.push(envelope);
      const { kind, body, sender, request, topic } = envelope;
      const next = this.turn(resident, (instance) => instance.handle(kind, body, sender, request, topic));
      if (next) this.after(resident, next, envelope);
      else if (resident.ended) this.lost(envelope, "ended", resident.ended);
    });
  }

  after(resident, next, envelope) {
    switch (next.tag) {
      case "defer":
        return void resident.waiting.push(envelope);
      case "unhandled":
        this.dead.push({ ...envelope, why: next.val });
        if (envelope.request !== null) this.answer(envelope.request, { error: refusal("refused", next.val) });
        return undefined;
      case "become":
        resident.definition = this.behaviors.get(next.val)?.definition;
        resident.instance = undefined;
        this.start(resident);
        return this.again(resident);
      case "changed":
        return this.again(resident);
      case "stop":
        return this.end(resident, refusal("normal"));
      default:
        return undefined;
    }
  }

  again(resident) {
    const again = resident.waiting.splice(0);
    this.work.unshift(...again.map((envelope) => () => this.deliverNow(resident, envelope)));
  }

  deliverNow(resident, envelope) {
    this.deliver(resident, envelope);
    this.work.unshift(this.work.pop());
  }

  lost(envelope, tag, val) {
    if (envelope.request !== null) this.answer(envelope.request, { error: refusal(tag, val) });
    else this.dead.push({ ...envelope, why: "there is no such actor" });
  }

  /** The first turn of an incarnation. */
  start(resident) {
    const started = this.turn(resident, (instance) => instance.init(resident.config));
    if (started === false) this.end(resident, refusal("normal"));
    return started === true;
  }

  end(resident, why) {
    if (resident.ended) return;
    resident.ended = why;
    this.leave(resident);
    const { address } = resident;
    for (const peer of resident.links) {
      const other = this.alive(peer);
      other?.links.delete(address);
      if (other) this.signal(other, address, why);
    }
    resident.links.clear();
    for (const { monitors } of this.actors.values()) {
      for (const [monitor, whom] of monitors) {
        if (whom === address) this.down(monitor, address, why);
      }
    }
  }

  /** What goes with an incarnation: its names, timers, questions, routes and outputs. */
  leave(resident) {
    const { address } = resident;
    for (const [name, owner] of this.names) if (owner === address) this.names.delete(name);
    this.timers = this.timers.filter(({ owner }) => owner !== address);
    for (const [request, { asker }] of this.asks) if (asker === address) this.asks.delete(request);
    this.watches = this.watches.filter(([, watcher]) => watcher !== address);
    this.routes.forEach((route) => (route.receivers = route.receivers.filter((receiver) => receiver !== address)));
    for (const output of this.outputs.values()) if (output.writer === address) Object.assign(output, { value: 0, writer: null });
    resident.monitors.clear();
    resident.instance = undefined;
  }

  /** An exit signal, as by a link. */
  signal(to, from, why) {
    if (to.trapsExits) this.inTurn(to, (instance) => instance.exited(from, why));
    else if (why.tag !== "normal") this.end(to, why);
  }

  down(monitor, whom, why) {
    for (const resident of this.actors.values()) {
      if (!resident.monitors.delete(monitor)) continue;
      this.inTurn(resident, (instance) => instance.down(monitor, whom, why));
    }
  }

  inTurn(resident, run) {
    this.work.push(() => {
      if (resident.ended || !resident.definition) return;
      const next = this.turn(resident, run);
      if (next) this.after(resident, next, { request: null });
    });
  }

  // questions

  ask(asker, to, kind, body, timeout, settle) {
    const request = this.next();
    this.asks.set(request, { asker, due: this.now + timeout, settle });
    const resident = this.actors.get(to);
    if (resident) this.deliver(resident, { kind, body: bytes(body), sender: asker, request, topic: null });
    else this.work.push(() => this.answer(request, { error: refusal("no-actor") }));
    return request;
  }

  answer(request, { message = null, error = null }) {
    const ask = this.asks.get(request);
    if (!ask) return;
    this.asks.delete(request);
    ask.settle(request, message, error);
  }

  /** Lets time pass until a question of the test's own has its answer. */
  wait(asked) {
    for (this.run(); !asked.done; this.run()) this.step(this.due());
    return asked;
  }

  // the clock

  due() {
    return [...this.timers, ...this.asks.values()].reduce((first, { due }) => (first === null || due < first ? due : first), null);
  }

  advance(length) {
    const until = this.now + length;
    this.run();
    for (let due = this.due(); due !== null && due <= until; due = this.due()) this.step(due);
    this.now = until;
  }

  step(due) {
    if (due === null) throw new Error("nothing happens any more");
    if (due > this.now) this.now = due;
    const timers = this.timers.filter((timer) => timer.due <= this.now).sort((one, other) => (one.due < other.due ? -1 : 1));
    for (const timer of timers) {
      // Drift-free: from when it was due. A stall is made up by one message.
      if (timer.every) while (timer.due <= this.now) timer.due += timer.every;
      else this.timers = this.timers.filter((other) => other !== timer);
      const to = this.actors.get(timer.to);
      if (to) this.deliver(to, { kind: timer.kind, body: timer.body, sender: timer.owner, request: null, topic: null });
    }
    for (const [request, ask] of this.asks) if (ask.due <= this.now) this.answer(request, { error: refusal("timed-out") });
    this.run();
  }

  // topics, devices

  publish(sender, topic, kind, body) {
    this.published.push({ topic, kind, body });
    const heard = new Set(this.routes.filter(({ pattern }) => matches(pattern, topic)).flatMap(({ receivers }) => receivers));
    for (const address of heard) {
      const to = this.alive(address);
      if (to) this.deliver(to, { kind, body, sender, request: null, topic });
    }
  }

  route(pattern, change) {
    let route = this.routes.find((route) => route.pattern === pattern);
    if (!route) this.routes.push((route = { pattern, receivers: [] }));
    route.receivers = change(route.receivers);
  }

  input(device, reading) {
    this.inputs.set(device, reading);
    const content = reading.error ? { missing: String(reading.error.val ?? reading.error.tag) } : { value: reading.value };
    const body = bytes(JSON.stringify({ device, at: Number(this.now), ...content }));
    for (const [watched, watcher] of this.watches) {
      const to = watched === device && this.alive(watcher);
      if (to) this.deliver(to, { kind: "reading", body, sender: null, request: null, topic: null });
    }
    this.run();
  }

  // logs

  log(resident, level, text) {
    this.logs.push({ who: resident.address, level, text });
  }

  consoleOf(resident) {
    const shown = (value) => (typeof value === "string" ? value : value instanceof Error ? String(value.stack) : JSON.stringify(value));
    const levels = { trace: "trace", debug: "debug", log: "info", info: "info", warn: "warn", error: "error" };
    const write = (level) => (...values) => this.log(resident, level, values.map(shown).join(" "));
    return Object.fromEntries(Object.entries(levels).map(([name, level]) => [name, write(level)]));
  }

  /** Throws what the host refuses. */
  granted(grant) {
    if (this.denied.has(grant)) throw refusal("not-granted", grant);
  }

  /** A subscription goes to the registry; without one, whoever subscribes is routed to. */
  subscription(who, kind, pattern) {
    const registry = this.registry && this.alive(this.registry);
    if (registry) {
      const body = bytes(JSON.stringify({ pattern }));
      return this.deliver(registry, { kind, body, sender: who, request: null, topic: null });
    }
    const without = (receivers) => receivers.filter((receiver) => receiver !== who);
    return this.route(pattern, (receivers) => (kind === "register" ? [...without(receivers), who] : without(receivers)));
  }
}

/** An instance keeps its host, and each turn has another one. */
const proxy = (resident) => new Proxy({}, { get: (_, name) => resident.host[name], has: (_, name) => name in resident.host });
