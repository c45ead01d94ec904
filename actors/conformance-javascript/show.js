// What functions give back, as JSON: a variant's case is its name, or an object of the name and what it holds.

import host from "@greenroom/actor/host";

/** A value as JSON. Whole numbers of 64 bits are written in full, which `JSON.stringify` does not. */
export function json(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(json).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value ?? null);
  return `{${Object.entries(value).map(([key, field]) => `${JSON.stringify(key)}:${json(field)}`).join(",")}}`;
}

/** A variant. */
export const variant = ({ tag, val }) => {
  if (val === undefined) return tag;
  return { [tag]: typeof val === "object" ? variant(val) : val };
};

/** A result: `{"ok": …}` or `{"error": …}`. What is no error of the host's is one of this program. */
export function result(work, show = (value) => value ?? null) {
  try {
    return { ok: show(work()) };
  } catch (error) {
    if (error instanceof Error) throw error;
    return { error: typeof error === "string" ? error : variant(error) };
  }
}

/** Bytes are a string when they are ASCII, and "hex:…" otherwise. */
export function bytes(buffer) {
  const all = [...new Uint8Array(buffer)];
  if (all.every((byte) => byte < 128)) return host.decode(buffer);
  return `hex:${all.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export const message = ({ kind, body }) => ({ kind, body: bytes(body) });
