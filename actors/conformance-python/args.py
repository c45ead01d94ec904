"""The arguments of a check: lines of a message's body."""

from __future__ import annotations

from wit_world.imports import types

NOBODY = types.Address(0, 0)


class Args:
    """The arguments that are left."""

    def __init__(self, body: bytes, spawned: types.Address | None) -> None:
        self._left = body
        self.spawned = spawned
        """Who was spawned last, for `spawned` in place of an address."""

    def __bool__(self) -> bool:
        return bool(self._left)

    def line(self) -> str:
        """The next line as it is, empty when there is none left."""
        line, _, self._left = self._left.partition(b"\n")
        return _text(line)

    def bytes(self) -> bytes:
        """The next line's bytes: as they are, `hex:` and digits, or `fill:` and how many times "x"."""
        line = self.line()
        if line.startswith("fill:"):
            return b"x" * int(line[5:])
        if line.startswith("hex:"):
            return bytes.fromhex(line[4:])
        return line.encode()

    def text(self) -> str:
        """The same as a text."""
        return _text(self.bytes())

    def number(self) -> int:
        """A whole number; 0 for none."""
        line = self.line()
        return int(line) if line.isdecimal() else 0

    def float(self) -> float:
        """A number."""
        return float(self.line())

    def address(self) -> types.Address:
        """An address, or the word `spawned`."""
        line = self.line()
        if line == "spawned":
            return self.spawned or NOBODY
        node, _, key = line.partition("-")
        return types.Address(int(node, 16), int(key, 16)) if len(node) == len(key) == 16 else NOBODY

    def message(self) -> types.Message:
        """Two lines, the kind and the body."""
        return types.Message(self.text(), self.bytes())

    def reason(self) -> types.Reason:
        """A case's name, and after a colon its text."""
        word, _, text = self.line().partition(":")
        name = "Reason_" + "".join(part.capitalize() for part in word.split("-"))
        case = getattr(types, name, types.Reason_Other)
        return case(text) if "value" in case.__dataclass_fields__ else case()


def _text(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return ""
