"""How actors end, and who hears of it: Erlang's rules for links, monitors and exit signals."""

# A part of `World`, which has the rest.
# mypy: disable-error-code="attr-defined, has-type"
from __future__ import annotations

from .._address import Address
from .._errors import AskError
from .._reason import Reason

SAFE = 0.0


class Ends:
    """The part of the world that knows about ends."""

    def is_alive(self, who: Address) -> bool:
        """Whether there is an actor, and it has not ended."""
        actor = self.actors.get(who)
        return actor is not None and actor.ended is None

    def link(self, one: Address, other: Address) -> None:
        """Ties two together."""
        if not self.is_alive(other):
            return self._arrive(other, one, Reason.NO_ACTOR)
        self.actors[one].links.add(other)
        self.actors[other].links.add(one)

    def unlink(self, one: Address, other: Address) -> None:
        """Takes that back."""
        for who, whom in ((one, other), (other, one)):
            if who in self.actors:
                self.actors[who].links.discard(whom)

    def monitor(self, number: int, who: Address, whom: Address) -> None:
        """Watches an actor."""
        if self.is_alive(whom):
            self.actors[whom].watchers[number] = who
        else:
            self.signals.append((who, ("down", number, whom, Reason.NO_ACTOR)))

    def demonitor(self, number: int) -> None:
        """Takes that back; one that has fired in this very turn, too."""
        for actor in self.actors.values():
            actor.watchers.pop(number, None)
        for entry in [entry for entry in self.signals if entry[1][:2] == ("down", number)]:
            self.signals.remove(entry)

    def exit(self, sender: Address, whom: Address, why: Reason) -> None:
        """An exit signal that somebody sends. Nothing traps a kill; those linked to who was killed can trap theirs."""
        if why == Reason.KILLED:
            self.end(whom, why)
        else:
            self._arrive(sender, whom, why)

    def _arrive(self, sender: Address, whom: Address, why: Reason) -> None:
        if not self.is_alive(whom):
            return
        if self.actors[whom].traps_exits:
            self.signals.append((whom, ("exited", sender, why)))
        elif why != Reason.NORMAL:
            self.end(whom, why)

    def end(self, me: Address, why: Reason) -> None:
        """An actor ends: everything that is its own goes, and whoever has to know is told."""
        if not self.is_alive(me):
            return
        actor = self.actors[me]
        actor.ended, actor.instance = why, None
        links, watchers, left = actor.links, actor.watchers, [*actor.deferred, *actor.held]
        actor.links, actor.watchers, actor.deferred, actor.held = set(), {}, [], []
        self.clear(me)
        # Who asked and gets no answer any more.
        for request in [request for request, question in self.questions.items() if question.to == me]:
            self.answer(request, AskError("ended", why))
        for envelope in left:
            self.dead_letter(envelope, "the actor has ended")
        for other in sorted(links):
            self.actors[other].links.discard(me)
            self._arrive(me, other, why)
        for number, watcher in watchers.items():
            self.signals.append((watcher, ("down", number, me, why)))

    def clear(self, me: Address) -> None:
        """What ends with an incarnation: names, timers, questions, watches; and its outputs are safe."""
        self.names = {name: who for name, who in self.names.items() if who != me}
        self.timers = [timer for timer in self.timers if timer.owner != me]
        self.questions = {number: one for number, one in self.questions.items() if one.asker != me}
        self.watches = [(device, who) for device, who in self.watches if who != me]
        for entry in [entry for entry in self.signals if entry[0] == me]:
            self.signals.remove(entry)
        for actor in self.actors.values():
            actor.watchers = {number: who for number, who in actor.watchers.items() if who != me}
        for output in self.outputs.values():
            if output.writer == me:
                output.writer = None
                output.set(self.now, SAFE)
