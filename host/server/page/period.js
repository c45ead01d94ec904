// @ts-check
// How much time the charts show: one choice for all of them, remembered.

import { byId } from "./dom.js";

const KEY = "greenroom-window";
let seconds = 600;

/** @returns {number} the window's length in seconds */
export const shown = () => seconds;

/** @param {() => void} change called when another length is chosen */
export function choose(change) {
  const form = byId("window");
  try {
    const kept = form.querySelector(`input[value="${Number(localStorage.getItem(KEY))}"]`);
    if (kept instanceof HTMLInputElement) kept.checked = true;
  } catch {
    // Storage is off: the default stands.
  }
  const read = () => {
    const chosen = form.querySelector("input:checked");
    if (chosen instanceof HTMLInputElement) seconds = Number(chosen.value);
  };
  read();
  form.addEventListener("change", () => {
    read();
    try {
      localStorage.setItem(KEY, String(seconds));
    } catch {
      // Storage is off: the choice lasts as long as the page.
    }
    change();
  });
}
