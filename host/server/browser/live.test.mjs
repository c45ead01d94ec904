// The page hears the host: live, after a break, after a restart, and when it was too slow.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, caughtUp, host, open, says, times, until } from "./harness.mjs";

const chrome = await browser(after);
const BROKEN = [/Failed to load resource/, /ERR_/];

test("a sample, the machine's figures and the host are shown", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#temperature"), /^\d+\.\d$/);
  await says(page.locator("#heater-state"), /^off$/);
  await says(page.locator("#controller"), /^idle$/);
  await says(page.locator("#link-state"), /^live$/);
  await says(page.locator("#profile"), /^SIMULATED$/);
  await says(page.locator("#host"), /^brewhouse$/);
  await says(page.locator("[data-topic='machine/sample'] [data-field=cpu] .value"), /^\d.* %$/);
  await says(page.locator("[data-topic='machine/sample'] [data-field=temperature] .value"), /^missing$/);
  await says(page.locator("[data-device=mash-probe] .value"), /^20\.\d °C$/);
  await says(page.locator("[data-device=cpu-temperature] .value"), /no such sensor/);
  fake.set(true);
  await says(page.locator("#heater-state"), /^on$/);
  await says(page.locator("[data-device=heater] .writer"), /^mash$/);
  await page.waitForFunction(() => /°C · brewhouse$/.test(document.title));
});

test("what happened before is read from history, each point once", async (t) => {
  const fake = await host(t, { history: 3000 });
  const page = await open(t, chrome, fake.url);
  const first = fake.kept("machine/sample")[0].time;
  await page.waitForFunction(async (time) => {
    const { store } = await import("/assets/main.js");
    const series = store.series.get("machine/sample");
    return series?.time[series.start] === time && store.series.get("kettle/sample").length > 20 && !store.reading;
  }, first);
  const last = fake.kept("machine/sample").at(-1).time;
  await caughtUp(page, fake);
  const kept = [...new Set(fake.kept("machine/sample").map(({ time }) => time))];
  assert.deepEqual((await times(page, "machine/sample")).filter((time) => time <= last), kept.filter((time) => time <= last));
});

test("history that breaks off is read again", async (t) => {
  const fake = await host(t, { history: 600 });
  fake.breakHistory(2);
  const page = await open(t, chrome, fake.url, { expect: BROKEN });
  await says(page.locator("#history"), /^What was before could not be read/);
  const first = fake.kept("machine/sample")[0].time;
  await page.waitForFunction(async (time) => {
    const { store } = await import("/assets/main.js");
    const series = store.series.get("machine/sample");
    return series?.time[series.start] === time;
  }, first);
  await page.waitForFunction(() => document.querySelector("#history").textContent === "");
});

test("the tree follows without a reload, and the dead stay in sight for a while", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await page.locator("[data-name=sampler]").waitFor();
  await page.evaluate(() => (globalThis.same = true));
  assert.equal(await page.locator("[data-name=mash]").count(), 0);
  fake.set(true);
  await says(page.locator("[data-name=mash]"), /running/);
  assert.equal(await page.locator("[data-name=mash]").getAttribute("aria-level"), "4");
  Object.assign(fake.find("sampler").actor, { waiting: 250, handling: "tick", busy_seconds: 0.031 });
  await says(page.locator("[data-name=sampler]"), /tick 31 ms.*250\/256/);
  await says(page.locator("[data-name=sampler] .turns"), /^turns \d+\.\d\/s$/);
  fake.set(false);
  await says(page.locator("[data-name=mash]"), /ended/);
  await page.locator("[data-name=mash]").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => globalThis.same), true);
});

test("a broken connection heals, with everything that was missed and nothing twice", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url, { expect: BROKEN });
  await says(page.locator("#link-state"), /^live$/);
  await caughtUp(page, fake);
  await page.waitForFunction(async () => !(await import("/assets/main.js")).store.reading);
  const swaps = page.locator("#event-rows [data-kind=swapped]");
  fake.cut();
  fake.swap(fake.find("sampler"));
  for (let n = 0; n < 5; n += 1) fake.publish("machine/sample", "sample", { cpu: n });
  const after = fake.kept("machine/sample").at(-1).time;
  await caughtUp(page, fake);
  const seen = (await times(page, "machine/sample")).filter((time) => time <= after);
  assert.deepEqual(seen, [...new Set(fake.kept("machine/sample").map(({ time }) => time).filter((time) => time <= after))]);
  await swaps.waitFor();
  assert.equal(await swaps.count(), 1);
});

