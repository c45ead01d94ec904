import assert from "node:assert/strict";
import { test } from "node:test";
import { length, nanos } from "../src/duration.js";
import { camel, kebab } from "../src/names.js";
import { place, sourceStack } from "../src/places.js";

test("lengths of time are read and written", () => {
  const check = (text, nanoseconds, written) => {
    assert.equal(nanos(text), nanoseconds, text);
    assert.equal(length(nanoseconds), written, text);
  };
  check("2s", 2_000_000_000n, "2s");
  check("90s", 90_000_000_000n, "90s");
  check("2 h", 7_200_000_000_000n, "2h");
  check("0.5s", 500_000_000n, "500ms");
  check("15m", 900_000_000_000n, "15m");
  check("0ms", 0n, "0s");
  check("1d", 86_400_000_000_000n, "1d");
  check("213503d", 18_446_659_200_000_000_000n, "213503d");
  for (const text of ["", "2", "s", "two s", "2 weeks", "1.2.3s", "-1s", "99999999999999999999s", "300000d", "1constructor"]) {
    assert.throws(() => nanos(text), { message: `${JSON.stringify(text)} is no length of time: expected a number and a unit (ms, s, m, h, d), as in "2s"` });
  }
});

test("names are in kebab-case on the wire", () => {
  const check = (name, wire) => {
    assert.equal(kebab(name), wire);
    assert.equal(camel(wire), name);
  };
  check("howMany", "how-many");
  check("add", "add");
  check("everyMs", "every-ms");
  check("line2Text", "line2-text");
  assert.equal(kebab("how-many"), "how-many");
});

test("a stack has the places of the source, and the author's alone", () => {
  // The second line is line 7 of the second source.
  const places = { sources: ["a.js", "b.js"], lines: [0, 1 + 1 + 2 * 7] };
  assert.equal(place(places, 2), "b.js:7");
  assert.equal(place(places, 1), undefined);
  assert.equal(place(places, 9), undefined);
  const quickjs = "    at crash (actor.js:2:10)\n    at turn (actor.js:1:1)\n    at <anonymous> (native)\n    at <anonymous> (actor.js:2:1)\n";
  assert.equal(sourceStack(places, quickjs, "actor.js"), "    at crash (b.js:7)\n    at b.js:7");
  const node = "Error: no\n    at crash (file:///tmp/x/actor.js.mjs:2:10)\n    at file:///tmp/x/actor.js.mjs:2:1\n    at async node:internal:1:1";
  assert.equal(sourceStack(places, node, "actor.js.mjs"), "    at crash (b.js:7)\n    at b.js:7");
});
