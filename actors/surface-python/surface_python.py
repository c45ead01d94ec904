"""Everything that the SDK for Python has, in a component, for `host/testkit/tests/python.rs`: a message says what is to be
done, and the answer what came of it."""

import random
import sys
import time

import greenroom as g
from greenroom import Actor, Answer, AskError, Message, Occasion, Reason, asking, log, reply, routes, seconds, supervisor

NOBODY = g.Address(1, 255)


class Surface(Actor, version=1):
    """Does what it is told."""

    def init(self, greeting: str = ""):
        self.heard = []
        self.requests = []
        self.greeting = greeting

    # In a sandbox without WASI.

    def on_print(self):
        print("one\ntwo", end="")
        print("three", file=sys.stderr)

    def on_times(self):
        wall = g.wall()
        return reply([g.now(), time.monotonic_ns(), time.time(), wall and wall.isoformat(), time.perf_counter()])

    def on_random(self):
        return reply(random.getrandbits(64))

    def on_open(self):
        return reply(open("/etc/passwd").read())

    def on_import(self):
        import decimal

        return reply(str(decimal))

    def on_sleep(self):
        time.sleep(1)

    def on_recurse(self, depth: int = 0):
        return self.on_recurse(depth + 1)

    def on_any(self, value: object, /):
        return reply(value)

    # Whom it meets.

    def on_addresses(self):
        return reply([g.own_address(), g.sender(), g.is_asked(), g.config(), g.lookup("partner"), g.lookup("nobody-there")])

    def on_tell(self, what: str):
        partner = g.lookup("partner")
        match what:
            case "well":
                g.tell(partner, "note", text="Grüße")
            case "nobody":
                g.tell(NOBODY, "note")
            case "long":
                g.tell(partner, "note", "x" * 2000)
            case "bad-kind":
                g.tell(partner, "a\x07b")

    def on_note(self, text: str):
        self.heard.append([text, str(g.sender()), g.topic()])

    def on_heard(self):
        return reply(self.heard)

    def on_ask(self, kind: str, to: str = "partner"):
        g.ask(g.lookup(to), kind, then=self.on_answer, timeout=seconds(1))

    def on_answer(self, answer: Answer[int | str]):
        assert g.answers()
        self.heard.append(answer.value if answer.error is None else answer.error.to_json())

    def on_later(self):
        self.requests.append(g.take_request())

    def on_now(self):
        for request in self.requests:
            g.reply_to(request, "at last")

    def on_quiet(self):
        pass

    def on_wait(self, kind: str):
        try:
            return reply(asking.ask_and_wait(g.lookup("partner"), kind, timeout=seconds(1)).json())
        except AskError as why:
            return reply(why.to_json())

    def on_spawn(self, name: str | None = None, how: str = "monitor"):
        child = g.spawn("child", config={"greeting": "hi"}, name=name, link=how == "link", monitor=how == "monitor")
        return reply([child.address, child.monitor])

    def on_trap_exits(self):
        g.trap_exits()

    def on_exit(self, name: str, why: Reason):
        g.exit(g.lookup(name), why)

    def on_links(self, name: str):
        who = g.lookup(name)
        g.link(who)
        g.unlink(who)
        g.demonitor(g.monitor(who))

    def exited(self, who, why):
        self.heard.append(["exited", why])

    def down(self, monitor, who, why):
        self.heard.append(["down", why])

    def on_stop(self):
        return g.stop_with(Reason.other("tired"))

    def on_order(self):
        g.ask(supervisor.find("stage"), supervisor.count(), then=self.on_count, timeout=seconds(1))

    def on_count(self, answer: Answer[supervisor.Count]):
        self.heard.append(answer.get().workers)

    # What there is.

    def on_refused(self, what: str):
        """What the host does not do, each as an exception of its kind."""
        try:
            match what:
                case "read":
                    g.read("secret")
                case "no-device":
                    g.read("nothing")
                case "write":
                    g.write("lamp", 0.5)
                case "publish":
                    g.publish("elsewhere", "note")
                case "subscribe":
                    g.subscribe("conformance/**")
                case "register":
                    g.register("partner")
                case "lookup":
                    g.lookup("No Name")
                case "spawn":
                    g.spawn("forbidden")
                case "timer":
                    g.send_every(seconds(0), "tick")
                case "route":
                    routes.set_route("No Pattern", [])
        except Exception as why:
            return reply([type(why).__name__, getattr(why, "case", None), str(why)])

    def on_devices(self):
        reading = g.read("sensor")
        g.write("lamp", 1)
        g.watch("sensor")
        return reply([reading.at, reading.value])

    def on_reading(self, device: str, at: g.Instant, value: float):
        self.heard.append([device, at, value])

    def on_names(self):
        g.register("alias")
        g.unregister("nobody-there")

    def on_timers(self):
        g.send_after(seconds(1), "note", text="after")
        g.cancel(g.send_every(seconds(1), "note", text="never"))

    def on_topics(self):
        g.publish("conformance/a", "note", text="published")
        g.unsubscribe("conformance/**")

    def on_route(self):
        routes.set_route("conformance/*", [g.own_address()])

    def on_routes(self):
        return reply(routes.routes())

    def on_raw(self, message: Message):
        return reply(Message("raw", message.body))

    def stopping(self, why):
        log.info(f"stopping: {why}")

    def save(self):
        return {"heard": self.heard, "requests": self.requests}

    def restore(self, kept: dict, occasion: Occasion, greeting: str = ""):
        self.heard, self.requests = kept["heard"], kept["requests"]
        self.greeting = greeting
        log.debug(f"{occasion.value} {greeting}")
