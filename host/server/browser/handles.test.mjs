// What the reader may do: start, stop, set, restart, reload, tell, ask; and the keyboard in the tree.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, host, open, says } from "./harness.mjs";

const chrome = await browser(after);
const REFUSED = [/Failed to load resource: the server responded with a status of 4\d\d/];

test("start, stop and the set-point", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url, { expect: REFUSED });
  const field = page.getByLabel("Set-point, °C");
  await page.getByRole("button", { name: "Start" }).click();
  await says(page.locator("#controller"), /^heating$/);
  await field.fill("500");
  await page.getByRole("button", { name: "Set", exact: true }).click();
  await says(page.locator("#kettle-trouble"), /^a set-point is 0 to 100 °C, not 500$/);
  assert.equal(await field.inputValue(), "500", "what was typed is not lost");
  await field.fill("");
  await field.press("Enter");
  await says(page.locator("#kettle-trouble"), /Type a number/);
  await field.fill("64.5");
  await field.press("Enter");
  await says(page.locator("#kettle-well"), /^Set-point is 64.5 °C\.$/);
  await says(page.locator("#set-point"), /^64.5 °C$/);
  assert.equal(await page.locator("#kettle-trouble").textContent(), "");
  await page.getByRole("button", { name: "Stop" }).click();
  await says(page.locator("#controller"), /^idle$/);
  assert.deepEqual(fake.requests.map(({ path, text }) => [path, text]), [
    ["/controller", '{"set":"on"}'],
    ["/temperature", '{"set":500}'],
    ["/temperature", '{"set":64.5}'],
    ["/controller", '{"set":"off"}'],
  ]);
});

test("the host can't be reached: said beside the handles", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url, { expect: [/Failed to load resource/, /ERR_/] });
  await says(page.locator("#link-state"), /^live$/);
  fake.kill();
  await page.getByRole("button", { name: "Stop" }).click();
  await says(page.locator("#kettle-trouble"), /cannot be reached/);
});

