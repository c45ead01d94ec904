"""Supervisors of the host, for actors that start and stop children while they run: OTP's administration calls.

Each function makes a message for `greenroom.ask`; `find` gives the supervisor's address and needs the grant
`supervise:NAME`. The answers are read as `Started`, `Children` and `Count`; a supervisor that does not do what it is told
refuses, and `refusal` says with which of OTP's words.

    ask(supervisor.find("workers"), supervisor.start_one(name="third"), then=self.on_started, timeout=seconds(5))

    def on_started(self, answer: Answer[supervisor.Started]): ...
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from . import _json
from ._address import Address
from ._errors import AskError, RegisterError
from ._message import Message
from ._time import write_length
from .turn import lookup

Restart = Literal["permanent", "transient", "temporary"]
"""When a child is restarted: always; unless it ended `normal` or `shutdown`; never."""


@dataclass(frozen=True, slots=True)
class Started:
    """How a child's start went. No address: its start found nothing to do, or it is started out of quarantine."""

    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A child as its supervisor has it."""

    name: str
    """Its name, or what people call it."""
    address: Address | None
    """None: it does not run, of a supervisor that is an actor and gives its children another one each time."""
    type: Literal["worker", "supervisor"]
    restart: Restart
    state: Literal["starting", "running", "stopping", "stopped", "restarting", "quarantined"]


@dataclass(frozen=True, slots=True)
class Children:
    """A supervisor's children, in start order."""

    children: list[Child]


@dataclass(frozen=True, slots=True)
class Count:
    """How many children there are."""

    specs: int
    """Specs; 1 of a dynamic supervisor."""
    active: int
    """Children that run."""
    supervisors: int
    workers: int


def find(name: str) -> Address:
    """A supervisor of the manifest. Raises `AskError`."""
    try:
        found = lookup(name)
    except RegisterError as error:
        if error.case == "not-granted":
            # The host names the grant that is usual for a lookup; a supervisor's is another.
            raise AskError("not-granted", f"supervise:{name}") from None
        raise AskError("invalid" if error.case == "invalid" else "other", str(error)) from None
    if found is None:
        raise AskError("no-actor")
    return found


def start(
    name: str,
    behavior: str,
    *,
    restart: Restart = "permanent",
    shutdown: timedelta | Literal["brutal", "infinity"] = timedelta(seconds=5),
    significant: bool = False,
    config: dict[str, Any] | None = None,
) -> Message:
    """Adds a child to a supervisor with a list of them, and starts it. Needs the grant `spawn:BEHAVIOR` besides. The answer
    is `Started`. Refused with `already-started`, `already-present`, `name-taken`, `bad-spec`, `dynamic` or `failed`."""
    time = write_length(shutdown) if isinstance(shutdown, timedelta) else shutdown
    spec: dict[str, Any] = {"name": name, "behavior": behavior, "restart": restart, "shutdown": time}
    if significant:
        spec["significant"] = True
    return _order("start-child", spec | ({"config": config} if config else {}))


def start_one(*, name: str | None = None, config: dict[str, Any] | None = None) -> Message:
    """Starts one more child of a dynamic supervisor. The answer is `Started`. Refused with `not-dynamic`, `name-taken` or
    `failed`."""
    return _order("start-child", ({"name": name} if name else {}) | ({"config": config} if config else {}))


def terminate(child: str | Address) -> Message:
    """Stops a child, within its shutdown time, and leaves it stopped; a dynamic supervisor's or a temporary one is
    forgotten. Refused with `not-found`."""
    return _order("terminate-child", {"child": str(child)})


def restart(child: str | Address) -> Message:
    """Starts a child that was terminated, has ended for good, or is in quarantine. The answer is `Started`. Refused with
    `not-found`, `running`, `restarting`, `dynamic` or `failed`."""
    return _order("restart-child", {"child": str(child)})


def delete(child: str | Address) -> Message:
    """Forgets a child that does not run. Refused with `not-found`, `running`, `restarting` or `dynamic`."""
    return _order("delete-child", {"child": str(child)})


def children() -> Message:
    """Asks for its `Children`."""
    return _order("which-children", None)


def count() -> Message:
    """Asks for the `Count` of its children."""
    return _order("count-children", None)


def refusal(error: AskError) -> str | None:
    """The word of a supervisor's refusal, such as `not-found`; none for all else."""
    if error.case != "refused":
        return None
    word, colon, _ = str(error.detail).partition(": ")
    return word if colon else None


def _order(kind: str, body: object) -> Message:
    return Message(kind, b"" if body is None else _json.write(body))
