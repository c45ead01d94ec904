"""The formatter of this example, in Python: publishes what the controller tells, as lines for people."""

from typing import TypedDict

from greenroom import Actor, Natural, Occasion, publish, reply


class Kept(TypedDict):
    """What is kept over swaps and restarts."""

    lines: Natural


class Formatter(Actor, version=1):
    """Counts the lines, and publishes them."""

    def init(self, topic: str = "mixed/lines") -> None:
        """Starts at no lines."""
        self.topic = topic
        self.lines = 0

    def on_status(self, celsius: float, heating: bool) -> None:
        """Another line."""
        self.lines += 1
        words = f"{celsius:.1f} °C, {'heating' if heating else 'resting'}"
        publish(self.topic, "line", text=words, line=self.lines)

    def on_how_many(self):
        """Answer with how many lines there were."""
        return reply(self.lines)

    def save(self) -> Kept:
        """What is kept."""
        return {"lines": self.lines}

    def restore(self, kept: Kept, occasion: Occasion, topic: str = "mixed/lines") -> None:
        """Goes on from what was kept."""
        self.topic = topic
        self.lines = kept["lines"]
