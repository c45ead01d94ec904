// The controller of this example, in JavaScript: holds the temperature by switching the heater, and tells the formatter.

import { actor, number } from "@greenroom/actor";

export default actor({
  config: { setPoint: number.or(66), band: number.or(0.5) },
  // Named as in the JSON that the other language's build keeps.
  state: { "set-point": 66, heating: false },
  messages: {
    temperature: { celsius: number },
    set: { celsius: number },
    status: {},
  },

  init(config) {
    this["set-point"] = config.setPoint;
  },

  temperature({ celsius }, ctx) {
    const off = celsius - this["set-point"];
    if (off < -ctx.config.band / 2) this.heating = true;
    else if (off > ctx.config.band / 2) this.heating = false;
    ctx.write("heater", this.heating);
    const formatter = ctx.lookup("formatter");
    // One that is not there is being restarted, and this actor will be after it.
    if (formatter) ctx.tell(formatter, "status", { celsius, heating: this.heating });
  },

  set({ celsius }) {
    this["set-point"] = celsius;
  },

  status(_, ctx) {
    return ctx.reply(this);
  },
});
