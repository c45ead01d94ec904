"""Making a component of an actor: the classes that `componentize-py` takes for the contract's exports.

A component is a picture of Python's memory, taken when it was built, after its modules were imported.
"""

# The bindings are made with the component.
# mypy: ignore-errors
from __future__ import annotations

import sys
from types import ModuleType

from componentize_py_types import Err
from wit_world.exports.behavior import Started

from . import _sandbox, _traceback
from ._build import actor_of
from ._host import Stage
from ._instance import Class, Ended, Instance
from ._occasion import Occasion
from ._wasm import Wasm, address_in, answer_in, envelope_in, next_out, reason_in


def exports(module: ModuleType) -> tuple[type, type, type, type]:
    """The classes `Behavior`, `State`, `Signals` and `Replies` for the actor of a module."""
    of = Class(actor_of(module))
    host = Wasm()
    _remember(sys.modules.values())

    def begin() -> Instance:
        # In a turn, and no longer while the component is built.
        Stage.host = host
        _sandbox.begin(host)
        Stage.instance = Instance(of)
        return Stage.instance

    def turn(run):
        try:
            return run(Stage.instance)
        except Ended as ended:
            raise Err(str(ended)) from None
        finally:
            _sandbox.flush()

    class Behavior:
        def init(self, config):
            begin()
            return Started.READY if turn(lambda one: one.init(config)) else Started.IGNORE

        def handle(self, envelope):
            return next_out(turn(lambda one: one.handle(envelope_in(envelope))))

    class State:
        def version(self):
            return of.actor.state_version

        def accepts(self):
            return list(of.actor.state_accepts)

        def save(self):
            return turn(lambda one: one.save())

        def restore(self, occasion, config, version, bytes):
            begin()
            turn(lambda one: one.restore(Occasion[occasion.name], config, version, bytes))

    class Signals:
        def exited(self, who, why):
            return next_out(turn(lambda one: one.exited(address_in(who), reason_in(why))))

        def down(self, monitor, who, why):
            return next_out(turn(lambda one: one.down(monitor, address_in(who), reason_in(why))))

        def stopping(self, why):
            try:
                turn(lambda one: one.stopping(reason_in(why)))
            except Err:
                # Its text is in the log, and this was the last turn anyway.
                pass

    class Replies:
        def answered(self, request, answer):
            return next_out(turn(lambda one: one.answered(request, answer_in(answer))))

    return Behavior, State, Signals, Replies


def _remember(modules) -> None:
    """Keeps the lines of the author's files, for reports."""
    for module in list(modules):
        file = getattr(module, "__file__", None) or ""
        if (
            file.endswith(".py")
            and not file.startswith(("/python/", "/world/", "/bundled/"))
            and "/greenroom/" not in file
        ):
            _traceback.remember(file)
