"""A counter: an actor that keeps a number.

`greenroom tell counter add '{"how-many": 3}'` counts, `greenroom ask counter how-many` asks.
"""

from greenroom import Actor, Failed, Natural, reply

MOST = 2**64 - 1


class Counter(Actor, version=1):
    """What the counter understands: a message's kind is `on_` and the name of the method, its JSON body the parameters, both
    in kebab-case."""

    def init(self) -> None:
        """Starts at zero."""
        self.count = 0

    def on_add(self, how_many: Natural) -> None:
        """Count on, by this much."""
        if self.count + how_many > MOST:
            # An exception ends the actor; its supervisor starts it afresh.
            raise Failed("that is too much to count")
        self.count += how_many

    def on_how_many(self):
        """Answer with the count."""
        return reply(self.count)

    def save(self):
        """What is kept when new code takes over: change this file while the host runs, and the count goes on."""
        return {"count": self.count}

    def restore(self, kept: dict[str, Natural], occasion) -> None:
        """Goes on from what was kept."""
        self.count = kept["count"]
