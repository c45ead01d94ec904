// An actor as the host runs it: the contract's exports on one side, the author's functions on the other.

import { PROMISE } from "./actor.js";
import { json } from "./body.js";
import { Context } from "./context.js";
import { Failure, HostError, Ignore, Misfit } from "./errors.js";
import { same } from "./next.js";
import { kindOf, readBody } from "./shapes.js";

// Which questions are open, beside the fields of the state. Nobody names a field so by accident.
const ASKS = "$asks";

/** One incarnation. What it gives back is what the contract has, or `{ error: TEXT }`; what it throws ends it as a trap. */
export class Instance {
  constructor(actor, host) {
    this.actor = actor;
    this.host = host;
    this.context = new Context(host);
    this.context.kinds = actor.answers;
  }

  /** Runs the author's code. A failure is a text; whatever else is thrown is a fault. */
  run(work) {
    try {
      return work();
    } catch (error) {
      if (error instanceof Failure) return { error: error.message };
      throw error;
    }
  }

  /** Whether there is an actor now; without one, it is to be ignored. */
  init(config) {
    return this.run(() => {
      this.self = structured(this.actor.initial ?? {});
      this.context.config = this.actor.readConfig(config);
      try {
        returned("init", this.actor.init?.call(this.self, this.context.config, this.context));
      } catch (error) {
        if (error instanceof Ignore) return false;
        throw error;
      }
      return true;
    });
  }

  handle(kind, bytes, sender, request, topic) {
    // Not this incarnation's any more.
    if (this.context.ending) return { tag: "defer" };
    return this.run(() => {
      let handle, value;
      try {
        ({ handle, value } = this.reading(kind, bytes));
      } catch (error) {
        if (error instanceof Misfit) return { tag: "unhandled", val: error.message };
        throw error;
      }
      this.context.begin({ sender, request, topic });
      const next = this.turn(kind, handle, value);
      if (["same", "changed", "become"].includes(next.tag)) this.context.refuseUnanswered(kind);
      return next;
    });
  }

  reading(kind, bytes) {
    const { unknown, kinds } = this.actor;
    if (unknown && !kinds.has(kind)) return { handle: unknown, value: { kind, body: new Uint8Array(bytes) } };
    return this.actor.read(kind, this.host.decode(bytes));
  }

  turn(name, handle, ...values) {
    if (!this.self) throw new Failure("the actor has not been started");
    if (this.context.ending) return same;
    const next = returned(name, handle.call(this.self, ...values, this.context)) ?? same;
    this.context.end();
    if (typeof next.tag !== "string") throw new TypeError(`\`${name}\` gives back ${kindOf(next)}: answer with \`ctx.reply\``);
    return next;
  }

  exited(who, why) {
    return this.run(() => (this.actor.exited ? this.turn("exited", this.actor.exited, who, why) : same));
  }

  down(monitor, who, why) {
    return this.run(() => (this.actor.down ? this.turn("down", this.actor.down, String(monitor), who, why) : same));
  }

  stopping(why) {
    if (this.self && this.actor.stopping) returned("stopping", this.actor.stopping.call(this.self, why, this.context));
  }

  answered(request, answer, why) {
    return this.run(() => {
      const at = this.context.asks.findIndex(([asked]) => asked === String(request));
      if (at < 0) {
        this.context.log("warn", "an answer came to a question that nobody here asked");
        return same;
      }
      const [[, kind]] = this.context.asks.splice(at, 1);
      const wanted = this.actor.answers.get(kind);
      if (!wanted) {
        // After a swap to code that knows the continuation no more.
        this.context.log("warn", `an answer came for which there is no \`${kind}\` any more`);
        return same;
      }
      this.context.begin({ answers: String(request) });
      return this.turn(kind, wanted.handle, this.outcome(wanted.shape, answer, why));
    });
  }

  /** An answer as its handler gets it. One of another shape is one that failed, and the actor's to handle. */
  outcome(shape, answer, why) {
    if (why) return { ok: false, error: new HostError(why.tag, why.val) };
    try {
      return { ok: true, value: readBody(shape, this.host.decode(answer.body)) };
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
      return { ok: false, error: new HostError("other", `the answer does not fit: ${error.message}`) };
    }
  }

  save() {
    return this.run(() => {
      const { asks } = this.context;
      return json(asks.length ? { ...this.self, [ASKS]: asks } : this.self);
    });
  }

  restore(occasion, config, version, bytes) {
    return this.run(() => {
      this.context.config = this.actor.readConfig(config);
      let { [ASKS]: asks, ...kept } = this.saved(bytes);
      if (version !== this.actor.version) {
        const upgrade = this.actor.upgrade[version];
        if (!upgrade) throw new Failure(`state of version ${version} cannot be taken: this is version ${this.actor.version}`);
        kept = upgrade(kept);
      }
      this.context.asks = asks ?? [];
      this.self = { ...structured(this.actor.initial), ...kept };
      returned("resumed", this.actor.resumed?.call(this.self, occasion, this.context));
    });
  }

  saved(bytes) {
    let state;
    try {
      state = JSON.parse(this.host.decode(bytes));
    } catch (error) {
      throw new Failure(`the saved state does not fit: ${error.message}`);
    }
    if (kindOf(state) !== "an object") throw new Failure(`the saved state does not fit: expected an object, not ${kindOf(state)}`);
    return state;
  }
}

/** A copy of plain data. */
const structured = (data) => JSON.parse(json(data));

/** What a function of the author's gave back, which is no promise. */
function returned(name, value) {
  if (typeof value?.then === "function") throw new TypeError(`\`${name}\` ${PROMISE}`);
  return value;
}
