// For every reader: light and dark, a phone, a screen reader, no JavaScript; and what the page weighs.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import axe from "axe-core";
import { browser, host, open, says } from "./harness.mjs";

const chrome = await browser(after);
const folder = new URL("../page/", import.meta.url);

/** Everything on show at once: history, failures, the drawer, a missing device, an old table. */
async function busy(t, options) {
  const fake = await host(t, { history: 1200 });
  const page = await open(t, chrome, fake.url, { reducedMotion: "reduce", ...options });
  await says(page.locator("#link-state"), /^live$/);
  fake.buildFailed("sampler", `error: ${"very long line ".repeat(30)}`);
  fake.trap("controller", { again: false });
  fake.publish("garden/note", "sample", { text: "a long text ".repeat(20) });
  fake.set(false);
  // Long words without a place to break, as a trap's frames have them.
  const long = "greenroom::bindings::behavior::exports::".repeat(6);
  fake.devices.at(-1).missing = long;
  fake.find("sampler").actor.last_end = `trapped: ${long}\n  at ${long}`;
  fake.log("sampler", "error", long);
  fake.event("fault", { actor: "sampler", text: long });
  await says(page.locator("#event-rows [data-kind=fault]"), /greenroom::/);
  await says(page.locator("#device-rows"), /greenroom::/);
  await says(page.locator("#alerts [data-kind=ended]"), /trapped/);
  await says(page.locator("#other-rows"), /a long text/);
  return page;
}

/** What is wider than its place, and cannot be scrolled there on purpose. */
const overflowing = (page) =>
  page.evaluate(() => {
    const boxes = [...document.querySelectorAll(".card, .drawer, .bar, .toast, #event-rows, #drawer-log, #drawer-facts, table")];
    const wide = boxes.filter((box) => box.scrollWidth > box.clientWidth + 1 || box.scrollWidth > (box.parentElement?.clientWidth ?? 0) + 1);
    return wide.map((box) => `${box.tagName}#${box.id}.${box.className} ${box.scrollWidth} in ${box.clientWidth}`);
  });

test("nothing sticks out, at any width", async (t) => {
  const page = await busy(t, {});
  for (const drawer of [false, true]) {
    if (drawer) await page.locator("[data-name=sampler]").click();
    for (const width of [1920, 1500, 1280, 1201, 1000, 800, 560, 360]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await overflowing(page), [], `${width} wide, drawer ${drawer}`);
    }
  }
});

for (const colorScheme of ["light", "dark"]) {
  test(`nothing serious for axe, ${colorScheme}`, async (t) => {
    const page = await busy(t, { colorScheme });
    for (const drawer of [false, true]) {
      if (drawer) await page.locator("[data-name=sampler]").click();
      // As a script of the page it would be against the page's policy.
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate(() => globalThis.axe.run());
      const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
      const found = serious.map(({ id, nodes }) => `${id}: ${nodes.map((n) => `${n.target}: ${n.failureSummary}`).join("; ")}`);
      assert.deepEqual(found, []);
    }
  });

  test(`a phone has no sideways scroll, ${colorScheme}`, async (t) => {
    const page = await busy(t, { colorScheme, viewport: { width: 360, height: 740 } });
    const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await wide(), 360);
    await page.locator("[data-name=sampler]").click();
    assert.equal(await wide(), 360);
    assert.ok((await page.screenshot({ fullPage: true })).length > 10_000);
  });
}

test("the theme changes the charts' colours", async (t) => {
  const page = await busy(t, { colorScheme: "light", expect: [/willReadFrequently/] });
  // The strip beneath the heater's band is drawn in the plain colour: the style sheet's --heat, light and dark.
  for (const [colorScheme, heat] of [["light", [217, 93, 15]], ["dark", [255, 143, 74]]]) {
    await page.emulateMedia({ colorScheme });
    await page.waitForFunction((rgb) => {
      const canvas = document.querySelector("#kettle-chart canvas");
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      for (let at = 0; at < data.length; at += 4) if (rgb.every((value, n) => data[at + n] === value)) return true;
      return false;
    }, heat);
  }
});

test("the tree is one for a screen reader", async (t) => {
  const page = await busy(t, {});
  const tree = page.getByRole("tree", { name: "Actors" });
  const line = tree.getByRole("treeitem", { name: /^sampler running mailbox 0\/256/ });
  await line.waitFor();
  const states = ["aria-level", "aria-setsize", "aria-posinset"];
  assert.deepEqual(await Promise.all(states.map((name) => line.getAttribute(name))), ["3", "4", "3"]);
  await page.getByRole("img", { name: /^Temperature in the last 10 min: \d/ }).waitFor();
});

test("who sleeps has a word and a shape of its own", async (t) => {
  const fake = await host(t);
  fake.find("session-log").state = "asleep";
  const page = await open(t, chrome, fake.url);
  const line = page.getByRole("tree", { name: "Actors" }).getByRole("treeitem", { name: /^session-log asleep/ });
  await line.waitFor();
  assert.equal(await line.locator(".state use").getAttribute("href"), "#shape-moon");
  assert.ok(await page.locator("#shape-moon path").count());
});

test("without JavaScript there is a way on", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url, { javaScriptEnabled: false });
  assert.equal(await page.locator("noscript a").first().getAttribute("href"), "/api/tree");
});

test("the page, packed as one, weighs at most 60 KB", () => {
  const loaded = readdirSync(folder).filter((name) => !name.endsWith(".txt"));
  const weight = gzipSync(Buffer.concat(loaded.map((name) => readFileSync(new URL(name, folder)))), { level: 9 }).length;
  assert.ok(weight <= 60_000, `${weight} bytes`);
});
