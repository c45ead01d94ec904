"""An actor as the host runs it: the contract's exports on one side, the author's `Actor` on the other.

Neighbours on a message's path: `_component` (or `greenroom.test`) before it, `_handler` and the actor after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _json, _traceback
from ._answer import Answer
from ._errors import AskError, Failed
from ._handler import ANY, Handler, fields, handlers
from ._host import Stage, host
from ._message import Envelope, Message
from ._misfit import Misfit
from ._next import Next, changed, defer, ignore, same
from ._occasion import Occasion
from ._reason import Reason
from ._shape import Field, reader, record
from .actor import Actor, Behavior


# The field of the open questions in a state, and of what is kept where that is no object.
_ASKS = "$asks"
_KEPT = "$kept"
class Ended(Exception):
    """The turn failed: the actor ends as `failed` with this text."""


class Turn:
    """What a turn is about. One that nobody sent is about nothing."""

    __slots__ = ("answers", "request", "sender", "topic")

    def __init__(self, envelope: Envelope | None = None, answers: int | None = None) -> None:
        self.sender = envelope.sender if envelope else None
        self.request = envelope.request if envelope else None
        """The question, until it is answered or taken over."""
        self.topic = envelope.topic if envelope else None
        self.answers = answers


class Class:
    """What is known of an actor's class before it runs: looked at once."""

    def __init__(self, actor: type[Actor]) -> None:
        self.actor = actor
        self.handlers = handlers(actor)
        self.behaviors: dict[type, dict[str, Handler]] = {actor: {}}
        self.config = fields(actor.init) if actor.init is not Actor.init else ((), True)
        self.restore = fields(actor.restore, 3) if actor.restore is not Actor.restore else ((), True)
        self.kept = _kept(actor)

    def of(self, behavior: Behavior) -> dict[str, Handler]:
        """The handlers of a behaviour that is not the actor itself."""
        known = self.behaviors.get(type(behavior))
        if known is None:
            known = self.behaviors[type(behavior)] = handlers(type(behavior))
        return known


def _kept(actor: type[Actor]) -> Callable[[Any], Any]:
    from ._handler import _parameters

    if actor.state_version is None:
        return reader(Any)
    for name in ("save", "restore"):
        if getattr(actor, name) is getattr(Actor, name):
            raise TypeError(f"{actor.__name__} has a version, and so state: it needs a method `{name}`")
    return reader(_parameters(actor.restore)[1][1])


