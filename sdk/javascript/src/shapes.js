// Shapes: what a field has to be. A message that does not fit is refused with the shape that would.

import { nanos } from "./duration.js";
import { Misfit } from "./errors.js";
import { camel, either, kebab } from "./names.js";

/** What a value is, in the words of JSON. */
export const kindOf = (value) =>
  value === null || value === undefined ? "null"
  : Array.isArray(value) ? "a list"
  : { string: "a string", number: "a number", boolean: "a boolean" }[typeof value] ?? "an object";

/** What a value has to be. */
export class Shape {
  /** `expects` says it in words; `check` gives back whether a value is one, or `read` what it is read as. */
  constructor(expects, { check = () => true, read = (value) => value } = {}) {
    this.expects = expects;
    this.check = check;
    this.convert = read;
  }

  /** The value, as handlers get it. `where` is how the text of an error says which one it is. */
  read(value, where = "") {
    if (!this.check(value)) throw new Misfit(`expected ${this.expects}${where}, not ${kindOf(value)}`);
    return this.convert(value, where);
  }

  /** The same, and this value when the field is missing. */
  or(missing) {
    const other = Object.assign(Object.create(Shape.prototype), this);
    other.missing = missing;
    return other;
  }

  /** Whether a field of this shape may be missing. */
  get mayMiss() {
    return Object.hasOwn(this, "missing");
  }
}

const is = (expects, check) => new Shape(expects, { check });

/** A number. */
export const number = is("a number", (value) => typeof value === "number");
/** A whole number from 0 to 2^64-1; one above 2^53-1 is not exact, and the largest reads as 2^64. */
export const whole = new Shape("a whole number", {
  check: (value) => typeof value === "number",
  read(value, where) {
    if (Number.isInteger(value) && value >= 0 && value <= 2 ** 64) return value;
    throw new Misfit(`expected a whole number from 0 to 2^64-1${where}`);
  },
});
/** A whole number, below zero too. */
export const integer = new Shape("a whole number", {
  check: (value) => typeof value === "number",
  read(value, where) {
    if (Number.isInteger(value)) return value;
    throw new Misfit(`expected a whole number${where}`);
  },
});
/** A string. */
export const text = is("a string", (value) => typeof value === "string");
/** true or false. */
export const flag = is("a boolean", (value) => typeof value === "boolean");
/** Whatever JSON has. */
export const any = new Shape("anything");
/** An actor's address. */
export const address = new Shape("an address", {
  check: (value) => typeof value === "string",
  read(value, where) {
    if (/^[0-9a-f]{16}-[0-9a-f]{16}$/.test(value)) return value;
    throw new Misfit(`not an address${where}: expected two groups of 16 hexadecimal digits with \`-\` between them`);
  },
});
/** A length of time with its unit, as in `"2s"`. */
export const duration = new Shape('a length of time with its unit, as in "2s"', {
  check: (value) => typeof value === "string",
  read: (value) => (nanos(value), value),
});

/** One of some strings. */
export const oneOf = (...words) =>
  new Shape(`one of ${words.join(", ")}`, {
    check: (value) => typeof value === "string",
    read(value, where) {
      if (words.includes(value)) return value;
      throw new Misfit(`expected one of ${words.join(", ")}${where}`);
    },
  });

/** A list, each item of one shape. */
export const list = (item) =>
  new Shape("a list", { check: Array.isArray, read: (values, where) => values.map((value) => shape(item).read(value, where)) });

/** A field that may be missing, or null: then it is undefined. */
export const optional = (inner) => {
  const some = shape(inner);
  const other = new Shape(some.expects, { read: (value, where) => (value === null ? undefined : some.read(value, where)) });
  return other.or(undefined);
};

/** An object with these fields. */
export class Fields extends Shape {
  constructor(fields) {
    super("an object", { check: (value) => kindOf(value) === "an object", read: (value) => this.fieldsOf(value) });
    this.fields = Object.entries(fields).map(([name, field]) => ({ name: camel(name), wire: kebab(name), shape: shape(field) }));
  }

  fieldsOf(value) {
    const read = {};
    for (const { name, wire, shape } of this.fields) {
      if (value[wire] !== undefined) read[name] = shape.read(value[wire], ` in \`${wire}\``);
      else if (shape.mayMiss) read[name] = shape.missing;
      else throw new Misfit(`missing field \`${wire}\``);
    }
    return read;
  }

  /** The names on the wire. */
  get names() {
    return this.fields.map(({ wire }) => wire);
  }
}

/** A shape as it is, or the one of an object with these fields. */
export const shape = (of) => {
  if (of instanceof Shape) return of;
  if (kindOf(of) === "an object") return new Fields(of);
  throw new TypeError(`expected a shape, such as \`whole\` or \`{ name: text }\`, not ${kindOf(of)}`);
};

/** Reads a body: JSON, or nothing at all, which is no fields. */
export function readBody(of, json) {
  let value;
  try {
    value = json === "" ? null : JSON.parse(json);
  } catch (error) {
    throw new Misfit(`expected JSON: ${error.message}`);
  }
  return of.read(of instanceof Fields && value === null ? {} : value);
}

/** A kind with its fields: `add {how-many}`. */
export const signature = (kind, of) => (of instanceof Fields && of.names.length ? `${kind} {${of.names.join(", ")}}` : kind);

/** Which kinds there are, as the refusal of another one says. */
export const understood = (kinds) =>
  kinds.length ? `expected ${either(kinds)}` : "nothing is";
