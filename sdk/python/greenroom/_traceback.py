"""Exceptions as text: with file and line, and the line itself, out of a component that has no files.

`traceback` looks at the files once more as it prints, and so cannot be used there.
"""

from __future__ import annotations

import linecache
import os
import re
from types import TracebackType

# Where a component's modules come from, as `componentize-py` mounts them.
_MOUNT = re.compile(r"^/(?:\d+|python|world|bundled)/")
_OURS = os.path.dirname(__file__)
_DEEPEST = 40


def shown(file: str) -> str:
    """A file as its author knows it."""
    short = _MOUNT.sub("", file)
    return short if short != file else os.path.basename(file) if file.startswith("/") else file


def remember(file: str) -> None:
    """Keeps a file's lines, for when there are no files."""
    lines = linecache.getlines(file)
    # Without a time, so that nobody looks whether the file has changed.
    linecache.cache[file] = (0, None, lines, file)


def _frames(trace: TracebackType | None) -> list[tuple[str, int, str]]:
    found = []
    while trace:
        code = trace.tb_frame.f_code
        if os.path.dirname(code.co_filename) != _OURS:
            found.append((code.co_filename, trace.tb_lineno, code.co_name))
        trace = trace.tb_next
    return found


def text(error: BaseException) -> str:
    """The whole story, the innermost call last, causes first."""
    lines = []
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        lines += [text(cause), "which led to:"]
    frames = _frames(error.__traceback__)
    if frames:
        lines.append("Traceback (most recent call last):")
    if len(frames) > _DEEPEST:
        lines.append(f"  … {len(frames) - _DEEPEST} more")
    for file, line, name in frames[-_DEEPEST:]:
        lines.append(f"  {shown(file)}:{line} in {name}")
        entry = linecache.cache.get(file)
        if entry and len(entry) == 4 and 0 < line <= len(entry[2]):
            lines.append(f"    {entry[2][line - 1].strip()}")
    return "\n".join([*lines, _head(error)])


def summary(error: BaseException) -> str:
    """One line: what it is, and where."""
    frames = _frames(error.__traceback__)
    # Where the author's own code is, if it is there: what the library says is in the log.
    own = [frame for frame in frames if "/lib/python" not in frame[0]] or frames
    if not own:
        return _head(error)
    file, line, name = own[-1]
    return f"{_head(error)} ({shown(file)}:{line} in {name})"


def _head(error: BaseException) -> str:
    said = str(error)
    return f"{type(error).__name__}: {said}" if said else type(error).__name__
