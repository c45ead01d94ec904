// A FAKE host: a test double for the page's tests, and something to look at while the page is being made. It serves the
// page's files and plays the API with a scripted kettle. It is no part of the product; the real host is greenroom-server,
// and kettle.test.mjs tests the page against that one.
//
// `node fake-host.mjs [PORT]` plays it, with an incident now and then.

import { readFileSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";

const page = new URL("../page/", import.meta.url);
const TYPES = { html: "text/html", css: "text/css", js: "text/javascript", svg: "image/svg+xml", txt: "text/plain" };
const FILES = readdirSync(page);
const POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const RING = { "greenroom/tree": 1, "kettle/log": 6000, "machine/sample": 6000 };

/**
 * @typedef {object} Options
 * @property {number} [port] 0: a free one
 * @property {number} [period] milliseconds between samples
 * @property {number} [speed] simulated seconds a sample
 * @property {number} [history] seconds of samples that it begins with
 * @property {string} [token] asked for by what changes something
 * @property {boolean} [bare] without the kettle
 */

/** @param {Options} [options] */
export async function fakeHost(options = {}) {
  const { port = 0, period = 200, speed = 2, history = 0, token, bare = false } = options;
  const epoch = `e${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  const started = Date.now();
  let seq = 0;
  /** @type {Map<string, object[]>} */
  const rings = new Map();
  /** The last message that is no longer kept, by topic. */
  const dropped = new Map();
  const streams = new Set();
  const sockets = new Set();
  const requests = [];
  let opened = 0;
  let refusals = 0;
  let breaks = 0;
  const now = () => Date.now() / 1000;

  function publish(topic, kind, body, time = now()) {
    const message = { topic, kind, body, time, seq: ++seq };
    const ring = rings.get(topic) ?? [];
    ring.push(message);
    if (ring.length > (RING[topic] ?? 1024)) dropped.set(topic, ring.shift().seq);
    rings.set(topic, ring);
    for (const stream of streams) if (stream.matches(topic)) stream.send(message);
    return message;
  }
  const event = (kind, body) => publish("greenroom/events", kind, body);
  const log = (name, kind, text) => publish("greenroom/logs", kind, { actor: name, address: find(name).address, text });

  // The tree.
  // Each start of a host has new ones.
  const node = Math.floor(Math.random() * 2 ** 48).toString(16).padStart(16, "0");
  let keys = 0;
  const address = () => `${node}-${(0xabc0000 + ++keys).toString(16).padStart(16, "0")}`;
  const actor = (name, source, grants) => ({
    name,
    address: address(),
    state: "running",
    actor: {
      behavior: name, source: `actors/${source}.wasm`, digest: `3f9a${keys}1c07b2e`, incarnation: 1, restarts: 0, turns: 0, waiting: 0,
      mailbox_limit: 256, dropped: 0, handling: null, busy_seconds: null, memory_bytes: 1114112, last_end: null, grants,
    },
    children: [],
  });
  const supervisor = (name, strategy, children) => ({
    name,
    address: address(),
    state: "running",
    supervisor: { strategy, restarts_in_window: 0, restarts_limit: 5, window_seconds: 60 },
    children,
  });
  const controller = actor("controller", "controller", ["write:heater", "publish:kettle/**", "spawn:mash"]);
  const mash = { ...actor("mash", "mash", ["write:heater"]), name: "mash" };
  const root = supervisor("root", "one-for-one", [
    supervisor("brewery", "rest-for-one", [
      actor("topics", "topic_registry", []),
      controller,
      actor("sampler", "sampler", ["read:mash-probe", "read:heater", "ask:controller", "publish:kettle/sample"]),
      actor("session-log", "session_log", ["subscribe:kettle/sample", "publish:kettle/log"]),
    ]),
    actor("machine", "machine", ["read:load", "read:memory", "read:cpu", "read:cpu-temperature", "publish:machine/sample"]),
  ]);
  const all = (node) => [node, ...node.children.flatMap(all)];
  const find = (whom) => all(root).find((node) => node.name === whom || node.address === whom);

  const device = (name, kind, unit, output = false) => ({ name, kind, unit, output, value: null, missing: null, age_seconds: null, writer: null });
  const probe = device("mash-probe", "sim-kettle", "celsius");
  const heater = device("heater", "sim-relay", "state", true);
  const machine = ["load", "memory", "cpu"].map((name) => device(name, `machine-${name}`, name === "load" ? "load" : "percent"));
  const hot = device("cpu-temperature", "machine-temperature", "celsius");
  Object.assign(hot, { missing: "this machine has no such sensor" });
  const devices = [probe, heater, ...machine, hot];

  const tree = () => ({
    host: { name: "brewhouse", version: "0.1.0", profile: "sim", epoch, uptime_seconds: (Date.now() - started) / 1000 },
    root,
    devices,
  });

  // The kettle: KETTLE.md's plant and state machine, in simulated time.
  const plant = { celsius: 20, on: false, target: 66, state: "idle", entered: 0, high: 0, time: 0, logged: -Infinity, last: null };
  const heatSeconds = () => Math.max(((plant.target - plant.celsius) * 4186 * 17) / 1600, 20);
  function enter(state) {
    [plant.state, plant.entered, plant.high] = [state, plant.time, plant.celsius];
    plant.on = state === "heating";
  }
  function tick() {
    plant.time += speed;
    plant.celsius += (speed * (1600 * Number(plant.on) - 10 * (plant.celsius - 20))) / (17 * 4186);
    const { celsius: t, target, time, entered } = plant;
    if (plant.state === "resting" && target - t > 0.1) enter("heating");
    else if (plant.state === "heating" && !(t < target && time < entered + heatSeconds())) enter("slacking");
    else if (plant.state === "slacking") {
      if (!(time <= entered + 20 || t >= plant.high + 0.05)) enter("resting");
      plant.high = Math.max(plant.high, t);
    }
  }
  let silent = false;
  let missing = false;
  function sample(time = now()) {
    tick();
    const celsius = Math.round(plant.celsius / 0.0625) * 0.0625;
    const body = { time, temperature: missing ? null : celsius, heater: Number(plant.on), controller: plant.state, "mash-temperature": plant.target };
    Object.assign(probe, { value: celsius, age_seconds: 0.1, missing: missing ? "no such device: 28-000005e2fdc3" : null });
    Object.assign(heater, { value: Number(plant.on), age_seconds: 0.1, writer: plant.state === "idle" ? null : "mash" });
    if (silent) return;
    for (const node of all(root)) if (node.actor) node.actor.turns += node.name === "mash" ? 1 : 2;
    if (!bare) publish("kettle/sample", "sample", body, time);
    const last = plant.last;
    const worth = !last || Math.abs((body.temperature ?? 0) - (last.temperature ?? 0)) >= 0.07 || body.heater !== last.heater ||
      body.controller !== last.controller || time - last.time >= 60;
    if (worth) plant.last = body;
    if (worth && !bare) publish("kettle/log", "sample", body, time);
    const wave = Math.sin(time / 90);
    const figures = { time, load: 0.62 + 0.2 * wave + Math.random() * 0.05, memory: 41.3 + wave, cpu: 18 + 9 * wave + Math.random() * 8, temperature: null };
    machine.forEach((d) => Object.assign(d, { value: figures[d.name], age_seconds: 0.2 }));
    publish("machine/sample", "sample", figures, time);
  }
  function set(on) {
    if (on && plant.state === "idle") {
      controller.children = [mash];
      enter("resting");
    } else if (!on) {
      controller.children = [];
      enter("idle");
    }
  }
  if (history > 0) {
    plant.celsius = 52;
    set(true);
    for (let back = history; back > 0; back -= 2) sample(now() - back);
  }

  // HTTP.
  const answer = (response, status, body, headers = {}) => {
    response.writeHead(status, { "content-type": status >= 400 ? "application/problem+json" : "application/json", ...headers });
    response.end(JSON.stringify(body));
  };
  const problem = (response, status, title, detail, code) =>
    answer(response, status, { type: "about:blank", title, status, detail, code });

  function stream(request, response, url) {
    const patterns = url.searchParams.getAll("topic");
    const matches = (topic) =>
      !patterns.length || patterns.some((p) => (p.endsWith("**") ? topic.startsWith(p.slice(0, -2)) : p === topic));
    const asked = request.headers["last-event-id"] ?? url.searchParams.get("lastEventID");
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    const write = (kind, data, id) => response.write(`${id ? `id: ${id}\n` : ""}event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`);
    const send = (m) => write(m.kind, { topic: m.topic, time: m.time, body: m.body }, `${epoch}-${m.seq}`);
    response.write("retry: 200\n\n");
    const latest = Object.fromEntries([...rings].map(([topic, ring]) => [topic, ring.at(-1)]).map(([t, m]) => [t, { time: m.time, kind: m.kind, body: m.body }]));
    const newest = `${epoch}-${seq}`;
    write("snapshot", { tree: tree(), latest, last_event_id: newest }, asked ? null : newest);
    if (asked && !(asked === "earliest" && breaks > 0)) {
      const [, of, after] = /^(.*)-(\d+)$/.exec(asked) ?? [];
      const from = of === epoch ? Number(after) : 0;
      const lost = Math.max(0, ...[...dropped].map(([topic, last]) => (matches(topic) ? last : 0)));
      if (asked !== "earliest" && (of !== epoch || lost > from)) {
        write("lag", { from: of === epoch ? asked : null, to: of === epoch ? `${epoch}-${lost}` : newest, dropped: null });
      }
      [...rings.values()].flat().filter((m) => m.seq > from && matches(m.topic)).sort((a, b) => a.seq - b.seq).forEach(send);
    }
    if (asked === "earliest" && breaks > 0) {
      breaks -= 1;
      // Once something has come: a browser asks again by itself for what was answered with nothing.
      return void response.write(":\n\n", () => setTimeout(() => request.socket.destroy(), 50));
    }
    const client = { matches, send, write, end: () => response.end() };
    opened += 1;
    streams.add(client);
    response.on("close", () => streams.delete(client));
  }

  async function post(request, response, url) {
    let text = "";
    for await (const piece of request) text += piece;
    requests.push({ path: url.pathname, text, authorization: request.headers.authorization ?? null });
    if (token && request.headers.authorization !== `Bearer ${token}`) {
      return problem(response, 401, "Unauthorized", "send Authorization: Bearer TOKEN; the token is in the host's data directory", "token");
    }
    let body = null;
    try {
      body = text ? JSON.parse(text) : null;
    } catch {
      return problem(response, 400, "Bad Request", "the body is not JSON", "json");
    }
    if (url.pathname === "/temperature") {
      if (typeof body?.set !== "number" || body.set < 0 || body.set > 100) {
        return problem(response, 422, "Unprocessable Content", `a set-point is 0 to 100 °C, not ${body?.set}`, "refused");
      }
      plant.target = body.set;
      return answer(response, 200, { set: plant.target });
    }
    if (url.pathname === "/controller") {
      set(body?.set === "on");
      return answer(response, 200, { set: body?.set });
    }
    const [, whom, verb] = /^\/api\/actors\/([^/]+)\/(\w+)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    const node = whom && find(whom);
    if (!node) return problem(response, 404, "Not Found", `there is no actor \`${whom}\`; GET /api/tree lists those there are`, "no-actor");
    if (verb === "restart") return restart(node), answer(response, 200, {});
    if (verb === "messages") return log(node.name, "info", `told ${body.kind}`), answer(response, 202, {});
    if (verb === "ask") return answer(response, 200, { kind: "mode", body: { mode: plant.state } });
    if (verb === "reload") return answer(response, 200, swap(node));
    return problem(response, 404, "Not Found", "there is no such thing", "route");
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, "http://localhost");
    const file = url.pathname === "/" ? "index.html" : url.pathname.replace(/^\/assets\//, "");
    if (request.method === "POST") return post(request, response, url);
    if (FILES.includes(file)) {
      const type = `${TYPES[file.split(".").at(-1)]}; charset=utf-8`;
      response.writeHead(200, { "content-type": type, "content-security-policy": POLICY, "cache-control": "no-cache" });
      return response.end(readFileSync(new URL(file, page)));
    }
    if (url.pathname === "/stream" && refusals > 0) {
      refusals -= 1;
      return problem(response, 503, "Service Unavailable", "64 streams are open, which is the most: try again later", "streams");
    }
    if (url.pathname === "/stream") return stream(request, response, url);
    if (url.pathname === "/api/tree") return answer(response, 200, tree());
    problem(response, 404, "Not Found", "there is no such page", "route");
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  function restart(node) {
    node.actor.incarnation += 1;
    event("ended", { actor: node.name, address: node.address, incarnation: 1, reason: "shutdown", detail: null, text: `${node.name} ended: shutdown` });
    event("started", { actor: node.name, address: node.address, text: `${node.name} started` });
  }
  function swap(node, to = Math.random().toString(16).slice(2, 14), waiting = 0) {
    const from = node.actor.digest;
    node.actor.digest = to;
    const body = { from, to, state: "kept", milliseconds: 41.2 };
    event("swapped", { actor: node.name, address: node.address, ...body, waiting, text: `${node.name} swapped ${from.slice(0, 4)} → ${to.slice(0, 4)}, state kept` });
    return body;
  }
  /** An actor's fault, and what its supervisor does about it. */
  function trap(name, { again = true } = {}) {
    const node = find(name);
    const about = { actor: name, address: node.address, incarnation: node.actor.incarnation };
    log(name, "error", "panicked at src/lib.rs:57: attempt to divide by zero");
    if (name === "controller") event("device-safe", { device: "heater", by: name, why: "its writer trapped", microseconds: 312, text: "heater is at its safe level: its writer trapped" });
    event("ended", { ...about, reason: "trapped", detail: "attempt to divide by zero, controller::heat_time src/lib.rs:57", text: `${name} trapped: attempt to divide by zero` });
    node.actor.last_end = "trapped: attempt to divide by zero";
    if (!again) return;
    const parent = all(root).find((other) => other.children.includes(node));
    parent.supervisor.restarts_in_window += 1;
    node.actor.restarts += 1;
    node.actor.incarnation += 1;
    event("restarting", { ...about, supervisor: parent.name, restarts: parent.supervisor.restarts_in_window, limit: 5, text: `${parent.name} restarts ${name}` });
    event("started", { ...about, text: `${name} started` });
  }

  const timers = [
    setInterval(() => sample(), period),
    setInterval(() => publish("greenroom/tree", "tree", tree()), Math.min(1000, period * 3)),
  ];
  sample();
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  const stop = () => {
    timers.forEach(clearInterval);
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: server.address().port,
    url: `http://127.0.0.1:${server.address().port}/`,
    epoch, requests, plant, devices, publish, event, log, find, swap, trap, set,
    streams: () => streams.size,
    opened: () => opened,
    /** What is kept of a topic. */
    kept: (topic) => (rings.get(topic) ?? []).map(({ kind, body, time }) => ({ kind, body, time })),
    /** No more samples. */
    quiet: (on) => (silent = on),
    /** The thermometer is gone. */
    lose: (on) => (missing = on),
    /** The network breaks; the host runs on. */
    cut: () => sockets.forEach((socket) => socket.destroy()),
    /** Sends a message again that was sent before. */
    again: (message) => streams.forEach((stream) => stream.send(message)),
    /** The next readers of history are cut off. */
    breakHistory: (times) => (breaks = times),
    /** The next streams are refused. */
    refuse: (times) => (refusals = times),
    /** A slow client was overtaken. */
    lag(dropped) {
      const from = seq;
      seq += dropped;
      for (const client of streams) client.write("lag", { from: `${epoch}-${from}`, to: `${epoch}-${seq}`, dropped });
    },
    buildFailed: (name, output) => event("build-failed", { actor: name, address: find(name).address, output, text: `${name}: build failed` }),
    swapFailed: (name, stage, why) => event("swap-failed", { actor: name, address: find(name).address, stage, why, text: `${name}: swap failed` }),
    /** In order: it says goodbye first. */
    bye() {
      for (const client of streams) {
        client.write("bye", {});
        client.end();
      }
      stop();
    },
    /** As `kill -9` would. */
    kill: stop,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const host = await fakeHost({ port: Number(process.argv[2] ?? 8099), period: 2000, speed: 2, history: 5400 });
  console.log(host.url);
  const OUTPUT = "error[E0308]: mismatched types\n  --> controller/src/lib.rs:57:18\n   |\n57 |     let seconds: f64 = gap * 4186;\n   |                  ---   ^^^^^^^^^^ expected `f64`, found `u64`\n";
  const incidents = [
    () => host.swap(host.find("controller")),
    () => host.buildFailed("sampler", OUTPUT),
    () => host.trap("controller"),
    () => host.swap(host.find("sampler")),
    () => host.lag(128),
  ];
  let next = 0;
  setInterval(() => incidents[next++ % incidents.length](), 20_000);
}
