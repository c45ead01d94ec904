// The arguments of a check: lines of a message's body.

import host from "@greenroom/actor/host";

export class Args {
  /** `spawned` is who was spawned last, for that word in place of an address. */
  constructor(text, spawned) {
    this.left = text === "" ? [] : text.split("\n");
    this.spawned = spawned;
  }

  /** Whether all were taken. */
  get isEmpty() {
    return this.left.length === 0;
  }

  /** The next line as it is, empty when there is none left. */
  line() {
    return this.left.shift() ?? "";
  }

  /** The next line's bytes: as they are, `hex:` and digits, or `fill:` and how many times "x". */
  bytes() {
    const line = this.line();
    if (line.startsWith("fill:")) return "x".repeat(Number(line.slice(5)));
    if (!line.startsWith("hex:")) return line;
    const pairs = line.slice(4).match(/../g) ?? [];
    return new Uint8Array(pairs.map((pair) => Number.parseInt(pair, 16)));
  }

  text() {
    const bytes = this.bytes();
    return typeof bytes === "string" ? bytes : host.decode(bytes);
  }

  number() {
    const line = this.line();
    return line === "" ? 0n : BigInt(line);
  }

  float() {
    return Number(this.line());
  }

  address() {
    const line = this.line();
    const nobody = "0000000000000000-0000000000000000";
    if (line === "spawned") return this.spawned ?? nobody;
    return line === "" ? nobody : line;
  }

  /** A case's name, and after a colon its text. */
  reason() {
    const line = this.line();
    const [word] = line.split(":", 1);
    const known = ["normal", "shutdown", "killed", "out-of-time", "out-of-memory", "no-actor", "unreachable"];
    if (known.includes(word)) return { tag: word };
    return { tag: ["failed", "trapped"].includes(word) ? word : "other", val: line.slice(word.length + 1) };
  }
}
