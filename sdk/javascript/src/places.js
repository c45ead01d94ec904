// From a place in the one file that is run to the place in the source: what a source map says.
// Source: the source map format (ECMA-426), of which this reads `mappings`.

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Reads one line's segments: each a list of numbers. */
function segments(line) {
  return line.split(",").filter(Boolean).map((segment) => {
    const numbers = [];
    let value = 0, shift = 0;
    for (const digit of segment) {
      const bits = DIGITS.indexOf(digit);
      value += (bits & 31) * 2 ** shift;
      shift += 5;
      if (bits & 32) continue;
      numbers.push(value & 1 ? -(value >> 1) : value >> 1);
      value = shift = 0;
    }
    return numbers;
  });
}

/** The place of a line and a column, both from 1, or nothing. `map` has `sources` and `mappings`. */
export function place(map, line, column) {
  let source = 0, sourceLine = 0, found;
  for (const [at, text] of map.mappings.split(";").entries()) {
    if (at >= line) break;
    let start = 0;
    for (const [columns, sources, lines] of segments(text)) {
      start += columns;
      if (sources === undefined) continue;
      source += sources;
      sourceLine += lines;
      if (at === line - 1 && (start < column || !found)) found = { source: map.sources[source], line: sourceLine + 1 };
    }
  }
  return found;
}

/** A stack, with the places in the source in place of those in `file`; without the SDK's own. */
export function sourceStack(map, stack, file) {
  const lines = [];
  for (const line of stack.split("\n").filter((line) => line.trim())) {
    const [, before, at, column, after] = line.match(new RegExp(`^(.*?)(?:file://)?[^( ]*${file}:(\\d+):(\\d+)(.*)$`)) ?? [];
    const found = at && place(map, Number(at), Number(column));
    if (!found) {
      if (!/\(native\)|<anonymous>/.test(line)) lines.push(line);
    } else if (!map.own?.includes(found.source)) {
      lines.push(`${before}${found.source}:${found.line}${after}`);
    }
  }
  return lines.join("\n");
}
