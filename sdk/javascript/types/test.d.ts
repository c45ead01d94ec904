/** Actors in tests: in Node, without a host, in virtual time. */

import type { Actor, Address, Duration, Reason } from "./index.d.ts";

/** A message as it arrived. */
export interface Received {
  kind: string;
  /** Its JSON body. */
  fields: any;
  sender: Address | null;
  request: unknown;
  topic: string | null;
}

/** Starts an actor on a host of its own. Throws when it ends in its first turn. */
export function start<S>(definition: Actor<any, S>, config?: object): Test<S>;

/** A virtual host: what a test does here happens at once and completely. */
export class Host {
  /** Starts an actor under a name. */
  start<S>(definition: Actor<any, S>, config?: object, name?: string): Test<S>;
  /** A behaviour of the manifest, which actors can spawn or become. One that is not described here is spawned as a stranger. */
  behavior(name: string, definition: Actor, config?: object): this;
  /** An actor that does nothing but record what it is sent, registered under a name. */
  stranger(name: string): Stranger;
  /** Publishes a message, as another actor would. */
  publish(topic: string, kind: string, fields?: unknown): void;
  /** What has been published on a topic, oldest first. */
  published(topic: string): { kind: string; fields: any }[];
  /** Lets time pass, with everything that is due on the way. */
  advance(by: Duration): void;
  /** The time on the monotonic clock. */
  now(): string;
  /** A sensor has a value, from now on. */
  setInput(device: string, value: number): void;
  /** A sensor fails, from now on. */
  loseInput(device: string, why: string): void;
  /** What an output is at; 0 when nobody has written it. */
  output(device: string): number;
  /** Denies a grant from now on, as the manifest writes it: `write:heater`. Everything else is granted. */
  deny(grant: string): void;
  /** Every line that an actor has logged, oldest first. */
  readonly logs: { who: Address; level: string; text: string }[];
  /** Whether a line with this text in it has been logged. */
  logged(text: string): boolean;
  /** Messages that reached nobody or were not understood, with the reason, oldest first. */
  readonly deadLetters: (Received & { why: string })[];
  /** Every actor that has been spawned by another one, oldest first. */
  readonly spawned: { behavior: string; name: string | null; config: any; address: Address; grants: string[] | null }[];
  /** Who has a name, or null. */
  lookup(name: string): Address | null;
  /** Ends an actor from outside: a kill, a trap, whatever the reason says. */
  end(address: Address, why: Reason): void;
}

/** An actor of a test's own, which does nothing by itself. */
export class Stranger {
  readonly address: Address;
  /** What it was sent since the last call, oldest first. */
  received(): Received[];
  /** Answers a question that it received. */
  answer(question: Received, value?: unknown): void;
  /** Refuses one. */
  refuse(question: Received, why: string): void;
}

/** An actor under test. */
export class Test<S = any> {
  readonly host: Host;
  readonly address: Address;
  /** What it keeps. */
  readonly state: S;
  /** Why it has ended, or null. */
  readonly ended: Reason | null;
  /** Sends it a message: from outside, or from an actor. */
  tell(kind: string, fields?: unknown, options?: { from?: Address | Stranger }): void;
  /** Asks it, and lets time pass until the answer is there: at most 5 s. Throws a `HostError` when there is none. */
  ask(kind: string, fields?: unknown): any;
  /** Lets time pass, with everything that is due on the way. */
  advance(by: Duration): void;
  /** Swaps in other code, or the same, which takes over the state and all else as it is. Throws when it does not. */
  swap(definition?: Actor): void;
  /** Puts it away and wakes it. */
  wake(): void;
  /** Restarts it with its state as it is now. All else that was its own is gone. */
  restart(): void;
  /** Restarts it without its state, as a supervisor does by default. */
  restartFresh(): void;
  /** Has it end in order, as its supervisor would: it gets its last turn. */
  stop(): void;
}
