"""What a turn gives back: what handles the next message."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Next:
    """What handles the next message. A handler that gives back nothing says `same`."""

    word: str
    text: str = ""


same = Next("same")
"""This actor, as before."""
changed = Next("changed")
"""This actor, in another state of its own: messages put aside with `defer` are delivered again, oldest first."""
defer = Next("defer")
"""This actor; the message is put aside, with the question if it is one, until the next `changed`, `become`, or
behaviour."""
stop = Next("stop")
"""Nothing: the actor ends, as `normal`."""
ignore = Next("ignore")
"""For `init`: there is nothing to do, and that is no failure (Erlang's `ignore`)."""


def unhandled(why: str) -> Next:
    """The message was not understood. It goes to the dead letters with this text, and who asked is refused with it."""
    return Next("unhandled", why)


def become(behavior: str) -> Next:
    """Another behaviour of the manifest, at the same address and with the same mailbox. Needs the grant `spawn:NAME`."""
    return Next("become", behavior)
