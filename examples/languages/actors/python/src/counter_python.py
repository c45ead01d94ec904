"""The counter, in Python: the same as in every other language, so that any build takes over from any other."""

from typing import Annotated, TypedDict

from greenroom import (
    Actor,
    Between,
    Failed,
    Natural,
    Occasion,
    milliseconds,
    publish,
    reply,
    send_every,
)

MOST = 2**53 - 1
"""The largest whole number that every language has exactly."""

Milliseconds = Annotated[int, Between(1, 366 * 24 * 60 * 60 * 1000)]


class Kept(TypedDict):
    """What is kept over swaps and restarts."""

    count: Natural


class Counter(Actor, version=1):
    """Counts what it is told to count, and tells the count on a topic."""

    def init(self, topic: str = "counter/count", every_ms: Milliseconds = 1000) -> None:
        """Starts at zero."""
        self.topic = topic
        self.count = 0
        send_every(milliseconds(every_ms), "tick")

    def on_add(self, how_many: Natural) -> None:
        """Count on, by this much."""
        if self.count + how_many > MOST:
            raise Failed("that is too much to count")
        self.count += how_many
        self._tell()

    def on_tick(self) -> None:
        """Every now and then, whoever listens is told."""
        self._tell()

    def on_how_many(self):
        """Answer with the count."""
        return reply(self.count)

    def on_fail(self) -> None:
        """End, with a reason."""
        raise Failed("as you wished")

    def on_crash(self) -> None:
        """End by an error in the program."""
        raise RuntimeError("as you wished")

    def save(self) -> Kept:
        """What is kept."""
        return {"count": self.count}

    def restore(
        self, kept: Kept, occasion: Occasion, topic: str = "counter/count", every_ms: Milliseconds = 1000
    ) -> None:
        """Goes on from what was kept. Timers carry over, except over a restart."""
        self.topic = topic
        self.count = kept["count"]
        if occasion is Occasion.RESTARTED:
            send_every(milliseconds(every_ms), "tick")

    def _tell(self) -> None:
        publish(self.topic, "count", count=self.count)