test("the token is asked for, kept for the tab, and asked for again when wrong", async (t) => {
  const fake = await host(t, { token: "sesame" });
  const page = await open(t, chrome, fake.url, { expect: REFUSED });
  await page.getByRole("button", { name: "Start" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await says(page.locator("#kettle-trouble"), /without its token/);
  await page.getByRole("button", { name: "Start" }).click();
  await dialog.getByLabel("Token", { exact: true }).fill("pumpkin");
  await page.keyboard.press("Enter");
  await says(page.locator("#token-trouble"), /did not take this token/);
  await dialog.getByLabel("Token", { exact: true }).fill("sesame");
  await page.keyboard.press("Enter");
  await says(page.locator("#controller"), /^(resting|heating)$/);
  assert.equal(fake.requests.at(-1).authorization, "Bearer sesame");
  await page.getByRole("button", { name: "Stop" }).click();
  await says(page.locator("#controller"), /^idle$/);
  assert.equal(await page.evaluate(() => sessionStorage.getItem("greenroom-token")), "sesame");
  assert.equal(await page.evaluate(() => localStorage.getItem("greenroom-token")), null);
});

test("the drawer tells all of an actor and takes orders", async (t) => {
  const fake = await host(t);
  fake.log("controller", "info", "before the page was opened");
  const page = await open(t, chrome, fake.url, { expect: REFUSED });
  await page.locator("[data-name=controller]").click();
  const drawer = page.locator("#drawer");
  await says(drawer.locator("#drawer-facts"), /actors\/controller\.wasm/);
  await says(drawer.locator("#drawer-grants"), /write:heater/);
  await says(drawer.locator("#drawer-log"), /before the page was opened/);
  await drawer.getByRole("button", { name: "Tell" }).click();
  await says(drawer.locator("#drawer-trouble"), /needs a kind/);
  await drawer.getByLabel("Kind").fill("set");
  await drawer.getByLabel(/Body/).fill("{66");
  await drawer.getByRole("button", { name: "Tell" }).click();
  await says(drawer.locator("#drawer-trouble"), /not JSON/);
  await drawer.getByLabel(/Body/).fill('{"celsius": 66}');
  await drawer.getByRole("button", { name: "Tell" }).click();
  await says(drawer.locator("#drawer-well"), /in the mailbox/);
  await says(drawer.locator("#drawer-log"), /told set/);
  assert.equal(fake.requests.at(-1).text, '{"kind":"set","body":{"celsius":66}}');
  await drawer.getByRole("button", { name: "Ask" }).click();
  await says(drawer.locator("#drawer-well"), /mode: {\s*"mode": "idle"/);
  await drawer.getByRole("button", { name: "Reload" }).click();
  await says(drawer.locator("#drawer-well"), /→ .* in 41.2 ms, state kept/);
  await drawer.getByRole("button", { name: "Restart" }).click();
  await says(drawer.locator("#drawer-well"), /^Restarted\.$/);
  await says(drawer.locator("#drawer-facts"), /2, 0 restarts/);
  await page.locator("[data-name=brewery]").click();
  await says(drawer.locator("#drawer-facts"), /rest-for-one/);
  assert.equal(await drawer.getByRole("button", { name: "Reload" }).isVisible(), false);
});

test("an actor that ends under the drawer says so", async (t) => {
  const fake = await host(t);
  fake.set(true);
  const page = await open(t, chrome, fake.url);
  await page.locator("[data-name=mash]").click();
  await says(page.locator("#drawer-facts"), /running/);
  fake.set(false);
  await says(page.locator("#drawer-facts"), /no longer in the tree/);
  assert.equal(await page.locator("#drawer-restart").getAttribute("aria-disabled"), "true");
});

test("the tree by keyboard", async (t) => {
  const fake = await host(t);
  fake.set(true);
  const page = await open(t, chrome, fake.url);
  await page.locator("[data-name=mash]").waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-name") ?? document.activeElement?.id);
  await page.locator("#tree li[tabindex='0']").focus();
  /** Each key, and where the focus is after it. */
  const keys = [
    ["ArrowDown", "brewery"], ["ArrowDown", "topics"], ["ArrowDown", "controller"], ["ArrowRight", "mash"], ["ArrowUp", "controller"],
    ["ArrowLeft", "controller"], ["ArrowDown", "sampler"], ["ArrowUp", "controller"], ["ArrowRight", "controller"],
    ["ArrowRight", "mash"], ["ArrowLeft", "controller"], ["ArrowUp", "topics"], ["ArrowLeft", "brewery"], ["End", "machine"],
    ["ArrowDown", "machine"], ["Home", "root"], ["ArrowUp", "root"], ["m", "mash"], ["a", "mash"],
    ["c", "machine"], ["Home", "root"], ["t", "topics"],
    ["Enter", "drawer-close"], ["Escape", "topics"],
  ];
  for (const [key, where] of keys) {
    await page.keyboard.press(key);
    assert.equal(await focused(), where, key);
  }
  assert.equal(await page.locator("#tree li[tabindex='0']").count(), 1, "one line takes the focus");
  assert.equal(await page.locator("#drawer").isVisible(), false);
});

test("the window of the charts is chosen and remembered", async (t) => {
  const fake = await host(t, { history: 3000 });
  const page = await open(t, chrome, fake.url);
  const chart = page.locator("#kettle-chart [role=img]");
  await page.waitForFunction(() => /last 10 min: \d/.test(document.querySelector("#kettle-chart [role=img]")?.ariaLabel ?? ""));
  await page.getByLabel("1 h").check();
  await page.waitForFunction(() => /last 1 h 0 min: \d/.test(document.querySelector("#kettle-chart [role=img]")?.ariaLabel ?? ""));
  await page.reload();
  await chart.waitFor();
  assert.equal(await page.locator("#window input[value='3600']").isChecked(), true);
});
