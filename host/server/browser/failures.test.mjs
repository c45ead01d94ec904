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

test("code that is taken back stays on show until newer code runs", async (t) => {
  const fake = await host(t);
  const page = await open(t, chrome, fake.url);
  await says(page.locator("#link-state"), /^live$/);
  fake.swap(fake.find("controller"), "81cc00000000", 3);
  await says(page.locator("#toasts"), /controller swapped.* → 81cc0000 in .* ms, state kept, 3 messages waited/);
  const why = "trapped: attempt to divide by zero";
  fake.event("watch-failed", { source: "controller.wasm", digest: "81cc00000000", back: "3f9a00000000", actor: "controller", why, text: `81cc00000000 is taken back: ${why}` });
  fake.event("rolled-back", { actor: "controller", from: "81cc00000000", to: "3f9a00000000", state: "kept", why, text: `controller went back: ${why}` });
  const alert = page.locator("#alerts [data-kind=rolled-back]");
  await says(alert, /controller went back to 3f9a0000, state kept.*divide by zero/);
  await says(page.locator("#event-rows [data-kind=watch-failed][data-tone=bad]"), /is taken back/);
  // A restart of the old code mends nothing, nor does another actor's swap.
  fake.event("started", { actor: "controller", text: "controller started" });
  fake.swap(fake.find("sampler"));
  await says(page.locator("#toasts"), /sampler swapped/);
  assert.equal(await alert.locator(".mended").textContent(), "");
  fake.event("watch-passed", { actor: "controller", digest: "77aa00000000", text: "controller goes on with 77aa00000000" });
  await says(alert, /mended: controller goes on with 77aa/);
  await alert.waitFor({ state: "detached" });
  await says(page.locator("#event-rows [data-kind=watch-passed][data-tone=good]"), /goes on with/);
  assert.equal(await page.locator("#toasts", { hasText: "goes on with" }).count(), 0, "it is no news of its own");
});

test("what was started instead of the file stays until it is dismissed", async (t) => {
  const fake = await host(t);
  const text = "controller.wasm: it is no component; 3f9a00000000 runs, which passed its watch";
  fake.event("version-chosen", { source: "actors/controller.wasm", why: "it is no component", text });
  const page = await open(t, chrome, fake.url);
  const notice = page.locator("#alerts [data-kind=version-chosen]");
  await says(notice, /A version was chosen at the start.*controller\.wasm: it is no component; 3f9a/);
  assert.equal(await notice.evaluate((box) => box.classList.contains("bad")), false, "it is a notice");
  fake.swap(fake.find("controller"));
  await says(page.locator("#toasts"), /controller swapped/);
  await page.locator("#toasts .toast").waitFor({ state: "detached" });
  await page.getByRole("button", { name: /Dismiss: A version was chosen/ }).click();
  await notice.waitFor({ state: "detached" });
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
