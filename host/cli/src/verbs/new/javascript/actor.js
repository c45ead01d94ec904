// A counter: an actor that keeps a number.
//
// `greenroom tell counter add '{"how-many": 3}'` counts, `greenroom ask counter how-many` asks.

import { Failure, actor, whole } from "@greenroom/actor";

export default actor({
  // What is kept when new code takes over: change this file while the host runs, and the count goes on.
  state: { count: 0 },

  // What the counter understands: a message's kind is the name, its JSON body the fields, both in kebab-case.
  messages: {
    add: { howMany: whole },
    howMany: {},
  },

  // Count on.
  add({ howMany }) {
    // A failure ends the actor; its supervisor starts it afresh.
    if (this.count + howMany > Number.MAX_SAFE_INTEGER) throw new Failure("that is too much to count");
    this.count += howMany;
  },

  // Answer with the count.
  howMany(_, ctx) {
    return ctx.reply(this.count);
  },
});
