// @ts-check
// Elements, and writes to them that cost nothing when nothing has changed. Every view builds on this.

import { clock } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, string | number | boolean | EventListener>} [given] `on…` are listeners, the rest attributes;
 *   `true` is an attribute without a value, `false` is none
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, given = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false) node.setAttribute(name, String(value));
  }
  node.append(...children);
  return node;
}

/**
 * What was told, as a line of a list.
 * @param {Message} told
 * @param {Record<string, string>} given
 */
export function row({ time, kind, body }, given) {
  const about = body.text ?? body.actor ?? body.device ?? body.supervisor ?? "";
  return el("li", given, el("time", {}, clock(time)), el("b", {}, kind), el("span", {}, String(about)));
}

/**
 * One of the shapes that index.html defines. It says nothing to a screen reader: there is always a text beside it.
 * @param {string} name without `shape-`
 */
export function shape(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "shape");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#shape-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Shows another shape in the same place.
 * @param {Element} svg
 * @param {string} name
 */
export function reshape(svg, name) {
  const use = svg.firstElementChild;
  if (use) attribute(use, "href", `#shape-${name}`);
}

/**
 * Sets a text if it is another.
 * @param {Node} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets an attribute if it is another; null removes it.
 * @param {Element} node
 * @param {string} name
 * @param {string | number | null} value
 */
export function attribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Puts these children into a parent, in this order, moving as few as it can: a child that stays keeps its focus.
 * @param {Element} parent
 * @param {Element[]} children
 */
export function arrange(parent, children) {
  const wanted = new Set(children);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  children.forEach((child, at) => {
    if (parent.children[at] !== child) parent.insertBefore(child, parent.children[at] ?? null);
  });
}

/**
 * An element of index.html.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`index.html has no #${id}`);
  return node;
}
