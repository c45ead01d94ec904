/** Write [Greenroom](https://www.npmjs.com/package/@greenroom/actor) actors in JavaScript and TypeScript. */

// What an actor has beside the language itself.
declare global {
  interface Console {
    /** For following single steps. */
    trace(...values: any[]): void;
    /** For finding faults. */
    debug(...values: any[]): void;
    /** What an operator wants to know; `info` is the same. */
    log(...values: any[]): void;
    info(...values: any[]): void;
    /** What an operator should look at. */
    warn(...values: any[]): void;
    /** What went wrong. */
    error(...values: any[]): void;
  }
  /** Writes to the actor's log, at once: a line is kept even when the turn leaves nothing else. */
  var console: Console;
}

/** An actor's address: a string that can be sent, kept and compared. Holding one is the right to send to it. */
export type Address = string;
/** A question that was taken over with `ctx.request`, to be answered in a later turn. May be kept in the state. */
export type Request = string;
/** A question that this actor asks. Stays good over a swap. */
export type Question = string;
/** A timer, for `ctx.cancel`. Stays good over a swap. */
export type Timer = string;
/** A monitor, for `ctx.demonitor` and `down`. */
export type Monitor = string;

/** A length of time with its unit: `"2s"`, `"1.5h"`, `"500ms"`. */
export type Duration = `${number}${"ns" | "us" | "ms" | "s" | "m" | "h" | "d"}`;

/** What a value has to be. Made by `whole`, `text`, `list(…)` and their like. */
export interface Shape<T> {
  /** The same, and this value where a field is missing. */
  or(missing: T): Shape<T>;
  /** What it is, in words. */
  readonly expects: string;
  /** For the compiler alone. */
  readonly type?: T;
}
/** The shapes of fields, by their names in camelCase; on the wire they are in kebab-case. */
export type Fields = { [name: string]: Shape<any> | Fields };
/** What is read of a shape, or of fields. */
export type Value<S> = S extends Shape<infer T> ? T : S extends Fields ? { [K in keyof S]: Value<S[K]> } : never;

/** A number. */
export const number: Shape<number>;
/** A whole number from 0 to 2^64-1; one above 2^53-1 is not exact. */
export const whole: Shape<number>;
/** A whole number, below zero too. */
export const integer: Shape<number>;
/** A string. */
export const text: Shape<string>;
/** true or false. */
export const flag: Shape<boolean>;
/** Whatever JSON has. */
export const any: Shape<any>;
/** An actor's address. */
export const address: Shape<Address>;
/** A length of time with its unit, as in `"2s"`. */
export const duration: Shape<Duration>;
/** One of some strings. */
export function oneOf<const W extends string>(...words: W[]): Shape<W>;
/** A list, each item of one shape. */
export function list<S extends Shape<any> | Fields>(item: S): Shape<Value<S>[]>;
/** A field that may be missing, or null: then it is undefined. */
export function optional<S extends Shape<any> | Fields>(inner: S): Shape<Value<S> | undefined>;

/** Why an actor ended, or could not be reached. The words are Erlang's where it has one. */
export type Reason =
  | { tag: "normal" | "shutdown" | "killed" | "out-of-time" | "out-of-memory" | "no-actor" | "unreachable" }
  | { tag: "failed" | "trapped" | "other"; val: string };
/** A reason as people read it. */
export function reasonText(why: Reason): string;

/** What handles the next message. */
export interface Next {
  readonly tag: "same" | "changed" | "defer" | "unhandled" | "become" | "stop";
}
/** This actor, as before. The same as to give back nothing. */
export const same: Next;
/** This actor, in another state of its own: messages put aside with `defer` are delivered again, oldest first. */
export const changed: Next;
/** This actor; the message is put aside, with the question if it is one, until the next `changed` or `become`. */
export const defer: Next;
/** Nothing: the actor ends, as `normal`. */
export const stop: Next;
/** This actor; the message was not understood. It goes to the dead letters, and who asked is refused, with this text. */
export function unhandled(why: string): Next;
/** Another behaviour of the manifest, at the same address and with the same mailbox. Needs the grant `spawn:NAME`. */
export function become(behavior: string): Next;

/**
 * What ends an actor as `failed` when a handler throws it, with its text. In `init` it is a failed start. Whatever else is
 * thrown is a fault of the code: it is logged with its place in the source, and ends the actor as `trapped`.
 */
export class Failure extends Error {}
/** Thrown by `init`: there is nothing to do, and that is no failure (Erlang's `ignore`). */
export class Ignore extends Error {
  constructor();
}
/** What the host refused: nothing was done. Ends the actor as `failed` when nobody catches it. */
export class HostError extends Failure {
  /** The contract's word for it, as `no-actor`, `mailbox-full`, `not-granted`, `timed-out`, `refused`. */
  readonly tag: string;
  /** What that carries: a text, a number of bytes, a reason. */
  readonly detail: unknown;
}

/** The answer to a question, or why there is none. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: HostError };

/** Why the state is handed over: as the host's contract has it. */
export type Occasion = "swapped" | "restarted" | "woken";

