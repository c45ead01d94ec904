"""What `greenroom build` asks of an actor's module before it makes a component: `python3 -m greenroom._build MODULE`, in
the folder of the source. Tells what the actor's world has to have, as JSON, or what is wrong, with file and line.
"""

from __future__ import annotations

import ast
import importlib
import json
import sys
import traceback
from pathlib import Path
from types import ModuleType

from ._handler import handlers
from ._instance import Class
from ._shape import ShapeError
from .actor import Actor, Behavior

SYNTAX = (3, 11)
"""The oldest Python that tests are run with."""


class BuildError(Exception):
    """The module makes no actor: why."""


def actor_of(module: ModuleType) -> type[Actor]:
    """The one actor of a module. Raises `BuildError`."""
    own = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Actor) and one.__module__ == module.__name__
    ]
    # One that others here are made of is no actor of its own.
    own = [one for one in own if not any(one in other.__mro__[1:] for other in own)]
    if len(own) != 1:
        found = ", ".join(f"`{one.__name__}`" for one in own) or "none"
        raise BuildError(f"{module.__name__}.py needs one class that is an `Actor`; it has {found}")
    return own[0]


def world(module: ModuleType) -> dict[str, bool]:
    """What the world of a module's actor has. Raises `BuildError` or `ShapeError`."""
    actor = actor_of(module)
    known = Class(actor)
    found = [known.handlers]
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, Behavior) and one.__module__ == module.__name__:
            found.append(handlers(one))
    return {
        "asking": "greenroom.asking" in sys.modules,
        "routes": "greenroom.routes" in sys.modules,
        "state": actor.state_version is not None,
        "signals": any(getattr(actor, name) is not getattr(Actor, name) for name in ("exited", "down", "stopping")),
        "replies": any(one.form == "answer" for each in found for one in each.values()),
    }


def bare(source: ast.Module) -> dict[str, bool] | None:
    """What the world of a module has that is written on the bindings themselves; none if it is not."""
    modules: set[str] = set()
    for node in ast.walk(source):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            modules |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            modules |= {name.name for name in node.names}
    classes = {node.name for node in source.body if isinstance(node, ast.ClassDef)}
    # They may be another module's, which this one is only the front of.
    for node in source.body:
        classes |= {name.asname or name.name for name in node.names} if isinstance(node, ast.ImportFrom) else set()
    if "Behavior" not in classes or not any(name.split(".")[0] == "wit_world" for name in modules):
        return None
    imports = {name: f"wit_world.imports.{name}" in modules for name in ("asking", "routes")}
    return imports | {name.lower(): name in classes for name in ("State", "Signals", "Replies")}


def look(folder: Path, name: str) -> dict[str, bool]:
    """Looks at a module. Raises `BuildError`, whose text says it all."""
    path = folder / f"{name}.py"
    if name in sys.stdlib_module_names or name in ("greenroom", "wit_world", "componentize_py_types"):
        raise BuildError(f"{name}.py: Python has a module of this name; choose another")
    try:
        source = ast.parse(path.read_bytes(), path.name)
        found = bare(source)
        if found is not None:
            return found | {"bare": True}
        sys.path.insert(0, str(folder))
        return world(importlib.import_module(name)) | {"bare": False}
    except OSError as error:
        raise BuildError(f"{path.name}: {error.strerror}") from None
    except (BuildError, ShapeError) as error:
        raise BuildError(str(error).replace(f"{folder}/", "")) from None
    except SyntaxError as error:
        text = "".join(traceback.format_exception_only(error))
        place = f"{Path(error.filename or path).name}:{error.lineno}: {type(error).__name__}: {error.msg}"
        raise BuildError(f"{place}\n{text}".replace(f"{folder}/", "").rstrip()) from None
    except Exception as error:
        frames = [
            frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(str(folder))
        ]
        place = f"{Path(frames[-1].filename).relative_to(folder)}:{frames[-1].lineno}: " if frames else ""
        text = "".join(traceback.format_list(frames)).replace(f"{folder}/", "").rstrip()
        raise BuildError(f"{place}{type(error).__name__}: {error}\n{text}".rstrip()) from None


def main() -> int:
    """The program."""
    [name] = sys.argv[1:]
    try:
        print(json.dumps(look(Path.cwd(), name)))
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
