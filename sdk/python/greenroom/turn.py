"""What an actor can do in a turn. What it asks for takes effect when the turn ends well.

Messages are a kind with fields, `tell(to, "add", how_many=3)`; a kind with a body, `tell(to, "names", ["a", "b"])`; a
dataclass, `tell(to, Add(how_many=3))`; or a `Message` as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NewType

from . import _json
from ._address import Address
from ._errors import AskError, SendError
from ._host import host, instance
from ._message import Reading, answer, make
from ._next import Next, same, stop, unhandled
from ._reason import Reason
from ._time import Instant, nanos

Timer = NewType("Timer", int)
"""A timer, for `cancel`. Stays good over a swap that hands over state."""
Monitor = NewType("Monitor", int)
"""A monitor, for `demonitor` and `Actor.down`."""
Question = NewType("Question", int)
"""A question that this actor asks. Stays good over a swap that hands over state."""
Request = NewType("Request", int)
"""A question that was taken over with `take_request`, to be answered in a later turn. It may be kept in the state."""


# What the turn is about.


def sender() -> Address | None:
    """Who sent the message. None: the host itself, or somebody outside (HTTP, command line)."""
    return instance().turn.sender


def topic() -> str | None:
    """The topic that the message was published on, when it was."""
    return instance().turn.topic


def is_asked() -> bool:
    """Whether somebody waits for the answer to this message."""
    return instance().turn.request is not None


def answers() -> Question | None:
    """The question that the message of this turn is the answer to, when it is one."""
    request = instance().turn.answers
    return None if request is None else Question(request)


def take_request() -> Request | None:
    """Takes over the question of this turn, to be answered with `reply_to` in a later one. None when nobody asks. Who does
    so and never answers leaves the asker to its timeout."""
    turn = instance().turn
    request, turn.request = turn.request, None
    return None if request is None else Request(request)


def own_address() -> Address:
    """This actor's address."""
    return host().own_address()


def now() -> Instant:
    """The time on the host's monotonic clock."""
    return Instant(host().now())


def wall() -> datetime | None:
    """The time of day in UTC, or none while the machine's clock has not been set. For showing, not for control."""
    nanoseconds = host().wall()
    if nanoseconds is None:
        return None
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=nanoseconds // 1_000)


def config() -> dict[str, Any]:
    """The configuration that counts now."""
    found: dict[str, Any] = _json.read(host().config().encode())
    return found


# Sending and asking.


def tell(to: Address, message: str | object, body: object = None, /, **fields: Any) -> None:
    """Sends a message: at most once, in order between this actor and that one. Raises `SendError`, at once."""
    host().send(to, make(message, body, fields))


def ask(
    to: Address, message: str | object, body: object = None, /, *, then: Any, timeout: timedelta, **fields: Any
) -> Question:
    """Asks, and goes on: the answer comes to the method `then`, whose one parameter is an `Answer`. Nobody can send it
    a message, and it finds its way after a swap. With several questions open, `answers` says to which one it is the
    answer. `timeout` counts from the end of the turn: 1 ms to 1 h.

        ask(shop, "price", of="tea", then=self.on_price, timeout=seconds(1))

        def on_price(self, answer: Answer[float]):
            try:
                log.info(f"it costs {answer.get()}")
            except AskError as why:
                log.warn(f"no price: {why}")

    Raises `AskError`, when it is clear at once that no answer can come.
    """
    here = instance()
    known = here.of.handlers | (here.of.of(here.behavior) if here.behavior else {})
    name = getattr(then, "__name__", then)
    kind = next((kind for kind, one in known.items() if one.name == name and one.form == "answer"), None)
    if kind is None:
        raise AskError("invalid", f"`{name}` takes no answer: it needs one parameter, an `Answer`")
    request = host().start_ask(to, make(message, body, fields), nanos(timeout))
    here.asks[request] = kind
    return Question(request)


def reply(value: object = None, /) -> Next:
    """Answers the question of this turn: `return reply(self.count)`. Nothing happens when nobody asks, or it has been
    answered. The answer is of kind `answer`, unless it is a `Message`. Raises `SendError`, such as for one too long."""
    request = take_request()
    if request is not None:
        reply_to(request, value)
    return same


def refuse(why: str) -> Next:
    """Refuses the message of this turn with a text that says what would be right: `return refuse("…")`. When nobody asks,
    it goes to the dead letters with that text."""
    request = take_request()
    if request is None:
        return unhandled(why)
    host().reply(request, why)
    return same


def reply_to(request: Request, value: object = None, /) -> None:
    """Answers a question that was taken over with `take_request`. Raises `SendError`."""
    host().reply(request, answer(value))


def refuse_to(request: Request, why: str) -> None:
    """Refuses a question that was taken over with `take_request`."""
    host().reply(request, why)


# Timers: they end with the incarnation that set them, and carry over a swap with state.


def send_after(
    delay: timedelta, message: str | object, body: object = None, /, *, to: Address | None = None, **fields: Any
) -> Timer:
    """Sends a message once, `delay` after the end of this turn: at most 366 days. To this actor itself, or `to` another.
    Raises `SendError`."""
    return Timer(host().send_after(_length(delay), to or own_address(), make(message, body, fields)))


