"""Actors in tests: natively, without a host, in virtual time.

`Test` runs one actor; `Host` is the virtual host behind it, for what the actor meets: sensors, outputs, children, strangers
that record what they are sent. The rules are the real host's: a turn is a transaction, links and monitors are Erlang's, an
exception ends the actor as `failed`. Nothing waits: time passes only in `Host.advance`.

    class CounterTest(unittest.TestCase):
        def test_it_counts(self):
            counter = Test(Counter)
            counter.tell("add", how_many=3)
            self.assertEqual(counter.ask("how-many"), 3)
"""

from ._effects import Spawned
from ._host import Host, NotStarted, Test

__all__ = ["Host", "NotStarted", "Spawned", "Test"]
