// The page's modules that need no browser: the ring of figures, the parser, the failures, the formats.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Faults } from "../page/faults.js";
import { clock, figure, quantity, size, span, swapped } from "../page/format.js";
import { Series } from "../page/series.js";
import { events, parseId } from "../page/sse.js";

/** A small generator of random numbers (mulberry32), so that a failure can be repeated by its seed. */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

test("a series is the newest points in order, each time once, whatever order they come in", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const next = random(seed);
    const capacity = 1 + Math.floor(next() * 12);
    const series = new Series(capacity);
    let model = [];
    for (let n = 0; n < 60; n += 1) {
      const time = Math.floor(next() * 40);
      const value = next() < 0.2 ? null : n;
      const name = next() < 0.5 ? "a" : "b";
      const room = model.length < capacity || time > model[0].time;
      const added = series.add(time, { [name]: value });
      assert.equal(added, room && !model.some((point) => point.time === time), `seed ${seed} step ${n}`);
      if (added) model = [...model, { time, [name]: value }].sort((x, y) => x.time - y.time).slice(-capacity);
      const [times, a, b] = series.window(-1, ["a", "b"]);
      const column = (field) => model.map((point) => point[field] ?? null);
      assert.deepEqual([times, a, b], [model.map((point) => point.time), column("a"), column("b")], `seed ${seed} step ${n}`);
    }
  }
});

test("a window begins with one point before it, and a cut is a gap", () => {
  const series = new Series(10);
  for (const time of [1, 2, 3, 4]) series.add(time, { a: time });
  assert.deepEqual(series.window(2.5, ["a", "none"]), [[2, 3, 4], [2, 3, 4], [null, null, null]]);
  series.cut();
  series.cut();
  assert.deepEqual(series.window(3.5, ["a"]), [[3, 4, 4.001], [3, 4, null]]);
  assert.deepEqual([series.has("a"), series.has("none")], [true, false]);
});

test("events are parsed the same, wherever the bytes are cut", async () => {
  const text = "retry: 1000\n\n:heartbeat\n\nid: e-1\nevent: sample\ndata: {\"°\":1}\n\nid: e-2\r\nevent:lag\r\ndata:a\r\ndata: b\r\n\r\nevent: none\n\ndata\ndata\n\nid: x\0y\ndata: z\n\ndata: unfinished";
  const expect = [
    { id: "e-1", event: "sample", data: '{"°":1}' },
    { id: "e-2", event: "lag", data: "a\nb" },
    { id: "e-2", event: "message", data: "\n" },
    { id: "e-2", event: "message", data: "z" },
  ];
  const bytes = new TextEncoder().encode(text);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const pieces = [bytes.slice(0, cut), bytes.slice(cut)].filter((piece) => piece.length);
    const found = [];
    for await (const event of events(ReadableStream.from(pieces))) found.push(event);
    assert.deepEqual(found, expect, `cut at ${cut}`);
  }
});

test("ids", () => {
  const check = (id, expect) => assert.deepEqual(parseId(id), expect, String(id));
  check("e-1", { epoch: "e", seq: 1 });
  check("a-b-17", { epoch: "a-b", seq: 17 });
  check("e-0", { epoch: "e", seq: 0 });
  for (const id of ["", "e", "-1", "e-", "e-x", "e-1x", null, undefined, "e-99999999999999999"]) check(id, null);
});

