"""All there is in the virtual host, the loop that delivers, and turns: one at a time, and each a transaction.

What a turn asks for is collected (`_imports`), and takes effect when it ends well (`_effects`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .._address import Address
from .._errors import AskError, ReadError, WriteError
from .._host import Stage
from .._instance import Class, Ended, Instance
from .._message import Envelope, Message, Reading
from .._next import Next, same, stop
from .._reason import Reason
from ..actor import Actor
from ._ends import Ends

SAFE = 0.0
"""What an output is at when nobody writes it."""


@dataclass
class Output:
    """An output."""

    value: float = SAFE
    writer: Address | None = None
    fault: WriteError | None = None
    changes: list[tuple[int, float]] = field(default_factory=list)

    def set(self, at: int, value: float) -> None:
        """Sets it, and notes down when it changes."""
        if value != self.value:
            self.value = value
            self.changes.append((at, value))


@dataclass
class Pending:
    """A timer that has not fired for the last time."""

    number: int
    owner: Address
    to: Address
    message: Message
    due: int
    every: int | None


@dataclass
class Question:
    """A question without an answer yet."""

    asker: Address | None
    """Who is told. None: it is kept in `answers`."""
    to: Address
    due: int


@dataclass
class Resident:
    """One actor, living or ended. A stranger has no code."""

    of: Class | None = None
    instance: Instance | None = None
    config: str = "{}"
    ended: Reason | None = None
    traps_exits: bool = False
    busy: bool = False
    links: set[Address] = field(default_factory=set)
    watchers: dict[int, Address] = field(default_factory=dict)
    """Who watches it, by the numbers of their monitors."""
    deferred: list[Envelope] = field(default_factory=list)
    held: list[Envelope] = field(default_factory=list)
    """What came while it waited in a turn."""
    inbox: list[Envelope] = field(default_factory=list)
    """What a stranger was sent."""
    keeps: bool = False
    """Its state is saved after each good turn."""
    saved: bytes | None = None


class World(Ends):
    """The virtual host's inside."""

    def __init__(self) -> None:
        self.now = 0
        # 2026-01-01 00:00 UTC at the origin.
        self.wall: int | None = 1_767_225_600_000_000_000
        self.last = 0
        self.actors: dict[Address, Resident] = {}
        self.names: dict[str, Address] = {}
        self.inputs: dict[str, Reading | ReadError] = {}
        self.outputs: dict[str, Output] = {}
        self.watches: list[tuple[str, Address]] = []
        self.routes: dict[str, list[Address]] = {}
        self.registry: Address | None = None
        self.timers: list[Pending] = []
        self.questions: dict[int, Question] = {}
        self.answers: dict[int, Message | AskError] = {}
        self.signals: deque[tuple[Address, tuple[Any, ...]]] = deque()
        self.mail: deque[tuple[Address, Envelope]] = deque()
        self.behaviors: dict[str, tuple[Class, dict[str, Any]]] = {}
        self.denied: set[str] = set()
        self.spawned: list[Any] = []
        self.published: list[tuple[str, Message]] = []
        self.logs: list[tuple[Address, str, str]] = []
        self.dead: list[tuple[Message, str]] = []

    def number(self) -> int:
        """One that was not given before."""
        self.last += 1
        return self.last

    def address(self) -> Address:
        """A new one."""
        return Address(1, self.number())

    def name_of(self, who: Address) -> str:
        """What people call an actor."""
        return next((name for name, one in self.names.items() if one == who), str(who))

    # Delivering.

    def run(self) -> None:
        """Delivers until nothing is left to deliver."""
        while self.signals or self.mail:
            if self.signals:
                to, signal = self.signals.popleft()
                self._signal(to, signal)
            else:
                self._deliver(*self.mail.popleft())

    def advance(self, to: int) -> None:
        """Lets time pass, with everything that is due on the way."""
        self.run()
        while True:
            due = [timer.due for timer in self.timers] + [question.due for question in self.questions.values()]
            if not due or min(due) > to:
                break
            self.now = max(self.now, min(due))
            for request in [request for request, one in self.questions.items() if one.due <= self.now]:
                self.answer(request, AskError("timed-out"))
            self._fire()
            self.run()
        self.now = max(self.now, to)

    def _fire(self) -> None:
        for timer in [timer for timer in self.timers if timer.due <= self.now]:
            if timer.every is None:
                self.timers.remove(timer)
            else:
                timer.due += timer.every
            self.mail.append((timer.to, Envelope(timer.owner, None, None, timer.message)))

    def _deliver(self, to: Address, envelope: Envelope) -> None:
        actor = self.actors.get(to)
        if actor is None:
            self.dead_letter(envelope, "there is no such actor")
        elif actor.ended:
            self.dead_letter(envelope, "the actor has ended")
        elif actor.of is None:
            actor.inbox.append(envelope)
        elif actor.busy:
            actor.held.append(envelope)
        else:
            self._message(to, envelope)

    def dead_letter(self, envelope: Envelope, why: str) -> None:
        """A message that reached nobody, or was not understood."""
        if envelope.request is not None:
            self.answer(envelope.request, AskError("refused", why))
        self.dead.append((envelope.message, why))

    def answer(self, request: int, answer: Message | AskError) -> None:
        """The first answer counts."""
        question = self.questions.pop(request, None)
        if question is None:
            return
        if question.asker is None:
            self.answers[request] = answer
        else:
            self.signals.append((question.asker, ("answered", request, answer)))

    def ask(self, asker: Address | None, to: Address, request: int, message: Message, timeout: int) -> None:
        """Puts a question on its way."""
        self.questions[request] = Question(asker, to, self.now + timeout)
        self.mail.append((to, Envelope(asker, request, None, message)))

    def wait(self, request: int) -> Message | AskError:
        """Lets time pass until the answer is there."""
        self.run()
        while request not in self.answers:
            self.advance(min([timer.due for timer in self.timers] + [one.due for one in self.questions.values()]))
        return self.answers.pop(request)

    # Turns.

    def enter(self, me: Address, instance: Instance, run: Callable[[Instance], Any]) -> tuple[Any, list[Any]]:
        """Has an actor's code run. What it gives, and what it asked for. Raises `Ended`."""
        from ._imports import Imports

        outer = Stage.host, Stage.instance
        imports = Imports(self, me)
        Stage.host, Stage.instance = imports, instance
        try:
            return run(instance), imports.effects
        finally:
            Stage.host, Stage.instance = outer

    def turn(self, me: Address, run: Callable[[Instance], Any]) -> Any:
        """Runs one turn of an actor. None when it ended in it, or has no code to run."""
        actor = self.actors[me]
        if actor.instance is None:
            return None
        actor.busy = True
        try:
            given, effects = self.enter(me, actor.instance, run)
        except Ended as ended:
            self.settle(me)
            self.end(me, Reason.failed(str(ended)))
            return None
        self.settle(me)
        self.commit(me, effects)
        self.keep(me)
        return given

    def keep(self, me: Address) -> None:
        """After a good turn, the state is saved where the test wants it to be."""
        actor = self.actors[me]
        if actor.keeps and actor.instance:
            actor.saved = self.enter(me, actor.instance, Instance.save)[0]

    def settle(self, me: Address) -> None:
        """The turn is over: what came meanwhile is in front of what came later."""
        actor = self.actors[me]
        actor.busy = False
        held, actor.held = actor.held, []
        self.mail.extendleft((me, envelope) for envelope in reversed(held))

    def _message(self, me: Address, envelope: Envelope) -> None:
        next = self.turn(me, lambda instance: instance.handle(envelope))
        if next is None:
            return
        if next.word == "defer":
            self.actors[me].deferred.append(envelope)
        elif next.word == "unhandled":
            self.dead_letter(envelope, next.text)
        else:
            self._proceed(me, next)

    def _signal(self, me: Address, signal: tuple[Any, ...]) -> None:
        actor = self.actors.get(me)
        if actor is None or actor.ended or actor.of is None:
            return
        what, *about = signal
        if what == "start":
            ready = self.turn(me, lambda instance: instance.init(actor.config))
            next = None if ready is None else same if ready else stop
        else:
            next = self.turn(me, lambda instance: getattr(instance, what)(*about))
        if next is not None:
            self._proceed(me, next)

    def _proceed(self, me: Address, next: Next) -> None:
        actor = self.actors[me]
        match next.word:
            case "changed":
                self._undefer(me)
            case "stop":
                self.end(me, Reason.NORMAL)
            case "become":
                if next.text not in self.behaviors:
                    return self.end(me, Reason.failed(f"there is no behavior `{next.text}` to become"))
                of, config = self.behaviors[next.text]
                actor.of, actor.instance, actor.config = of, Instance(of), _text(config)
                self._undefer(me)
                self.signals.appendleft((me, ("start",)))

    def _undefer(self, me: Address) -> None:
        actor = self.actors[me]
        deferred, actor.deferred = actor.deferred, []
        self.mail.extendleft((me, envelope) for envelope in reversed(deferred))

    def replace(self, me: Address, of: Class, start: Callable[[Instance], Any]) -> Any:
        """Starts other code for an actor in its first turn. Raises `Ended`, and then the old code carries on."""
        instance = Instance(of)
        given, effects = self.enter(me, instance, start)
        actor = self.actors[me]
        actor.of, actor.instance = of, instance
        self.settle(me)
        self.commit(me, effects)
        self.keep(me)
        return given

    def commit(self, me: Address, effects: list[Any]) -> None:
        """What a turn asked for takes effect, in the order in which it was asked."""
        for effect in effects:
            effect()


def _text(config: object) -> str:
    from .. import _json

    return _json.write({} if config is None else config).decode()


def resident(actor: type[Actor], config: object) -> Resident:
    """An actor that has not been started."""
    of = Class(actor)
    return Resident(of, Instance(of), _text(config))
