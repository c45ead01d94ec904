// @ts-check
// The figures of one topic over time: a ring of fixed size, in the order of time, each time once. The store fills it
// from the live stream and from history; the charts read a window of it.

/** Points that are kept: three hours at one in two seconds, and some. */
export const CAPACITY = 6000;

export class Series {
  /** @param {number} [capacity] points */
  constructor(capacity = CAPACITY) {
    this.capacity = capacity;
    // Twice the room: points are appended, and moved to the front when the end is reached. That is a ring whose
    // content is always one piece.
    this.time = new Float64Array(capacity * 2);
    /** @type {Map<string, Float64Array>} NaN where a field has no value */
    this.fields = new Map();
    this.start = 0;
    this.end = 0;
    /** Rises with each change. */
    this.version = 0;
  }

  get length() {
    return this.end - this.start;
  }

  /** The newest time, or -Infinity. */
  get newest() {
    return this.length ? /** @type {number} */ (this.time[this.end - 1]) : -Infinity;
  }

  /**
   * Adds a point where it belongs. A time that is there already is the same point, come by another way.
   * @param {number} time unix seconds
   * @param {Record<string, number | null>} values
   * @returns {boolean} whether it was new
   */
  add(time, values) {
    let at = this.end;
    if (time <= this.newest) {
      at = this.#find(time);
      if (this.time[at] === time) return false;
      if (at === this.start && this.length === this.capacity) return false;
    }
    const behind = this.end - at;
    this.#room();
    at = this.end - behind;
    for (const name of Object.keys(values)) this.#field(name);
    for (const column of [this.time, ...this.fields.values()]) column.copyWithin(at + 1, at, this.end);
    this.time[at] = time;
    for (const [name, column] of this.fields) column[at] = values[name] ?? NaN;
    this.end += 1;
    if (this.length > this.capacity) this.start += 1;
    this.version += 1;
    return true;
  }

  /** Ends the line here: what comes next is of another start of the host. */
  cut() {
    if (this.length && this.#any(this.end - 1)) this.add(this.newest + 0.001, {});
  }

  /**
   * The points from a time on, and one before it so that a line enters from the left.
   * @param {number} from unix seconds
   * @param {string[]} names
   * @returns {[number[], ...(number | null)[][]]} times, then one column a name; null where there is no value
   */
  window(from, names) {
    const at = Math.max(this.start, this.#find(from) - 1);
    const columns = names.map((name) => {
      const column = this.fields.get(name)?.subarray(at, this.end);
      return column ? Array.from(column, (v) => (Number.isNaN(v) ? null : v)) : new Array(this.end - at).fill(null);
    });
    return [Array.from(this.time.subarray(at, this.end)), ...columns];
  }

  /** @param {string} name @returns {boolean} whether it has had any value */
  has(name) {
    return this.fields.get(name)?.subarray(this.start, this.end).some((value) => !Number.isNaN(value)) ?? false;
  }

  /** @param {number} time @returns {number} the first index whose time is not before this one */
  #find(time) {
    let [low, high] = [this.start, this.end];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (/** @type {number} */ (this.time[middle]) < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {string} name */
  #field(name) {
    if (!this.fields.has(name)) this.fields.set(name, new Float64Array(this.capacity * 2).fill(NaN));
  }

  /** @param {number} at */
  #any(at) {
    return [...this.fields.values()].some((column) => !Number.isNaN(column[at]));
  }

  #room() {
    if (this.end < this.capacity * 2) return;
    for (const column of [this.time, ...this.fields.values()]) column.copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
  }
}
