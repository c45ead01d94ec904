"""JSON as it travels: bytes from anywhere in the world, and values that are written back.

What arrives may be made to harm: it nests no deeper than a component's small stack allows, and has no numbers that JSON
does not have.
"""

from __future__ import annotations

import dataclasses
import json
import re
from datetime import timedelta
from enum import Enum
from typing import Any

from ._misfit import Misfit
from ._time import write_length

DEEPEST = 64
"""How deep JSON may nest, as in the other SDKs."""

# A string that does not end ends with the text, so that no text takes long.
_BRACKETS = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def kebab(name: str) -> str:
    """`how_many` → `how-many`; a `_` at the end, as in `from_`, is left out."""
    return name.rstrip("_").replace("_", "-")


def _deep(body: bytes) -> bool:
    depth = 0
    for found in _BRACKETS.finditer(body):
        match found[0]:
            case b"[" | b"{":
                depth += 1
                if depth > DEEPEST:
                    return True
            case b"]" | b"}":
                depth -= 1
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Misfit(f"duplicate field `{twice}`")
    return fields


def _constant(word: str) -> Any:
    raise Misfit(f"not JSON: it has no {word}")


_decode = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant).decode


def read(body: bytes) -> Any:
    """The value of a body that is not empty.

    Raises `Misfit`: it is not JSON, nests too deep, or has a field twice.
    """
    # Most have fewer brackets altogether.
    if body.count(b"[") + body.count(b"{") > DEEPEST and _deep(body):
        raise Misfit(f"the JSON nests more than {DEEPEST} deep")
    try:
        value = _decode(body.decode())
        if b"\\u" in body:
            # Half of a pair is a text for Python, and none for anybody else.
            write(value)
    except UnicodeError:
        raise Misfit("not JSON: it is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Misfit(f"not JSON: {error.msg} at character {error.pos}") from None
    except ValueError as error:
        # A number of thousands of digits.
        raise Misfit(f"not JSON that can be read: {error}") from None
    return value


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "to_json"):
        return {kebab(field.name): getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return write_length(value)
    to_json = getattr(value, "to_json", None)
    if to_json is None:
        raise TypeError(f"{type(value).__name__} has no form in JSON")
    return to_json()


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode


def write(value: Any) -> bytes:
    """A value as JSON: dataclasses as objects with fields in kebab-case, enums by their values.

    Raises `TypeError` or `ValueError`: it has no form in JSON.
    """
    return _encode(value).encode()
