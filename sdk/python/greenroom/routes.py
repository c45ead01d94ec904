"""For the topic registry alone, the actor that `host.topics` names in the manifest. An actor whose module imports this
needs the grant `routes`."""

from __future__ import annotations

from ._address import Address
from ._host import host


def set_route(pattern: str, receivers: list[Address]) -> None:
    """Sets who receives what is published on topics of a pattern, in the order of delivery; nobody removes the route.
    Raises `RouteError`."""
    host().set_route(pattern, receivers)


def routes() -> list[tuple[str, list[Address]]]:
    """The routes as they are. They outlive the registry. Raises `RouteError`."""
    return host().routes()