test("the host is killed and started again: the page comes back and doubles nothing", async (t) => {
  const first = await host(t, { history: 600 });
  const page = await open(t, chrome, first.url, { expect: BROKEN });
  await says(page.locator("#link-state"), /^live$/);
  await page.locator("[data-name=sampler]").click();
  await caughtUp(page, first);
  await page.waitForFunction(async () => !(await import("/assets/main.js")).store.reading);
  first.kill();
  await says(page.locator("#link-state"), /^lost/);
  await says(page.locator("#tree-age"), /^as it was/);
  const old = await times(page, "machine/sample");
  const second = await host(t, { port: first.port, history: 20 });
  second.swap(second.find("controller"));
  await says(page.locator("#link-state"), /^live$/);
  const newest = second.kept("machine/sample").at(-1).time;
  await caughtUp(page, second);
  await says(page.locator("#event-rows [data-kind=swapped]"), /controller/);
  const now = await times(page, "machine/sample");
  assert.deepEqual(now, [...new Set(now)].sort((a, b) => a - b), "in order and each once");
  for (const time of old) assert.ok(now.includes(time), "what was known is kept");
  assert.ok(now.includes(old.at(-1) + 0.001), "the line is cut between the two");
  for (const { time } of second.kept("machine/sample").filter((m) => m.time <= newest)) assert.ok(now.includes(time));
  assert.equal(await page.locator("#event-rows [data-kind=swapped]").count(), 1);
  assert.equal(await page.locator("[data-name=sampler]").count(), 1);
  await says(page.locator("#lag"), /started again/);
  // The drawer is of the sampler still, at its new address.
  await says(page.locator("#drawer-facts"), /running/);
  assert.equal(await page.locator("[data-name=sampler]").getAttribute("aria-selected"), "true");
});

test("a lag is said", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.lag(128);
  await says(page.locator("#lag"), /128 messages were skipped/);
  await says(page.locator("#toasts"), /fell behind/);
  await caughtUp(page, fake);
  await until(() => fake.streams() === 1, "one stream");
});

test("a kind that nobody knew is found by the hole in the ids", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.publish("garden/moisture", "wetness", { bed: 41 });
  await says(page.locator("[data-topic='garden/moisture'] .value"), /^41.0$/);
  fake.publish("garden/moisture", "wetness", { bed: 44 });
  await says(page.locator("[data-topic='garden/moisture'] .value"), /^44.0$/);
  fake.publish("garden/note", "wetness", { text: "enough" });
  await says(page.locator("#other-rows"), /enough/);
});

test("an actor's own `error`, `lag` and `bye` are messages, and break nothing", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  for (const kind of ["error", "lag", "bye", "snapshot", "open"]) fake.publish("odd/kinds", kind, { value: kind.length });
  fake.publish("odd/kinds", "error", { value: 77 });
  await says(page.locator("[data-topic='odd/kinds'] .value"), /^77.0$/);
  await says(page.locator("#link-state"), /^live$/);
});

test("a message that was heard before changes nothing", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  await page.waitForFunction(async () => !(await import("/assets/main.js")).store.reading);
  const old = fake.publish("odd/value", "sample", { value: 11 });
  fake.publish("odd/value", "sample", { value: 22 });
  const opened = fake.opened();
  fake.again(old);
  fake.publish("odd/mark", "sample", { value: 33 });
  await says(page.locator("[data-topic='odd/mark'] .value"), /^33.0$/);
  await says(page.locator("[data-topic='odd/value'] .value"), /^22.0$/);
  assert.equal(fake.opened(), opened, "nor was it taken for a hole");
});

test("a refused stream is tried again, though the browser has given up", async (t) => {
  const fake = await host(t);
  fake.refuse(2);
  const page = await open(t, chrome, fake.url, { expect: BROKEN });
  await says(page.locator("#link-state"), /^lost: the host refused the stream$/);
  await says(page.locator("#link-state"), /^live$/);
});

test("a host that says goodbye is not just lost", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url, { expect: BROKEN });
  await says(page.locator("#link-state"), /^live$/);
  fake.bye();
  await says(page.locator("#link-state"), /^lost: the host is stopping$/);
});

test("the light turns when the data is old, and back", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#light-text"), /^data is fresh$/);
  fake.quiet(true);
  await says(page.locator("#light[data-old=true]"), /^data is .* old$/);
  await says(page.locator("#link-state"), /^live$/);
  fake.quiet(false);
  await says(page.locator("#light[data-old=false]"), /^data is fresh$/);
});

test("a lost thermometer is a missing value with its reason", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  fake.lose(true);
  await says(page.locator("#temperature"), /^–$/);
  await says(page.locator("#no-reading"), /mash-probe: no such device/);
  fake.lose(false);
  await says(page.locator("#temperature"), /^\d+\.\d$/);
});

test("without a kettle the page is about the rest", async (t) => {
  const fake = await host(t, { bare: true });
  const page = await open(t, chrome, fake.url);
  await says(page.locator("[data-topic='machine/sample'] [data-field=load] .value"), /^0\.\d+$/);
  assert.equal(await page.locator("#kettle").isVisible(), false);
  assert.equal(await page.locator("#window").isVisible(), true);
});

test("a page that nobody sees leaves its connection to others, and catches up", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  const show = (state) =>
    page.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { value: now, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await show("hidden");
  await until(() => fake.streams() === 0, "no stream");
  await show("visible");
  const newest = fake.publish("machine/sample", "sample", { cpu: 1 }).time;
  await caughtUp(page, fake);
  const seen = (await times(page, "machine/sample")).filter((time) => time <= newest);
  // Two in the same millisecond are one point.
  assert.deepEqual(seen, [...new Set(fake.kept("machine/sample").map(({ time }) => time).filter((time) => time <= newest))]);
});
