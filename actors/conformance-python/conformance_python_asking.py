"""The same with the import `asking`, and so on a fiber."""

from exports import Behavior, Replies, Signals, State
from wit_world.imports import asking, routes

__all__ = ["Behavior", "Replies", "Signals", "State", "asking", "routes"]
