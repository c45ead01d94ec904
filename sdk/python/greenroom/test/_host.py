"""The virtual host, as a test describes and observes it, and one actor on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from .. import _json
from .._address import Address
from .._errors import AskError, ReadError, WriteError
from .._instance import Class, Ended, Instance
from .._message import Envelope, Message, Reading, answer, make
from .._occasion import Occasion
from .._reason import Reason
from .._time import Instant, nanos
from ..actor import Actor
from . import _effects
from ._effects import Spawned
from ._world import SAFE, Output, Resident, World, _text, resident

_PATIENCE = 5_000_000_000
"""How long the test waits for an answer, in virtual nanoseconds."""


class NotStarted(AssertionError):
    """An actor ended in its first turn, or new code did not take over: `why`."""

    def __init__(self, why: Reason | str) -> None:
        super().__init__(f"the actor did not start: {why}")
        self.why = why


class Host:
    """A virtual host: actors, devices, names, topics, and a clock that only `advance` moves.

    What a test does here happens at once and completely: each method delivers until nothing is left to deliver. Messages
    are given as to `greenroom.tell`.
    """

    def __init__(self) -> None:
        self._world = World()

    # Actors.

    def start(self, name: str, actor: type[Actor], config: object = None) -> Address:
        """Starts an actor under a name. Raises `NotStarted`; with `Reason.NORMAL` when it is to be ignored."""
        address = self._world.address()
        self._world.actors[address] = resident(actor, config)
        self._world.names[name] = address
        self._world.signals.append((address, ("start",)))
        self._world.run()
        why = self.ended(address)
        if why:
            raise NotStarted(why)
        return address

    def set_config(self, whom: Address, config: object) -> None:
        """Changes an actor's configuration, as a manifest that was edited: what counts from its next start on."""
        self._world.actors[whom].config = _text(config)

    def behavior(self, name: str, actor: type[Actor], config: dict[str, Any] | None = None) -> None:
        """A behaviour of the manifest, which actors can then spawn or become. One that was not described is spawned as a
        stranger."""
        self._world.behaviors[name] = (Class(actor), config or {})

    def stranger(self, name: str) -> Address:
        """An actor that does nothing but record what it is sent, registered under a name."""
        address = self._world.address()
        self._world.actors[address] = Resident()
        self._world.names[name] = address
        return address

    def received(self, stranger: Address) -> list[Envelope]:
        """What a stranger was sent since the last call, oldest first."""
        actor = self._world.actors[stranger]
        inbox, actor.inbox = actor.inbox, []
        return inbox

    def answer(self, question: Envelope, value: object) -> None:
        """Answers a question that a stranger received; with an `AskError`, refuses it."""
        if question.request is None:
            raise AssertionError(f"nobody asked: {question}")
        self._world.answer(question.request, value if isinstance(value, AskError) else answer(value))
        self._world.run()

    def lookup(self, name: str) -> Address | None:
        """Who has a name."""
        return self._world.names.get(name)

    def spawned(self) -> list[Spawned]:
        """Every actor that has been spawned by another one, oldest first."""
        return [*self._world.spawned]

    def ended(self, who: Address) -> Reason | None:
        """Why an actor has ended, if it has."""
        return self._world.actors[who].ended

    def end(self, who: Address, why: Reason) -> None:
        """Ends an actor from outside, without asking it: a kill, a trap, whatever the reason says."""
        self._world.end(who, why)
        self._world.run()

    def stop(self, who: Address) -> None:
        """Has an actor end in order, as its supervisor would: it gets its last turn."""
        self._world.turn(who, lambda instance: instance.stopping(Reason.SHUTDOWN))
        self.end(who, Reason.SHUTDOWN)

    # Messages.

    def send(
        self, to: Address, message: str | object, body: object = None, /, *, by: Any = None, **fields: Any
    ) -> None:
        """Sends a message from outside, or `by` an actor."""
        self._alive(to)
        self._world.mail.append((to, Envelope(by, None, None, make(message, body, fields))))
        self._world.run()

    def question(self, to: Address, message: str | object, body: object = None, /, **fields: Any) -> Any:
        """Asks from outside, and lets time pass until the answer is there: at most 5 s. The value of the answer. Raises
        `AskError`."""
        self._alive(to)
        request = self._world.number()
        self._world.ask(None, to, request, make(message, body, fields), _PATIENCE)
        found = self._world.wait(request)
        if isinstance(found, AskError):
            raise found
        return found.json()

    def publish(self, topic: str, message: str | object, body: object = None, /, **fields: Any) -> None:
        """Publishes a message, as another actor would."""
        _effects.publish(self._world, None, topic, make(message, body, fields))
        self._world.run()

    def published(self, topic: str) -> list[Message]:
        """What has been published on a topic, oldest first."""
        return [message for where, message in self._world.published if where == topic]

    def set_registry(self, registry: Address) -> None:
        """Makes an actor the topic registry: subscriptions go to it. Without one, whoever subscribes is routed to."""
        self._world.registry = registry

    def routes(self) -> dict[str, list[Address]]:
        """Who receives what, by pattern."""
        return {**self._world.routes}

    def dead_letters(self) -> list[tuple[Message, str]]:
        """Messages that reached nobody or were not understood, with the reason, oldest first."""
        return [*self._world.dead]

    # Time.

    def advance(self, by: timedelta) -> None:
        """Lets time pass, with everything that is due on the way."""
        self._world.advance(self._world.now + nanos(by))

    def now(self) -> Instant:
        """The time on the monotonic clock, which begins at 0; then it is 2026-01-01 00:00 UTC."""
        return Instant(self._world.now)

    def lose_wall_clock(self) -> None:
        """Forgets the time of day, as a machine whose clock has not been set."""
        self._world.wall = None

    # Devices and grants.

    def set_input(self, device: str, value: float) -> None:
        """A sensor has a value, from now on."""
        self._input(device, Reading(self._world.now, float(value)))

    def lose_input(self, device: str, why: str) -> None:
        """A sensor fails, from now on."""
        self._input(device, ReadError("failed", why))

    def stale_input(self, device: str, age: timedelta) -> None:
        """A sensor's last value is too old, from now on."""
        self._input(device, ReadError("stale", age))

    def _input(self, device: str, reading: Reading | ReadError) -> None:
        about = {"value": reading.value} if isinstance(reading, Reading) else {"missing": str(reading)}
        message = Message("reading", _json.write({"device": device, "at": self._world.now} | about))
        self._world.inputs[device] = reading
        watchers = [who for what, who in self._world.watches if what == device]
        self._world.mail.extend((to, Envelope(None, None, None, message)) for to in watchers)
        self._world.run()

    def fail_output(self, device: str, fault: WriteError | None) -> None:
        """An output can't be written from now on, and why; or it can be again."""
        self._world.outputs.setdefault(device, Output()).fault = fault

    def output(self, device: str) -> float:
        """What an output is at; 0 when nobody has written it."""
        return self._world.outputs[device].value if device in self._world.outputs else SAFE

    def changes(self, device: str) -> list[tuple[Instant, float]]:
        """When an output changed, and to what."""
        return [(Instant(at), value) for at, value in self._world.outputs[device].changes]

    def deny(self, grant: str) -> None:
        """Denies a grant from now on, as the manifest writes it: `write:heater`. Everything else is granted."""
        self._world.denied.add(grant)

    # The log.

    def logs(self) -> list[tuple[Address, str, str]]:
        """Every line that an actor has logged, oldest first: who, at which level, and what."""
        return [*self._world.logs]

    def logged(self, text: str) -> bool:
        """Whether a line with this text in it has been logged."""
        return any(text in line for _, _, line in self._world.logs)

    def _alive(self, who: Address) -> None:
        why = self.ended(who)
        if why:
            raise AssertionError(f"the actor has ended: {why}")