/** A message as it is, for `unknown`. */
export interface RawMessage {
  kind: string;
  body: Uint8Array;
}

/** What an actor can do in a turn, and what the turn is about. What it asks for takes effect when the turn ends well. */
export interface Context<Config = any, Answers = any> {
  /** The configuration. */
  readonly config: Config;
  /** Who sent the message. null: the host itself, or somebody outside (HTTP, command line). */
  readonly sender: Address | null;
  /** The topic that the message was published on, or null. */
  readonly topic: string | null;
  /** Whether somebody waits for the answer to this message. */
  readonly isAsked: boolean;
  /** The question that this is the answer to, or null. */
  readonly answers: Question | null;
  /** This actor's address. */
  readonly address: Address;

  /** Sends a message: at most once, in order between this actor and that one. Throws `HostError`. */
  tell(to: Address, kind: string, fields?: unknown): void;
  /**
   * Asks, and goes on: the answer comes to the handler that `then` names, one of the actor's `answers`. Nobody else can send
   * that, and it survives a swap. `timeout` counts from the end of the turn: 1 ms to 1 h. Throws `HostError`.
   */
  ask(to: Address, kind: string, fields: unknown, options: { timeout: Duration; then: keyof Answers & string }): Question;
  /**
   * Asks, and waits for the answer: what the turn asked for so far takes effect now, and another turn begins with the answer.
   * For an actor with `imports: ["asking"]`, which runs on a fiber: that costs memory and time. Throws `HostError`.
   */
  askAndWait<S extends Shape<any> | Fields>(to: Address, kind: string, fields: unknown, options: { timeout: Duration; answer: S }): Value<S>;
  /** Answers the question of this turn. Nothing happens when nobody asks, or it has been answered. Throws `HostError`. */
  reply(value?: unknown, options?: { kind?: string }): Next;
  /** Refuses the message of this turn with a text that says what would be right. */
  refuse(why: string): Next;
  /** Takes over the question of this turn, to be answered with `replyTo` in a later one. null when nobody asks. */
  request(): Request | null;
  /** Answers a question that was taken over. */
  replyTo(request: Request, value?: unknown, options?: { kind?: string }): void;
  /** Refuses a question that was taken over. */
  refuseTo(request: Request, why: string): void;

  /** Sends a message to this actor itself, once, `delay` after the end of this turn: at most 366 days. */
  sendAfter(delay: Duration, kind: string, fields?: unknown): Timer;
  /** The same, to another actor. */
  sendAfterTo(delay: Duration, to: Address, kind: string, fields?: unknown): Timer;
  /**
   * Sends a message to this actor itself again and again, first after one `interval`: 1 ms to 366 days. Drift-free; a stall
   * is made up by one message, not by a burst.
   */
  sendEvery(interval: Duration, kind: string, fields?: unknown): Timer;
  /** The same, to another actor. */
  sendEveryTo(interval: Duration, to: Address, kind: string, fields?: unknown): Timer;
  /** Cancels a timer. After this turn it does not fire; a message that it has already sent stays sent. */
  cancel(timer: Timer): void;

  /** Publishes on a topic: kept for streams, and sent to whoever subscribed. Needs the grant `publish:PATTERN`. */
  publish(topic: string, kind: string, fields?: unknown): void;
  /** From now on, what is published on topics of this pattern comes as messages. Needs the grant `subscribe:PATTERN`. */
  subscribe(pattern: string): void;
  /** Takes that back. */
  unsubscribe(pattern: string): void;
  /** For the topic registry alone, with `imports: ["routes"]`: sets who receives what is published on a pattern's topics. */
  setRoute(pattern: string, receivers: Address[]): void;
  /** For the topic registry alone: the routes as they are. They outlive the registry. */
  routes(): { pattern: string; receivers: Address[] }[];

  /** The latest value of a device, in its unit: never waits for it. Needs the grant `read:DEVICE`. Throws `HostError`. */
  read(device: string): { value: number; /** When, in milliseconds of `ctx.now()`. */ at: number };
  /** Sets an output, when the turn ends well. A boolean is on or off. Needs the grant `write:DEVICE`. Throws `HostError`. */
  write(device: string, value: number | boolean): void;
  /** From now on, each new value comes as a message `reading` with `device`, `at` in nanoseconds, and `value` or `missing`. */
  watch(device: string): void;

  /** Spawns an actor with a behaviour of the manifest. Good at once; it starts when the turn ends well. Throws `HostError`. */
  spawn(behavior: string, config?: object, options?: SpawnOptions): { address: Address; monitor: Monitor | null };
  /** Ties both together: when one ends abnormally, the other ends too, or is told if it traps exits. */
  link(to: Address): void;
  /** Removes the link. */
  unlink(to: Address): void;
  /** Watches an actor: `down` comes once when it ends, whatever the reason. */
  monitor(whom: Address): Monitor;
  /** Removes a monitor. */
  demonitor(monitor: Monitor): void;
  /** Whether the ends of linked actors come to `exited` and don't end this one. */
  trapExits(on: boolean): void;
  /** Sends an exit signal, as if linked to `whom`: `killed` cannot be trapped. */
  exit(whom: Address, why: Reason): void;
  /** Ends this actor with a reason, when the turn ends well: `return ctx.stop(why)`. */
  stop(why: Reason): Next;

