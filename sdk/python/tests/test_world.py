"""What an actor meets: children, links, monitors, names, topics, devices, the time."""

import unittest
from datetime import UTC, datetime

from greenroom import (
    Actor,
    Instant,
    Misfit,
    ReadError,
    Reason,
    RegisterError,
    Timer,
    WriteError,
    cancel,
    demonitor,
    exit,
    hours,
    link,
    log,
    lookup,
    minutes,
    monitor,
    now,
    publish,
    read,
    register,
    reply,
    seconds,
    send_every,
    spawn,
    subscribe,
    tell,
    topic,
    trap_exits,
    unregister,
    unsubscribe,
    wall,
    watch,
    write,
)
from greenroom._time import read_length, write_length
from greenroom.routes import routes, set_route
from greenroom.test import Test


class Parent(Actor):
    """Has children."""

    def init(self, trap: bool = True):
        self.ends = []
        trap_exits(trap)

    def on_spawn(self, name: str | None = None, linked: bool = False, monitored: bool = False):
        child = spawn("child", config={"size": 2}, name=name, link=linked, monitor=monitored)
        tell(child.address, "hello")
        return reply([child.address, child.monitor])

    def on_watch(self, name: str, forget: bool = False):
        number = monitor(lookup(name))
        if forget:
            demonitor(number)
        link(lookup(name))

    def on_end(self, name: str, word: str):
        exit(lookup(name), Reason(word))

    def on_ends(self):
        return reply(self.ends)

    def exited(self, who, why):
        self.ends.append(f"exited {why}")

    def down(self, monitor, who, why):
        self.ends.append(f"down {why}")


class Family(unittest.TestCase):
    """Erlang's rules."""

    def test_children_are_described_or_strangers(self) -> None:
        parent = Test(Parent)
        parent.behavior("child", Parent, {"size": 1, "trap": False})
        address, number = parent.ask("spawn", monitored=True)
        [spawned] = parent.spawned()
        self.assertEqual((str(spawned.address), spawned.config), (address, {"size": 2, "trap": False}))
        self.assertIsInstance(number, int)
        self.assertIn("`hello` is not understood", parent.dead_letters()[0][1])
        parent.end(spawned.address, Reason.trapped("x"))
        self.assertEqual(parent.ask("ends"), ["down trapped: x"])

    def test_links_are_trapped_or_end_both(self) -> None:
        for trap in (True, False):
            parent = Test(Parent, trap=trap)
            parent.ask("spawn", name="kid", linked=True)
            [hello] = parent.received(parent.lookup("kid"))
            self.assertEqual(hello.sender, parent.address)
            parent.tell("end", name="kid", word="out-of-time")
            if trap:
                self.assertEqual(parent.ask("ends"), ["exited out-of-time"])
            else:
                self.assertEqual(parent.why_ended(), Reason.OUT_OF_TIME)

    def test_monitors_of_the_dead_and_forgotten(self) -> None:
        parent = Test(Parent)
        kid = parent.stranger("kid")
        parent.tell("watch", name="kid", forget=True)
        parent.end(kid, Reason.NORMAL)
        self.assertEqual(parent.ask("ends"), ["exited normal"])
        parent._world.names["kid"] = kid
        parent.tell("watch", name="kid")
        self.assertEqual(parent.ask("ends"), ["exited normal", "down no-actor", "exited no-actor"])


class House(Actor):
    """Uses what there is."""

    def on_fan(self, device: str = "fan"):
        try:
            write(device, read("thermometer").value > 30)
        except (ReadError, WriteError) as why:
            log.warn(f"{why.case}: {why}")

    def on_watch(self):
        watch("thermometer")

    def on_reading(self, device: str, at: Instant, value: float | None = None, missing: str | None = None):
        log.info(f"{device} {int(at)} {value} {missing}")

    def on_times(self):
        return reply([now(), str(wall())])

    def on_every(self):
        self.timer = send_every(seconds(1), "fan")

    def on_never(self):
        cancel(Timer(self.timer))

    def on_name(self, name: str):
        try:
            register(name)
        except RegisterError as why:
            return reply(str(why))
        unregister(Test.NAME)

    def on_lookup(self, name: str):
        return reply(lookup(name))

    def on_hear(self, pattern: str, stop: bool = False):
        (unsubscribe if stop else subscribe)(pattern)

    def on_note(self):
        log.info(f"note on {topic()}")

    def on_tell(self, topic: str):
        publish(topic, "note")

    def on_route(self):
        set_route("a/*", [lookup(Test.NAME)])

    def on_routes(self):
        return reply(routes())


