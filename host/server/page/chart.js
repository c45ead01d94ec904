// @ts-check
// One chart over time on uPlot: lines, a band for what is on or off, and marks for what happened. Neighbours: the
// series before it; kettle.js and topics.js, which say what to draw.

import { colour, onTheme } from "./colour.js";
import { el } from "./dom.js";
import { clock } from "./format.js";

/**
 * @typedef {object} Line
 * @property {string} field of the series
 * @property {string} label
 * @property {string} colour a custom property's name
 * @property {boolean} [dashed]
 * @property {boolean} [step] holds its value until the next point
 *
 * @typedef {object} Setup
 * @property {Line[]} lines
 * @property {string} [band] a field that is 1 while something is on
 * @property {boolean} [small] few labels
 * @property {number} [least] the smallest range of the y axis
 * @property {(at: {time: number, values: Record<string, number | null>, mark: Mark | null} | null) => void} [hover]
 */

/** A state is drawn on to the next point, but not over a silence longer than the log's minute. */
const HOLD_SECONDS = 90;
const FONT = "12px system-ui, sans-serif";

export class Chart {
  /** @type {uPlot | null} */
  #plot = null;
  #version = -1;
  #drawn = 0;
  #window = 0;
  #marked = 0;
  /** @type {(number | null)[]} the band's values at the chart's times */
  #band = [];
  /** @type {Mark[]} */
  #marks = [];
  #now = 0;

