// @ts-check
// The token for changing things on a host that is reached over the network: kept for this tab only.

import { byId, write } from "./dom.js";

const KEY = "greenroom-token";
/** Where the browser keeps nothing, the page does, until it is left. */
let kept = "";

/** @returns {string} empty if there is none */
export function token() {
  try {
    return sessionStorage.getItem(KEY) ?? kept;
  } catch {
    return kept;
  }
}

/** @type {Promise<string | null> | null} */
let asking = null;

/**
 * Asks for it in a dialog; two that ask at once get the same answer.
 * @param {string} trouble what was wrong with the last one
 * @returns {Promise<string | null>} null if the reader would rather not
 */
export function askToken(trouble) {
  asking ??= ask(trouble).finally(() => (asking = null));
  return asking;
}

/** @param {string} trouble @returns {Promise<string | null>} */
function ask(trouble) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("token"));
  const field = /** @type {HTMLInputElement} */ (byId("token-field"));
  write(byId("token-trouble"), trouble);
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const given = dialog.returnValue === "use" ? field.value.trim() : "";
        field.value = "";
        if (!given) return resolve(null);
        kept = given;
        try {
          sessionStorage.setItem(KEY, given);
        } catch {
          // Storage is off: `kept` does.
        }
        resolve(given);
      },
      { once: true },
    );
  });
}
