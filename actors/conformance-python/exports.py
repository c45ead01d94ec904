"""The exports: messages that are checks are run, everything else is noted down and told by the check `heard`."""

from __future__ import annotations

import json
from typing import Any

import show
from args import Args
from checks import CHECKS, asking
from componentize_py_types import Err, Ok
from wit_world.exports import behavior, state
from wit_world.imports import actors, devices, messaging, names, topics, types


class Actor:
    """What is between two turns."""

    heard: list[Any] = []  # noqa: RUF012 (there is one actor)
    started: Any = None
    """How it was started."""
    kept = b""
    """What `state.save` gives."""
    version = 1
    save = "well"
    """What `state.save` does: `well`, `fails` or `acts`."""
    is_open = False
    """Whether messages that can't be taken now are put aside (`next`)."""
    spawned: types.Address | None = None


class Outcome:
    """What a turn comes to, unless a check decides otherwise."""

    def __init__(self) -> None:
        self.next: types.Next = types.Next_Same()
        self.fails: str | None = None


UNKNOWN = object()


def check(name: str, body: bytes, outcome: Outcome) -> Any:
    """Runs a check, if there is one of this name."""
    args = Args(body, Actor.spawned)
    if name in CHECKS:
        result = CHECKS[name](args)
        Actor.spawned = args.spawned
        return result
    match name:
        case "heard":
            heard, Actor.heard = Actor.heard, []
            return heard
        case "started":
            return Actor.started
        case "next":
            return next_turn(args, outcome)
        case "fail":
            outcome.fails = args.text()
        case "trap":
            # An exception that is no `Err` ends the component.
            raise RuntimeError("it was told to trap")
        case "state.keep":
            Actor.kept = args.bytes()
        case "state.version":
            Actor.version = args.number()
        case "state.save":
            Actor.save = args.line()
        case _:
            return UNKNOWN
    return None


def next_turn(args: Args, outcome: Outcome) -> str:
    """What handles the next message."""
    match word := args.line():
        case "changed":
            Actor.is_open = True
            outcome.next = types.Next_Changed()
        case "defer" if not Actor.is_open:
            outcome.next = types.Next_Defer()
        case "unhandled":
            outcome.next = types.Next_Unhandled(args.line())
        case "become":
            outcome.next = types.Next_Become(args.line())
        case "stop":
            outcome.next = types.Next_Stop()
    return word


def turn(body: bytes, outcome: Outcome) -> list[Any]:
    """Several checks in one turn: the name and the arguments of each, and a line with `;` between two."""
    results = []
    for one in body.split(b"\n;\n"):
        name, _, args = one.partition(b"\n")
        result = check(name.decode(), args, outcome)
        results.append("unknown" if result is UNKNOWN else result)
    return results


class Behavior:
    """See `wit/behavior.wit`."""

    def init(self, config: str) -> behavior.Started:
        Actor.started = {"init": config}
        if '"start":"fail"' in config:
            raise Err("it was told to fail")
        return behavior.Started.IGNORE if '"start":"ignore"' in config else behavior.Started.READY

    def handle(self, envelope: types.Envelope) -> types.Next:
        outcome, message = Outcome(), envelope.message
        if message.kind == "turn":
            result: Any = turn(message.body, outcome)
        else:
            result = check(message.kind, message.body, outcome)
        if result is UNKNOWN:
            about = {"sender": show.address(envelope.sender), "request": envelope.request, "topic": envelope.topic}
            Actor.heard.append({"message": about | show.message(message)})
        elif envelope.request is not None and not isinstance(outcome.next, types.Next_Defer | types.Next_Unhandled):
            text = json.dumps({"check": message.kind, "result": result}, ensure_ascii=False, separators=(",", ":"))
            show.result(lambda: messaging.reply(envelope.request, Ok(types.Message("result", text.encode()))))
        if outcome.fails is not None:
            raise Err(outcome.fails)
        return outcome.next


class Replies:
    """See `wit/replies.wit`."""

    def answered(self, request: int, answer: Any) -> types.Next:
        given = {"ok": show.message(answer.value)} if isinstance(answer, Ok) else {"error": show.case(answer.value)}
        Actor.heard.append({"answered": {"request": request} | given})
        return types.Next_Same()


class Signals:
    """See `wit/signals.wit`."""

    def exited(self, who: types.Address, why: types.Reason) -> types.Next:
        Actor.heard.append({"exited": {"who": show.address(who), "why": show.case(why)}})
        return types.Next_Same()

    def down(self, monitor: int, who: types.Address, why: types.Reason) -> types.Next:
        Actor.heard.append({"down": {"monitor": monitor, "who": show.address(who), "why": show.case(why)}})
        return types.Next_Same()

    def stopping(self, why: types.Reason) -> None:
        body = json.dumps(show.case(why)).encode()
        # Not everybody is granted it.
        show.result(lambda: topics.publish("conformance/stopping", types.Message("stopping", body)))


class State:
    """See `wit/state.wit`."""

    def version(self) -> int:
        return Actor.version

    def accepts(self) -> list[int]:
        return [1, 2]

    def save(self) -> bytes:
        if Actor.save == "fails":
            raise Err("it was told not to save")
        if Actor.save == "acts":
            act()
        return Actor.kept

    def restore(self, occasion: state.Occasion, config: str, version: int, bytes: bytes) -> None:
        shown = {"occasion": occasion.name.lower(), "config": config, "version": version, "bytes": show.binary(bytes)}
        Actor.started = {"restored": shown}
        Actor.kept, Actor.version = bytes, version
        if bytes == b"refuse":
            raise Err("it was told to refuse")


def act() -> None:
    """What `state.save` must not do: nothing of it happens, whatever it is told."""
    message = types.Message("from-save", b"")
    show.result(lambda: messaging.send(messaging.own_address(), message))
    show.result(lambda: actors.spawn("child", "{}", actors.Options(None, actors.Relation(0), None)), str)
    show.result(lambda: devices.write("lamp", 1.0))
    if asking:
        partner = names.lookup("partner")
        show.result(lambda: asking.ask(partner, message, 1_000_000_000), str)
