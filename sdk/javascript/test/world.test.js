// What an actor does with its context, on the virtual host.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure, actor, any, flag, number, optional, same, text } from "@greenroom/actor";
import { Host, start } from "@greenroom/actor/test";

const shopper = actor({
  state: { paid: null },
  messages: { buy: { what: text } },
  answers: { price: { cents: number } },
  buy({ what }, ctx) {
    const shop = ctx.lookup("shop");
    if (shop === null) throw new Failure("there is no shop");
    ctx.ask(shop, "price", { what }, { timeout: "2s", then: "price" });
  },
  price(answer) {
    this.paid = answer.ok ? answer.value.cents : answer.error.message;
  },
});

function shopping() {
  const host = new Host();
  const shop = host.stranger("shop");
  const under = host.start(shopper);
  under.tell("buy", { what: "tea" });
  const [question] = shop.received();
  return { host, shop, under, question };
}

test("an answer comes to the handler that was named, after a swap too", () => {
  const { shop, under, question } = shopping();
  assert.equal(question.kind, "price");
  assert.deepEqual(question.fields, { what: "tea" });
  under.swap();
  shop.answer(question, { cents: 250 });
  assert.equal(under.state.paid, 250);
});

test("a refusal, a wrong answer and none at all are answers that failed", () => {
  const check = (answer, expect) => {
    const asked = shopping();
    answer(asked);
    assert.equal(asked.under.state.paid, expect);
  };
  check(({ shop, question }) => shop.refuse(question, "sold out"), "sold out");
  check(({ shop, question }) => shop.answer(question, { cents: "many" }), "the answer does not fit: expected a number in `cents`, not a string");
  check(({ host }) => host.advance("3s"), "no answer came in time");
  check(({ host, shop }) => (host.end(shop.address, { tag: "killed" }), host.advance("3s")), "no answer came in time");
});

test("a question can be answered later", () => {
  const later = actor({
    state: { open: null },
    messages: { ask: {}, tell: { what: any } },
    ask(_, ctx) {
      this.open = ctx.request();
    },
    tell({ what }, ctx) {
      ctx.replyTo(this.open, { what });
    },
  });
  const host = new Host();
  const asker = actor({
    state: { heard: null },
    messages: { go: {} },
    answers: { heard: { what: any } },
    go(_, ctx) {
      ctx.ask(ctx.lookup("later"), "ask", {}, { timeout: "1m", then: "heard" });
    },
    heard(answer) {
      this.heard = answer.value.what;
    },
  });
  const answering = host.start(later, {}, "later");
  const under = host.start(asker);
  under.tell("go");
  answering.swap();
  answering.tell("tell", { what: [1, 2] });
  assert.deepEqual(under.state.heard, [1, 2]);
});

test("sensors and outputs are there, and a failing sensor is a value", () => {
  const fan = actor({
    messages: { tick: {} },
    init(_, ctx) {
      ctx.sendEvery("2s", "tick");
    },
    tick(_, ctx) {
      try {
        ctx.write("fan", ctx.read("thermometer").value > 30);
      } catch (error) {
        console.warn(`no temperature: ${error.message}`);
      }
    },
  });
  const under = start(fan);
  under.host.setInput("thermometer", 31.5);
  under.advance("2s");
  assert.equal(under.host.output("fan"), 1);
  under.host.loseInput("thermometer", "unplugged");
  under.advance("2s");
  assert.ok(under.host.logged("no temperature: unplugged"));
  under.host.end(under.address, { tag: "killed" });
  assert.equal(under.host.output("fan"), 0, "safe when its writer ends");
});

test("what the host refuses is an error with its word, and ends the actor when nobody catches it", () => {
  const writer = actor({ messages: { write: { caught: optional(flag) } }, write({ caught }, ctx) {
    try {
      ctx.write("heater", 1);
    } catch (error) {
      if (!caught) throw error;
      return ctx.reply(error.tag);
    }
    return same;
  } });
  const under = start(writer);
  under.host.deny("write:heater");
  assert.equal(under.ask("write", { caught: true }), "not-granted");
  under.tell("write");
  assert.deepEqual(under.ended, { tag: "failed", val: "not granted: the manifest has to grant `write:heater`" });
});

