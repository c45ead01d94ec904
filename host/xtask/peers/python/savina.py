"""The peer in Python: the same programs as the actors in actors/bench, as greenlets of gevent, each with a queue.

`python savina.py PATTERN UNITS` prints messages, and the CPU and wall nanoseconds that they took: of the whole process,
from the first message to the last, warmed up before.
"""

import math
import sys
import time

import gevent
from gevent.event import AsyncResult
from gevent.queue import SimpleQueue

NODES, WINDOW, WORKERS, JOBS, WAVE, PLAYERS, CREATURES = 100, 512, 60, 16, 500, 120, 100


class Actor:
    """A greenlet that handles one message after the other."""

    def __init__(self):
        self.mailbox = SimpleQueue()
        self.tell = self.mailbox.put
        gevent.spawn(self.run)

    def run(self):
        get = self.mailbox.get
        while self.handle(*get()) is None:
            pass


class Ping(Actor):
    def handle(self, kind, *fields):
        if kind == "start":
            units, self.done = fields
            if not hasattr(self, "pong"):
                self.pong = Pong()
            self.messages = max(1, units) + max(1, units) % 2
            self.pong.tell(("bounce", self, self.messages - 1))
        elif fields[1] == 0:
            self.done.set(self.messages)
        else:
            fields[0].tell(("bounce", self, fields[1] - 1))


class Pong(Actor):
    def handle(self, kind, sender, left):
        sender.tell(("bounce", self, left - 1))


