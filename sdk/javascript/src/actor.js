// What an author writes: an actor, as a value. What is wrong with it is said as it is made, which is when it is built.

import { Misfit } from "./errors.js";
import { kebab } from "./names.js";
import { Fields, Shape, kindOf, readBody, shape, signature, understood } from "./shapes.js";

// What a definition has beside its handlers.
const TABLES = ["config", "state", "version", "upgrade", "messages", "answers", "imports"];
const CALLS = ["init", "resumed", "unknown", "exited", "down", "stopping"];
const IMPORTS = ["asking", "routes"];

/** An actor. `parts` says what the component exports and imports beside what each has. */
export class Actor {
  constructor(definition) {
    this.config = new Fields(definition.config ?? {});
    this.kinds = handlers(definition, "messages");
    this.answers = handlers(definition, "answers");
    for (const call of CALLS) this[call] = called(definition, call);
    this.upgrade = definition.upgrade ?? {};
    this.initial = definition.state;
    this.version = definition.version ?? 1;
    this.parts = {
      asking: imports(definition, "asking"),
      routes: imports(definition, "routes"),
      state: definition.state !== undefined,
      signals: Boolean(this.exited || this.down || this.stopping),
      replies: this.answers.size > 0,
    };
    this.check(definition);
  }

  check(definition) {
    for (const name of Object.keys(definition)) {
      const known = [...TABLES, ...CALLS].includes(name) || this.kinds.has(kebab(name)) || this.answers.has(kebab(name));
      if (!known) {
        throw new TypeError(`\`${name}\` is neither a message nor an answer: add it to \`messages\`, as in \`messages: { ${name}: {} }\``);
      }
    }
    for (const kind of this.answers.keys()) {
      if (this.kinds.has(kind)) throw new TypeError(`\`${kind}\` is a message and an answer: one of them needs another name`);
    }
    if (this.initial !== undefined && kindOf(this.initial) !== "an object") {
      throw new TypeError(`\`state\` has to be an object, not ${kindOf(this.initial)}`);
    }
    if (!Number.isInteger(this.version) || this.version < 0) throw new TypeError("`version` has to be a whole number");
    if (!this.parts.state && (definition.version !== undefined || this.resumed || definition.upgrade)) {
      throw new TypeError("`version`, `upgrade` and `resumed` are of a state that is kept: the actor has no `state`");
    }
  }

  /** The versions of the state that it can take. */
  get accepts() {
    return [this.version, ...Object.keys(this.upgrade).map(Number)];
  }

  /** Its configuration, read. */
  readConfig(json) {
    try {
      return readBody(this.config, json);
    } catch (error) {
      throw error instanceof Misfit ? new Misfit(`configuration: ${error.message}`) : error;
    }
  }

  /** A message, read, with what handles it. */
  read(kind, json) {
    const message = this.kinds.get(kind);
    if (!message) {
      const known = [...this.kinds].map(([kind, { shape }]) => signature(kind, shape));
      throw new Misfit(`\`${kind}\` is not understood: ${understood(known)}`);
    }
    try {
      return { handle: message.handle, value: readBody(message.shape, json) };
    } catch (error) {
      throw error instanceof Misfit ? new Misfit(`\`${signature(kind, message.shape)}\`: ${error.message}`) : error;
    }
  }
}

/**
 * An actor: what it understands, what it keeps, and what it does with each message. A message's kind is the name of a
 * handler, its JSON body the named fields; both are in kebab-case on the wire.
 */
export const actor = (definition) => new Actor(definition);

function handlers(definition, table) {
  const all = new Map();
  for (const [name, of] of Object.entries(definition[table] ?? {})) {
    if (TABLES.includes(name) || CALLS.includes(name)) {
      throw new TypeError(`\`${name}\` means something else in an actor, so that it cannot be a name in \`${table}\``);
    }
    const handle = called(definition, name);
    if (!handle) throw new TypeError(`\`${name}\` is in \`${table}\`, and there is no function of that name to handle it`);
    try {
      all.set(kebab(name), { shape: shape(of), handle });
    } catch (error) {
      throw error instanceof TypeError && !(of instanceof Shape) ? new TypeError(`\`${table}.${name}\`: ${error.message}`) : error;
    }
  }
  return all;
}

function called(definition, name) {
  const found = definition[name];
  if (found === undefined) return undefined;
  if (typeof found !== "function") throw new TypeError(`\`${name}\` has to be a function`);
  if (found.constructor.name !== "Function") throw new TypeError(`\`${name}\` ${PROMISE}`);
  return found;
}

/** Why a handler is no async function. */
export const PROMISE =
  "cannot be an async function: a turn is over when it returns; ask with `ctx.ask`, whose answer is a message of its own";

function imports(definition, part) {
  const wanted = definition.imports ?? [];
  const unknown = wanted.find((name) => !IMPORTS.includes(name));
  if (unknown !== undefined) throw new TypeError(`\`imports\` has ${JSON.stringify(unknown)}: there are ${IMPORTS.join(" and ")}`);
  return wanted.includes(part);
}
