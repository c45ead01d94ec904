// The contract's functions, on the virtual host. Each checks at once what the real host checks at once, and leaves the rest
// for the end of the turn.

import { Failure } from "./errors.js";

const encoder = new TextEncoder();

/** What the host refuses, or why somebody ended. */
export const refusal = (tag, val) => (val === undefined ? { tag } : { tag, val });

/** A body as bytes. */
export const bytes = (body) => (typeof body === "string" ? encoder.encode(body) : new Uint8Array(body));

/** The contract's functions, for one turn of one actor. Each checks what the host checks at once. */
export function hostOf(world, resident, effects) {
  const me = resident.address;
  const later = (effect) => void effects.push(effect);
  const receiver = (to) => {
    if (!world.alive(to) && !(to === me)) throw refusal("no-actor");
    return world.actors.get(to);
  };
  const fits = (length, least) => {
    if (length < least || length > 31_622_400_000_000_000n) throw refusal("invalid", "a time is out of range");
  };
  const timer = (length, to, kind, body, every) => {
    const id = world.next();
    const entry = { id, owner: me, to, kind, body: bytes(body), every };
    later(() => world.timers.push({ ...entry, due: world.now + length }));
    return id;
  };
  const output = (device) => {
    const found = world.outputs.get(device) ?? { value: 0, writer: null, fault: null };
    world.outputs.set(device, found);
    return found;
  };
  return {
    ownAddress: () => me,
    send(to, kind, body) {
      const resident = receiver(to);
      later(() => world.deliver(resident, { kind, body: bytes(body), sender: me, request: null, topic: null }));
    },
    startAsk(to, kind, body, timeout) {
      fits(timeout, 1_000_000n);
      receiver(to);
      // Its number is known before the turn ends, and counts from there.
      const slot = world.next();
      later(() =>
        world.ask(me, to, kind, body, timeout, (_, message, error) => world.inTurn(resident, (instance) => instance.answered(slot, message, error))),
      );
      return slot;
    },
    ask() {
      throw new Failure("`askAndWait` cannot be tried without a host: ask, and handle the answer");
    },
    reply: (request, kind, body) => later(() => world.answer(BigInt(request), { message: { kind, body: bytes(body) } })),
    refuse: (request, why) => later(() => world.answer(BigInt(request), { error: refusal("refused", why) })),
    spawn(behavior, config, name, link, monitor, grants) {
      world.granted(`spawn:${behavior}`);
      if (name !== null && world.names.has(name)) throw refusal("name-taken");
      const known = world.behaviors.get(behavior);
      const whole = JSON.stringify({ ...(known?.config ?? {}), ...JSON.parse(config) });
      const child = world.add(known?.definition, whole);
      const watch = monitor ? world.next() : null;
      if (name !== null) world.names.set(name, child.address);
      later(() => {
        world.spawned.push({ behavior, name, config: JSON.parse(whole), address: child.address, grants });
        if (link) resident.links.add(child.address), child.links.add(me);
        if (monitor) resident.monitors.set(watch, child.address);
        world.work.push(() => child.definition && world.start(child));
      });
      return { address: child.address, monitor: watch };
    },
    link: (to) =>
      later(() => {
        const other = world.alive(to);
        if (!other) return world.signal(resident, to, refusal("no-actor"));
        other.links.add(me), resident.links.add(to);
      }),
    unlink: (to) => later(() => (world.actors.get(to)?.links.delete(me), resident.links.delete(to))),
    monitor(whom) {
      const id = world.next();
      later(() => {
        resident.monitors.set(id, whom);
        if (!world.alive(whom)) world.down(id, whom, refusal("no-actor"));
      });
      return id;
    },
    demonitor: (monitor) => later(() => resident.monitors.delete(BigInt(monitor))),
    trapExits: (on) => later(() => (resident.trapsExits = on)),
    exit: (whom, why) =>
      later(() => {
        const other = world.alive(whom);
        if (other === resident) world.work.push(() => world.end(other, why));
        // Of a link, `killed` can be trapped; as an order, it cannot.
        else if (other && why.tag === "killed") world.end(other, why);
        else if (other) world.signal(other, me, why);
      }),
    register(name) {
      world.granted(`register:${name}`);
      if (world.names.has(name) && world.names.get(name) !== me) throw refusal("taken");
      later(() => world.names.set(name, me));
    },
    unregister: (name) => later(() => world.names.get(name) === me && world.names.delete(name)),
    lookup(name) {
      world.granted(`tell:${name}`);
      return world.names.get(name) ?? null;
    },
    now: () => world.now,
    wall: () => world.wall && world.wall + world.now,
    log: (level, text) => world.log(resident, ["trace", "debug", "info", "warn", "error"][level], text),
    config: () => resident.config,
    sendAfter: (delay, to, kind, body) => (fits(delay, 0n), timer(delay, to, kind, body)),
    sendEvery: (interval, to, kind, body) => (fits(interval, 1_000_000n), timer(interval, to, kind, body, interval)),
    cancel: (id) => later(() => (world.timers = world.timers.filter((timer) => timer.id !== BigInt(id) || timer.owner !== me))),
    publish(topic, kind, body) {
      world.granted(`publish:${topic}`);
      later(() => world.publish(me, topic, kind, bytes(body)));
    },
    subscribe(pattern) {
      world.granted(`subscribe:${pattern}`);
      later(() => world.subscription(me, "register", pattern));
    },
    unsubscribe: (pattern) => later(() => world.subscription(me, "deregister", pattern)),
    setRoute: (pattern, receivers) => later(() => world.route(pattern, () => receivers)),
    routes: () => structuredClone(world.routes),
    read(device) {
      world.granted(`read:${device}`);
      const reading = world.inputs.get(device);
      if (!reading) throw refusal("no-device");
      if (reading.error) throw reading.error;
      return reading;
    },
    write(device, value) {
      world.granted(`write:${device}`);
      const { writer, fault } = output(device);
      if (fault) throw fault;
      if (writer !== null && writer !== me) throw refusal("busy", writer);
      later(() => Object.assign(output(device), { value, writer: me }));
    },
    watch(device) {
      world.granted(`read:${device}`);
      later(() => world.watches.push([device, me]));
    },
    decode: (data) => new TextDecoder().decode(data),
    encode: (text) => encoder.encode(text),
    random: Math.random,
  };
}
