"""Questions: their answers come as messages of the actor's own, and find their way after a swap."""

import unittest
from dataclasses import dataclass

from greenroom import Actor, Answer, AskError, Reason, answers, ask, lookup, reply, seconds
from greenroom import supervisor as orders
from greenroom.asking import ask_and_wait
from greenroom.test import Test


@dataclass
class Price:
    euros: float


class Shopper(Actor, version=1):
    """Asks what things cost."""

    def init(self):
        self.heard = []

    def on_go(self, what: str):
        self.asked = ask(lookup("shop"), "price", of=what, then=self.on_price, timeout=seconds(1))

    def on_wrong(self):
        ask(lookup("shop"), "price", then=self.on_go, timeout=seconds(1))

    def on_short(self):
        ask(lookup("shop"), "price", then=self.on_price, timeout=seconds(0))

    def on_price(self, answer: Answer[Price]):
        assert answers() == self.asked
        try:
            self.heard.append(answer.get().euros)
        except AskError as why:
            self.heard.append(str(why))

    def on_wait(self):
        return reply(ask_and_wait(lookup("shop"), "price", timeout=seconds(1)).json())

    def on_more(self):
        ask(orders.find("workers"), orders.start_one(name="third"), then=self.on_started, timeout=seconds(5))

    def on_started(self, answer: Answer[orders.Started]):
        self.heard.append(str(answer.value and answer.value.address or orders.refusal(answer.error)))

    def on_heard(self):
        return reply(self.heard)

    def save(self):
        return {"heard": self.heard, "asked": getattr(self, "asked", None)}

    def restore(self, kept: dict, occasion):
        self.heard, self.asked = kept["heard"], kept["asked"]


class Asking(unittest.TestCase):
    """A shopper and a shop."""

    def setUp(self) -> None:
        self.shopper = Test(Shopper)
        self.shop = self.shopper.stranger("shop")

    def answer(self, value: object) -> None:
        [question] = self.shopper.received(self.shop)
        self.shopper.answer(question, value)

    def test_answers_are_read_as_they_are_annotated(self) -> None:
        self.shopper.tell("go", what="tea")
        [question] = self.shopper.received(self.shop)
        self.assertEqual(question.message.body, b'{"of":"tea"}')
        self.shopper.answer(question, Price(2.5))
        self.shopper.answer(question, Price(99))
        for value in (AskError("refused", "sold out"), {"euro": 1}):
            self.shopper.tell("go", what="tea")
            self.answer(value)
        self.shopper.tell("go", what="tea")
        self.shopper.advance(seconds(2))
        self.shopper.tell("go", what="tea")
        self.shopper.end(self.shop, Reason.KILLED)
        expect = [2.5, "sold out", "the answer does not fit: missing field `euros`", "no answer came in time"]
        self.assertEqual(self.shopper.ask("heard"), [*expect, "it ended before it answered: killed"])

    def test_an_answer_finds_its_way_after_a_swap_and_not_after_a_restart(self) -> None:
        self.shopper.tell("go", what="tea")
        self.assertEqual(self.shopper.saved()["$asks"], [[3, "price"]])
        self.shopper.swap(Shopper)
        self.answer(Price(3))
        self.assertEqual(self.shopper.ask("heard"), [3.0])
        self.assertEqual(self.shopper.saved(), {"heard": [3.0], "asked": 3})
        self.shopper.tell("go", what="tea")
        self.shopper.restart()
        self.assertNotIn("asks", self.shopper.saved())
        self.answer(Price(4))
        self.assertEqual(self.shopper.ask("heard"), [3.0])

    def test_what_can_have_no_answer_is_told_at_once(self) -> None:
        for kind, why in (("wrong", "`on_go` takes no answer"), ("short", "a timeout is 1 ms to 1 h")):
            shopper = Test(Shopper)
            shopper.stranger("shop")
            shopper.tell(kind)
            self.assertIn(why, str(shopper.why_ended()))

    def test_one_can_wait_in_the_turn(self) -> None:
        class Shop(Actor):
            def on_price(self):
                return reply(7)

        self.shopper.start("shop", Shop)
        self.assertEqual(self.shopper.ask("wait"), 7)

    def test_orders_to_supervisors(self) -> None:
        workers = self.shopper.stranger("workers")
        for answer, expect in (
            ({"address": str(workers)}, str(workers)),
            (AskError("refused", "name-taken: `third` is alive"), "name-taken"),
        ):
            self.shopper.tell("more")
            [order] = self.shopper.received(workers)
            self.assertEqual((order.message.kind, order.message.body), ("start-child", b'{"name":"third"}'))
            self.shopper.answer(order, answer)
            self.assertEqual(self.shopper.ask("heard")[-1], expect)
        spec = orders.start("a", "b", restart="transient", shutdown="brutal", config={"x": 1})
        self.assertEqual(
            spec.body, b'{"name":"a","behavior":"b","restart":"transient","shutdown":"brutal","config":{"x":1}}'
        )


if __name__ == "__main__":
    unittest.main()
