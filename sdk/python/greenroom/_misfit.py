"""What is wrong with a message that does not fit its handler."""

from __future__ import annotations


class Misfit(Exception):
    """JSON that does not fit what it is read as. The text says what would."""

    @classmethod
    def expected(cls, what: str, found: object) -> Misfit:
        """`what` was expected, and something else was found."""
        return cls(f"expected {what}, not {_found(found)}")

    def within(self, name: str) -> Misfit:
        """The same, of a part with a name."""
        return Misfit(f"`{name}`: {self}")


def _found(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) < 1 << 64:
            return str(value)
        case int() | float():
            return "a number" if isinstance(value, int) else str(value)
        case str():
            return "a string"
        case list():
            return "a list"
        case dict():
            return "an object"
    return "something else"
