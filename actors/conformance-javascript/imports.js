// A check for each function that the contract offers: its arguments are the lines of the message, its result what the
// function gave back.

import host from "@greenroom/actor/host";
import { message, result } from "./show.js";

const LEVELS = ["trace", "debug", "info", "warn", "error"];

function nothing(work) {
  work();
  return null;
}

function spawn(args) {
  const [behavior, config, name, relation] = [args.text(), args.text(), args.text(), args.line()];
  const [link, monitor] = [["link", "both"].includes(relation), ["monitor", "both"].includes(relation)];
  // `grants` and then one a line; without that word, none are named.
  const grants = args.line() === "grants" ? [] : null;
  while (grants && !args.isEmpty) grants.push(args.text());
  return result(() => {
    const spawned = host.spawn(behavior, config, name === "" ? null : name, link, monitor, grants);
    args.spawned = spawned.address;
    return spawned;
  });
}

const timer = (set) => (args) => {
  const [length, to, kind, body] = [args.number(), args.address(), args.text(), args.bytes()];
  return result(() => set(length, to, kind, body));
};

/** The checks, each by its name. */
export const CHECKS = {
  "messaging.own-address": () => host.ownAddress(),
  "messaging.send": (args) => {
    const [to, kind, body] = [args.address(), args.text(), args.bytes()];
    return result(() => host.send(to, kind, body));
  },
  "messaging.start-ask": (args) => {
    const [to, kind, body, timeout] = [args.address(), args.text(), args.bytes(), args.number()];
    return result(() => host.startAsk(to, kind, body, timeout));
  },
  "messaging.reply": (args) => {
    const request = args.number();
    if (args.line() === "refuse") {
      const why = args.text();
      return result(() => host.refuse(request, why));
    }
    const [kind, body] = [args.text(), args.bytes()];
    return result(() => host.reply(request, kind, body));
  },
  "actors.spawn": spawn,
  "actors.link": (args) => nothing(() => host.link(args.address())),
  "actors.unlink": (args) => nothing(() => host.unlink(args.address())),
  "actors.monitor": (args) => host.monitor(args.address()),
  "actors.demonitor": (args) => nothing(() => host.demonitor(args.number())),
  "actors.trap-exits": (args) => nothing(() => host.trapExits(args.line() === "true")),
  "actors.exit": (args) => {
    const whom = args.address();
    return nothing(() => host.exit(whom, args.reason()));
  },
  "names.register": (args) => result(() => host.register(args.text())),
  "names.unregister": (args) => nothing(() => host.unregister(args.text())),
  "names.lookup": (args) => result(() => host.lookup(args.text())),
  "clock.now": () => host.now(),
  "clock.wall": () => host.wall(),
  "config.get": () => host.config(),
  "log.write": (args) => {
    const level = LEVELS.indexOf(args.line());
    return nothing(() => host.log(level, args.text()));
  },
  "timers.send-after": timer(host.sendAfter),
  "timers.send-every": timer(host.sendEvery),
  "timers.cancel": (args) => nothing(() => host.cancel(args.number())),
  "topics.publish": (args) => {
    const [topic, kind, body] = [args.text(), args.text(), args.bytes()];
    return result(() => host.publish(topic, kind, body));
  },
  "topics.subscribe": (args) => result(() => host.subscribe(args.text())),
  "topics.unsubscribe": (args) => nothing(() => host.unsubscribe(args.text())),
  "routes.set": (args) => {
    const [pattern, receivers] = [args.text(), []];
    while (!args.isEmpty) receivers.push(args.address());
    return result(() => host.setRoute(pattern, receivers));
  },
  "routes.current": () => result(() => host.routes()),
  "devices.read": (args) => result(() => host.read(args.text())),
  "devices.watch": (args) => result(() => host.watch(args.text())),
  "devices.write": (args) => {
    const [device, value] = [args.text(), args.float()];
    return result(() => host.write(device, value));
  },
};

// It is there only in the component that runs on a fiber.
if (host.ask) {
  CHECKS["asking.ask"] = (args) => {
    const [to, kind, body, timeout] = [args.address(), args.text(), args.bytes(), args.number()];
    return result(() => host.ask(to, kind, body, timeout), message);
  };
}
