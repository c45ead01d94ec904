// Between the names on the wire, in kebab-case, and JavaScript's own.

// What names are on the wire: each message has the same few, and to find out takes as long as the rest of its body.
const known = new Map();
const MOST = 1000;

/** `howMany` → `how-many`. A name that is in kebab-case already stays as it is. */
export function kebab(name) {
  const found = known.get(name);
  if (found !== undefined) return found;
  const wire = name.replace(/[A-Z]/g, (letter, at) => (at ? "-" : "") + letter.toLowerCase());
  // Names that a program makes up may be many.
  if (known.size < MOST) known.set(name, wire);
  return wire;
}

/** `how-many` → `howMany`. */
export const camel = (name) => name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** Joins what could be, as a sentence has it. */
export const either = (items) => items.join(" or ");
