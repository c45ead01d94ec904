"""The counter's test: natively, in virtual time."""

import unittest

from {module} import Counter
from greenroom.test import Test


class CounterTest(unittest.TestCase):
    """A counter that is told and asked."""

    def test_it_counts_and_keeps_the_count_over_a_swap(self):
        counter = Test(Counter)
        counter.tell("add", how_many=2)
        counter.tell("add", how_many=3)
        self.assertEqual(counter.ask("how-many"), 5)
        counter.swap(Counter)
        self.assertEqual(counter.ask("how-many"), 5)


if __name__ == "__main__":
    unittest.main()
