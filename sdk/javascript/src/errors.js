// Errors: the one that ends an actor, and what the host answers to what it cannot do.

import { length } from "./duration.js";

/** What ends an actor as `failed` when a handler throws it: a text that says what is wrong, and what would be right. */
export class Failure extends Error {
  get name() {
    return "Failure";
  }
}

/** Thrown by `init`: there is nothing to do, and that is no failure (Erlang's `ignore`). */
export class Ignore extends Error {
  constructor() {
    super("there is nothing to do");
  }
}

/** A message that does not fit, or a value that has no form in JSON. It never ends the actor that receives it. */
export class Misfit extends Failure {}

const granted = (grant) => `not granted: the manifest has to grant \`${grant}\``;

// The texts of the contract's errors; what carries a text of its own is that text.
const TEXTS = {
  "no-actor": () => "there is no such actor",
  "mailbox-full": () => "the receiver's mailbox is full",
  "too-large": (bytes) => `the body is longer than ${bytes} bytes`,
  "not-granted": granted,
  "timed-out": () => "no answer came in time",
  restarting: () => "it is being restarted",
  "would-deadlock": (why) => `the answer could never come: ${why}`,
  ended: (reason) => `it ended before it answered: ${reasonText(reason)}`,
  unreachable: () => "its host could not be reached",
  "unknown-behavior": () => "the manifest has no `[behavior.NAME]` of this name",
  "name-taken": () => "an actor of this name is alive",
  taken: () => "another living actor has this name",
  "no-registry": () => "the manifest names no topic registry (`host.topics`)",
  "no-device": () => "the manifest has no such device",
  stale: (nanos) => `the last value is ${length(nanos)} old`,
  "read-only": () => "the device is an input",
  busy: (name) => `\`${name}\` writes it`,
  "max-on": () => "it was on for longer than its `max-on`: switch it off once",
};

/** What the host refused. `tag` is the contract's word for it, `detail` what that carries. */
export class HostError extends Failure {
  constructor(tag, detail) {
    super(TEXTS[tag]?.(detail) ?? String(detail ?? tag));
    this.tag = tag;
    this.detail = detail;
  }
  get name() {
    return "HostError";
  }
}

/** Runs a call of the host's, and makes an Error of what that throws. */
export function asked(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error) throw error;
    if (typeof error === "string") throw new HostError("other", error);
    throw new HostError(error.tag, error.val);
  }
}

/** A reason as people read it. */
export const reasonText = ({ tag, val }) => (val === undefined ? tag : tag === "other" ? val : `${tag}: ${val}`);
