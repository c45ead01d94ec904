"""A message's kind is a method, its JSON body the parameters; what does not fit says what would."""

import unittest
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Annotated, Any, Literal, NewType, NotRequired, TypedDict

from greenroom import Actor, Address, Answer, AskError, Between, Message, Misfit, Natural, Reason, ShapeError, on, reply
from greenroom._handler import handlers
from greenroom._json import DEEPEST, read, write
from greenroom._message import make
from greenroom.test import Test

Celsius = NewType("Celsius", float)


class Phase(Enum):
    RESTING = "resting"
    HEATING = "heating"


@dataclass
class Fields:
    mash_one: int
    two: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.mash_one == 13:
            raise ValueError("13 is unlucky")


class Table(TypedDict):
    from_: str
    more: NotRequired[bool]


class Order(Actor):
    """Gives back what it was called with."""

    def on_which_state(self):
        return reply("none")

    def on_set(self, mash_celsius: float, note: str | None = None):
        return reply([mash_celsius, note])

    def on_whole(self, body: Fields, /):
        return reply(body)

    def on_text(self, body: str, /):
        return reply(body)

    def on_many(self, a: Natural, b: Annotated[float, Between(0, 1)] = 0.5, c: Literal["x", 1] = "x", **rest: Any):
        return reply([a, b, c, rest])

    def on_types(self, to: Address, phase: Phase, length: timedelta, table: Table, pair: tuple[int, bool], c: Celsius):
        return reply({"to": to, "phase": phase, "length": length, "table": table, "pair": pair, "c": c})

    def on_maps(self, of: dict[str, list[int]], why: Reason, plain, error: AskError | None = None):
        return reply([of, why, plain, error])

    def on_raw(self, message: Message):
        return reply(Message("own", message.body))

    def on_price(self, answer: Answer[int]):
        raise AssertionError(answer)

    @on("door.open")
    def door(self):
        return reply("open")


ADDRESS = "0000000000000001-0000000000000abc"


class Reading(unittest.TestCase):
    """What arrives."""

    def setUp(self) -> None:
        self.order = Test(Order)

    def check(self, kind: str, body: bytes, expect: object) -> None:
        with self.subTest(kind=kind, body=body):
            self.assertEqual(self.order.ask(Message(kind, body)), expect)

    def refused(self, kind: str, body: bytes, expect: str) -> None:
        with self.subTest(kind=kind, body=body), self.assertRaises(AskError) as caught:
            self.order.ask(Message(kind, body))
        self.assertEqual((caught.exception.case, caught.exception.detail), ("refused", expect))

    def test_bodies_are_read_as_the_parameters_are_annotated(self) -> None:
        self.check("which-state", b"", "none")
        self.check("which-state", b"null", "none")
        self.check("which-state", b'{"since":[1,{"a":2}]}', "none")
        self.check("set", b' { "mash-celsius" : 66 , "more" : {} } ', [66.0, None])
        self.check("set", b'{"mash-celsius":66.5,"note":"a"}', [66.5, "a"])
        self.check("whole", b'{"mash-one":1}', {"mash-one": 1, "two": []})
        self.check("text", b'"a\\u00e9\\ud83d\\ude00"', "aé😀")
        self.check("many", b'{"a":18446744073709551615,"c":1,"other-one":2}', [2**64 - 1, 0.5, 1, {"other-one": 2}])
        types = f'{{"to":"{ADDRESS}","phase":"resting","length":"1.5s","table":{{"from":"x"}},"pair":[1,true],"c":2}}'
        expect = {
            "to": ADDRESS,
            "phase": "resting",
            "length": "1500ms",
            "table": {"from_": "x"},
            "pair": [1, True],
            "c": 2,
        }
        self.check("types", types.encode(), expect)
        self.check(
            "maps",
            b'{"of":{"a-b":[1]},"why":{"failed":"x"},"plain":null,"error":{"ended":"killed"}}',
            [{"a-b": [1]}, {"failed": "x"}, None, {"ended": "killed"}],
        )
        self.check("door.open", b"", "open")

    def test_what_does_not_fit_says_what_would(self) -> None:
        self.refused(
            "sett",
            b"",
            "`sett` is not understood: expected door.open or many {a, b, c} or "
            "maps {of, why, plain, error} or raw or set {mash-celsius, note} or text or "
            "types {to, phase, length, table, pair, c} or which-state or whole",
        )
        shape = "`set {mash-celsius, note}`: "
        self.refused("set", b"", shape + "missing field `mash-celsius`")
        self.refused("set", b"66", shape + "expected an object, not 66")
        self.refused("set", b'{"mash-celsius":"66"}', shape + "`mash-celsius`: expected a number, not a string")
        self.refused("set", b'{"mash-celsius":true}', shape + "`mash-celsius`: expected a number, not true")
        self.refused(
            "set", b'{"mash-celsius":1e999}', shape + "`mash-celsius`: expected a number that is not that large"
        )
        self.refused(
            "set", b'{"mash-celsius":1,"note":2}', shape + "`note`: expected a string, not 2 or expected null, not 2"
        )
        self.refused("set", b'{"mash-celsius":1,"mash-celsius":1}', shape + "duplicate field `mash-celsius`")
        self.refused("which-state", b"[]", "`which-state`: expected no fields, not a list")
        self.refused("whole", b'{"mash-one":1.0}', "`whole`: `mash-one`: expected a whole number, not 1.0")
        self.refused("whole", b'{"mash-one":13}', "`whole`: 13 is unlucky")
        self.refused("text", b"", "`text`: expected a string, not null")
        natural = "`many {a, b, c}`: `a`: expected a whole number from 0 to 18446744073709551615, not "
        for body, found in ((b"-1", "-1"), (b"18446744073709551616", "a number"), (b"true", "true"), (b"1.5", "1.5")):
            self.refused("many", b'{"a":' + body + b"}", natural + found)
        self.refused("many", b'{"a":1,"b":2}', "`many {a, b, c}`: `b`: expected a number from 0 to 1, not 2")
        self.refused("many", b'{"a":1,"c":true}', '`many {a, b, c}`: `c`: expected "x" or 1')
        self.refused("price", b'{"ok":1}', "`price`: comes only as the answer to a question")

    def test_what_is_no_json_is_told(self) -> None:
        for body, why in (
            (b"{", "not JSON: Expecting property name enclosed in double quotes at character 1"),
            (b"{} {}", "not JSON: Extra data at character 3"),
            (b'{"mash-celsius":NaN}', "not JSON: it has no NaN"),
            (b"\xff", "not JSON: it is not UTF-8"),
            (b'{"note":"\\ud800"}', "not JSON: it is not UTF-8"),
            (b"[" * 100_000, "the JSON nests more than 64 deep"),
            (b'{"a":' * 65, "the JSON nests more than 64 deep"),
        ):
            self.refused("set", body, f"`set {{mash-celsius, note}}`: {why}")
        with self.assertRaisesRegex(Misfit, "not JSON that can be read"):
            read(b"1" * 5_000)

    def test_only_real_brackets_nest(self) -> None:
        text = "[" * 100 + '"{'
        self.assertEqual(read(write([text] * 100)), [text] * 100)
        deepest: Any = 1
        for _ in range(DEEPEST):
            deepest = [deepest]
        self.assertEqual(read(write(deepest)), deepest)
        with self.assertRaises(Misfit):
            read(write([deepest]))

    def test_raw_messages_are_seen_as_they_are(self) -> None:
        self.assertEqual(self.order.ask(Message("raw", b"[1, 2]")), [1, 2])

    def test_who_does_not_fit_never_reaches_the_actor(self) -> None:
        self.order.tell("sett")
        self.order.tell("set", 66)
        self.assertEqual([message.kind for message, _ in self.order.dead_letters()], ["sett", "set"])
        self.assertIsNone(self.order.why_ended())


