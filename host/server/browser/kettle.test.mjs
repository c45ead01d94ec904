// The page against a REAL running host with the kettle: `GREENROOM_URL=http://127.0.0.1:8080 npm test`. From a cold
// kettle, heating up takes about 35 minutes; GREENROOM_DEADLINE is how many seconds it may take (default 3600).

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, open, says } from "./harness.mjs";

const given = process.env.GREENROOM_URL;
const url = new URL(given || "http://127.0.0.1:8080").href;
const seconds = Number(process.env.GREENROOM_DEADLINE ?? 3600);
const skip = given === undefined && "GREENROOM_URL is not set: no running host to test the page against";
if (skip) console.log(`kettle.test.mjs is skipped: ${skip}`);

test("the kettle on a real host", { skip, timeout: (seconds + 120) * 1000 }, async (t) => {
  const chrome = await browser(after);
  const page = await open(t, chrome, url, { expect: [/Failed to load resource: the server responded with a status of 4\d\d/] });
  const step = (name, run) => t.test(name, { timeout: (seconds + 60) * 1000 }, run);
  /** Whatever the sampler's period is, the next sample is another one. */
  const sampled = () => page.evaluate(async () => (await import("/assets/main.js")).store.latest.get("kettle/sample")?.body.time ?? 0);
  const celsius = async () => Number(await page.locator("#temperature").textContent());

  await step("it is live", async () => {
    await says(page.locator("#link-state"), /^live$/);
    const { host } = await (await fetch(new URL("api/tree", url))).json();
    await says(page.locator("#host"), new RegExp(`^${host.name}$`));
    if (host.profile === "sim") await says(page.locator("#profile"), /^SIMULATED$/);
  });

  await step("samples come, with a temperature", async () => {
    await says(page.locator("#temperature"), /^-?\d+\.\d$/);
    const first = await sampled();
    await page.waitForFunction(
      async (before) => (await import("/assets/main.js")).store.latest.get("kettle/sample").body.time > before,
      first,
    );
    await says(page.locator("#light-text"), /^data is fresh$/);
  });

  await step("the machine's own figures come", async () => {
    for (const field of ["load", "memory", "cpu"]) {
      await says(page.locator(`[data-topic='machine/sample'] [data-field=${field}] .value`), /^\d/);
    }
    // A machine may have no thermometer; the page says which it is.
    await says(page.locator("[data-topic='machine/sample'] [data-field=temperature] .value"), /^(-?\d.*°C|missing)$/);
  });

  await step("the tree lists every actor", async () => {
    const { root } = await (await fetch(new URL("api/tree", url))).json();
    const names = (node) => [node.name, ...node.children.flatMap(names)];
    for (const name of names(root)) await page.locator(`#tree [data-name="${name}"]`).first().waitFor();
  });

  await step("a set-point out of range is refused with a reason", async () => {
    const before = await page.locator("#set-point").textContent();
    await page.getByLabel("Set-point, °C").fill("500");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await says(page.locator("#kettle-trouble"), /\S/);
    assert.equal(await page.locator("#set-point").textContent(), before);
  });

  await step("the set-point is set, and the controller started", async () => {
    await page.getByLabel("Set-point, °C").fill("66");
    await page.getByRole("button", { name: "Set", exact: true }).click();
    await says(page.locator("#kettle-well"), /66/);
    await says(page.locator("#set-point"), /^66\.0 °C$/);
    await page.getByRole("button", { name: "Start" }).click();
    await says(page.locator("#controller"), /^(resting|heating|slacking)$/);
    await says(page.locator("#heater-state"), /^(on|off)$/);
  });

  await step("it gets to 65.5 °C, heating", async () => {
    const deadline = Date.now() + seconds * 1000;
    let told = 0;
    while ((await celsius()) < 65.5) {
      assert.ok(Date.now() < deadline, `${await celsius()} °C after ${seconds} s`);
      if (Date.now() - told > 60_000) {
        t.diagnostic(`${await celsius()} °C, heater ${await page.locator("#heater-state").textContent()}`);
        told = Date.now();
      }
      const before = await sampled();
      await page.waitForFunction(
        async (time) => (await import("/assets/main.js")).store.latest.get("kettle/sample").body.time > time,
        before,
        { timeout: 30_000 },
      );
    }
    assert.ok((await celsius()) < 67, "and no further");
  });

  await step("it is stopped, and the heater is off", async () => {
    await page.getByRole("button", { name: "Stop" }).click();
    await says(page.locator("#controller"), /^idle$/);
    await says(page.locator("#heater-state"), /^off$/);
  });
});
