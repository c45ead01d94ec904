// An actor as the functions that its component exports. A build imports this, and nobody else does.

import { Instance } from "./instance.js";
import { sourceStack } from "./places.js";

const host = globalThis.greenroomHost;

/** What went wrong, with the places in the source. The first one comes first: it is what lists and reports show. */
function described(error) {
  if (!(error instanceof Error)) return `${shown(error)} was thrown, which is no Error and has no place`;
  const stack = sourceStack(JSON.parse(host.places), error.stack ?? "", "actor.js");
  const [place] = /[^ (]*:\d+/.exec(stack) ?? [];
  return place ? `${place}:\n${error}\n${stack}` : String(error);
}

/** A value as people read it. */
function shown(value) {
  if (typeof value === "string") return value;
  if (value instanceof Error) return described(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}

/** Tells of what is thrown before it ends the instance. */
const told = (work) => (...values) => {
  try {
    return work(...values);
  } catch (error) {
    host.log(4, described(error));
    // Said already: the engine has nothing to add.
    throw "";
  }
};

// What browsers and Node have, and this engine does not. A build imports this before the actor.
{
  const log = (level) => (...values) => host.log(level, values.map(shown).join(" "));
  const levels = { trace: 0, debug: 1, log: 2, info: 2, warn: 3, error: 4 };
  globalThis.console = Object.fromEntries(Object.entries(levels).map(([name, level]) => [name, log(level)]));
  globalThis.TextEncoder ??= class TextEncoder {
    encode(text = "") {
      return host.encode(String(text));
    }
  };
  globalThis.TextDecoder ??= class TextDecoder {
    decode(bytes = new Uint8Array()) {
      return host.decode(bytes.buffer ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes);
    }
  };
  // The engine's own begins with the same number in each instance.
  Math.random = () => host.random();
}

/** The functions. */
export function component(actor) {
  const instance = new Instance(actor, host);
  const call = (name) => told((...values) => instance[name](...values));
  return {
    version: () => actor.version,
    accepts: () => actor.accepts,
    init: call("init"),
    handle: call("handle"),
    save: call("save"),
    restore: call("restore"),
    exited: call("exited"),
    down: call("down"),
    stopping: call("stopping"),
    answered: call("answered"),
  };
}
