"""Turns: a transaction each, with an answer on every path, and an end that says where it came from."""

import unittest

from greenroom import (
    Actor,
    AskError,
    Behavior,
    Failed,
    Message,
    Reason,
    become,
    changed,
    config,
    defer,
    ignore,
    is_asked,
    log,
    lookup,
    on,
    own_address,
    publish,
    refuse,
    refuse_to,
    reply,
    reply_to,
    sender,
    stop,
    stop_with,
    take_request,
    tell,
    topic,
    unhandled,
)
from greenroom.test import NotStarted, Test


class Clerk(Actor):
    """Does as it is told."""

    def init(self, greeting: str = "", start: str = ""):
        self.greeting = greeting
        self.requests = []
        self.done = []
        if start == "ignore":
            return ignore
        if start == "fail":
            raise Failed("it was told to")

    def on_quiet(self):
        pass

    def on_both(self):
        reply(1)
        return reply(2)

    def on_refuse(self):
        return refuse("not today")

    def on_unhandled(self):
        return unhandled("say what you mean")

    def on_later(self):
        self.requests.append(take_request())

    def on_now(self, refuse: bool = False):
        for request in self.requests:
            if refuse:
                refuse_to(request, "no")
            else:
                reply_to(request, "at last")

    def on_wrong(self):
        return 5

    def on_act(self, then: str):
        publish("done", "done")
        log.info("acting")
        if then == "fail":
            raise Failed("with reason")
        if then == "crash":
            return {}["nothing"]
        if then == "cause":
            try:
                return {}["nothing"]
            except KeyError as error:
                raise ValueError("no such thing") from error

    def on_about(self):
        return reply([str(sender()), topic(), is_asked(), config(), str(own_address())])

    def on_stop(self):
        return stop

    def on_stop_with(self):
        return stop_with(Reason.other("tired"))

    def on_become(self):
        return become("other")

    def stopping(self, why: Reason):
        publish("done", "stopping", str(why))


class Turns(unittest.TestCase):
    """One clerk each."""

    def setUp(self) -> None:
        self.clerk = Test(Clerk)

    def refused(self, kind: str, expect: str, **fields: object) -> None:
        with self.assertRaises(AskError) as caught:
            self.clerk.ask(kind, **fields)
        self.assertEqual(str(caught.exception), expect)

    def test_nobody_waits_for_an_answer_that_never_comes(self) -> None:
        self.refused("quiet", "`quiet` was handled, and has no answer")
        self.refused("refuse", "not today")
        self.refused("unhandled", "say what you mean")
        self.assertEqual(self.clerk.now(), 0, "at once")
        self.assertEqual(self.clerk.ask("both"), 1)
        self.clerk.tell("refuse")
        self.assertEqual(self.clerk.dead_letters()[-1], (Message("refuse"), "not today"))

    def test_a_question_can_be_answered_later(self) -> None:
        stranger = self.clerk.stranger("other")
        self.refused("later", "no answer came in time")
        self.assertEqual(self.clerk.now(), 5_000_000_000)
        self.clerk.tell("now", by=stranger)

    def test_a_turn_that_fails_leaves_nothing_but_its_log(self) -> None:
        for then, why in (
            ("fail", "failed: with reason"),
            ("crash", r"failed: KeyError: 'nothing' \(test_turns.py:\d+ in on_act\)"),
            ("cause", r"failed: ValueError: no such thing \(test_turns.py:\d+ in on_act\)"),
        ):
            clerk = Test(Clerk)
            clerk.tell("act", then=then)
            self.assertEqual(clerk.published("done"), [])
            self.assertTrue(clerk.logged("acting"))
            self.assertRegex(str(clerk.why_ended()), f"^{why}$")
            if then != "fail":
                _, level, text = clerk.logs()[-1]
                self.assertEqual(level, "error")
                self.assertRegex(text, r"test_turns.py:\d+ in on_act")
        self.assertIn("KeyError: 'nothing'\nwhich led to:\nTraceback", text)

    def test_what_a_handler_gives_back_is_a_way_to_go_on(self) -> None:
        self.clerk.tell("wrong")
        self.assertIn("`on_wrong` gave back 5: a handler gives back nothing", str(self.clerk.why_ended()))

    def test_what_a_turn_is_about(self) -> None:
        stranger = self.clerk.stranger("other")
        self.assertEqual(self.clerk.ask("about"), ["None", None, True, {}, str(self.clerk.address)])
        self.clerk.tell("about", by=stranger)

    def test_starts_fail_or_are_ignored(self) -> None:
        for options, why in (
            ({"start": "ignore"}, Reason.NORMAL),
            ({"start": "fail"}, Reason.failed("it was told to")),
            ({"greeting": 3}, Reason.failed("configuration: `greeting`: expected a string, not 3")),
        ):
            with self.assertRaises(NotStarted) as caught:
                Test(Clerk, **options)
            self.assertEqual(caught.exception.why, why)

    def test_ends_in_order(self) -> None:
        clerk = Test(Clerk)
        clerk.tell("stop")
        self.assertEqual(clerk.why_ended(), Reason.NORMAL)
        self.clerk.tell("stop-with")
        self.assertEqual(self.clerk.why_ended(), Reason.other("tired"))
        clerk = Test(Clerk)
        clerk.stop(clerk.address)
        self.assertEqual(clerk.why_ended(), Reason.SHUTDOWN)
        self.assertEqual(clerk.published("done"), [Message("stopping", b'"shutdown"')])

    def test_another_behaviour_of_the_manifest(self) -> None:
        self.clerk.behavior("other", Light, {})
        self.clerk.tell("become")
        self.assertEqual(self.clerk.ask("is-on"), False)


