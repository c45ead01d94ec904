"""A behaviour's handlers: found by their names, `on_how_many` for the kind `how-many`, and read by their annotations."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from . import _json
from ._answer import Answer
from ._message import Message
from ._misfit import Misfit
from ._shape import MISSING, Field, Read, ShapeError, anything, reader, record

_KIND = "__greenroom_kind__"

ANY = "*"
"""The kind of the handler for what no other one handles."""

F = TypeVar("F", bound=Callable[..., Any])


def on(kind: str) -> Callable[[F], F]:
    """For kinds that are no words of Python: `@on("door.open")` above a method. `@on("*")` has it handle every message
    that no other method does; then its one parameter is a `Message`."""

    def mark(method: F) -> F:
        setattr(method, _KIND, kind)
        return method

    return mark


@dataclass(frozen=True, slots=True)
class Handler:
    """One method of a behaviour, and how its message is read."""

    kind: str
    name: str
    """The method's."""
    form: str
    """`fields`; `whole`: the body is its one parameter; `raw`: the message is; `answer`: the answer to a question is."""
    fields: tuple[Field, ...] = ()
    read: Read = anything
    rest: bool = False

    @property
    def shape(self) -> str:
        """What it takes, as in `set {celsius, note}`."""
        names = ", ".join(field.wire for field in self.fields)
        return f"{self.kind} {{{names}}}" if names else self.kind

    def arguments(self, message: Message) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What the method is called with. Raises `Misfit`, with the shape that would be right."""
        if self.form == "raw":
            return (message,), {}
        try:
            if self.form == "answer":
                raise Misfit("comes only as the answer to a question")
            if self.form == "whole":
                return (self.read(_json.read(message.body or b"null")),), {}
            return (), self._named(message.body)
        except Misfit as misfit:
            raise Misfit(f"`{self.shape}`: {misfit}") from None

    def _named(self, body: bytes) -> dict[str, Any]:
        value = _json.read(body) if body else {}
        if value is None and not self.fields:
            value = {}
        if not isinstance(value, dict):
            raise Misfit.expected("an object" if self.fields else "no fields", value)
        found = record(list(self.fields), value)
        if self.rest:
            known = {field.wire for field in self.fields}
            found |= {name: part for name, part in value.items() if name not in known}
        return found


def handlers(behavior: type) -> dict[str, Handler]:
    """The handlers of a class, by kind. Raises `ShapeError` with the place in the source."""
    found: dict[str, Handler] = {}
    for name in dir(behavior):
        method = inspect.getattr_static(behavior, name)
        kind = getattr(method, _KIND, None) or (_json.kebab(name[3:]) if name.startswith("on_") else None)
        if kind is None or not inspect.isfunction(method):
            continue
        if kind in found:
            raise ShapeError(f"{place(method)}: `{name}` and `{found[kind].name}` handle the same kind, `{kind}`")
        found[kind] = _handler(kind, name, method)
    return found


def place(function: Any) -> str:
    """Where a function is, as in `counter.py:12`."""
    code = inspect.unwrap(function).__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def fields(function: Any, skip: int = 1) -> tuple[tuple[Field, ...], bool]:
    """The fields that a function takes beside its first parameters, and whether it takes any other. Raises
    `ShapeError`."""
    found, rest = [], False
    for parameter, hint in _parameters(function)[skip:]:
        if parameter.kind is parameter.VAR_KEYWORD:
            rest = True
        elif parameter.kind in (parameter.VAR_POSITIONAL, parameter.POSITIONAL_ONLY):
            raise ShapeError(f"{place(function)}: `{parameter.name}` of `{function.__name__}` has no name in JSON")
        else:
            default = MISSING if parameter.default is parameter.empty else parameter.default
            read = _read(function, parameter, hint)
            found.append(Field(parameter.name, _json.kebab(parameter.name), read, default))
    return tuple(found), rest


def _handler(kind: str, name: str, method: Any) -> Handler:
    parameters = _parameters(method)[1:]
    if len(parameters) == 1:
        [(parameter, hint)] = parameters
        if hint is Message:
            return Handler(kind, name, "raw")
        if hint is Answer or get_origin(hint) is Answer:
            [of] = get_args(hint) or (Any,)
            return Handler(kind, name, "answer", read=_read(method, parameter, of))
        if parameter.kind is parameter.POSITIONAL_ONLY:
            return Handler(kind, name, "whole", read=_read(method, parameter, hint))
    if kind == ANY:
        raise ShapeError(f"{place(method)}: what handles any message has one parameter, a `Message`")
    of_fields, rest = fields(method)
    return Handler(kind, name, "fields", of_fields, rest=rest)


def _parameters(function: Any) -> list[tuple[inspect.Parameter, Any]]:
    try:
        hints = get_type_hints(function, include_extras=True)
    except (NameError, TypeError) as error:
        raise ShapeError(f"{place(function)}: the annotations of `{function.__name__}`: {error}") from None
    return [(one, hints.get(one.name, Any)) for one in inspect.signature(function).parameters.values()]


def _read(function: Any, parameter: inspect.Parameter, hint: Any) -> Read:
    try:
        return reader(hint)
    except ShapeError as error:
        raise ShapeError(f"{place(function)}: `{parameter.name}` of `{function.__name__}`: {error}") from None
