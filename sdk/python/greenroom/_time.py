"""Time: points on the host's monotonic clock, and lengths with their units (`datetime.timedelta`)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import overload

from ._misfit import Misfit

_NANOS = {"d": 86_400_000_000_000, "h": 3_600_000_000_000, "m": 60_000_000_000, "s": 1_000_000_000}
_NANOS |= {"ms": 1_000_000, "us": 1_000, "ns": 1}
_TEXT = re.compile(r"(\d+(?:\.\d+)?) ?(d|h|m|s|ms|us|ns)")


class Instant(int):
    """A point in time: nanoseconds since the host's monotonic origin. It stays valid over a swap, and never goes back.

    `later - earlier` is a `timedelta`, and so is what can be added and subtracted. In JSON it is a number.
    """

    expects = "nanoseconds since the host's origin"

    @classmethod
    def from_json(cls, value: object) -> Instant:
        """Reads it from JSON."""
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 64:
            raise Misfit.expected(cls.expects, value)
        return cls(value)

    def since(self, earlier: Instant) -> timedelta:
        """How long it has been since `earlier`; nothing if that is later. To a microsecond."""
        return timedelta(microseconds=max(int(self) - int(earlier), 0) // 1_000)

    def __add__(self, length: timedelta) -> Instant:  # type: ignore[override]
        if not isinstance(length, timedelta):
            return NotImplemented
        return Instant(int(self) + nanos(length))

    @overload  # type: ignore[override]
    def __sub__(self, other: Instant) -> timedelta: ...
    @overload
    def __sub__(self, other: timedelta) -> Instant: ...
    def __sub__(self, other: Instant | timedelta) -> timedelta | Instant:
        if isinstance(other, timedelta):
            return Instant(int(self) - nanos(other))
        if isinstance(other, Instant):
            return timedelta(microseconds=(int(self) - int(other)) // 1_000)
        return NotImplemented


def nanos(length: timedelta) -> int:
    """Nanoseconds, exactly."""
    return (length.days * 86_400 + length.seconds) * 1_000_000_000 + length.microseconds * 1_000


def milliseconds(number: float) -> timedelta:
    """So many milliseconds."""
    return timedelta(milliseconds=number)


def seconds(number: float) -> timedelta:
    """So many seconds."""
    return timedelta(seconds=number)


def minutes(number: float) -> timedelta:
    """So many minutes."""
    return timedelta(minutes=number)


def hours(number: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=number)


LENGTH = 'a length of time with its unit, as in "2s"'


def read_length(value: object) -> timedelta:
    """From JSON and manifests: a text with its unit (ns, us, ms, s, m, h, d), as in `"1.5h"`."""
    found = _TEXT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise Misfit.expected(LENGTH, value)
    try:
        return timedelta(microseconds=float(found[1]) * _NANOS[found[2]] / 1_000)
    except OverflowError:
        raise Misfit(f"{value} is too long a time") from None


def write_length(length: timedelta) -> str:
    """With the longest unit that has no fraction: `90s`, `2h`, `1500ms`."""
    total = nanos(length)
    if total == 0:
        return "0s"
    unit = next(unit for unit, size in _NANOS.items() if total % size == 0)
    return f"{total // _NANOS[unit]}{unit}"