class Writing(unittest.TestCase):
    """What is sent."""

    def test_messages_are_kinds_with_fields_bodies_or_dataclasses(self) -> None:
        @dataclass
        class SetPoint:
            mash_celsius: float

        @dataclass
        class Stop:
            pass

        for message, expect in (
            (make("add", None, {"how_many": 3, "from_": "é"}), Message("add", '{"how-many":3,"from":"é"}'.encode())),
            (make("add", None, {}), Message("add")),
            (make("names", ["a"], {}), Message("names", b'["a"]')),
            (make(SetPoint(66.0), None, {}), Message("set-point", b'{"mash-celsius":66.0}')),
            (make(Stop(), None, {}), Message("stop")),
            (make(Message("raw", b"\xff"), None, {}), Message("raw", b"\xff")),
        ):
            self.assertEqual(message, expect)
        for wrong in (
            lambda: make(3, None, {}),
            lambda: make("a", None, {"x": float("nan")}),
            lambda: make("a", {1}, {}),
        ):
            with self.assertRaises((TypeError, ValueError)):
                wrong()


class Shapes(unittest.TestCase):
    """What no JSON can be read as is known before anything runs."""

    def check(self, behavior: type, expect: str) -> None:
        with self.assertRaises(ShapeError) as caught:
            handlers(behavior)
        self.assertIn(expect, str(caught.exception))
        self.assertRegex(str(caught.exception), r"test_messages\.py:\d+: ")

    def test_it_is_told_with_its_place(self) -> None:
        class Bytes(Actor):
            def on_bytes(self, data: bytes):
                pass

        class Unknown(Actor):
            def on_it(self, what: "Nothing"):  # noqa: F821
                pass

        class Twice(Actor):
            def on_it_all(self):
                pass

            @on("it-all")
            def other(self):
                pass

        class Places(Actor):
            def on_them(self, *all_of: int):
                pass

        self.check(Bytes, "`data` of `on_bytes`: no JSON is read as bytes")
        self.check(Unknown, "the annotations of `on_it`: name 'Nothing' is not defined")
        self.check(Twice, "handle the same kind, `it-all`")
        self.check(Places, "`all_of` of `on_them` has no name in JSON")


if __name__ == "__main__":
    unittest.main()
