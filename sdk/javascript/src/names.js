// Between the names on the wire, in kebab-case, and JavaScript's own.

/** `howMany` → `how-many`. A name that is in kebab-case already stays as it is. */
export const kebab = (name) => name.replace(/[A-Z]/g, (letter, at) => (at ? "-" : "") + letter.toLowerCase());

/** `how-many` → `howMany`. */
export const camel = (name) => name.replace(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());

/** Joins what could be, as a sentence has it. */
export const either = (items) => items.join(" or ");