def send_every(
    interval: timedelta, message: str | object, body: object = None, /, *, to: Address | None = None, **fields: Any
) -> Timer:
    """Sends a message again and again, first after one `interval`: 1 ms to 366 days. Drift-free; a stall is made up by one
    message, not by a burst. Raises `SendError`."""
    return Timer(host().send_every(_length(interval), to or own_address(), make(message, body, fields)))


def cancel(timer: Timer) -> None:
    """Cancels a timer. After this turn it does not fire; a message that it has already sent stays sent."""
    host().cancel(timer)


def _length(length: timedelta) -> int:
    nanoseconds = nanos(length)
    if nanoseconds < 0:
        raise SendError("invalid", f"{length} is less than no time")
    return nanoseconds


# Topics.


def publish(topic: str, message: str | object, body: object = None, /, **fields: Any) -> None:
    """Publishes a message on a topic: it is kept for streams, and sent to whoever subscribed. Needs the grant
    `publish:PATTERN`. Raises `TopicError`."""
    host().publish(topic, make(message, body, fields))


def subscribe(pattern: str) -> None:
    """From now on, what is published on topics of this pattern comes as messages to this actor. Needs the grant
    `subscribe:PATTERN`. Raises `TopicError`."""
    host().subscribe(pattern)


def unsubscribe(pattern: str) -> None:
    """Takes that back."""
    host().unsubscribe(pattern)


# Devices.


def read(device: str) -> Reading:
    """The latest value of a device, as sampled by the host: never waits for it. Needs the grant `read:DEVICE`. Raises
    `ReadError`: an input that fails is a case to handle, no reason to end."""
    return host().read(device)


def write(device: str, value: float) -> None:
    """Sets an output, when the turn ends well. The first writer keeps it; when that ends for whatever reason, the output
    goes to its safe level and is free again. Needs the grant `write:DEVICE`. Raises `WriteError`."""
    host().write(device, float(value))


def watch(device: str) -> None:
    """From now on, each new value of a device comes as a message of kind `reading` with the fields `device`, `at`, and
    `value`, or `missing` with a text in place of it. Needs the grant `read:DEVICE`. Raises `ReadError`."""
    host().watch(device)


# Names.


def register(name: str) -> None:
    """Registers this actor under a name, beside those it has. Needs the grant `register:NAME`. Raises `RegisterError`."""
    host().register(name)


def unregister(name: str) -> None:
    """Gives up a name."""
    host().unregister(name)


def lookup(name: str) -> Address | None:
    """Who has the name now, if anybody. Needs the grant `tell:NAME` or `ask:NAME`. Raises `RegisterError`."""
    return host().lookup(name)


# Spawning, ending and watching actors. The rules are Erlang's.


@dataclass(frozen=True, slots=True)
class Child:
    """An actor that was spawned."""

    address: Address
    """Good at once; the actor starts when the turn ends well."""
    monitor: Monitor | None
    """The monitor, when one was asked for."""


def spawn(
    behavior: str,
    /,
    *,
    config: object = None,
    name: str | None = None,
    link: bool = False,
    monitor: bool = False,
    grants: list[str] | None = None,
) -> Child:
    """Spawns an actor with a behaviour of the manifest. Needs the grant `spawn:BEHAVIOR`. `config` is an object, merged
    over the behaviour's own; `grants` is what it may do, at most what this actor may. A start that fails is told by the
    link or the monitor, as any other end. Raises `SpawnError`."""
    text = "{}" if config is None else _json.write(config).decode()
    address, number = host().spawn(behavior, text, name, link, monitor, grants)
    return Child(address, None if number is None else Monitor(number))


def link(to: Address) -> None:
    """Ties both together: when one ends abnormally, the other ends too, or is told if it traps exits."""
    host().link(to)


def unlink(to: Address) -> None:
    """Removes the link."""
    host().unlink(to)


def monitor(whom: Address) -> Monitor:
    """Watches an actor: `Actor.down` comes once when it ends, whatever the reason."""
    return Monitor(host().monitor(whom))


def demonitor(monitor: Monitor) -> None:
    """Removes a monitor; nothing of it comes any more."""
    host().demonitor(monitor)


def trap_exits(on: bool = True) -> None:
    """Whether the ends of linked actors come to `Actor.exited` and don't end this one."""
    host().trap_exits(on)


def exit(whom: Address, why: Reason) -> None:
    """Sends an exit signal, as if linked to `whom`: `Reason.NORMAL` does nothing to others, `Reason.KILLED` cannot be
    trapped."""
    host().exit(whom, why)


def stop_with(why: Reason) -> Next:
    """Ends this actor with a reason when the turn ends well (Erlang's `{stop, Reason, State}`): `return stop_with(why)`.
    Those linked to it see the reason. What waits in its mailbox is left for its next incarnation, if there is one."""
    if why == Reason.NORMAL:
        return stop
    # Trapped, the signal to itself would be a message.
    host().trap_exits(False)
    host().exit(own_address(), why)
    instance().ending = True
    return same