class Light(Actor):
    """The next behaviour is what a handler gives back."""

    def init(self):
        self.presses = 0
        return Off()

    def on_presses(self):
        return reply(self.presses)

    def on_is_on(self):
        return reply("the actor does not know")

    def on_door(self, open: bool):
        return changed if open else defer


class Off(Behavior):
    """Not on."""

    def on_press(self):
        self.actor.presses += 1
        return On(self.actor.presses)

    def on_is_on(self):
        return reply(False)

    def on_wait(self):
        return defer


class On(Behavior):
    """On, since a press."""

    def __init__(self, since: int) -> None:
        self.since = since

    def on_press(self):
        return Off()

    def on_is_on(self):
        return reply(True)

    def on_wait(self):
        return reply(f"since {self.since}")

    def on_actor(self):
        return self.actor


class Waiter(Actor):
    """Asks a light in front of everybody."""

    def on_go(self):
        tell(lookup(Test.NAME), "press")

    @on("*")
    def anything(self, message: Message):
        return reply(Message("echo", b'"' + message.kind.encode() + b'"'))


class Behaviors(unittest.TestCase):
    """State machines."""

    def test_each_handles_what_it_knows_and_the_actor_the_rest(self) -> None:
        light = Test(Light)
        self.assertEqual(light.ask("is-on"), False)
        light.tell("press")
        self.assertEqual((light.ask("is-on"), light.ask("presses")), (True, 1))
        light.tell("actor")
        self.assertEqual(light.ask("is-on"), "the actor does not know")
        with self.assertRaisesRegex(AskError, "`press` is not understood: expected door {open} or is-on or presses"):
            light.ask("press")

    def test_what_is_put_aside_comes_to_the_next_one(self) -> None:
        light = Test(Light)
        stranger = light.stranger("stranger")
        light.tell("wait", by=stranger)
        light.tell("door", open=False)
        light.tell("press")
        self.assertEqual(light.dead_letters(), [])
        self.assertEqual(light.ask("wait"), "since 1")

    def test_one_method_can_take_any_message(self) -> None:
        waiter = Test(Waiter)
        self.assertEqual(waiter.ask("whatever"), "whatever")


if __name__ == "__main__":
    unittest.main()
