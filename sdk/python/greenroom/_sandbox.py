"""What Python's library asks of a machine, in a component that has none: WASI is left out of it, and whatever asks for
WASI all the same is a trap that says nothing.

What can be had from the host is taken from there: time, and the actor's log for what is printed. The rest is refused with
an exception that says so.
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from ._host import Host


class _Nowhere:
    """While a component is built, and its modules are imported, there is no host."""

    host: Host | None = None


class Lines(io.TextIOBase):
    """What is printed, as lines of the actor's log."""

    def __init__(self, level: str) -> None:
        super().__init__()
        self._level = level
        self._begun = ""

    encoding = "utf-8"

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._log(line)
        return len(text)

    def flush(self) -> None:
        """A line that has no end yet goes on: what is left at a turn's end is a line."""

    def end(self) -> None:
        """The turn is over."""
        if self._begun:
            begun, self._begun = self._begun, ""
            self._log(begun)

    def _log(self, line: str) -> None:
        if _Nowhere.host:
            _Nowhere.host.log(self._level, line)


_STREAMS = Lines("info"), Lines("warn")


def set_up() -> None:
    """To be called before the actor's module is imported: it may take names out of modules."""
    sys.stdout, sys.stderr = _STREAMS
    for name, of, nanos in (
        ("time", "wall", False),
        ("time_ns", "wall", True),
        ("monotonic", "now", False),
        ("monotonic_ns", "now", True),
        ("perf_counter", "now", False),
        ("perf_counter_ns", "now", True),
    ):
        setattr(time, name, _clock(getattr(time, name), of, nanos))
    _refuse(time, "sleep", "an actor does not wait: use `send_after`")
    _refuse(os, "urandom", "there is no source of secrets here; `random` is seeded at the actor's start")
    _refuse(builtins, "open", "there are no files here")
    _refuse(io, "open", "there are no files here")
    _refuse(os, "stat", "there are no files here")
    _refuse(os, "listdir", "there are no files here")


def begin(host: Host) -> None:
    """The actor starts: from now on there is a host."""
    _Nowhere.host = host
    sys.meta_path[:] = [_NoMore]
    if "random" in sys.modules:
        # The state of the generator is in the picture, and so the same in each actor: its address makes the difference.
        address = host.own_address()
        sys.modules["random"].seed(hash((address.node, address.key, host.now(), host.wall())))


def flush() -> None:
    """The turn is over."""
    for stream in _STREAMS:
        stream.end()


def _clock(real: Callable[[], Any], of: str, nanos: bool) -> Callable[[], Any]:
    def read() -> Any:
        if not _Nowhere.host:
            return real()
        nanoseconds = getattr(_Nowhere.host, of)()
        if nanoseconds is None:
            raise OSError("the time of day is not known: the machine's clock has not been set")
        return nanoseconds if nanos else nanoseconds / 1e9

    return read


def _refuse(module: Any, name: str, why: str) -> None:
    real = getattr(module, name)

    def refuse(*arguments: Any, **named: Any) -> Any:
        if not _Nowhere.host:
            return real(*arguments, **named)
        raise OSError(f"{module.__name__}.{name} in a component: {why}")

    setattr(module, name, refuse)


class _NoMore:
    """An import of what was not imported when the component was built."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:
        raise ImportError(f"`{name}` was not imported when the component was built: import it at the top of the file")