class Instance:
    """An actor with what is between its turns."""

    def __init__(self, of: Class) -> None:
        self.of = of
        self.actor: Actor | None = None
        self.behavior: Behavior | None = None
        self.turn = Turn()
        self.asks: dict[int, str] = {}
        """The questions that this actor waits for, with the kind of handler that takes the answer: part of what is saved,
        so that a swap loses no answer."""
        self.ending = False
        """It has ended itself, which the host carries out after this turn: nothing is handled any more."""

    # behavior

    def init(self, config: str) -> bool:
        """Whether there is an actor now; without one, it is to be ignored."""
        actor = self.of.actor()
        found = self._run(lambda: actor.init(**self._config(self.of.config, config)))
        if found == ignore and not isinstance(found, Behavior):
            return False
        self.actor = actor
        self._proceed("init", found)
        return True

    def handle(self, envelope: Envelope) -> Next:
        """Handles one message."""
        if self.ending:
            # Not this incarnation's any more.
            return defer
        message = envelope.message
        found = self._find(message.kind)
        if found is None:
            return Next("unhandled", self._unknown(message.kind))
        owner, handler = found
        try:
            arguments, named = handler.arguments(message)
        except Misfit as misfit:
            return Next("unhandled", str(misfit))
        self.turn = Turn(envelope)
        next = self._proceed(handler.name, self._run(lambda: getattr(owner, handler.name)(*arguments, **named)))
        if next.word in ("same", "changed", "become") and self.turn.request is not None:
            # Nobody is left waiting for an answer that never comes.
            self._refuse(self.turn.request, f"`{message.kind}` was handled, and has no answer")
        self.turn = Turn()
        return next

    # signals

    def exited(self, who: Any, why: Reason) -> Next:
        """A linked actor ended."""
        return self._signal("exited", who, why)

    def down(self, monitor: int, who: Any, why: Reason) -> Next:
        """An actor that is monitored ended."""
        return self._signal("down", monitor, who, why)

    def stopping(self, why: Reason) -> None:
        """The last turn."""
        if self.actor:
            self.turn = Turn()
            self._run(lambda: self._started().stopping(why))

    def _signal(self, name: str, *about: Any) -> Next:
        actor = self._started()
        if self.ending:
            return same
        self.turn = Turn()
        return self._proceed(name, self._run(lambda: getattr(actor, name)(*about)))

    # replies

    def answered(self, request: int, answer: Message | AskError) -> Next:
        """The answer to a question of this actor's."""
        kind = self.asks.pop(request, None)
        if self.ending:
            return same
        found = kind and self._find(kind)
        if not found or found[1].form != "answer":
            # Perhaps after a swap to code that knows the handler no more.
            host().log("warn", f"an answer came to a question that nobody here asks any more ({kind or request})")
            return same
        owner, handler = found
        self.turn = Turn(answers=request)
        given = self._read(handler, answer)
        next = self._proceed(handler.name, self._run(lambda: getattr(owner, handler.name)(given)))
        self.turn = Turn()
        return next

    @staticmethod
    def _read(handler: Handler, answer: Message | AskError) -> Answer[Any]:
        if isinstance(answer, AskError):
            return Answer(None, answer)
        try:
            return Answer(handler.read(_json.read(answer.body or b"null")))
        except Misfit as misfit:
            # An answer of another shape is an answer that failed, and the actor's to handle.
            return Answer(None, AskError("other", f"the answer does not fit: {misfit}"))

    # state

    def save(self) -> bytes:
        """The state as bytes."""
        actor = self._started()
        kept = self._run(actor.save)
        asks = [[*ask] for ask in self.asks.items()]
        if asks:
            # Beside its fields, as in all SDKs, so that an actor in another language takes it over.
            kept = {**kept, _ASKS: asks} if isinstance(kept, dict) else {_KEPT: kept, _ASKS: asks}
        try:
            return _json.write(kept)
        except (TypeError, ValueError) as error:
            raise Ended(f"what `save` gives has no form in JSON: {error}") from None

    def restore(self, occasion: Occasion, config: str, version: int, state: bytes) -> None:
        """Starts the actor from a saved state."""
        actor = self.of.actor()
        kept, asks = self._saved(state)
        if version != self.of.actor.state_version:
            kept = self._run(lambda: actor.upgrade(version, kept))
        try:
            kept = self.of.kept(kept)
        except Misfit as misfit:
            raise Ended(f"the saved state does not fit: {misfit}") from None
        if occasion is not Occasion.RESTARTED:
            # A restart ends the incarnation that asked, and its questions with it.
            self.asks = asks
        found = self._run(lambda: actor.restore(kept, occasion, **self._config(self.of.restore, config)))
        self.actor = actor
        self._proceed("restore", found)

    @staticmethod
    def _saved(state: bytes) -> tuple[Any, dict[int, str]]:
        try:
            kept = _json.read(state)
            if isinstance(kept, dict) and _ASKS in kept:
                asks = dict(reader(list[tuple[int, str]])(kept.pop(_ASKS)))
                return kept.get(_KEPT, kept), asks
        except Misfit as misfit:
            raise Ended(f"the saved state does not fit: {misfit}") from None
        return kept, {}

    # all of them

    def find(self, kind: str) -> Handler | None:
        """The handler of a kind, of the behaviour that is in force."""
        found = self._find(kind)
        return found and found[1]

    def _find(self, kind: str) -> tuple[Behavior, Handler] | None:
        for key in (kind, ANY):
            if self.behavior and key in (own := self.of.of(self.behavior)):
                return self.behavior, own[key]
            if key in self.of.handlers:
                return self._started(), self.of.handlers[key]
        return None

    def _unknown(self, kind: str) -> str:
        known = self.of.handlers | (self.of.of(self.behavior) if self.behavior else {})
        shapes = " or ".join(one.shape for one in known.values() if one.form != "answer")
        return f"`{kind}` is not understood: {f'expected {shapes}' if shapes else 'nothing is'}"

    def _started(self) -> Actor:
        if self.actor is None:
            raise Ended("the actor has not been started")
        return self.actor

    @staticmethod
    def _config(known: tuple[tuple[Field, ...], bool], config: str) -> dict[str, Any]:
        of_fields, rest = known
        try:
            value = _json.read(config.encode()) if config else {}
            found = record(list(of_fields), value)
        except Misfit as misfit:
            raise Failed(f"configuration: {misfit}") from None
        names = {field.wire for field in of_fields}
        return found | {name: part for name, part in value.items() if rest and name not in names}

    def _run(self, what: Callable[[], Any]) -> Any:
        """Runs something of the author's. An exception ends the actor, and where it came from is in the log."""
        Stage.instance = self
        try:
            return what()
        except Failed as failed:
            raise Ended(str(failed)) from None
        except BaseException as error:
            host().log("error", _traceback.text(error))
            raise Ended(_traceback.summary(error)) from None

    def _proceed(self, name: str, found: Any) -> Next:
        """What comes after a turn that gave `found` back."""
        if found is None:
            return same
        if isinstance(found, Behavior):
            self.behavior = None if found is self.actor else found
            found.actor = self.actor
            return changed
        if isinstance(found, Next) and found != ignore:
            return found
        wrong = (
            f"`{name}` gave back {found!r}: a handler gives back nothing, reply(…), a Behavior, or stop and the like"
        )
        host().log("error", wrong)
        raise Ended(wrong)

    @staticmethod
    def _refuse(request: int, why: str) -> None:
        try:
            host().reply(request, why)
        except Exception:  # noqa: BLE001, S110
            # Who asked may be gone, which is no concern of this actor's.
            pass
