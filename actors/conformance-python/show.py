"""What functions give back, as JSON: a variant's case is its name, or an object of the name and what it holds."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from componentize_py_types import Err
from wit_world.imports import types

_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def address(of: types.Address | None) -> str | None:
    """As people write it."""
    return None if of is None else f"{of.node:016x}-{of.key:016x}"


def case(of: Any) -> Any:
    """A case of a variant, such as `SendError_TooLarge(1024)`: `{"too-large": 1024}`."""
    if isinstance(of, str):
        return of
    word = _CAPITAL.sub("-", type(of).__name__.partition("_")[2]).lower()
    if not hasattr(of, "value"):
        return word
    return {word: of.value if isinstance(of.value, int | str) else case(of.value)}


def binary(of: bytes) -> str:
    """Bytes are a string when they are ASCII, and "hex:…" otherwise."""
    return of.decode() if of.isascii() else f"hex:{of.hex()}"


def message(of: types.Message) -> dict[str, str]:
    """Kind and body."""
    return {"kind": of.kind, "body": binary(of.body)}


def result(run: Callable[[], Any], show: Callable[[Any], Any] = lambda value: value) -> dict[str, Any]:
    """A result: `{"ok": …}` or `{"error": …}`."""
    try:
        return {"ok": show(run())}
    except Err as error:
        # The bindings hold it in the frame that it holds: untied, no garbage collector is needed.
        error.with_traceback(None)
        return {"error": case(error.value)}
