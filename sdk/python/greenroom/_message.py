"""Messages as they travel, and how they are made."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any

from . import _json
from ._address import Address


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it travels. A handler whose one parameter is a `Message` sees it raw."""

    kind: str
    """What a behaviour matches on: 1 to 64 bytes, no control characters. By convention in kebab-case."""
    body: bytes = b""
    """By convention JSON in UTF-8; empty means no fields."""

    def json(self) -> Any:
        """The body's value; None for an empty one. Raises `Misfit`."""
        return _json.read(self.body) if self.body else None


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message as it arrives."""

    sender: Address | None
    """Who sent it. None: the host itself, or somebody outside (HTTP, command line)."""
    request: int | None
    """The question to answer, when the sender waits."""
    topic: str | None
    """The topic that it was published on, when it was."""
    message: Message


@dataclass(frozen=True, slots=True)
class Reading:
    """A value as it was measured. Its unit is the device's in the manifest; switches are 0 (off) and 1 (on)."""

    at: int
    """When, in nanoseconds since the host's monotonic origin (an `Instant`)."""
    value: float


_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def make(message: str | object, body: object, fields: dict[str, Any]) -> Message:
    """The message of a kind with fields, or with a whole body; of a dataclass; or of a `Message`, as it is.

    A field that is None is written as null. Raises `TypeError` or `ValueError` when it has no form in JSON.
    """
    if isinstance(message, str):
        if fields:
            return Message(message, _json.write({_json.kebab(name): value for name, value in fields.items()}))
        return Message(message, b"" if body is None else _json.write(body))
    if fields or body is not None:
        raise TypeError("fields and a body go with a message's kind, which is a text")
    if isinstance(message, Message):
        return message
    if dataclasses.is_dataclass(message) and not isinstance(message, type):
        kind = _WORDS.sub("-", type(message).__name__).lower()
        return Message(kind, _json.write(message) if dataclasses.fields(message) else b"")
    raise TypeError(f"a message is a kind with fields, a dataclass or a `Message`, not {type(message).__name__}")


def answer(value: object) -> Message:
    """The message of an answer: of kind `answer`, unless it is a `Message` with a kind of its own."""
    return value if isinstance(value, Message) else Message("answer", _json.write(value))
