"""From an annotation to what reads it: JSON's value → Python's, or a `Misfit` that says what was expected.

Annotations are looked at once, when a component is built or a test begins, and not for each message.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import isfinite
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

from ._json import kebab
from ._misfit import Misfit
from ._time import read_length

Read = Callable[[Any], Any]

MISSING: Any = object()
"""In place of a default, where there is none."""


@dataclass(frozen=True, slots=True)
class Between:
    """A range, both ends included: `Annotated[int, Between(1, 60)]`."""

    least: float
    most: float


Natural = Annotated[int, Between(0, (1 << 64) - 1)]
"""A whole number from 0 on that every language has: up to 2^64 - 1."""


class ShapeError(TypeError):
    """An annotation that no JSON can be read as."""


@dataclass(frozen=True, slots=True)
class Field:
    """A named part: a parameter of a handler, or a field of a dataclass."""

    name: str
    wire: str
    read: Read
    default: Any


def anything(value: Any) -> Any:
    """Reads whatever it is."""
    return value


def reader(hint: Any) -> Read:
    """What reads a value as an annotation says. Raises `ShapeError`."""
    simple = _SIMPLE.get(hint) if isinstance(hint, type) or hint is Any else None
    if simple:
        return simple
    origin = get_origin(hint)
    if origin is not None:
        return _generic(hint, origin, get_args(hint))
    if isinstance(hint, typing.NewType):
        return reader(hint.__supertype__)
    if isinstance(hint, typing.TypeVar):
        return anything
    if hasattr(hint, "__value__"):
        # `type Celsius = float`
        return reader(hint.__value__)
    if hasattr(hint, "from_json"):
        read: Read = hint.from_json
        return read
    if isinstance(hint, type):
        if dataclasses.is_dataclass(hint):
            return _record(hint, [_field_of(hint, field) for field in dataclasses.fields(hint) if field.init])
        if is_typeddict(hint):
            return _table(hint)
        if issubclass(hint, Enum):
            return _one_of({case.value: case for case in hint})
    raise ShapeError(f"no JSON is read as {getattr(hint, '__name__', hint)!s}")


def record(fields: list[Field], value: Any) -> dict[str, Any]:
    """The fields of an object, by their names in Python. Others are left."""
    if not isinstance(value, dict):
        raise Misfit.expected("an object", value)
    found = {}
    for field in fields:
        part = value.get(field.wire, MISSING)
        if part is not MISSING:
            try:
                found[field.name] = field.read(part)
            except Misfit as misfit:
                raise misfit.within(field.wire) from None
        elif field.default is MISSING:
            raise Misfit(f"missing field `{field.wire}`")
    return found


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Misfit.expected("a whole number", value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misfit.expected("a number", value)
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise Misfit("expected a number that is not that large")
    return number


def _instance(of: type, what: str) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, of):
            raise Misfit.expected(what, value)
        return value

    return read


_SIMPLE: dict[Any, Read] = {
    Any: anything,
    object: anything,
    bool: _instance(bool, "true or false"),
    int: _whole,
    float: _number,
    str: _instance(str, "a string"),
    list: _instance(list, "a list"),
    dict: _instance(dict, "an object"),
    type(None): _instance(type(None), "null"),
    timedelta: read_length,
}


def _generic(hint: Any, origin: Any, arguments: tuple[Any, ...]) -> Read:
    if origin is Annotated:
        return _limited(reader(arguments[0]), [limit for limit in arguments[1:] if isinstance(limit, Between)])
    if origin in (Union, types.UnionType):
        return _either([reader(one) for one in arguments])
    if origin is Literal:
        return _one_of({one: one for one in arguments})
    if origin is list:
        return _list(reader(arguments[0]), list)
    if origin is tuple and len(arguments) == 2 and arguments[1] is ...:
        return _list(reader(arguments[0]), tuple)
    if origin is tuple:
        return _tuple([reader(one) for one in arguments])
    if origin is dict and arguments[0] is str:
        return _map(reader(arguments[1]))
    if origin in (typing.Required, typing.NotRequired):
        return reader(arguments[0])
    if hasattr(origin, "from_json") or dataclasses.is_dataclass(origin):
        return reader(origin)
    raise ShapeError(f"no JSON is read as {hint}")


def _limited(read: Read, limits: list[Between]) -> Read:
    if not limits:
        return read
    [limit] = limits
    kind = "a whole number" if read is _whole else "a number"
    what = f"{kind} from {limit.least} to {limit.most}"

    def within(value: Any) -> Any:
        try:
            number = read(value)
        except Misfit:
            raise Misfit.expected(what, value) from None
        if not limit.least <= number <= limit.most:
            raise Misfit.expected(what, value)
        return number

    return within


def _either(reads: list[Read]) -> Read:
    def read(value: Any) -> Any:
        why = []
        for one in reads:
            try:
                return one(value)
            except Misfit as misfit:
                why.append(str(misfit))
        raise Misfit(" or ".join(why))

    return read


def _one_of(cases: dict[Any, Any]) -> Read:
    words = " or ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in cases)

    def read(value: Any) -> Any:
        # `True` is 1 to a dictionary.
        for word, case in cases.items():
            if type(word) is type(value) and word == value:
                return case
        raise Misfit(f"expected {words}")

    return read


def _list(each: Read, make: Callable[[list[Any]], Any]) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise Misfit.expected("a list", value)
        return make([each(one) for one in value])

    return read


def _tuple(reads: list[Read]) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(reads):
            raise Misfit.expected(f"a list of {len(reads)}", value)
        return tuple(one(part) for one, part in zip(reads, value, strict=True))

    return read


def _map(each: Read) -> Read:
    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise Misfit.expected("an object", value)
        return {key: each(part) for key, part in value.items()}

    return read


def _field_of(owner: Any, field: dataclasses.Field[Any]) -> Field:
    has = field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING
    hint = get_type_hints(owner, include_extras=True)[field.name]
    return Field(field.name, kebab(field.name), _reader_of(field.name, hint), None if has else MISSING)


def _record(hint: Any, fields: list[Field]) -> Read:
    def read(value: Any) -> Any:
        try:
            return hint(**record(fields, value))
        except ValueError as error:
            # What `__post_init__` does not take.
            raise Misfit(str(error)) from None

    return read


def _table(hint: Any) -> Read:
    hints = get_type_hints(hint, include_extras=True)
    fields = [
        Field(name, kebab(name), _reader_of(name, one), MISSING if name in hint.__required_keys__ else None)
        for name, one in hints.items()
    ]
    return lambda value: record(fields, value)


def _reader_of(name: str, hint: Any) -> Read:
    try:
        return reader(hint)
    except ShapeError as error:
        raise ShapeError(f"`{name}`: {error}") from None
