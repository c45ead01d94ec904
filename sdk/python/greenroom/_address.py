"""Addresses."""

from __future__ import annotations

from dataclasses import dataclass

from ._misfit import Misfit


@dataclass(frozen=True, order=True, slots=True)
class Address:
    """An actor's address: a plain value that can be sent, kept and compared. Holding one is the right to send to it.

    In JSON it is a text, as `str` writes it.
    """

    node: int
    """The host that the actor lives on."""
    key: int
    """The actor on that host."""

    @classmethod
    def parse(cls, text: str) -> Address:
        """Reads what `str` writes. Raises `ValueError`."""
        node, _, key = text.partition("-")
        if len(node) == len(key) == 16 and not set(node + key) - set("0123456789abcdefABCDEF"):
            return cls(int(node, 16), int(key, 16))
        raise ValueError("not an address: expected two groups of 16 hexadecimal digits with `-` between them")

    @classmethod
    def from_json(cls, value: object) -> Address:
        """Reads it from JSON."""
        if not isinstance(value, str):
            raise Misfit.expected("an address", value)
        try:
            return cls.parse(value)
        except ValueError as error:
            raise Misfit(str(error)) from None

    def to_json(self) -> str:
        """Its form in JSON."""
        return str(self)

    def __str__(self) -> str:
        return f"{self.node:016x}-{self.key:016x}"