class Test(Host):
    """An actor under test, on a virtual host of its own, registered as `under-test`."""

    # pytest takes classes of this name for tests.
    __test__ = False
    NAME = "under-test"

    def __init__(self, actor: type[Actor], /, **config: Any) -> None:
        """Starts it with a configuration: `Test(Counter, every_ms=500)`. Raises `NotStarted`."""
        self._prepare(actor, config)
        self.begin()

    @classmethod
    def prepare(cls, actor: type[Actor], /, **config: Any) -> Test:
        """One that is not started before `begin`, so that a test can describe what is there from the first turn on."""
        test = cls.__new__(cls)
        test._prepare(actor, config)
        return test

    def _prepare(self, actor: type[Actor], config: dict[str, Any]) -> None:
        Host.__init__(self)
        self._actor = actor
        self._configured = {_json.kebab(name): value for name, value in config.items()}
        self.address = Address(0, 0)

    def begin(self) -> None:
        """Starts the actor. Raises `NotStarted`."""
        self.address = self.start(self.NAME, self._actor, self._configured)

    def tell(self, message: str | object, body: object = None, /, *, by: Any = None, **fields: Any) -> None:
        """Sends it a message from outside, or `by` an actor."""
        self.send(self.address, message, body, by=by, **fields)

    def ask(self, message: str | object, body: object = None, /, **fields: Any) -> Any:
        """Asks it, and lets time pass until the answer is there: at most 5 s. The value of the answer. Raises `AskError`."""
        return self.question(self.address, message, body, **fields)

    def why_ended(self) -> Reason | None:
        """Why it has ended, if it has."""
        return self.ended(self.address)

    def keep_state(self) -> None:
        """Has its state saved now and after each good turn from now on, as with `keep-state = "restarts"`."""
        self._world.actors[self.address].keeps = True
        self._world.keep(self.address)

    def restart(self) -> None:
        """Restarts it with its state as of the last good turn. When it has ended by itself, only what `keep_state` saved is
        left. Raises `NotStarted`."""
        saved = self._resident().saved or self._save()
        version = self._version()
        self._begin_restart()
        self._restore(self._class(), Occasion.RESTARTED, version, saved)

    def restart_fresh(self) -> None:
        """Restarts it without its state, as a supervisor does by default: all that was its own is gone. Raises
        `NotStarted`."""
        self._begin_restart()
        config = self._resident().config
        self._replace(self._class(), lambda instance: instance.init(config))

    def swap(self, actor: type[Actor]) -> None:
        """Swaps in other code, which takes over the state, and all else as it is. Raises `NotStarted`: the old code goes on
        as it was."""
        version, saved = self._version(), self._save()
        if version not in actor.state_accepts:
            raise NotStarted(f"state of version {version} can't be taken: {list(actor.state_accepts)} can")
        self._restore(Class(actor), Occasion.SWAPPED, version, saved)

    def saved(self) -> Any:
        """The state, as it is kept."""
        return _json.read(self._save())

    def _resident(self) -> Resident:
        return self._world.actors[self.address]

    def _class(self) -> Class:
        of = self._resident().of
        assert of
        return of

    def _version(self) -> int:
        version = self._class().actor.state_version
        if version is None:
            raise NotStarted("it has no state: its class has no version")
        return version

    def _save(self) -> bytes:
        instance = self._resident().instance
        if instance is None:
            raise NotStarted("no state was kept")
        try:
            saved: bytes = self._world.enter(self.address, instance, Instance.save)[0]
        except Ended as ended:
            raise NotStarted(str(ended)) from None
        return saved

    def _restore(self, of: Class, occasion: Occasion, version: int, saved: bytes) -> None:
        config = self._resident().config
        self._replace(of, lambda instance: instance.restore(occasion, config, version, saved))

    def _replace(self, of: Class, start: Any) -> None:
        try:
            self._world.replace(self.address, of, start)
        except Ended as ended:
            raise NotStarted(str(ended)) from None
        self._world.run()

    def _begin_restart(self) -> None:
        self.end(self.address, Reason.KILLED)
        self._world.names[self.NAME] = self.address
        actor = self._resident()
        actor.ended, actor.traps_exits = None, False
