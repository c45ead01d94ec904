"""Answers to questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from ._errors import AskError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """The answer to a question, or why there is none. A handler whose one parameter is an `Answer[T]` takes answers that
    read as `T`; nobody can send it a message."""

    value: T | None
    """The answer, when there is one."""
    error: AskError | None = None
    """Why there is none."""

    def get(self) -> T:
        """The answer. Raises `AskError`: there is none, and why."""
        if self.error:
            # Another one, which this does not hold: else each would be garbage that holds the other.
            raise AskError(*self.error.args)
        return cast(T, self.value)
