// From a place in the one file that is run to the place in the source.
//
// `places` is what a build made of the source map: `sources`, and for each line of the file, from 1, a number in `lines`:
// none (0) for lines that are not the author's own, else 1 + the source's number + the number of sources × the line there.

/** The place of a line, as `counter.js:12`; undefined for one that is not the author's. */
export function place({ sources, lines }, line) {
  const number = (lines[line - 1] ?? 0) - 1;
  if (number < 0) return undefined;
  return `${sources[number % sources.length]}:${Math.floor(number / sources.length)}`;
}

/** A stack, with the places in the source in place of those in `file`, and without what is not the author's. */
export function sourceStack(places, stack, file) {
  const pattern = new RegExp(`^\\s*(?:at )?(.*?)[( ]*(?:file://)?[^( ]*${file.replaceAll(".", "\\.")}:(\\d+):\\d+\\)?$`);
  const found = [];
  for (const line of stack.split("\n")) {
    const [, name, number] = pattern.exec(line) ?? [];
    const at = number && place(places, Number(number));
    if (at) found.push(name && name !== "<anonymous>" ? `    at ${name} (${at})` : `    at ${at}`);
  }
  return found.join("\n");
}
