// Lengths of time: strings with a unit, as in manifests and on the wire.

import { Misfit } from "./errors.js";

// The units, longest first, with their nanoseconds.
const UNITS = { d: 86_400_000_000_000n, h: 3_600_000_000_000n, m: 60_000_000_000n, s: 1_000_000_000n, ms: 1_000_000n, us: 1_000n, ns: 1n };

/** Nanoseconds of a length of time such as `"2s"`, `"1.5h"`, `"500ms"`. */
export function nanos(text) {
  const [, number, fraction, unit] = /^(\d+)(\.\d+)?\s*([a-z]+)$/.exec(text) ?? [];
  const one = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
  // Whole numbers exactly; fractions to the nanosecond that a number can hold.
  const length = one && (BigInt(number) * one + BigInt(Math.round(Number(fraction ?? 0) * Number(one))));
  if (length === undefined || length >= 2n ** 64n) {
    throw new Misfit(`${JSON.stringify(text)} is no length of time: expected a number and a unit (ms, s, m, h, d), as in "2s"`);
  }
  return length;
}

/** The text of so many nanoseconds, with the longest unit that has no fraction: `90s`, `2h`, `1500ms`. */
export function length(nanoseconds) {
  const all = BigInt(nanoseconds);
  if (all === 0n) return "0s";
  const [unit, one] = Object.entries(UNITS).find(([, one]) => all % one === 0n);
  return `${all / one}${unit}`;
}
