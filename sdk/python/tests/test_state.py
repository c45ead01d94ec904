"""State that outlives the code and the incarnation."""

import unittest

from greenroom import Actor, Failed, Occasion, log, milliseconds, reply, seconds, send_after, send_every
from greenroom._instance import Class
from greenroom.test import NotStarted, Test


class First(Actor, version=1):
    """Kept its count as a number."""

    def init(self, every_ms: int = 1000):
        self.count = 0
        send_every(milliseconds(every_ms), "tick")

    def on_tick(self):
        self.count += 1

    def on_count(self):
        return reply(self.count)

    def on_fail(self):
        self.count = 99
        raise Failed("on purpose")

    def save(self):
        return self.count

    def restore(self, kept: int, occasion: Occasion, every_ms: int = 1000):
        log.info(f"{occasion.value} with {every_ms}")
        self.count = kept
        if occasion is Occasion.RESTARTED:
            send_every(milliseconds(every_ms), "tick")


class Second(First, version=2, accepts=(1,)):
    """Has a step."""

    step = 1

    def on_tick(self):
        self.count += self.step

    def save(self):
        return {"kept": self.count, "asks": []}

    def restore(self, kept: dict[str, object], occasion: Occasion):
        self.count, self.step = kept["kept"], 10

    def upgrade(self, version: int, old: object):
        return {"kept": old}


class State(unittest.TestCase):
    """Swaps and restarts."""

    def test_a_swap_keeps_state_and_timers(self) -> None:
        actor = Test(First)
        actor.advance(seconds(2))
        actor.set_config(actor.address, {"every-ms": 5})
        actor.swap(First)
        self.assertTrue(actor.logged("swapped with 5"))
        actor.advance(seconds(1))
        self.assertEqual(actor.ask("count"), 3)

    def test_a_restart_has_the_state_of_the_last_good_turn_and_sets_up_again(self) -> None:
        actor = Test(First)
        actor.keep_state()
        actor.advance(seconds(2))
        actor.tell("fail")
        self.assertEqual(str(actor.why_ended()), "failed: on purpose")
        actor.advance(seconds(5))
        actor.restart()
        actor.advance(seconds(1))
        self.assertEqual(actor.ask("count"), 3)
        actor.restart_fresh()
        self.assertEqual(actor.ask("count"), 0)

    def test_a_version_upgrades_the_one_before(self) -> None:
        actor = Test(First)
        actor.advance(seconds(2))
        actor.swap(Second)
        actor.advance(seconds(1))
        self.assertEqual(actor.ask("count"), 12)
        # A state that looks like one with questions beside it stays what it is.
        actor.swap(Second)
        self.assertEqual(actor.ask("count"), 12)
        with self.assertRaisesRegex(NotStarted, r"state of version 2 can't be taken: \[1\] can"):
            actor.swap(First)
        self.assertEqual(actor.ask("count"), 12)

    def test_state_that_does_not_fit_is_told(self) -> None:
        class Other(First, version=1):
            def restore(self, kept: str, occasion: Occasion):
                pass

        actor = Test(First)
        with self.assertRaisesRegex(NotStarted, "the saved state does not fit: expected a string, not 0"):
            actor.swap(Other)
        self.assertEqual(actor.ask("count"), 0)

    def test_who_has_a_version_saves_and_restores(self) -> None:
        class Half(Actor, version=1):
            def save(self):
                return 1

        with self.assertRaisesRegex(TypeError, "it needs a method `restore`"):
            Class(Half)

    def test_timers_name_their_message(self) -> None:
        class Bell(Actor):
            def on_wind(self):
                send_after(seconds(90), "ring", 3)

            def on_ring(self, times: int, /):
                log.info("ring " * times)

        bell = Test(Bell)
        bell.tell("wind")
        bell.advance(seconds(89.999))
        self.assertFalse(bell.logged("ring"))
        bell.advance(milliseconds(1))
        self.assertTrue(bell.logged("ring ring ring"))


if __name__ == "__main__":
    unittest.main()
