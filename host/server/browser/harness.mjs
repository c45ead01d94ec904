// A real browser, and what every page must keep to: no console errors, no violation of the content security policy, no
// request to anybody but its host.

import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { fakeHost } from "./fake-host.mjs";

const ARGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

/** A browser with a profile of its own, closed when the tests of the file are over. */
export async function browser(after) {
  const started = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGS });
  after(() => started.close());
  return started;
}

/** What is to be ended with each test. */
const endings = new WeakMap();

/** Ends things in reverse order, a page before its host, as `t.after` alone would not. */
export function ending(t, end) {
  const known = endings.get(t);
  if (known) return void known.push(end);
  const list = [end];
  endings.set(t, list);
  t.after(async () => {
    const outcomes = [];
    for (const last of list.reverse()) outcomes.push(...(await Promise.allSettled([last()])));
    // Each has had its turn: what is left open would keep the tests from ending.
    for (const { reason } of outcomes) if (reason) throw reason;
  });
}

/**
 * A fake host that ends with the test.
 * @param {import("node:test").TestContext} t
 * @param {import("./fake-host.mjs").Options} [options]
 */
export async function host(t, options) {
  const started = await fakeHost(options);
  ending(t, async () => started.kill());
  return started;
}

/**
 * Opens the page, and checks at the end of the test that it kept the rules.
 * @param {import("node:test").TestContext} t
 * @param {import("playwright-core").Browser} browser
 * @param {string} url
 * @param {import("playwright-core").BrowserContextOptions & {expect?: RegExp[]}} [options] expect: what the console may
 *   say, because the test breaks something on purpose
 */
export async function open(t, browser, url, { expect = [], ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const complaints = [];
  const complain = (text) => expect.some((known) => known.test(text)) || complaints.push(text);
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && complain(message.text()));
  page.on("pageerror", (error) => complain(error.stack ?? String(error)));
  page.on("request", (request) => request.url().startsWith(new URL(url).origin) || complain(`asked for ${request.url()}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  ending(t, async () => {
    await context.close();
    assert.deepEqual(complaints, [], "the page kept the rules");
  });
  await page.goto(url);
  return page;
}

/** Waits until a locator's text matches. */
export async function says(locator, pattern) {
  const matching = locator.filter({ hasText: pattern });
  await matching.first().waitFor({ state: "visible" }).catch(async (error) => {
    const found = await locator.allTextContents().catch(() => ["nothing"]);
    throw new Error(`no ${pattern} in ${JSON.stringify(found)}: ${error.message}`);
  });
}

/** Waits until something outside of the page holds. */
export async function until(holds, what) {
  const deadline = Date.now() + 15_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`it never came: ${what}`);
    await new Promise((done) => setImmediate(done));
  }
}

/** The times in one of the page's series, as its store has them. */
export const times = (page, topic) =>
  page.evaluate(async (name) => {
    const { store } = await import("/assets/main.js");
    const series = store.series.get(name);
    return series ? Array.from(series.time.subarray(series.start, series.end)) : [];
  }, topic);

let marks = 0;

/** Waits until the page has heard everything that the host has published so far: messages come in order. */
export async function caughtUp(page, fake) {
  const text = `mark ${++marks}.`;
  fake.event("built", { text });
  await says(page.locator("#event-rows [data-kind=built]"), text);
}
