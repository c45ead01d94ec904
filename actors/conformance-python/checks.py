"""A check for each function that the contract offers: its arguments are the lines of the message, its result what the
function gave back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import show
from args import Args
from componentize_py_types import Err, Ok
from show import result
from wit_world.imports import actors, clock, config, devices, log, messaging, names, routes, timers, topics, types

# The component of this name has it, and runs on a fiber.
try:
    from wit_world.imports import asking
except ImportError:
    asking = None


def reply(args: Args) -> Any:
    """An answer, or a refusal."""
    request = args.number()
    answer = Err(args.text()) if args.line() == "refuse" else Ok(args.message())
    return result(lambda: messaging.reply(request, answer))


def spawn(args: Args) -> Any:
    """`grants` and then one a line; without that word, none are named."""
    behavior, of, name = args.text(), args.text(), args.text()
    relation = {
        "link": actors.Relation.LINK,
        "monitor": actors.Relation.MONITOR,
        "both": actors.Relation.LINK | actors.Relation.MONITOR,
    }.get(args.line(), actors.Relation(0))
    grants = None
    if args.line() == "grants":
        grants = []
        while args:
            grants.append(args.text())

    def shown(spawned: actors.Spawned) -> dict[str, Any]:
        args.spawned = spawned.address
        return {"address": show.address(spawned.address), "monitor": spawned.monitor}

    return result(lambda: actors.spawn(behavior, of, actors.Options(name or None, relation, grants)), shown)


def set_route(args: Args) -> Any:
    """A pattern, and the receivers one a line."""
    pattern, receivers = args.text(), []
    while args:
        receivers.append(args.address())
    return result(lambda: routes.set(pattern, receivers))


def shown_routes(all_of: list[routes.Route]) -> list[dict[str, Any]]:
    """The routes as they are."""
    return [{"pattern": one.pattern, "receivers": [show.address(who) for who in one.receivers]} for one in all_of]


def write_log(args: Args) -> None:
    """A line of a level."""
    log.write(log.Level[args.line().upper()], args.text())


def timer(set: Callable[[int, types.Address, types.Message], int]) -> Callable[[Args], Any]:
    """A timer of either sort."""
    return lambda args: result(lambda: set(args.number(), args.address(), args.message()))


CHECKS: dict[str, Callable[[Args], Any]] = {
    "messaging.own-address": lambda _: show.address(messaging.own_address()),
    "messaging.send": lambda args: result(lambda: messaging.send(args.address(), args.message())),
    "messaging.start-ask": lambda args: result(
        lambda: messaging.start_ask(args.address(), args.message(), args.number())
    ),
    "messaging.reply": reply,
    "actors.spawn": spawn,
    "actors.link": lambda args: actors.link(args.address()),
    "actors.unlink": lambda args: actors.unlink(args.address()),
    "actors.monitor": lambda args: actors.monitor(args.address()),
    "actors.demonitor": lambda args: actors.demonitor(args.number()),
    "actors.trap-exits": lambda args: actors.trap_exits(args.line() == "true"),
    "actors.exit": lambda args: actors.exit(args.address(), args.reason()),
    "names.register": lambda args: result(lambda: names.register(args.text())),
    "names.unregister": lambda args: names.unregister(args.text()),
    "names.lookup": lambda args: result(lambda: names.lookup(args.text()), show.address),
    "clock.now": lambda _: clock.now(),
    "clock.wall": lambda _: clock.wall(),
    "config.get": lambda _: config.get(),
    "log.write": write_log,
    "timers.send-after": timer(timers.send_after),
    "timers.send-every": timer(timers.send_every),
    "timers.cancel": lambda args: timers.cancel(args.number()),
    "topics.publish": lambda args: result(lambda: topics.publish(args.text(), args.message())),
    "topics.subscribe": lambda args: result(lambda: topics.subscribe(args.text())),
    "topics.unsubscribe": lambda args: topics.unsubscribe(args.text()),
    "routes.set": set_route,
    "routes.current": lambda _: result(routes.current, shown_routes),
    "devices.read": lambda args: result(
        lambda: devices.read(args.text()), lambda reading: {"at": reading.at, "value": reading.value}
    ),
    "devices.watch": lambda args: result(lambda: devices.watch(args.text())),
    "devices.write": lambda args: result(lambda: devices.write(args.text(), args.float())),
}
if asking:
    CHECKS["asking.ask"] = lambda args: result(
        lambda: asking.ask(args.address(), args.message(), args.number()), show.message
    )
