// Actors in tests: in Node, without a host, in virtual time.

import { body } from "./body.js";
import { length, nanos } from "./duration.js";
import { HostError, reasonText } from "./errors.js";
import { bytes } from "./imports.js";
import { kebab } from "./names.js";
import { World } from "./world.js";

// What is no JSON is shown as it is.
const parsed = (data) => {
  const text = new TextDecoder().decode(data);
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return text;
  }
};
const message = ({ kind, body, ...rest }) => ({ kind, fields: parsed(body), ...rest });

/** How long a test waits for an answer, in virtual time. */
const PATIENCE = nanos("5s");

/** A virtual host: what a test does here happens at once and completely. */
export class Host {
  world = new World();

  /** Starts an actor under a name. */
  start(definition, config = {}, name = "under-test") {
    const resident = this.world.add(definition, body(config));
    this.world.names.set(name, resident.address);
    this.world.start(resident);
    this.world.run();
    if (resident.fault) throw resident.fault;
    if (resident.ended) throw new Error(`the actor did not start: ${reasonText(resident.ended)}`);
    return new Test(this, resident);
  }

  /** A behaviour of the manifest, which actors can spawn or become. */
  behavior(name, definition, config = {}) {
    this.world.behaviors.set(name, { definition, config: JSON.parse(body(config)) });
    return this;
  }

  /** An actor that does nothing but record what it is sent, registered under a name. */
  stranger(name) {
    const resident = this.world.add();
    this.world.names.set(name, resident.address);
    return new Stranger(this, resident);
  }

  publish(topic, kind, fields) {
    this.world.publish(null, topic, kebab(kind), bytes(body(fields)));
    this.world.run();
  }

  /** What has been published on a topic, oldest first. */
  published(topic) {
    return this.world.published.filter((one) => one.topic === topic).map(({ kind, body }) => ({ kind, fields: parsed(body) }));
  }

  advance(by) {
    this.world.advance(nanos(by));
  }

  now() {
    return length(this.world.now);
  }

  setInput(device, value) {
    this.world.input(device, { at: this.world.now, value });
  }

  loseInput(device, why) {
    this.world.input(device, { error: { tag: "failed", val: why } });
  }

  output(device) {
    return this.world.outputs.get(device)?.value ?? 0;
  }

  /** Denies a grant from now on, as the manifest writes it: `write:heater`. Everything else is granted. */
  deny(grant) {
    this.world.denied.add(grant);
  }

  get logs() {
    return this.world.logs;
  }

  logged(text) {
    return this.logs.some((line) => line.text.includes(text));
  }

  get deadLetters() {
    return this.world.dead.map(message);
  }

  get spawned() {
    return this.world.spawned;
  }

  lookup(name) {
    return this.world.names.get(name) ?? null;
  }

  /** Ends an actor from outside. */
  end(address, why) {
    const resident = this.world.alive(address);
    if (resident) this.world.end(resident, why);
    this.world.run();
  }
}

/** An actor of a test's own, which does nothing by itself. */
export class Stranger {
  constructor(host, resident) {
    this.host = host;
    this.resident = resident;
    this.address = resident.address;
  }

  /** What it was sent since the last call, oldest first. */
  received() {
    return this.resident.inbox.splice(0).map(message);
  }

  answer({ request }, value) {
    this.host.world.answer(request, { message: { kind: "answer", body: bytes(body(value)) } });
    this.host.world.run();
  }

  refuse({ request }, why) {
    this.host.world.answer(request, { error: { tag: "refused", val: why } });
    this.host.world.run();
  }
}

/** An actor under test. */
export class Test {
  constructor(host, resident) {
    this.host = host;
    this.resident = resident;
    this.address = resident.address;
  }

  /** What it keeps. */
  get state() {
    return this.resident.instance?.self;
  }

  /** Why it has ended, or null. */
  get ended() {
    return this.resident.ended;
  }

  tell(kind, fields, { from = null } = {}) {
    this.#alive();
    const sender = from?.address ?? from;
    this.host.world.deliver(this.resident, { kind: kebab(kind), body: bytes(body(fields)), sender, request: null, topic: null });
    this.host.world.run();
  }

  /** Asks it, and lets time pass until the answer is there: at most 5 s. Throws a `HostError` when there is none. */
  ask(kind, fields) {
    this.#alive();
    const asked = { done: false };
    this.host.world.ask(null, this.address, kebab(kind), body(fields), PATIENCE, (_, answer, error) => Object.assign(asked, { done: true, answer, error }));
    this.host.world.wait(asked);
    if (asked.error) throw new HostError(asked.error.tag, asked.error.val);
    return parsed(asked.answer.body);
  }

  /** Swaps in other code, or the same, which takes over the state and all else as it is. */
  swap(definition = this.resident.definition) {
    this.#hand("swapped", definition);
  }

  /** Puts it away and wakes it. */
  wake() {
    this.#hand("woken", this.resident.definition);
  }

  /** Restarts it with its state as it is now. All else that was its own is gone. */
  restart() {
    const saved = this.#saved();
    this.#fresh();
    this.#resume("restarted", this.resident.definition, this.resident.definition.version, saved);
  }

  /** Restarts it without its state, as a supervisor does by default. */
  restartFresh() {
    this.#fresh();
    this.host.world.start(this.resident);
    this.host.world.run();
  }

  /** Has it end in order, as its supervisor would: it gets its last turn. */
  stop() {
    this.host.world.turn(this.resident, (instance) => instance.stopping({ tag: "shutdown" }));
    this.host.end(this.address, { tag: "shutdown" });
  }

  advance(by) {
    this.host.advance(by);
  }

  #alive() {
    if (this.resident.fault) throw this.resident.fault;
    if (this.ended) throw new Error(`the actor has ended: ${reasonText(this.ended)}`);
  }

  #saved() {
    if (!this.resident.definition.parts.state) throw new Error("the actor keeps no `state`");
    const saved = this.resident.instance.save();
    if (saved.error !== undefined) throw new Error(saved.error);
    return bytes(saved);
  }

  #fresh() {
    const { world } = this.host;
    const name = [...world.names].find(([, owner]) => owner === this.address)?.[0] ?? "under-test";
    world.end(this.resident, { tag: "killed" });
    world.run();
    this.resident.ended = this.resident.fault = null;
    this.resident.trapsExits = false;
    world.names.set(name, this.address);
  }

  #hand(occasion, definition) {
    const { version } = this.resident.definition;
    const saved = this.#saved();
    if (!definition.accepts.includes(version)) {
      throw new Error(`state of version ${version} can't be taken: version ${definition.accepts.join(", ")} can`);
    }
    this.#resume(occasion, definition, version, saved);
  }

  /** The old code goes on as it was when the new one does not take the state. */
  #resume(occasion, definition, version, saved) {
    const old = { definition: this.resident.definition, instance: this.resident.instance };
    Object.assign(this.resident, { definition, instance: undefined });
    let failure;
    const restore = (instance) => instance.restore(occasion, this.resident.config, version, saved);
    this.host.world.turn(this.resident, restore, { fails: (why) => (failure = why) });
    this.host.world.run();
    if (this.resident.fault) throw this.resident.fault;
    if (failure === undefined) return;
    Object.assign(this.resident, old);
    throw new Error(`the new code does not take the state: ${failure}`);
  }
}

/** Starts an actor on a host of its own. Throws when it ends in its first turn. */
export const start = (definition, config) => new Host().start(definition, config);
