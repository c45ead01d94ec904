"""The real host, by the bindings that `componentize-py` makes of the contract. Only there in a component.

The bindings have a class for each case of a variant, `SendError_TooLarge`; the SDK has the contract's words.
"""

# The bindings are made with the component.
# mypy: ignore-errors
from __future__ import annotations

import re
from datetime import timedelta

from componentize_py_types import Err, Ok
from wit_world.imports import (
    actors,
    clock,
    config,
    devices,
    log,
    messaging,
    names,
    timers,
    topics,
    types,
)

from ._address import Address
from ._errors import (
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
from ._message import Envelope, Message, Reading
from ._next import Next
from ._reason import Reason

# Not every actor's world has these.
try:
    from wit_world.imports import asking
except ImportError:
    asking = None
try:
    from wit_world.imports import routes
except ImportError:
    routes = None

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def _words(prefix: str) -> dict[type, str]:
    """The contract's word for each case of a variant of `types`."""
    cases = [(name, case) for name, case in vars(types).items() if name.startswith(prefix + "_")]
    return {case: _CAPITAL.sub("-", name.removeprefix(prefix + "_")).lower() for name, case in cases}


_REASONS = _words("Reason")
_REASON_OF = {word: case for case, word in _REASONS.items()}
_NEXT_OF = {word: case for case, word in _words("Next").items()}
_SAME = types.Next_Same()


def address_in(given: types.Address) -> Address:
    return Address(given.node, given.key)


def address_out(address: Address) -> types.Address:
    return types.Address(address.node, address.key)


def message_in(given: types.Message) -> Message:
    return Message(given.kind, given.body)


def message_out(message: Message) -> types.Message:
    return types.Message(message.kind, message.body)


def envelope_in(given: types.Envelope) -> Envelope:
    sender = None if given.sender is None else address_in(given.sender)
    return Envelope(sender, given.request, given.topic, message_in(given.message))


def reason_in(given: types.Reason) -> Reason:
    return Reason(_REASONS[type(given)], getattr(given, "value", ""))


def reason_out(reason: Reason) -> types.Reason:
    case = _REASON_OF.get(reason.word, types.Reason_Other)
    return case(reason.text) if "value" in case.__dataclass_fields__ else case()


def next_out(next: Next) -> types.Next:
    if next.word == "same":
        return _SAME
    case = _NEXT_OF[next.word]
    return case(next.text) if next.word in ("unhandled", "become") else case()


def error_in(given: object, of: type[Refusal]) -> Refusal:
    """A case of an error, such as `SendError_TooLarge(1024)`."""
    case = _CAPITAL.sub("-", type(given).__name__.partition("_")[2]).lower()
    detail = getattr(given, "value", None)
    if case == "ended":
        detail = reason_in(detail)
    elif case == "stale":
        detail = timedelta(microseconds=detail // 1_000)
    return of(case, detail)


def _caught(error: Err) -> object:
    """What an error of the bindings says. The function that raised it has it in a variable, and it has the function's frame in
    its traceback: untied, both go at once, and need no garbage collector."""
    error.with_traceback(None)
    return error.value


def answer_in(given: object) -> Message | AskError:
    return message_in(given.value) if isinstance(given, Ok) else error_in(given.value, AskError)


class _Refused:
    """Within it, an error of the bindings becomes one of the SDK."""

    def __init__(self, of: type[Refusal]) -> None:
        self.of = of

    def __enter__(self) -> None:
        pass

    def __exit__(self, _type: object, error: object, _trace: object) -> None:
        if isinstance(error, Err):
            raise error_in(_caught(error), self.of) from None


_SENDING, _ASKING, _NAMING = _Refused(SendError), _Refused(AskError), _Refused(RegisterError)
_READING, _WRITING, _PUBLISHING = _Refused(ReadError), _Refused(WriteError), _Refused(TopicError)


class Wasm:
    """The imports of the contract. See `_host.Host`."""

    demonitor = staticmethod(actors.demonitor)
    trap_exits = staticmethod(actors.trap_exits)
    unregister = staticmethod(names.unregister)
    now = staticmethod(clock.now)
    wall = staticmethod(clock.wall)
    config = staticmethod(config.get)
    cancel = staticmethod(timers.cancel)
    unsubscribe = staticmethod(topics.unsubscribe)

    def own_address(self):
        return address_in(messaging.own_address())

    def send(self, to, message):
        with _SENDING:
            messaging.send(address_out(to), message_out(message))

    def start_ask(self, to, message, timeout):
        with _ASKING:
            return messaging.start_ask(address_out(to), message_out(message), timeout)

    def reply(self, request, answer):
        with _SENDING:
            messaging.reply(request, Err(answer) if isinstance(answer, str) else Ok(message_out(answer)))

    def ask(self, to, message, timeout):
        if asking is None:
            raise RuntimeError("import `greenroom.asking` at the top of the actor's file: it was built without it")
        with _ASKING:
            return message_in(asking.ask(address_out(to), message_out(message), timeout))

    def spawn(self, behavior, config, name, link, monitor, grants):
        relation = actors.Relation(0)
        if link:
            relation |= actors.Relation.LINK
        if monitor:
            relation |= actors.Relation.MONITOR
        with _Refused(SpawnError):
            spawned = actors.spawn(behavior, config, actors.Options(name, relation, grants))
        return address_in(spawned.address), spawned.monitor

    def link(self, to):
        actors.link(address_out(to))

    def unlink(self, to):
        actors.unlink(address_out(to))

    def monitor(self, whom):
        return actors.monitor(address_out(whom))

    def exit(self, whom, why):
        actors.exit(address_out(whom), reason_out(why))

    def register(self, name):
        with _NAMING:
            names.register(name)

    def lookup(self, name):
        with _NAMING:
            found = names.lookup(name)
        return None if found is None else address_in(found)

    def log(self, level, text):
        log.write(log.Level[level.upper()], text)

    def send_after(self, delay, to, message):
        with _SENDING:
            return timers.send_after(delay, address_out(to), message_out(message))

    def send_every(self, interval, to, message):
        with _SENDING:
            return timers.send_every(interval, address_out(to), message_out(message))

    def publish(self, topic, message):
        with _PUBLISHING:
            topics.publish(topic, message_out(message))

    def subscribe(self, pattern):
        with _PUBLISHING:
            topics.subscribe(pattern)

    def set_route(self, pattern, receivers):
        try:
            routes.set(pattern, [address_out(one) for one in receivers])
        except Err as error:
            raise RouteError(_caught(error)) from None

    def routes(self):
        try:
            found = routes.current()
        except Err as error:
            raise RouteError(_caught(error)) from None
        return [(route.pattern, [address_in(one) for one in route.receivers]) for route in found]

    def read(self, device):
        with _READING:
            found = devices.read(device)
        return Reading(found.at, found.value)

    def write(self, device, value):
        with _WRITING:
            devices.write(device, value)

    def watch(self, device):
        with _READING:
            devices.watch(device)