  /** Registers this actor under a name, beside those it has. Needs the grant `register:NAME`. Throws `HostError`. */
  register(name: string): void;
  /** Gives up a name. */
  unregister(name: string): void;
  /** Who has the name now, or null. Needs the grant `tell:NAME` or `ask:NAME`. Throws `HostError`. */
  lookup(name: string): Address | null;

  /** Milliseconds on the host's monotonic clock, with a fraction. It never goes back. */
  now(): number;
  /** The time of day, or null while the machine's clock has not been set. For showing, not for control. */
  wall(): Date | null;
  /** Writes to the actor's log, as `console` does. */
  log(level: "trace" | "debug" | "info" | "warn" | "error", text: string): void;
}

/** How an actor is spawned. */
export interface SpawnOptions {
  /** A name to register it under. Needs the grant `register:NAME`. */
  name?: string;
  /** Ties both together from its first instant. */
  link?: boolean;
  /** Watches it from its first instant. */
  monitor?: boolean;
  /** What it may do: at most what this actor may do. */
  grants?: string[];
}

type Result = Next | void;
type Shapes = { [name: string]: Shape<any> | Fields };

/** What an actor is made of, beside a handler for each of its `messages` and `answers`. */
export interface Definition<C extends Fields, S extends object, M extends Shapes, A extends Shapes> {
  /** The manifest's table for it. One that does not fit is a failed start that says what would. */
  config?: C;
  /** What it keeps in `this`, as it is at first: plain data. It outlives the code, and restarts where the manifest says so. */
  state?: S;
  /** The version of the state's shape: 1, and another one after a change to it. */
  version?: number;
  /** Makes the state of what an older version kept. */
  upgrade?: { [version: number]: (old: any) => NoInfer<S> };
  /** What it understands. A message's kind is the name, its JSON body the fields, both in kebab-case on the wire. */
  messages: M;
  /** What the answers to its questions are read as. */
  answers?: A;
  /** What it imports beside the usual: `asking` for `ctx.askAndWait`, `routes` for a topic registry. */
  imports?: ("asking" | "routes")[];
  /** Starts it, in its first turn. */
  init?(config: Value<C>, ctx: Context<Value<C>, A>): void;
  /** It goes on with what it kept. After a restart, set up what `init` would; after the others, all is as it was. */
  resumed?(occasion: Occasion, ctx: Context<Value<C>, A>): void;
  /** Handles every message that is none of `messages`, as it is. */
  unknown?(message: RawMessage, ctx: Context<Value<C>, A>): Result;
  /** A linked actor ended. Only while trapping exits. */
  exited?(who: Address, why: Reason, ctx: Context<Value<C>, A>): Result;
  /** A monitored actor ended; this monitor is used up. */
  down?(monitor: Monitor, who: Address, why: Reason, ctx: Context<Value<C>, A>): Result;
  /** The supervisor asks for an orderly end: this is the last turn. */
  stopping?(why: Reason, ctx: Context<Value<C>, A>): void;
}
/** What handles each message: what it throws ends the actor; a question that it does not answer is refused. */
type Handlers<C extends Fields, M extends Shapes, A extends Shapes> = {
  [K in keyof M]: (fields: Value<M[K]>, ctx: Context<Value<C>, A>) => Result;
};
/** What handles each answer. */
type AnswerHandlers<C extends Fields, A extends Shapes> = string extends keyof A
  ? {}
  : { [K in keyof A]: (answer: Outcome<Value<A[K]>>, ctx: Context<Value<C>, A>) => Result };

/** An actor, as a value: what a build makes a component of, and a test starts. */
export interface Actor<C = any, S = any, M = any> {
  readonly parts: { asking: boolean; routes: boolean; state: boolean; signals: boolean; replies: boolean };
  readonly version: number;
  /** For the compiler alone. */
  readonly types?: { config: C; state: S; messages: M };
}

/**
 * An actor: what it understands, what it keeps, and what it does with each message. In its functions `this` is its state.
 *
 *     export default actor({
 *       state: { count: 0 },
 *       messages: { add: { howMany: whole }, howMany: {} },
 *       add({ howMany }) { this.count += howMany; },
 *       howMany(_, ctx) { return ctx.reply(this.count); },
 *     });
 */
export function actor<C extends Fields = {}, S extends object = {}, M extends Shapes = {}, A extends Shapes = {}>(
  definition: Definition<C, S, M, A> & Handlers<NoInfer<C>, NoInfer<M>, NoInfer<A>> & AnswerHandlers<NoInfer<C>, NoInfer<A>> & ThisType<S>,
): Actor<Value<C>, S, M>;
