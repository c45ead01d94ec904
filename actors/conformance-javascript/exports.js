// The exports: messages that are checks are run, everything else is noted down and told by the check `heard`.

import host from "@greenroom/actor/host";
import { Args } from "./args.js";
import { CHECKS } from "./imports.js";
import { bytes, json, message, result, variant } from "./show.js";

let heard = [];
/** How it was started. */
let started = null;
/** What `save` gives. */
let kept = "";
let stateVersion = 1;
/** What `save` does: `well`, `fails` or `acts`. */
let saving = "well";
/** Whether messages that can't be taken now are put aside (`next`). */
let isOpen = false;
let spawned;

const TURNS = {
  heard: () => heard.splice(0),
  started: () => started,
  next(args, outcome) {
    const word = args.line();
    if (word === "changed") isOpen = true;
    if (word === "changed" || word === "stop" || (word === "defer" && !isOpen)) outcome.next = { tag: word };
    if (word === "unhandled" || word === "become") outcome.next = { tag: word, val: args.line() };
    return word;
  },
  fail(args, outcome) {
    outcome.error = args.text();
    return null;
  },
  trap() {
    // What is not to be told of.
    throw "";
  },
  "state.keep": (args) => void (kept = args.bytes()),
  "state.version": (args) => void (stateVersion = Number(args.number())),
  "state.save": (args) => void (saving = args.line()),
};

/** Runs a check, if there is one of this name. */
function check(name, text, outcome) {
  const run = CHECKS[name] ?? TURNS[name];
  if (!run) return undefined;
  const args = new Args(text, spawned);
  const told = run(args, outcome) ?? null;
  spawned = args.spawned;
  return told;
}

/** Several checks in one turn: the name and the arguments of each, and a line with `;` between two. */
function turn(text, outcome) {
  return text.split("\n;\n").map((one) => {
    const [name] = one.split("\n", 1);
    const told = check(name, one.slice(name.length + 1), outcome);
    return told === undefined ? "unknown" : told;
  });
}

export function init(config) {
  started = { init: config };
  if (config.includes('"start":"fail"')) return { error: "it was told to fail" };
  return !config.includes('"start":"ignore"');
}

export function handle(kind, body, sender, request, topic) {
  const outcome = { next: { tag: "same" } };
  const told = kind === "turn" ? turn(host.decode(body), outcome) : check(kind, host.decode(body), outcome);
  if (told === undefined) {
    heard.push({ message: { sender, request, topic, kind, body: bytes(body) } });
  } else if (request !== null && !["defer", "unhandled"].includes(outcome.next.tag)) {
    // Who asked may be gone.
    result(() => host.reply(request, "result", json({ check: kind, result: told })));
  }
  return outcome.error === undefined ? outcome.next : { error: outcome.error };
}

function hear(what) {
  heard.push(what);
  return { tag: "same" };
}

export function answered(request, answer, why) {
  return hear({ answered: { ...(why ? { error: variant(why) } : { ok: message(answer) }), request } });
}

export const exited = (who, why) => hear({ exited: { who, why: variant(why) } });

export const down = (monitor, who, why) => hear({ down: { monitor, who, why: variant(why) } });

export function stopping(why) {
  // Not everybody is granted it.
  result(() => host.publish("conformance/stopping", "stopping", json(variant(why))));
}

export const version = () => stateVersion;

export const accepts = () => [1, 2];

/** What `save` must not do: nothing of it happens, whatever it is told. */
function act() {
  result(() => host.send(host.ownAddress(), "from-save", ""));
  result(() => host.spawn("child", "{}", null, false, false, null));
  result(() => host.write("lamp", 1));
  if (host.ask) result(() => host.ask(host.lookup("partner"), "from-save", "", 1_000_000_000n));
}

export function save() {
  if (saving === "fails") return { error: "it was told not to save" };
  if (saving === "acts") act();
  return kept;
}

export function restore(occasion, config, version, state) {
  started = { restored: { occasion, config, version, bytes: bytes(state) } };
  kept = state;
  stateVersion = version;
  return host.decode(state) === "refuse" ? { error: "it was told to refuse" } : undefined;
}