  /** @param {Setup} setup */
  constructor(setup) {
    this.setup = setup;
    this.box = el("div", { class: setup.small ? "plot small" : "plot" });
    new ResizeObserver(() => this.#size()).observe(this.box);
    onTheme(() => this.#plot?.redraw(false, true));
  }

  /**
   * Draws what is new. Does nothing as long as nobody could see a difference.
   * @param {Series} series
   * @param {number} seconds the window's length
   * @param {number} now where it ends
   * @param {Mark[]} [marks]
   */
  draw(series, seconds, now, marks = []) {
    if (this.box.clientWidth === 0) return;
    const moved = now - this.#drawn > seconds / 800 || now < this.#drawn;
    const changed = series.version !== this.#version || seconds !== this.#window || marks.length !== this.#marked;
    if (!changed && !moved) return;
    [this.#version, this.#window, this.#drawn, this.#marked] = [series.version, seconds, now, marks.length];
    const { lines, band } = this.setup;
    const [times, ...columns] = series.window(now - seconds, [...lines.map((l) => l.field), ...(band ? [band] : [])]);
    this.#band = band ? /** @type {(number | null)[]} */ (columns.pop()) : [];
    [this.#marks, this.#now] = [marks.filter((mark) => mark.time > now - seconds), now];
    this.#plot ??= new uPlot(this.#options(), [[], ...lines.map(() => [])], this.box);
    this.#plot.batch(() => {
      this.#plot?.setData([times, ...columns], false);
      this.#plot?.setScale("x", { min: now - seconds, max: now });
    });
  }

  #size() {
    const width = this.box.clientWidth;
    const height = this.box.clientHeight;
    if (width > 0 && height > 0) this.#plot?.setSize({ width, height });
    this.#drawn = 0;
  }

  /** @returns {uPlot.Options} */
  #options() {
    const { lines, small, hover } = this.setup;
    /** @type {uPlot.Axis} */
    const axis = {
      stroke: () => colour("muted"),
      font: FONT,
      grid: { stroke: () => colour("grid"), width: 1 },
      ticks: { show: false },
    };
    return {
      width: this.box.clientWidth,
      height: this.box.clientHeight,
      padding: small ? [6, 16, 0, 0] : [14, 18, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, points: { size: 7 }, y: false },
      scales: {
        x: { time: true, auto: false },
        y: { range: (_, low, high) => this.#range(low, high) },
      },
      axes: [
        { ...axis, size: small ? 22 : 28, gap: 3, space: small ? 80 : 70, values: (_, ticks, __, ___, step) => ticks.map((t) => clock(t).slice(0, step < 60 ? 8 : 5)) },
        { ...axis, size: small ? 38 : 42, gap: 4, space: small ? 20 : 40, values: (_, ticks, __, ___, step) => ticks.map((t) => t.toFixed(decimals(step))) },
      ],
      series: [
        {},
        ...lines.map((line) => ({
          label: line.label,
          stroke: () => colour(line.colour),
          width: small ? 1.5 : 2,
          ...(line.dashed ? { dash: [6, 5] } : {}),
          ...(line.step && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
          points: { show: false },
        })),
      ],
      hooks: {
        drawClear: [(plot) => this.#drawBand(plot)],
        draw: [(plot) => this.#drawMarks(plot)],
        setCursor: hover ? [(plot) => this.#hover(plot)] : [],
      },
    };
  }

  /** @param {number | null} low @param {number | null} high @returns {[number, number]} */
  #range(low, high) {
    if (low === null || high === null || !Number.isFinite(low + high)) return [0, 1];
    const least = this.setup.least ?? Math.max(Math.abs(high) * 0.05, 0.1);
    const spare = Math.max((high - low) * 0.1, (least - (high - low)) / 2);
    // A figure that cannot be negative is not drawn as if it could.
    return [low >= 0 ? Math.max(0, low - spare) : low - spare, high + spare];
  }

  /** @param {uPlot} plot */
  #drawBand(plot) {
    if (!this.#band.length) return;
    const { ctx, bbox } = plot;
    const times = /** @type {number[]} */ (plot.data[0]);
    const strip = Math.round(6 * devicePixelRatio);
    ctx.save();
    ctx.fillStyle = colour("heat");
    let [from, end] = [0, -Infinity];
    const fill = () => {
      const left = Math.max(plot.valToPos(from, "x", true), bbox.left);
      const right = Math.min(plot.valToPos(end, "x", true), bbox.left + bbox.width);
      if (right <= left) return;
      ctx.globalAlpha = 0.14;
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
      ctx.globalAlpha = 1;
      ctx.fillRect(left, bbox.top + bbox.height - strip, right - left, strip);
    };
    times.forEach((time, at) => {
      if (!this.#band[at]) return;
      // One piece for as long as it stays on: seams between pieces would show.
      if (time > end) {
        if (Number.isFinite(end)) fill();
        from = time;
      }
      end = Math.min(times[at + 1] ?? this.#now, time + HOLD_SECONDS);
    });
    if (Number.isFinite(end)) fill();
    ctx.restore();
  }

  /** @param {uPlot} plot */
  #drawMarks(plot) {
    const { ctx, bbox } = plot;
    const unit = 5 * devicePixelRatio;
    ctx.save();
    ctx.lineWidth = devicePixelRatio;
    for (const mark of this.#marks) {
      const x = Math.round(plot.valToPos(mark.time, "x", true)) + 0.5;
      if (x < bbox.left || x > bbox.left + bbox.width + 1) continue;
      ctx.strokeStyle = ctx.fillStyle = colour(mark.kind === "swap" ? "blue" : "red");
      ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      ctx.setLineDash([]);
      drawShape(ctx, mark.kind, x, bbox.top - unit, unit);
    }
    ctx.restore();
  }

  /** @param {uPlot} plot */
  #hover(plot) {
    const at = plot.cursor.idx;
    const time = at === null || at === undefined ? undefined : plot.data[0][at];
    if (typeof time !== "number" || at === null || at === undefined) return this.setup.hover?.(null);
    /** @type {Record<string, number | null>} */
    const values = {};
    this.setup.lines.forEach((line, n) => (values[line.field] = plot.data[n + 1]?.[at] ?? null));
    if (this.setup.band) values[this.setup.band] = this.#band[at] ?? null;
    const pointer = plot.cursor.left ?? 0;
    const near = this.#marks.filter((mark) => Math.abs(plot.valToPos(mark.time, "x") - pointer) < 8);
    this.setup.hover?.({ time, values, mark: near.at(-1) ?? null });
  }
}

/** @param {number} step between two labels @returns {number} how many decimals tell them apart */
function decimals(step) {
  return [0, 1, 2].find((digits) => Number.isInteger(Math.round(step * 1e6) / 10 ** (6 - digits))) ?? 3;
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {Mark["kind"]} kind
 * @param {number} x its middle
 * @param {number} y its middle
 * @param {number} r
 */
function drawShape(ctx, kind, x, y, r) {
  ctx.beginPath();
  if (kind === "swap") {
    ctx.moveTo(x - r, y - r * 0.8);
    ctx.lineTo(x + r, y - r * 0.8);
    ctx.lineTo(x, y + r);
    ctx.fill();
  } else if (kind === "safe") {
    ctx.fillRect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
  } else {
    ctx.lineWidth = r * 0.45;
    ctx.moveTo(x - r * 0.8, y - r * 0.8);
    ctx.lineTo(x + r * 0.8, y + r * 0.8);
    ctx.moveTo(x + r * 0.8, y - r * 0.8);
    ctx.lineTo(x - r * 0.8, y + r * 0.8);
    ctx.stroke();
    ctx.lineWidth = devicePixelRatio;
  }
}
