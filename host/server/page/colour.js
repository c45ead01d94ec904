// @ts-check
// The style sheet's colours for canvases. A custom property gives back its text, `light-dark(…)` and all; a computed
// `color` is resolved, so a probe element is asked.

/** @type {Map<string, string>} */
const known = new Map();
/** @type {HTMLElement | null} */
let probe = null;

/** @param {string} name of a custom property, without `--` @returns {string} as a canvas takes it */
export function colour(name) {
  let value = known.get(name);
  if (!value) {
    probe ??= document.body.appendChild(Object.assign(document.createElement("i"), { hidden: true }));
    probe.style.color = `var(--${name})`;
    known.set(name, (value = getComputedStyle(probe).color));
  }
  return value;
}

/** @param {() => void} redraw called when light has become dark, or the other way round */
export function onTheme(redraw) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    known.clear();
    redraw();
  });
}
