"""What an author writes: an actor, and its behaviours."""

from __future__ import annotations

from typing import Any, ClassVar

from ._address import Address
from ._errors import Failed
from ._next import Next
from ._occasion import Occasion
from ._reason import Reason


class Behavior:
    """What handles messages: a method `on_how_many` those of the kind `how-many`. Its parameters are the fields of the
    message's JSON body, `how_many` for `how-many`, and their annotations say what is right: what does not fit goes to the
    dead letters, or is refused, with the shape that would fit, and the actor never sees it. A parameter with a default may
    be missing; fields that nobody asks for are no fault.

    A method with one parameter that can only be given by place, `def on_names(self, names: list[str], /)`, gets the body
    as a whole; one with a `Message` gets that raw; one with an `Answer` gets answers, see `greenroom.ask`.

    A handler gives back nothing, a `Next`, `reply(…)`, or another `Behavior`, which handles what comes from then on; what
    it has no method for goes to the actor's own. Messages that were put aside with `defer` are then delivered again.
    """

    actor: Any
    """The actor whose behaviour this is: its state is there."""


class Actor(Behavior):
    """An actor: it handles one message at a time, in a *turn*. What it asks for in a turn (a send, a timer, an output)
    takes effect when the turn ends well; a turn that raises an exception leaves nothing, and ends the actor.

    `class Counter(Actor, version=1)` has state, which `save` gives and `restore` takes; without a version it has none, and
    new code restarts it. `accepts` are the versions besides that `upgrade` can take.

        class Counter(Actor, version=1):
            def init(self):
                self.count = 0

            def on_add(self, how_many: int):
                self.count += how_many

            def on_how_many(self):
                return reply(self.count)

            def save(self):
                return self.count

            def restore(self, kept: int, occasion):
                self.count = kept
    """

    state_version: ClassVar[int | None] = None
    state_accepts: ClassVar[tuple[int, ...]] = ()

    def __init_subclass__(cls, *, version: int | None = None, accepts: tuple[int, ...] = (), **more: Any) -> None:
        super().__init_subclass__(**more)
        if version is not None:
            cls.state_version = version
            cls.state_accepts = (version, *accepts)

    # Authors name the fields in place of `*_` and `**fields`.
    def init(self, *_: Any, **fields: Any) -> Next | Behavior | None:
        """Starts the actor, in its first turn. Its parameters are the fields of the configuration, the manifest's table for
        the actor, as a handler's are a message's; what does not fit is a failed start that says why.

        May give back `ignore`, or the first `Behavior`. Raises `Failed` for a failed start.
        """
        return None

    def save(self) -> Any:
        """What is kept, as JSON has it: what the configuration does not say, and no more. Called between turns."""
        raise NotImplementedError

    def restore(self, kept: Any, occasion: Occasion, *_: Any, **fields: Any) -> Behavior | None:
        """Starts the actor from what was kept, in place of `init`. `kept` is read as it is annotated. More parameters are
        the fields of the configuration that counts now. After `Occasion.RESTARTED` all else is gone: set up what `init`
        would. May give back a `Behavior`.

        Raises `Failed`: a failed swap, after which the old code carries on; or a failed start.
        """
        raise NotImplementedError

    def upgrade(self, version: int, old: Any) -> Any:
        """Makes what is kept now, before it is read, of what an older version kept."""
        raise Failed(f"state of version {version} cannot be taken: this is version {self.state_version}")

    def exited(self, who: Address, why: Reason) -> Next | Behavior | None:
        """A linked actor ended. Only while trapping exits."""
        return None

    def down(self, monitor: int, who: Address, why: Reason) -> Next | Behavior | None:
        """An actor that `monitor` watches ended; this monitor is used up."""
        return None

    def stopping(self, why: Reason) -> None:
        """The supervisor asks for an orderly end: this is the last turn."""