test("ends of others are told by links and monitors", () => {
  const guard = actor({
    state: { told: [] },
    messages: { watch: { whom: text } },
    init(_, ctx) {
      ctx.trapExits(true);
      const { monitor } = ctx.spawn("worker", { size: 1 }, { name: "worker-1", link: true, monitor: true });
      this.monitor = monitor;
    },
    watch({ whom }, ctx) {
      ctx.monitor(whom);
    },
    exited(_, why) {
      this.told.push(`exited ${why.tag}`);
    },
    down(monitor, _, why) {
      this.told.push(`down ${monitor === this.monitor} ${why.tag}`);
    },
  });
  const under = start(guard);
  const [worker] = under.host.spawned;
  assert.deepEqual([worker.behavior, worker.name, worker.config], ["worker", "worker-1", { size: 1 }]);
  under.host.end(worker.address, { tag: "killed" });
  assert.deepEqual(under.state.told, ["exited killed", "down true killed"]);
  under.tell("watch", { whom: worker.address });
  assert.equal(under.state.told.at(-1), "down false no-actor");
});

test("what is published comes to who subscribed", () => {
  const listener = actor({
    state: { heard: [] },
    messages: { count: { count: number } },
    init(_, ctx) {
      ctx.subscribe("counter/*");
    },
    count({ count }, ctx) {
      this.heard.push([ctx.topic, count]);
    },
  });
  const under = start(listener);
  under.host.publish("counter/one", "count", { count: 1 });
  under.host.publish("other/one", "count", { count: 2 });
  assert.deepEqual(under.state.heard, [["counter/one", 1]]);
});

test("an actor that is wrong is told so when it is made", () => {
  const check = (definition, expect) => assert.throws(() => actor(definition), { message: expect });
  check({ messages: { add: {} } }, "`add` is in `messages`, and there is no function of that name to handle it");
  check({ messages: {}, ad() {} }, "`ad` is neither a message nor an answer: add it to `messages`, as in `messages: { ad: {} }`");
  check({ messages: { init: {} }, init() {} }, "`init` means something else in an actor, so that it cannot be a name in `messages`");
  check({ messages: { add: { many: "number" } }, add() {} }, /`messages.add`: expected a shape, such as `whole` or/);
  check({ messages: { add: {} }, async add() {} }, /`add` cannot be an async function: a turn is over when it returns/);
  check({ messages: {}, version: 2 }, "`version`, `upgrade` and `resumed` are of a state that is kept: the actor has no `state`");
  check({ messages: {}, state: [] }, "`state` has to be an object, not a list");
  check({ messages: {}, imports: ["files"] }, '`imports` has "files": there are asking and routes');
});

test("what an actor has decides what its component exports", () => {
  const parts = (definition) => Object.entries(actor(definition).parts).filter(([, has]) => has).map(([part]) => part);
  assert.deepEqual(parts({ messages: {} }), []);
  assert.deepEqual(parts({ messages: {}, state: {} }), ["state"]);
  assert.deepEqual(parts({ messages: {}, stopping() {} }), ["signals"]);
  assert.deepEqual(parts({ messages: {}, answers: { price: number }, price() {} }), ["replies"]);
  assert.deepEqual(parts({ messages: {}, imports: ["asking", "routes"] }), ["asking", "routes"]);
});

test("what has no form in JSON is told, and a BigInt that a number holds has one", () => {
  const teller = actor({ messages: { tell: { which: number } }, tell({ which }, ctx) {
    const loop = {};
    loop.loop = loop;
    ctx.publish("told", "value", [{ value: 5n, nestedName: { keptAsItIs: 1 } }, { value: 2n ** 60n }, loop][which]);
  } });
  const check = (which, expect) => {
    const under = start(teller);
    under.tell("tell", { which });
    if (expect instanceof RegExp) assert.match(under.ended.val, expect);
    else assert.deepEqual(under.host.published("told"), [{ kind: "value", fields: expect }]);
  };
  check(0, { value: 5, "nested-name": { keptAsItIs: 1 } });
  check(1, /^1152921504606846976 is too large for a number in JSON$/);
  check(2, /^it has no form in JSON: /);
});

test("a message that nobody named is seen raw, where an actor wants to", () => {
  const proxy = actor({ state: { seen: [] }, messages: {}, unknown({ kind, body }) {
    this.seen.push([kind, body.length]);
  } });
  const under = start(proxy);
  under.tell("anything", new Uint8Array([0, 255]));
  assert.deepEqual(under.state.seen, [["anything", 2]]);
});
