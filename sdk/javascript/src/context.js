// What an actor can do in a turn, and what the turn is about. What it asks for takes effect when the turn ends well.

import { body } from "./body.js";
import { nanos } from "./duration.js";
import { Failure, asked } from "./errors.js";
import { kebab } from "./names.js";
import { same, unhandled } from "./next.js";
import { readBody, shape } from "./shapes.js";

const LEVELS = ["trace", "debug", "info", "warn", "error"];
const millis = (nanoseconds) => Number(nanoseconds) / 1e6;

export class Context {
  #host;
  #turn = {};
  /** The configuration, as `config` of the actor has it. */
  config;

  constructor(host) {
    this.#host = host;
    /** Questions that wait for an answer: their number, and the kind that the answer is handled as. Part of what is saved. */
    this.asks = [];
    /** The actor has ended itself, which the host carries out after this turn. */
    this.ending = false;
  }

  begin(turn) {
    this.#turn = turn;
  }

  end() {
    // The question of the turn stays, so that `refuseUnanswered` finds it.
    this.#turn = { request: this.#turn.request };
  }

  /** Nobody is left waiting for an answer that never comes. */
  refuseUnanswered(kind) {
    const { request } = this.#turn;
    this.#turn = {};
    if (request === undefined || request === null) return;
    try {
      this.#host.refuse(request, `\`${kind}\` was handled, and has no answer`);
    } catch {
      // Who asked may be gone, which is no concern of this actor's.
    }
  }

  get sender() {
    return this.#turn.sender ?? null;
  }

  get topic() {
    return this.#turn.topic ?? null;
  }

  get isAsked() {
    return this.#turn.request !== undefined && this.#turn.request !== null;
  }

  get answers() {
    return this.#turn.answers ?? null;
  }

  get address() {
    return this.#host.ownAddress();
  }

  request() {
    const { request } = this.#turn;
    this.#turn.request = null;
    return request === undefined || request === null ? null : String(request);
  }

  // messaging

  tell(to, kind, fields) {
    asked(() => this.#host.send(to, kebab(kind), body(fields)));
  }

  ask(to, kind, fields, { timeout, then }) {
    const answer = kebab(then);
    if (!this.kinds?.has(answer)) throw new Failure(`\`${then}\` is none of the actor's \`answers\``);
    const request = asked(() => this.#host.startAsk(to, kebab(kind), body(fields), nanos(timeout)));
    this.asks.push([String(request), answer]);
    return String(request);
  }

  askAndWait(to, kind, fields, { timeout, answer: of }) {
    if (!this.#host.ask) throw new Failure('to ask and wait, an actor has `imports: ["asking"]`');
    const answer = asked(() => this.#host.ask(to, kebab(kind), body(fields), nanos(timeout)));
    return readBody(shape(of), this.#host.decode(answer.body));
  }

  reply(value, { kind = "answer" } = {}) {
    if (this.isAsked) {
      asked(() => this.#host.reply(this.#turn.request, kebab(kind), body(value)));
      this.#turn.request = null;
    }
    return same;
  }

  refuse(why) {
    if (!this.isAsked) return unhandled(why);
    asked(() => this.#host.refuse(this.#turn.request, why));
    this.#turn.request = null;
    return same;
  }

  replyTo(request, value, { kind = "answer" } = {}) {
    asked(() => this.#host.reply(BigInt(request), kebab(kind), body(value)));
  }

  refuseTo(request, why) {
    asked(() => this.#host.refuse(BigInt(request), why));
  }

  // timers

  sendAfter(delay, kind, fields) {
    return this.sendAfterTo(delay, this.address, kind, fields);
  }

  sendAfterTo(delay, to, kind, fields) {
    return String(asked(() => this.#host.sendAfter(nanos(delay), to, kebab(kind), body(fields))));
  }

  sendEvery(interval, kind, fields) {
    return this.sendEveryTo(interval, this.address, kind, fields);
  }

  sendEveryTo(interval, to, kind, fields) {
    return String(asked(() => this.#host.sendEvery(nanos(interval), to, kebab(kind), body(fields))));
  }

  cancel(timer) {
    this.#host.cancel(BigInt(timer));
  }

  // topics

  publish(topic, kind, fields) {
    asked(() => this.#host.publish(topic, kebab(kind), body(fields)));
  }

  subscribe(pattern) {
    asked(() => this.#host.subscribe(pattern));
  }

  unsubscribe(pattern) {
    this.#host.unsubscribe(pattern);
  }

  setRoute(pattern, receivers) {
    this.#routes();
    asked(() => this.#host.setRoute(pattern, receivers));
  }

  routes() {
    this.#routes();
    return asked(() => this.#host.routes());
  }

  #routes() {
    if (!this.#host.setRoute) throw new Failure('a topic registry has `imports: ["routes"]`');
  }

  // devices

  read(device) {
    const { at, value } = asked(() => this.#host.read(device));
    return { at: millis(at), value };
  }

  write(device, value) {
    asked(() => this.#host.write(device, Number(value)));
  }

  watch(device) {
    asked(() => this.#host.watch(device));
  }

  // actors

  spawn(behavior, config = {}, { name, link = false, monitor = false, grants } = {}) {
    const options = [name ?? null, link, monitor, grants ?? null];
    const spawned = asked(() => this.#host.spawn(behavior, body(config), ...options));
    return { address: spawned.address, monitor: spawned.monitor === null ? null : String(spawned.monitor) };
  }

  link(to) {
    this.#host.link(to);
  }

  unlink(to) {
    this.#host.unlink(to);
  }

  monitor(whom) {
    return String(this.#host.monitor(whom));
  }

  demonitor(monitor) {
    this.#host.demonitor(BigInt(monitor));
  }

  trapExits(on) {
    this.#host.trapExits(on);
  }

  exit(whom, why) {
    this.#host.exit(whom, why);
  }

  stop(why) {
    if (why.tag === "normal") return { tag: "stop" };
    // Trapped, the signal to itself would be a message.
    this.#host.trapExits(false);
    this.#host.exit(this.address, why);
    this.ending = true;
    return same;
  }

  // names

  register(name) {
    asked(() => this.#host.register(name));
  }

  unregister(name) {
    this.#host.unregister(name);
  }

  lookup(name) {
    return asked(() => this.#host.lookup(name));
  }

  // clock, log

  now() {
    return millis(this.#host.now());
  }

  wall() {
    const nanoseconds = this.#host.wall();
    return nanoseconds === null ? null : new Date(millis(nanoseconds));
  }

  log(level, text) {
    const number = LEVELS.indexOf(level);
    if (number < 0) throw new TypeError(`${JSON.stringify(level)} is no level: there are ${LEVELS.join(", ")}`);
    this.#host.log(number, String(text));
  }
}

