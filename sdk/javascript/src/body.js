// What is sent: a kind in kebab-case, and a JSON body.

import { Misfit } from "./errors.js";
import { kebab } from "./names.js";
import { kindOf } from "./shapes.js";

// A BigInt has a form in JSON as long as a number can hold it.
const plain = (_, value) => {
  if (typeof value !== "bigint") return value;
  if (BigInt.asIntN(54, value) === value) return Number(value);
  throw new Misfit(`${value} is too large for a number in JSON`);
};

/** A value as JSON. */
export function json(value) {
  const text = written(value) ?? written(value, plain);
  if (text === undefined) throw new Misfit("it has no form in JSON");
  return text;
}

// Without a function for each value in it, that is much faster; with one, who is at fault is told.
function written(value, convert) {
  try {
    return JSON.stringify(value, convert);
  } catch (error) {
    if (!convert) return undefined;
    throw error instanceof Misfit ? error : new Misfit(`it has no form in JSON: ${error.message}`);
  }
}

/**
 * The body of a message: the fields of an object under their names on the wire, any other value as it is, and nothing for
 * undefined. Bytes stay as they are.
 */
export function body(value) {
  if (value === undefined) return "";
  if (value instanceof Uint8Array || value instanceof ArrayBuffer) return value;
  if (kindOf(value) !== "an object" || typeof value.toJSON === "function") return json(value);
  const fields = {};
  for (const name of Object.keys(value)) fields[kebab(name)] = value[name];
  return json(fields);
}