class Places(unittest.TestCase):
    """Devices, topics, names, clocks."""

    def setUp(self) -> None:
        self.house = Test(House)

    def test_outputs_are_safe_when_their_writer_ends(self) -> None:
        self.house = Test.prepare(House)
        self.house.set_input("thermometer", 31.5)
        self.house.begin()
        self.house.tell("every")
        self.house.advance(seconds(1))
        self.assertEqual(self.house.output("fan"), 1.0)
        self.house.tell("never")
        self.house.lose_input("thermometer", "unplugged")
        self.house.tell("fan")
        self.assertTrue(self.house.logged("failed: unplugged"))
        self.house.stale_input("thermometer", seconds(5))
        self.house.tell("fan")
        self.assertTrue(self.house.logged("stale: the last value is 0:00:05 old"))
        self.house.advance(seconds(5))
        self.house.set_input("thermometer", 1)
        self.house.deny("write:fan")
        self.house.tell("fan")
        self.assertTrue(self.house.logged("not-granted: not granted: the manifest has to grant `write:fan`"))
        self.house.tell("fan", device="thermometer")
        self.assertTrue(self.house.logged("read-only"))
        self.house.end(self.house.address, Reason.KILLED)
        self.assertEqual(self.house.changes("fan"), [(1_000_000_000, 1.0), (6_000_000_000, 0.0)])

    def test_new_values_come_as_messages(self) -> None:
        self.house.set_input("thermometer", 20)
        self.house.tell("watch")
        self.house.advance(seconds(1))
        self.house.set_input("thermometer", 21)
        self.house.lose_input("thermometer", "gone")
        lines = [line for _, _, line in self.house.logs()]
        self.assertEqual(lines, ["thermometer 1000000000 21.0 None", "thermometer 1000000000 None gone"])

    def test_the_time(self) -> None:
        self.house.advance(minutes(1))
        self.assertEqual(self.house.ask("times"), [60_000_000_000, "2026-01-01 00:01:00+00:00"])
        self.house.lose_wall_clock()
        self.assertEqual(self.house.ask("times")[1], "None")
        at = Instant(5_000_000_000)
        self.assertEqual(
            (at - Instant(3_000_000_000), at - seconds(1), at + hours(1)),
            (seconds(2), 4_000_000_000, 3_605_000_000_000),
        )
        self.assertEqual((at.since(Instant(9_000_000_000)), datetime.now(UTC).tzinfo), (seconds(0), UTC))

    def test_lengths_of_time(self) -> None:
        for text, length, written in (
            ("2s", seconds(2), "2s"),
            ("90s", seconds(90), "90s"),
            ("2 h", hours(2), "2h"),
            ("0.5s", seconds(0.5), "500ms"),
            ("15m", minutes(15), "15m"),
            ("0ms", seconds(0), "0s"),
            ("1d", hours(24), "1d"),
        ):
            self.assertEqual((read_length(text), write_length(length)), (length, written))
        for text in ("", "2", "s", "2 weeks", "1.2.3s", "-1s", "99999999999999999999d", 2):
            with self.assertRaises(Misfit, msg=text):
                read_length(text)

    def test_names(self) -> None:
        self.house.stranger("taken")
        self.assertEqual(self.house.ask("name", name="taken"), "another living actor has this name")
        self.house.tell("name", name="mine")
        self.assertEqual(self.house.ask("lookup", name="mine"), str(self.house.address))
        self.assertIsNone(self.house.ask("lookup", name=Test.NAME))

    def test_topics_and_routes(self) -> None:
        self.house.tell("hear", pattern="a/**")
        self.house.tell("tell", topic="a/b/c")
        self.house.publish("b", "note")
        self.house.tell("hear", pattern="a/**", stop=True)
        self.house.publish("a/b", "note")
        self.assertEqual([line for _, _, line in self.house.logs()], ["note on a/b/c"])
        self.house.tell("route")
        self.house.publish("a/d", "note")
        self.assertTrue(self.house.logged("note on a/d"))
        self.assertEqual(self.house.ask("routes"), [["a/*", [str(self.house.address)]]])
        registry = self.house.stranger("registry")
        self.house.set_registry(registry)
        self.house.tell("hear", pattern="c")
        [order] = self.house.received(registry)
        self.assertEqual((order.message.kind, order.message.body), ("register", b'{"pattern":"c"}'))


if __name__ == "__main__":
    unittest.main()
