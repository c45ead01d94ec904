"""Why a state is handed over."""

from enum import Enum


class Occasion(Enum):
    """Why an actor's state is handed over to it."""

    SWAPPED = "swapped"
    """New code takes over the running actor. Its timers, links, monitors, children, subscriptions and outputs are as they
    were: set nothing up again."""
    RESTARTED = "restarted"
    """The actor was restarted, with its state as of the last good turn. Everything else is gone: set up what `init`
    would."""
    WOKEN = "woken"
    """The actor had been put away while it was idle. As `SWAPPED`."""
