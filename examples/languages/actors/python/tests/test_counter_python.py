"""The counter's tests: natively, in virtual time."""

import unittest

from counter_python import MOST, Counter

from greenroom import AskError, Occasion, seconds
from greenroom.test import NotStarted, Test


class CounterTest(unittest.TestCase):
    """What every language's counter does."""

    def test_it_counts_and_tells(self) -> None:
        counter = Test(Counter)
        counter.tell("add", how_many=2)
        counter.tell("add", how_many=3)
        self.assertEqual(counter.ask("how-many"), 5)
        counter.advance(seconds(2))
        told = [message.body for message in counter.published("counter/count")]
        self.assertEqual(told, [b'{"count":2}', b'{"count":5}', b'{"count":5}', b'{"count":5}'])

    def test_what_does_not_fit_is_refused_with_what_would(self) -> None:
        counter = Test(Counter)
        for body, why in (
            ({"how-many": "3"}, "`add {how-many}`: `how-many`: expected a whole number from 0 to 18446744073709551615"),
            ({"how-many": -1}, "expected a whole number from 0"),
            ({"how-many": 2**64}, "expected a whole number from 0"),
            ({}, "`add {how-many}`: missing field `how-many`"),
        ):
            with self.assertRaisesRegex(AskError, ".*") as caught:
                counter.ask("add", body)
            self.assertIn(why, str(caught.exception))
        with self.assertRaisesRegex(AskError, "`sub` is not understood: expected add {how-many} or"):
            counter.ask("sub")
        self.assertEqual(counter.ask("how-many"), 0)

    def test_there_is_a_most(self) -> None:
        counter = Test(Counter)
        counter.tell("add", how_many=MOST)
        counter.tell("add", how_many=1)
        self.assertEqual(str(counter.why_ended()), "failed: that is too much to count")

    def test_the_count_goes_on(self) -> None:
        counter = Test(Counter, topic="elsewhere")
        counter.keep_state()
        counter.tell("add", how_many=2)
        counter.swap(Counter)
        counter.advance(seconds(1))
        self.assertEqual(len(counter.published("elsewhere")), 2)
        counter.tell("crash")
        self.assertTrue(counter.logged("RuntimeError: as you wished"))
        counter.restart()
        self.assertEqual((counter.ask("how-many"), counter.saved()), (2, {"count": 2}))
        counter.advance(seconds(1))
        self.assertEqual(len(counter.published("elsewhere")), 3)

    def test_a_wrong_configuration_says_what_would_be_right(self) -> None:
        with self.assertRaisesRegex(NotStarted, "configuration: `every-ms`: expected a whole number from 1 to"):
            Test(Counter, every_ms=0)

    def test_it_ends_as_one_wishes(self) -> None:
        for kind, why in (
            ("fail", "failed: as you wished"),
            ("crash", "RuntimeError: as you wished (counter_python.py:"),
        ):
            counter = Test(Counter)
            counter.tell(kind)
            self.assertIn(why, str(counter.why_ended()))

    def test_occasions_are_the_contracts(self) -> None:
        self.assertEqual([one.value for one in Occasion], ["swapped", "restarted", "woken"])


if __name__ == "__main__":
    unittest.main()
