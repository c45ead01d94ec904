// @ts-check
// Numbers and times as people read them.

/** @param {number} seconds a length of time: `0.3 s`, `12 s`, `4 min`, `3 h 12 min`, `2 d 3 h` */
export function span(seconds) {
  if (seconds < 0.001) return `${Math.max(0, Math.round(seconds * 1e6))} µs`;
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${minutes % 60} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** @param {number} seconds how long ago; under a second is `now` */
export function ago(seconds) {
  return seconds < 1 ? "now" : `${span(seconds)} ago`;
}

/** @param {number} time unix seconds, shown in the reader's own time zone: `14:02:11` */
export function clock(time) {
  const date = new Date(time * 1000);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((n) => String(n).padStart(2, "0")).join(":");
}

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** @param {number} value at most four figures, and no digits that only flicker */
export function figure(value) {
  const large = Math.abs(value);
  if (large >= 10000) return String(Math.round(value));
  if (large >= 100) return value.toFixed(0);
  return value.toFixed(large >= 10 ? 1 : 2);
}

/** A value with its unit as it is written: `65.9 °C`, `12.3 %`; words that only repeat the name are left out. */
const UNITS = /** @type {Record<string, string>} */ ({ celsius: "°C", percent: "%", load: "", state: "" });

/** @param {string} unit the host's word for it */
export function sign(unit) {
  return UNITS[unit] ?? unit;
}

/**
 * @param {number | null} value
 * @param {string} unit the host's word for it
 */
export function quantity(value, unit) {
  if (value === null) return "–";
  const written = sign(unit);
  return written ? `${figure(value)} ${written}` : figure(value);
}

/**
 * @param {number} n
 * @param {string} one
 * @param {string} [many]
 */
export function count(n, one, many = `${one}s`) {
  return `${n} ${n === 1 ? one : many}`;
}

/** @param {unknown} digest */
export const short = (digest) => String(digest).slice(0, 8);

/** @param {any} swap what it did */
export function swapped({ from, to, milliseconds, state, waiting }) {
  return `${short(from)} → ${short(to)} in ${figure(milliseconds)} ms, state ${state}${waiting ? `, ${count(waiting, "message")} waited` : ""}`;
}
