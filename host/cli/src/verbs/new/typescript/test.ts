import assert from "node:assert/strict";
import { test } from "node:test";
import { start } from "@greenroom/actor/test";
import counter from "../src/{name}.ts";

test("it counts and keeps the count over a swap", () => {
  const under = start(counter);
  under.tell("add", { howMany: 2 });
  under.tell("add", { howMany: 3 });
  assert.equal(under.ask("howMany"), 5);
  under.swap();
  assert.equal(under.ask("howMany"), 5);
});
