// Failures stay until they are mended or dismissed; good news passes.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { browser, host, open, says } from "./harness.mjs";

const chrome = await browser(after);
const OUTPUT = "error[E0308]: mismatched types\n  --> src/lib.rs:57:18";

test("a failed build stays with its output, and goes after a good swap", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.buildFailed("sampler", OUTPUT);
  const alert = page.locator("#alerts [data-kind=build-failed]");
  await says(alert.locator("pre"), /mismatched types/);
  fake.swap(fake.find("controller"));
  await says(page.locator("#toasts"), /controller swapped/);
  await page.locator("#toasts .toast").waitFor({ state: "detached" });
  assert.equal(await alert.locator(".mended").textContent(), "", "another actor's swap mends nothing");
  fake.swap(fake.find("sampler"));
  await says(alert, /mended: sampler swapped/);
  await alert.waitFor({ state: "detached" });
});

test("a page that is opened later shows what is still broken, and no more", async (t) => {
  const fake = await host(t);
  fake.buildFailed("sampler", OUTPUT);
  fake.swapFailed("topics", "grants", "it imports devices.write and may write nothing");
  fake.swap(fake.find("sampler"));
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#alerts [data-kind=swap-failed]"), /topics: the new build was not taken.*grants: it imports/);
  assert.equal(await page.locator("#alerts .toast").count(), 1);
  assert.equal(await page.locator("#toasts .toast").count(), 0);
});

test("a fault is told with what was made safe, and mended by the restart", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.trap("controller", { again: false });
  const ended = page.locator("#alerts [data-kind=ended]");
  const safe = page.locator("#alerts [data-kind=device-safe]");
  await says(ended, /controller ended: trapped.*divide by zero/);
  await says(safe, /heater set to its safe level in 312 µs/);
  fake.event("started", { actor: "controller", text: "controller started" });
  await says(ended, /mended: controller started/);
  await ended.waitFor({ state: "detached" });
  await safe.waitFor({ state: "detached" });
  await says(page.locator("#event-rows [data-tone=bad]"), /trapped/);
});

test("a restart in milliseconds can still be read", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.trap("sampler");
  await says(page.locator("#alerts [data-kind=ended]"), /sampler ended: trapped.*mended: sampler started/);
  await says(page.locator("#toasts"), /sampler restarting.*brewery: 1 of 5/);
});

test("a failure that repeats is one, with a count", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  const fail = () => fake.event("write-failed", { actor: "mash-1fa4f491", device: "heater", why: "the line is busy", text: "x" });
  fail();
  const alert = page.locator("#alerts [data-kind=write-failed]");
  await says(alert, /mash-1fa4f491 could not set heater.*the line is busy/);
  await alert.evaluate((box) => (box.same = true));
  fail();
  fail();
  await says(alert, /3 times/);
  assert.equal(await alert.evaluate((box) => box.same), true, "it is not read out again");
  fake.event("device-set", { device: "heater", on: true, by: "mash-2b32c1ca", text: "x" });
  await alert.waitFor({ state: "detached" });
});

test("an end in order is no failure", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.event("ended", { actor: "mash", reason: "shutdown", text: "mash ended" });
  fake.event("device-safe", { device: "heater", by: null, why: "host start", microseconds: 12, text: "heater is safe" });
  await says(page.locator("#toasts"), /heater at its safe level/);
  fake.event("device-safe", { device: "heater", by: "mash-1fa4f491", why: "shutdown", microseconds: 9, text: "heater is safe" });
  await page.locator("#event-rows [data-kind=device-safe]").nth(1).waitFor();
  assert.equal(await page.locator("#alerts .toast").count(), 0);
});

test("what is dismissed is gone, by the keyboard too", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.event("gave-up", { supervisor: "brewery", text: "brewery gave up: 6 restarts in 60 s" });
  await says(page.locator("#alerts"), /brewery gave up/);
  await page.getByRole("button", { name: /Dismiss: brewery gave up/ }).focus();
  await page.keyboard.press("Enter");
  await page.locator("#alerts .toast").waitFor({ state: "detached" });
});
