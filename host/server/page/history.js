// @ts-check
// What happened before the page was opened: read once from what the host has kept, by the same store. Neighbours: the
// server's /stream before it, the store behind it.

import { events, parseId } from "./sse.js";
import { chartOf } from "./store.js";

/** With nothing more for this long, what was kept has been read. */
const IDLE_MS = 3_000;

/**
 * Reads what the host has kept of some topics, up to an event.
 * @param {Store} store
 * @param {string} until the last event that the live stream began after
 * @returns {Promise<void>} when it is over; `store.historyTrouble` says whether it went well
 */
export async function backfill(store, until) {
  const target = parseId(until);
  const stop = new AbortController();
  let idle = setTimeout(() => stop.abort(), IDLE_MS * 3);
  store.reading = true;
  store.historyTrouble = "";
  try {
    const answer = await fetch(`/stream?${query(store)}`, {
      headers: { accept: "text/event-stream" },
      signal: stop.signal,
    });
    if (!answer.ok || !answer.body) throw new Error(`the host answered ${answer.status}`);
    for await (const { id: text, event: kind, data } of events(answer.body)) {
      clearTimeout(idle);
      idle = setTimeout(() => stop.abort(), IDLE_MS);
      const body = JSON.parse(data);
      if (typeof body?.topic !== "string") continue;
      const id = parseId(text);
      if (!id) continue;
      store.fold({ ...body, ...id, id: text, kind, live: false, news: false });
      if (!target || (id.epoch === target.epoch && id.seq >= target.seq)) return;
    }
    throw new Error("it broke off");
  } catch (error) {
    store.historyTrouble = stop.signal.aborted ? "" : String(error instanceof Error ? error.message : error);
  } finally {
    clearTimeout(idle);
    stop.abort();
    store.reading = false;
    store.touch("history");
  }
}

/** @param {Store} store @returns {URLSearchParams} */
function query(store) {
  const topics = ["greenroom/events", "greenroom/logs"];
  /** As many as a stream may name. */
  const most = 16;
  for (const topic of store.latest.keys()) {
    // Where a topic has a log of its own, that reaches further back.
    const logged = [...store.latest.keys()].some((other) => other !== topic && chartOf(other) === topic);
    if (!logged && store.series.has(chartOf(topic))) topics.push(topic);
  }
  return new URLSearchParams([...topics.slice(0, most).map((topic) => ["topic", topic]), ["lastEventID", "earliest"]]);
}
