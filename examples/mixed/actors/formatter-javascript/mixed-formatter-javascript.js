// The formatter of this example, in JavaScript: publishes what the controller tells, as lines for people.

import { actor, flag, number, text } from "@greenroom/actor";

export default actor({
  config: { topic: text.or("mixed/lines") },
  state: { lines: 0 },
  messages: {
    status: { celsius: number, heating: flag },
    howMany: {},
  },

  status({ celsius, heating }, ctx) {
    this.lines += 1;
    const words = `${celsius.toFixed(1)} °C, ${heating ? "heating" : "resting"}`;
    ctx.publish(ctx.config.topic, "line", { text: words, line: this.lines });
  },

  howMany(_, ctx) {
    return ctx.reply(this.lines);
  },
});
