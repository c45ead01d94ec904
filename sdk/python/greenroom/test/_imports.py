"""The contract's imports in a turn of the virtual host: what is asked is answered, what acts is collected."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from .._address import Address
from .._errors import (
    AskError,
    ReadError,
    Refusal,
    RegisterError,
    RouteError,
    SendError,
    SpawnError,
    TopicError,
    WriteError,
)
from .._message import Message, Reading
from .._reason import Reason
from . import _effects

if TYPE_CHECKING:
    from ._world import World

_MILLISECOND = 1_000_000
_HOUR = 3_600_000 * _MILLISECOND
_YEAR = 366 * 24 * _HOUR


class Imports:
    """See `_host.Host`. One for each turn."""

    def __init__(self, world: World, me: Address) -> None:
        self.world = world
        self.me = me
        self.effects: list[Callable[[], None]] = []

    def _later(self, effect: Callable[..., None], *arguments: object) -> None:
        self.effects.append(partial(effect, *arguments))

    def _granted(self, grant: str, error: type[Refusal]) -> None:
        if grant in self.world.denied:
            raise error("not-granted", grant)

    def _reachable(self, to: Address, message: Message, error: type[Refusal]) -> None:
        kind = message.kind
        if not 1 <= len(kind.encode()) <= 64 or not kind.isprintable():
            raise error("invalid", "a kind has 1 to 64 bytes and no control characters")
        # An actor that was spawned in this turn is not there yet.
        if to in self.world.actors and not self.world.is_alive(to) or to.key > self.world.last or to.node != 1:
            raise error("no-actor")

    # messaging

    def own_address(self) -> Address:
        return self.me

    def send(self, to: Address, message: Message) -> None:
        from .._message import Envelope

        self._reachable(to, message, SendError)
        self._later(self.world.mail.append, (to, Envelope(self.me, None, None, message)))

    def start_ask(self, to: Address, message: Message, timeout: int) -> int:
        self._reachable(to, message, AskError)
        if not _MILLISECOND <= timeout <= _HOUR:
            raise AskError("invalid", "a timeout is 1 ms to 1 h")
        request = self.world.number()
        self._later(self.world.ask, self.me, to, request, message, timeout)
        return request

    def reply(self, request: int, answer: Message | str) -> None:
        self._later(self.world.answer, request, AskError("refused", answer) if isinstance(answer, str) else answer)

    def ask(self, to: Address, message: Message, timeout: int) -> Message:
        self._reachable(to, message, AskError)
        if to == self.me:
            name = self.world.name_of(to)
            raise AskError("would-deadlock", f"{name} asks {name}")
        # What the turn asked for so far takes effect, and another one begins.
        effects, self.effects = self.effects, []
        self.world.commit(self.me, effects)
        request = self.world.number()
        self.world.ask(None, to, request, message, timeout)
        answer = self.world.wait(request)
        if isinstance(answer, AskError):
            raise answer
        return answer

    # actors

    def spawn(
        self, behavior: str, config: str, name: str | None, link: bool, monitor: bool, grants: list[str] | None
    ) -> tuple[Address, int | None]:
        self._granted(f"spawn:{behavior}", SpawnError)
        if name in self.world.names:
            raise SpawnError("name-taken")
        address, number = self.world.address(), self.world.number() if monitor else None
        self._later(_effects.spawn, self.world, self.me, address, behavior, config, name, link, number)
        return address, number

    def link(self, to: Address) -> None:
        self._later(self.world.link, self.me, to)

    def unlink(self, to: Address) -> None:
        self._later(self.world.unlink, self.me, to)

    def monitor(self, whom: Address) -> int:
        number = self.world.number()
        self._later(self.world.monitor, number, self.me, whom)
        return number

    def demonitor(self, monitor: int) -> None:
        self._later(self.world.demonitor, monitor)

    def trap_exits(self, on: bool) -> None:
        self._later(setattr, self.world.actors[self.me], "traps_exits", on)

    def exit(self, whom: Address, why: Reason) -> None:
        self._later(self.world.exit, self.me, whom, why)

    # names

    def register(self, name: str) -> None:
        self._granted(f"register:{name}", RegisterError)
        if self.world.names.get(name, self.me) != self.me:
            raise RegisterError("taken")
        self._later(self.world.names.__setitem__, name, self.me)

    def unregister(self, name: str) -> None:
        def forget() -> None:
            if self.world.names.get(name) == self.me:
                del self.world.names[name]

        self._later(forget)

    def lookup(self, name: str) -> Address | None:
        self._granted(f"tell:{name}", RegisterError)
        return self.world.names.get(name)

    # clock, config, log

    def now(self) -> int:
        return self.world.now

    def wall(self) -> int | None:
        return None if self.world.wall is None else self.world.wall + self.world.now

    def config(self) -> str:
        return self.world.actors[self.me].config

    def log(self, level: str, text: str) -> None:
        self.world.logs.append((self.me, level, text))

    # timers

    def _timer(self, delay: int, to: Address, message: Message, every: int | None) -> int:
        from ._world import Pending

        self._reachable(to, message, SendError)
        if delay > _YEAR or (every is not None and every < _MILLISECOND):
            raise SendError("invalid", "a delay is at most 366 days, and an interval at least 1 ms")
        number = self.world.number()
        timer = Pending(number, self.me, to, message, self.world.now + delay, every)
        self._later(self.world.timers.append, timer)
        return number

    def send_after(self, delay: int, to: Address, message: Message) -> int:
        return self._timer(delay, to, message, None)

    def send_every(self, interval: int, to: Address, message: Message) -> int:
        return self._timer(interval, to, message, interval)

    def cancel(self, timer: int) -> None:
        def forget() -> None:
            self.world.timers = [one for one in self.world.timers if (one.number, one.owner) != (timer, self.me)]

        self._later(forget)

    # topics and routes

    def publish(self, topic: str, message: Message) -> None:
        self._granted(f"publish:{topic}", TopicError)
        self._later(_effects.publish, self.world, self.me, topic, message)

    def subscribe(self, pattern: str) -> None:
        self._granted(f"subscribe:{pattern}", TopicError)
        self._later(_effects.subscription, self.world, self.me, "register", pattern)

    def unsubscribe(self, pattern: str) -> None:
        self._later(_effects.subscription, self.world, self.me, "deregister", pattern)

    def set_route(self, pattern: str, receivers: list[Address]) -> None:
        if "routes" in self.world.denied:
            raise RouteError("not granted: the manifest has to grant `routes`")
        self._later(_effects.route, self.world, pattern, receivers)

    def routes(self) -> list[tuple[str, list[Address]]]:
        return [(pattern, [*receivers]) for pattern, receivers in self.world.routes.items()]

    # devices

    def read(self, device: str) -> Reading:
        self._granted(f"read:{device}", ReadError)
        if device in self.world.outputs:
            return Reading(self.world.now, self.world.outputs[device].value)
        reading = self.world.inputs.get(device, ReadError("no-device"))
        if isinstance(reading, ReadError):
            raise reading
        return reading

    def write(self, device: str, value: float) -> None:
        from ._world import Output

        self._granted(f"write:{device}", WriteError)
        if device in self.world.inputs:
            raise WriteError("read-only")
        output = self.world.outputs.setdefault(device, Output())
        if output.fault:
            raise output.fault
        if output.writer not in (None, self.me):
            raise WriteError("busy", self.world.name_of(output.writer))

        def drive() -> None:
            output.writer = self.me
            output.set(self.world.now, value)

        self._later(drive)

    def watch(self, device: str) -> None:
        self._granted(f"read:{device}", ReadError)
        if device not in self.world.inputs:
            raise ReadError("no-device")
        entry = (device, self.me)
        if entry not in self.world.watches:
            self._later(self.world.watches.append, entry)