test("which failures are open", () => {
  let seq = 0;
  const event = (kind, body, epoch = "e") => ({ kind, body, epoch, seq: ++seq, time: seq, id: `${epoch}-${seq}`, topic: "greenroom/events", live: true, news: true });
  /** Events, and the failures that they leave open. */
  const check = (list, expect) => {
    for (const order of [list, [...list].reverse()]) {
      const faults = new Faults();
      for (const one of order) faults.fold(one);
      const open = [...faults.open.values()].filter((fault) => !fault.mended).map((fault) => fault.key);
      assert.deepEqual(open.sort(), expect, JSON.stringify(order.map(({ kind, body }) => [kind, body])));
    }
  };
  const built = (actor) => event("build-failed", { actor, output: "no" });
  check([built("a")], ["build-failed a"]);
  check([built("a"), event("swapped", { actor: "b" })], ["build-failed a"]);
  check([built("a"), event("swapped", { actor: "a" })], []);
  check([built("a"), event("built", { actor: "a" })], []);
  check([event("swapped", { actor: "a" }), built("a")], ["build-failed a"]);
  check([event("swap-failed", { actor: "a" }), event("built", { actor: "a" })], ["swap-failed a"]);
  check([event("rolled-back", { actor: "a" })], ["rolled-back a"]);
  check([event("swapped", { actor: "a" }), event("rolled-back", { actor: "a" })], ["rolled-back a"]);
  check([event("rolled-back", { actor: "a" }), event("started", { actor: "a" })], ["rolled-back a"]);
  check([event("rolled-back", { actor: "a" }), event("swapped", { actor: "b" })], ["rolled-back a"]);
  check([event("rolled-back", { actor: "a" }), event("swapped", { actor: "a" })], []);
  check([event("rolled-back", { actor: "a" }), event("watch-passed", { actor: "a" })], []);
  check([event("watch-failed", { source: "a.wasm", actor: "a" }), event("watch-passed", { actor: "a" })], []);
  const chosen = (file) => event("version-chosen", { source: file, why: "it is missing" });
  check([chosen("a.wasm"), chosen("b.wasm"), event("swapped", { actor: "a" })], ["version-chosen a.wasm", "version-chosen b.wasm"]);
  check([event("ended", { actor: "a", reason: "trapped" })], ["ended a"]);
  check([event("ended", { actor: "a", reason: "out-of-time" }), event("started", { actor: "a" })], []);
  check([event("ended", { actor: "a", reason: "normal" }), event("ended", { actor: "b", reason: "shutdown" })], []);
  check([event("device-safe", { device: "d", by: null })], []);
  check([event("device-safe", { device: "d", by: "a" })], ["device-safe d"]);
  check([event("device-safe", { device: "d", by: "a" }), event("started", { actor: "a" })], []);
  check([event("device-safe", { device: "d", by: "a" }), event("device-set", { device: "d", on: true, by: "b" })], []);
  check([event("device-safe", { device: "d", by: "a", why: "shutdown" })], []);
  check([event("ended", { actor: "mash-1fa4f491", reason: "killed" })], ["ended mash"]);
  check([event("ended", { actor: "mash-1fa4f491", reason: "killed" }), event("started", { actor: "mash-2b32c1ca" })], []);
  check([event("write-failed", { actor: "a", device: "d" }), event("device-failed", { device: "d" })], ["device-failed d", "write-failed d"]);
  check([event("write-failed", { actor: "a", device: "d" }), event("device-set", { device: "d", on: true, by: "a" })], []);
  check([event("build-failed", { package: "p", output: "no" })], ["build-failed p"]);
  check([{ ...event("device-missing", { device: "d" }), news: false }], []);
  check([event("device-missing", { device: "d" })], ["device-missing d"]);
  check([event("device-missing", { device: "d" }), event("device-back", { device: "d" })], []);
  check([event("max-on", { device: "d" })], ["max-on d"]);
  check([event("gave-up", { supervisor: "s" })], ["gave-up s"]);
  check([event("gave-up", { supervisor: "s" }), event("started", { actor: "s" }, "later")], []);
});

test("the same failure again is counted, another one is shown", () => {
  const faults = new Faults();
  const fold = (seq, why) => faults.fold({ kind: "write-failed", body: { actor: "a", device: "d", why }, epoch: "e", seq, time: seq, id: `e-${seq}`, news: true });
  const open = () => [...faults.open.values()].map(({ event, times }) => [event.id, times]);
  fold(1, "busy");
  fold(2, "busy");
  assert.deepEqual(open(), [["e-1", 2]]);
  fold(3, "gone");
  assert.deepEqual(open(), [["e-3", 1]]);
});

test("times, sizes and figures are short", () => {
  const check = (form, table) => table.forEach(([value, expect]) => assert.equal(form(value), expect, String(value)));
  check(span, [[0, "0 µs"], [0.000312, "312 µs"], [0.041, "41 ms"], [0.31, "0.3 s"], [12.9, "12 s"], [60, "1 min"], [3600, "1 h 0 min"], [90000, "1 d 1 h"]]);
  check(size, [[12, "12 B"], [2048, "2 KiB"], [1114112, "1.1 MiB"]]);
  check(figure, [[0.621, "0.62"], [65.94, "65.9"], [-3.14159, "-3.14"], [412.7, "413"], [98765.4, "98765"]]);
  const swap = { from: "3f9a12345678", to: "81cc12345678", milliseconds: 41.3, state: "kept" };
  check(swapped, [[swap, "3f9a1234 → 81cc1234 in 41.3 ms, state kept"]]);
  check((waiting) => swapped({ ...swap, waiting }).split(", ")[2], [[0, undefined], [1, "1 message waited"], [3, "3 messages waited"]]);
  check((value) => quantity(value, "celsius"), [[65.94, "65.9 °C"], [null, "–"]]);
  check(clock, [[new Date(2024, 0, 1, 4, 5, 6).getTime() / 1000, "04:05:06"]]);
});
