"""Why an actor ended, in Erlang's words where it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ._misfit import Misfit

_PLAIN = ("normal", "shutdown", "killed", "out-of-time", "out-of-memory", "no-actor", "unreachable")
_TEXT = ("failed", "trapped", "other")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an actor ended, or could not be reached: a word, and of `failed`, `trapped` and `other` a text."""

    word: str
    text: str = ""

    NORMAL: ClassVar[Reason]
    """It ended by itself, as planned."""
    SHUTDOWN: ClassVar[Reason]
    """It was asked to stop, in order."""
    KILLED: ClassVar[Reason]
    """It was killed; nothing could be done about it."""
    OUT_OF_TIME: ClassVar[Reason]
    """A turn took longer than its deadline."""
    OUT_OF_MEMORY: ClassVar[Reason]
    """It wanted more memory than its limit."""
    NO_ACTOR: ClassVar[Reason]
    """There was no such actor."""
    UNREACHABLE: ClassVar[Reason]
    """Its host could not be reached."""

    @classmethod
    def failed(cls, text: str) -> Reason:
        """It gave up, with a reason."""
        return cls("failed", text)

    @classmethod
    def trapped(cls, text: str) -> Reason:
        """Its code trapped: what happened and where."""
        return cls("trapped", text)

    @classmethod
    def other(cls, text: str) -> Reason:
        """A reason of a later host, or one that an actor made up."""
        return cls("other", text)

    @property
    def is_orderly(self) -> bool:
        """Whether the end was in order: as planned, or as asked for."""
        return self.word in ("normal", "shutdown")

    @classmethod
    def from_json(cls, value: object) -> Reason:
        """Reads it from JSON."""
        if isinstance(value, str) and value in _PLAIN:
            return cls(value)
        match value:
            case {**one} if len(one) == 1:
                [(word, text)] = one.items()
                if word in _TEXT and isinstance(text, str):
                    return cls(word, text)
        raise Misfit.expected("a reason", value)

    def to_json(self) -> object:
        """Its form in JSON: `"normal"`, or `{"failed": …}`."""
        return {self.word: self.text} if self.word in _TEXT else self.word

    def __str__(self) -> str:
        if self.word == "other":
            return self.text
        return f"{self.word}: {self.text}" if self.word in _TEXT else self.word


for _word in _PLAIN:
    setattr(Reason, _word.upper().replace("-", "_"), Reason(_word))
