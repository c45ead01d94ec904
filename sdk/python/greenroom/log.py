"""The actor's log: `log.info(f"it is {celsius} °C")`. What `print` prints goes there too, as `info`.

A line is there at once, and stays when the turn leaves nothing else.
"""

from __future__ import annotations

from ._host import host


def trace(text: object) -> None:
    """For following single steps."""
    host().log("trace", str(text))


def debug(text: object) -> None:
    """For finding faults."""
    host().log("debug", str(text))


def info(text: object) -> None:
    """What an operator wants to know."""
    host().log("info", str(text))


def warn(text: object) -> None:
    """What an operator should look at."""
    host().log("warn", str(text))


def error(text: object) -> None:
    """What went wrong."""
    host().log("error", str(text))
