"""What a turn asked for, as it takes effect: spawning and topics, which take more than a line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import _json
from .._address import Address
from .._instance import Instance
from .._message import Envelope, Message

if TYPE_CHECKING:
    from ._world import World


@dataclass(frozen=True)
class Spawned:
    """An actor that another one spawned."""

    behavior: str
    """The behaviour's name in the manifest."""
    name: str | None
    """The name that it was registered under."""
    config: dict[str, Any]
    """Its configuration: what the spawner gave, over the behaviour's own."""
    address: Address


def spawn(
    world: World,
    parent: Address,
    address: Address,
    behavior: str,
    config: str,
    name: str | None,
    link: bool,
    monitor: int | None,
) -> None:
    """A new actor. What the test has not described is a stranger, which records what it is sent."""
    from ._world import Resident

    known = world.behaviors.get(behavior)
    given = json.loads(config)
    merged = {**known[1], **given} if known else given
    child = Resident(known[0], Instance(known[0])) if known else Resident()
    child.config = _json.write(merged).decode()
    world.spawned.append(Spawned(behavior, name, merged, address))
    world.actors[address] = child
    if name is not None:
        world.names[name] = address
    if link:
        world.link(parent, address)
    if monitor is not None:
        child.watchers[monitor] = parent
    world.signals.append((address, ("start",)))


def subscription(world: World, me: Address, kind: str, pattern: str) -> None:
    """As the real host: a subscription is a message to the topic registry. Without one, whoever subscribes is routed to."""
    if world.registry:
        message = Message(kind, _json.write({"pattern": pattern}))
        world.mail.append((world.registry, Envelope(me, None, None, message)))
        return
    receivers = [one for one in world.routes.get(pattern, []) if one != me]
    route(world, pattern, [*receivers, me] if kind == "register" else receivers)


def route(world: World, pattern: str, receivers: list[Address]) -> None:
    """Sets who hears what; nobody removes the route."""
    if receivers:
        world.routes[pattern] = receivers
    else:
        world.routes.pop(pattern, None)


def publish(world: World, sender: Address | None, topic: str, message: Message) -> None:
    """To each receiver once."""
    receivers = {one: None for pattern, some in world.routes.items() if matches(pattern, topic) for one in some}
    world.mail.extend((to, Envelope(sender, None, topic, message)) for to in receivers)
    world.published.append((topic, message))


def matches(pattern: str, topic: str) -> bool:
    """Whether a topic is one of a pattern's, as the contract's `topics` has it."""
    segments = topic.split("/")
    for place, segment in enumerate(pattern.split("/")):
        if segment == "**":
            return True
        if place >= len(segments) or segment not in ("*", segments[place]):
            return False
    return len(segments) == len(pattern.split("/"))
