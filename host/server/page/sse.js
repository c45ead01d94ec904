// @ts-check
// Server-sent events out of a fetch, for history that is read once. The live stream is the browser's own EventSource.
// Source of the rules: WHATWG HTML, "Server-sent events", parsing an event stream.

/**
 * @param {ReadableStream<Uint8Array>} body
 * @returns {AsyncGenerator<{id: string, event: string, data: string}, void, void>}
 */
export async function* events(body) {
  const reader = body.pipeThrough(/** @type {any} */ (new TextDecoderStream())).getReader();
  let [rest, id, event] = ["", "", ""];
  /** @type {string[]} */
  let data = [];
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    // A CR at the end may be half of a CRLF: it waits for the next piece.
    const lines = (rest + value).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line === "") {
        if (data.length) yield { id, event: event || "message", data: data.join("\n") };
        [event, data] = ["", []];
        continue;
      }
      const colon = line.indexOf(":");
      const field = colon < 0 ? line : line.slice(0, colon);
      const text = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
      if (field === "data") data.push(text);
      else if (field === "event") event = text;
      else if (field === "id" && !text.includes("\0")) id = text;
    }
  }
}

/**
 * An event's id: which start of the host, and which event of it.
 * @param {string | null | undefined} id `<epoch>-<seq>`
 * @returns {{epoch: string, seq: number} | null} null if it is none
 */
export function parseId(id) {
  const match = /^(.+)-(\d{1,15})$/.exec(id ?? "");
  return match ? { epoch: /** @type {string} */ (match[1]), seq: Number(match[2]) } : null;
}