class Node(Actor):
    next = None

    def handle(self, kind, left, done=None):
        if kind == "start":
            self.done = done
            if self.next is None:
                following = self
                for _ in range(NODES - 1):
                    node = Node()
                    node.next = following
                    following = node
                self.next = following
            self.hops = -(-max(1, left) // NODES) * NODES
            self.next.tell(("token", self.hops - 1))
        elif left == 0:
            self.done.set(self.hops)
        else:
            self.next.tell(("token", left - 1))


class Producer(Actor):
    counter = None

    def handle(self, kind, *fields):
        if kind == "start":
            self.units, self.done = fields
            self.left, self.messages = self.units, 0
            self.counter = self.counter or Counter()
        elif kind == "counted":
            assert fields[0] == self.units
            self.done.set(self.messages)
            return
        window = min(self.left, WINDOW)
        add = self.counter.tell
        for _ in range(window):
            add(("add",))
        self.left -= window
        self.messages += window + 2
        add(("pass" if self.left else "retrieve", self))


class Counter(Actor):
    count = 0

    def handle(self, kind, sender=None):
        if kind == "add":
            self.count += 1
        elif kind == "pass":
            sender.tell(("passed",))
        else:
            sender.tell(("counted", self.count))
            self.count = 0


class Worker(Actor):
    jobs, result = 0, 0.0

    def handle(self, kind, sender=None):
        self.result += math.sin(37.2 + self.result) ** 2
        self.jobs += 1
        if kind != "work":
            sender.tell(("finished", self.jobs, self))
            self.jobs = 0
        # Anything but None ends it.
        return True if kind == "once" else None


class Forker(Actor):
    workers = None

    def handle(self, kind, *fields):
        if kind == "start":
            self.left, self.done = fields
            self.workers = self.workers or [Worker() for _ in range(WORKERS)]
            self.awaited, self.messages = self.left, 0
            for worker in self.workers:
                self.give_out(worker)
        else:
            self.awaited -= fields[0]
            self.give_out(fields[1])
        if self.awaited == 0:
            self.done.set(self.messages)

    def give_out(self, worker):
        window = min(self.left, JOBS)
        if window == 0:
            return
        for _ in range(window - 1):
            worker.tell(("work",))
        worker.tell(("report", self))
        self.left -= window
        self.messages += window + 1


class Creator(Actor):
    def __init__(self, wave):
        self.wave = wave
        super().__init__()

    def handle(self, kind, *fields):
        if kind == "start":
            self.left, self.done = fields
            self.units, self.jobs = self.left, 0
        else:
            self.jobs += fields[0]
            self.awaited -= 1
            if self.awaited:
                return
        if self.left == 0:
            assert self.jobs == self.units
            self.done.set(2 * self.jobs)
            return
        self.awaited = min(self.left, self.wave)
        self.left -= self.awaited
        for _ in range(self.awaited):
            Worker().tell(("once", self))


class Sink(Actor):
    players = None

    def handle(self, kind, *fields):
        if kind == "start":
            units, self.done = fields
            if self.players is None:
                self.players = [Player(seed) for seed in range(1, PLAYERS + 1)]
                for player in self.players:
                    player.players = self.players
            self.pings = max(1, -(-units // PLAYERS))
            self.awaited = PLAYERS
            for player in self.players:
                player.tell(("go", self, self.pings))
        else:
            self.awaited -= 1
            if self.awaited == 0:
                self.done.set(PLAYERS * (2 * self.pings + 2))


class Player(Actor):
    def __init__(self, random):
        self.random = random
        super().__init__()

    def handle(self, kind, *fields):
        if kind == "ping":
            fields[0].tell(("pong",))
            return
        if kind == "go":
            self.sink, self.left = fields
        if self.left == 0:
            self.sink.tell(("over",))
            return
        self.left -= 1
        random = self.random
        random ^= random << 13 & 0xFFFFFFFF
        random ^= random >> 17
        random ^= random << 5 & 0xFFFFFFFF
        self.random = random
        self.players[random % PLAYERS].tell(("ping", self))


class Mall(Actor):
    creatures = waiting = None

    def handle(self, kind, *fields):
        if kind == "start":
            self.meetings, self.done = fields
            self.creatures = self.creatures or [Creature(number % 3) for number in range(CREATURES)]
            self.left, self.about, self.sum = self.meetings, CREATURES, 0
            for creature in self.creatures:
                creature.tell(("go", self))
        elif kind == "come":
            creature, colour = fields
            if self.left == 0:
                creature.tell(("fade", self))
            elif self.waiting is None:
                self.waiting = creature
            else:
                self.waiting.tell(("meet", creature, colour))
                self.waiting = None
                self.left -= 1
        else:
            self.sum += fields[0]
            self.about -= 1
            if self.about == 0:
                assert self.sum == 2 * self.meetings
                self.done.set(4 * self.meetings + 4 * CREATURES)


class Creature(Actor):
    meetings = 0

    def __init__(self, colour):
        self.colour = colour
        super().__init__()

    def handle(self, kind, *fields):
        if kind == "fade":
            fields[0].tell(("faded", self.meetings))
            self.meetings = 0
            return
        if kind == "go":
            self.mall = fields[0]
        elif kind == "meet":
            whom, colour = fields
            if self.colour != colour:
                self.colour = 3 - self.colour - colour
            self.meetings += 1
            whom.tell(("change", self.colour))
        else:
            self.colour = fields[0]
            self.meetings += 1
        self.mall.tell(("come", self, self.colour))


class Asker(Actor):
    answerer = None

    def handle(self, kind, units, done):
        self.answerer = self.answerer or Answerer()
        for number in range(units):
            answer = AsyncResult()
            self.answerer.tell((number, answer))
            assert answer.get(timeout=10) == number + 1
        done.set(2 * units)


class Answerer(Actor):
    def handle(self, number, answer):
        answer.set(number + 1)


MAIN = {
    "ping-pong": Ping,
    "ring": Node,
    "counting": Producer,
    "fork-join": Forker,
    "creation": lambda: Creator(WAVE),
    "spawn": lambda: Creator(1),
    "big": Sink,
    "chameneos": Mall,
    "asking": Asker,
}


def main(pattern, units):
    actor = MAIN[pattern]()

    def start(units):
        done = AsyncResult()
        actor.tell(("start", units, done))
        return done.get()

    start(max(1, units // 20))
    cpu, wall = time.process_time_ns(), time.monotonic_ns()
    messages = start(units)
    print(messages, time.process_time_ns() - cpu, time.monotonic_ns() - wall)


main(sys.argv[1], int(sys.argv[2]))
