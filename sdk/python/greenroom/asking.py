"""Asking and waiting in the middle of a turn. An actor whose module imports this runs on a fiber, which costs memory and
time; `greenroom.ask` does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ._address import Address
from ._host import host
from ._message import Message, make
from ._time import nanos


def ask_and_wait(
    to: Address, message: str | object, body: object = None, /, *, timeout: timedelta, **fields: Any
) -> Message:
    """Asks and waits for the answer: what the turn asked for so far takes effect now, and another turn begins with the
    answer. `Message.json` has its value. `timeout`: 1 ms to 1 h. Raises `AskError`."""
    return host().ask(to, make(message, body, fields), nanos(timeout))
