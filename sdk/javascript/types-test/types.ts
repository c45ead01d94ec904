// What the compiler knows of an actor. It is compiled, and not run: a line that is to be refused says so.

import { type Next, actor, address, defer, flag, list, number, oneOf, optional, text, whole } from "@greenroom/actor";
import { start } from "@greenroom/actor/test";

const shop = actor({
  config: { currency: oneOf("EUR", "CHF").or("EUR") },
  state: { paid: null as number | string | null, open: [] as string[] },
  version: 2,
  upgrade: { 1: (old) => ({ paid: old.price, open: [] }) },
  messages: {
    buy: { what: text, tags: list({ name: text }), who: optional(address), gift: flag },
    level: number,
  },
  answers: { price: { cents: whole } },

  init({ currency }, ctx) {
    const known: "EUR" | "CHF" = currency;
    ctx.sendEvery("1.5h", "level", known.length);
    // @ts-expect-error: a length of time has its unit
    ctx.sendAfter("2 seconds", "level");
  },

  buy({ what, tags, who, gift }, ctx) {
    const names: string[] = tags.map(({ name }) => name);
    const someone: string | undefined = who;
    const is: boolean = gift;
    ctx.ask(ctx.address, "price", { what, names, someone, is }, { timeout: "2s", then: "price" });
    // @ts-expect-error: none of its answers
    ctx.ask(ctx.address, "price", {}, { timeout: "2s", then: "prise" });
    const { ready } = ctx.askAndWait(ctx.address, "ready", {}, { timeout: "2s", answer: { ready: flag } });
    // @ts-expect-error: it keeps no such thing
    this.payed = ready;
  },

  level(value, ctx): Next {
    // @ts-expect-error: it is a number
    const wrong: string = value;
    return ctx.isAsked ? ctx.reply(wrong) : defer;
  },

  price(answer) {
    // @ts-expect-error: there may be none
    answer.value;
    this.paid = answer.ok ? answer.value.cents : answer.error.tag;
  },
});

const under = start(shop, { currency: "CHF" });
export const paid: number | string | null = under.state.paid;

// @ts-expect-error: who handles it?
export const deaf = actor({ messages: { hear: {} } });
