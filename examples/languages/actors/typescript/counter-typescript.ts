// A counter, as there is one in each language: each of them can take over from any other.

import { type Context, Failure, actor, text, whole } from "@greenroom/actor";

export default actor({
  config: { topic: text.or("counter/count"), everyMs: whole.or(1000) },
  state: { count: 0 },
  messages: {
    add: { howMany: whole },
    tick: {},
    howMany: {},
    fail: {},
    crash: {},
  },

  init(config, ctx) {
    ctx.sendEvery(`${config.everyMs}ms`, "tick");
  },

  // Timers carry over a swap, and not a restart.
  resumed(occasion, ctx) {
    if (occasion === "restarted") ctx.sendEvery(`${ctx.config.everyMs}ms`, "tick");
  },

  add({ howMany }, ctx) {
    const sum = this.count + howMany;
    if (sum > Number.MAX_SAFE_INTEGER) throw new Failure("that is too much to count");
    this.count = sum;
    publish(this.count, ctx);
  },

  tick(_, ctx) {
    publish(this.count, ctx);
  },

  howMany(_, ctx) {
    return ctx.reply(this.count);
  },

  fail() {
    throw new Failure("as you wished");
  },

  crash() {
    throw new Error("as you wished");
  },
});

function publish(count: number, ctx: Context<{ topic: string }>): void {
  ctx.publish(ctx.config.topic, "count", { count });
}
