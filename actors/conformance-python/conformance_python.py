"""The contract as an actor in Python sees it, on the bindings themselves: each function and each of its errors is a check
that `host/testkit/tests/conformance` asks for."""

from exports import Behavior, Replies, Signals, State
from wit_world.imports import routes

__all__ = ["Behavior", "Replies", "Signals", "State", "routes"]
