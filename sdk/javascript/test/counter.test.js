// What an actor does with messages: shapes, answers, refusals, state.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, HostError, Ignore, actor, defer, changed, stop, text, whole } from "@greenroom/actor";
import { Host, start } from "@greenroom/actor/test";

const counter = actor({
  config: { topic: text.or("counter/count"), everyMs: whole.or(1000) },
  state: { count: 0 },
  messages: { add: { howMany: whole }, tick: {}, howMany: {}, fail: {}, crash: {}, silent: {} },
  init({ everyMs }, ctx) {
    ctx.sendEvery(`${everyMs}ms`, "tick");
  },
  resumed(occasion, ctx) {
    if (occasion === "restarted") ctx.sendEvery(`${ctx.config.everyMs}ms`, "tick");
  },
  add({ howMany }) {
    this.count += howMany;
  },
  tick(_, ctx) {
    ctx.publish(ctx.config.topic, "count", { count: this.count });
  },
  howMany(_, ctx) {
    return ctx.reply(this.count);
  },
  fail(_, ctx) {
    ctx.publish("never", "count");
    throw new Failure("as you wished");
  },
  crash() {
    throw new Error("as you wished");
  },
  silent() {},
});

test("it counts, answers, and publishes when it is time", () => {
  const under = start(counter, { everyMs: 500 });
  under.tell("add", { howMany: 2 });
  under.tell("add", { howMany: 3 });
  assert.equal(under.ask("howMany"), 5);
  under.advance("1s");
  assert.deepEqual(under.host.published("counter/count"), [
    { kind: "count", fields: { count: 5 } },
    { kind: "count", fields: { count: 5 } },
  ]);
});

test("what does not fit is refused with the shape that would, and the actor lives", () => {
  const under = start(counter);
  const check = (kind, fields, expect) => {
    assert.throws(() => under.ask(kind, fields), (error) => {
      assert.ok(error instanceof HostError);
      assert.equal(error.tag, "refused");
      if (expect instanceof RegExp) assert.match(error.message, expect);
      else assert.equal(error.message, expect);
      return true;
    });
  };
  check("add", {}, "`add {how-many}`: missing field `how-many`");
  check("add", { howMany: "2" }, "`add {how-many}`: expected a whole number in `how-many`, not a string");
  check("add", { howMany: 0.5 }, "`add {how-many}`: expected a whole number from 0 to 2^64-1 in `how-many`");
  check("add", [], "`add {how-many}`: expected an object, not a list");
  check("add", new TextEncoder().encode("{\""), /^`add \{how-many\}`: expected JSON: /);
  check("nope", {}, "`nope` is not understood: expected add {how-many} or tick or how-many or fail or crash or silent");
  assert.equal(under.ask("howMany"), 0);
  assert.equal(under.host.deadLetters.length, 6);
});

test("a configuration that does not fit is a failed start that says what would", () => {
  assert.throws(() => start(counter, { everyMs: "soon" }), {
    message: "the actor did not start: failed: configuration: expected a whole number in `every-ms`, not a string",
  });
});

test("a question that is handled and not answered is refused", () => {
  assert.throws(() => start(counter).ask("silent"), { message: "`silent` was handled, and has no answer" });
});

test("a failure ends the actor, and nothing of the turn is left", () => {
  const under = start(counter);
  under.tell("fail");
  assert.deepEqual(under.ended, { tag: "failed", val: "as you wished" });
  assert.deepEqual(under.host.published("never"), []);
});

test("a fault ends the actor as trapped, and is logged", () => {
  const under = start(counter);
  under.tell("crash");
  assert.deepEqual(under.ended, { tag: "trapped", val: "Error: as you wished" });
  assert.ok(under.host.logged("as you wished"));
  assert.throws(() => under.tell("add", { howMany: 1 }), { message: "as you wished" });
});

test("a swap keeps the state and the timers, a restart the state", () => {
  const under = start(counter);
  under.tell("add", { howMany: 7 });
  const ticks = () => under.host.published("counter/count").length;
  under.swap();
  under.advance("1s");
  assert.equal(ticks(), 1, "not set again");
  under.restart();
  under.advance("1s");
  assert.equal(ticks(), 2, "set again, once");
  assert.equal(under.ask("howMany"), 7);
  under.wake();
  assert.deepEqual(under.state, { count: 7 });
  under.restartFresh();
  assert.equal(under.ask("howMany"), 0);
});

test("other code takes over what it can upgrade, and nothing else", () => {
  const base = { messages: { howMany: {} }, howMany(_, ctx) { return ctx.reply(this.total); } };
  const newer = actor({ ...base, state: { total: 0 }, version: 2, upgrade: { 1: ({ count }) => ({ total: count }) } });
  const stranger = actor({ ...base, state: { total: 0 }, version: 3 });
  const under = start(counter);
  under.tell("add", { howMany: 7 });
  assert.throws(() => under.swap(stranger), { message: "state of version 1 can't be taken: version 3 can" });
  assert.equal(under.ask("howMany"), 7, "the old code goes on");
  under.swap(newer);
  assert.equal(under.ask("howMany"), 7);
  assert.deepEqual(under.state, { total: 7 });
});

test("messages can be put aside, and an actor can end", () => {
  const door = actor({
    state: { open: false },
    messages: { enter: {}, open: {}, leave: {} },
    enter(_, ctx) {
      return this.open ? ctx.reply("in") : defer;
    },
    open() {
      this.open = true;
      return changed;
    },
    leave: () => stop,
  });
  const under = start(door);
  const guest = under.host.stranger("guest");
  under.tell("enter", undefined, { from: guest });
  under.tell("open");
  assert.equal(under.ask("enter"), "in");
  under.tell("leave");
  assert.deepEqual(under.ended, { tag: "normal" });
});

test("a start that finds nothing to do is none", () => {
  const none = actor({ messages: {}, init() { throw new Ignore(); } });
  assert.throws(() => new Host().start(none), { message: "the actor did not start: normal" });
});
