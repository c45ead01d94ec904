// @ts-check
// Requests that change something: the host's answer, or its reason as an Error. Asks for the token when the host does.

import { askToken, token } from "./token.js";

/** The host refused, or could not be reached: `message` says what to do. */
export class Problem extends Error {
  /** @param {string} message @param {number} status HTTP's; 0 if there was no answer */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * @param {string} path
 * @param {unknown} [body] sent as JSON
 * @returns {Promise<any>} the answer's JSON, null if it has none
 * @throws {Problem}
 */
export async function post(path, body) {
  let answer = await request(path, body);
  let again = false;
  while (answer.status === 401) {
    const given = await askToken(again ? "The host did not take this token." : "");
    if (given === null) throw new Problem("This host changes nothing without its token.", 401);
    again = true;
    answer = await request(path, body);
  }
  const text = await answer.text();
  /** @type {any} */
  let json = null;
  try {
    json = text ? JSON.parse(text) : null;
  } catch {
    // Not every answer is JSON; an error's text still says something.
  }
  if (answer.ok) return json;
  throw new Problem(json?.detail ?? json?.title ?? (text.slice(0, 500) || `The host answered ${answer.status}.`), answer.status);
}

/** @param {string} path @param {unknown} body */
async function request(path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const known = token();
  if (known) headers.authorization = `Bearer ${known}`;
  try {
    return await fetch(path, { method: "POST", headers, body: body === undefined ? null : JSON.stringify(body) });
  } catch {
    throw new Problem("The host cannot be reached.", 0);
  }
}

/** @param {string} actor a name or an address @param {string} verb */
export const path = (actor, verb) => `/api/actors/${encodeURIComponent(actor)}/${verb}`;
