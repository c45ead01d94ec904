"""Errors: the one that ends an actor, and what the host answers to what it cannot do."""

from __future__ import annotations

from typing import ClassVar, Self

from ._misfit import Misfit
from ._reason import Reason


class Failed(Exception):
    """Raised in a handler or in `init`: the actor ends as `failed` with this text, what is wrong and what would be
    right. Nothing that the turn asked for happens. Any other exception does the same, with its traceback in the log."""


class Refusal(Exception):
    """What the host did not do: `case` is the contract's word, and `detail` what belongs to it."""

    cases: ClassVar[dict[str, str]] = {}
    """Each case with its sentence; `{}` stands for the detail."""

    def __init__(self, case: str, detail: object = None) -> None:
        super().__init__(case, detail)
        self.case = case
        self.detail = detail

    def __str__(self) -> str:
        return self.cases.get(self.case, "{}").replace("{}", str(self.detail))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.args == other.args

    def __hash__(self) -> int:
        return hash((type(self), self.case))


_GRANT = "not granted: the manifest has to grant `{}`"


class SendError(Refusal):
    """Why a message was not accepted: nothing was sent. A timer's, too."""

    cases = {
        "no-actor": "there is no such actor",
        "mailbox-full": "the receiver's mailbox is full",
        "too-large": "the body is longer than {} bytes",
        "invalid": "{}",
        "not-granted": _GRANT,
        "other": "{}",
    }


class AskError(Refusal):
    """Why a question has no answer. In JSON as the contract has it, so that it can be part of a message."""

    cases = SendError.cases | {
        "timed-out": "no answer came in time",
        "restarting": "it is being restarted",
        "would-deadlock": "the answer could never come: {}",
        "refused": "{}",
        "ended": "it ended before it answered: {}",
        "unreachable": "its host could not be reached",
    }

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Reads it from JSON."""
        match value:
            case str() if value in cls.cases and "{}" not in cls.cases[value]:
                return cls(value)
            case {"ended": why, **rest} if not rest:
                return cls("ended", Reason.from_json(why))
            case {**one} if len(one) == 1:
                [(word, detail)] = one.items()
                if word in cls.cases and isinstance(detail, int if word == "too-large" else str):
                    return cls(word, detail)
        raise Misfit.expected("why there is no answer", value)

    def to_json(self) -> object:
        """Its form in JSON: `"timed-out"`, or `{"refused": …}`."""
        return self.case if self.detail is None else {self.case: self.detail}


class SpawnError(Refusal):
    """Why no actor was spawned."""

    cases = {
        "unknown-behavior": "the manifest has no `[behavior.NAME]` of this name",
        "not-granted": _GRANT,
        "limit": "{}",
        "name-taken": "an actor of this name is alive",
        "invalid": "{}",
        "other": "{}",
    }


class RegisterError(Refusal):
    """Why a name was not registered or looked up."""

    cases = {"taken": "another living actor has this name", "invalid": "{}", "not-granted": _GRANT, "other": "{}"}


class ReadError(Refusal):
    """Why there is no value: of `stale`, the detail is its age as a `timedelta`. A case to handle, no reason to end."""

    cases = {
        "not-granted": _GRANT,
        "no-device": "the manifest has no such device",
        "stale": "the last value is {} old",
        "failed": "{}",
        "other": "{}",
    }


class WriteError(Refusal):
    """Why an output was not set."""

    cases = {
        "not-granted": _GRANT,
        "no-device": "the manifest has no such device",
        "read-only": "the device is an input",
        "busy": "`{}` writes it",
        "out-of-range": "{}",
        "max-on": "it was on for longer than its `max-on`: switch it off once",
        "failed": "{}",
        "other": "{}",
    }


class TopicError(Refusal):
    """Why nothing was published or subscribed."""

    cases = {
        "invalid": "{}",
        "not-granted": _GRANT,
        "too-large": "the body is longer than {} bytes",
        "no-registry": "the manifest names no topic registry (`host.topics`)",
        "other": "{}",
    }


class RouteError(Exception):
    """Why no route was set or read: the grant is missing, or the pattern is malformed."""
