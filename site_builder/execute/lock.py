"""Locks that the system lets go when their holder dies, however it dies.

One process at a time writes the posts and pages of a tree, and one at a time the executed notebook of a run.
"""

import datetime as dt
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from site_builder.errors import BusyError
from site_builder.files import naming
from site_builder.model import Tree

_PAUSE = 0.2


@contextmanager
def hold(tree: Tree, purpose: str, wait: bool = False, run: str = "") -> Iterator[None]:
    """Hold the lock of the tree, or of a run of it; if another process has it, wait or raise
    :class:`BusyError` that names it.
    """
    path = tree.cache / "locks" / run if run else tree.cache / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not wait:
                    holder = path.read_text(encoding="utf-8").strip() or "a process that did not say which"
                    what = f"{run}: is being executed" if run else "another build of this tree is running"
                    raise BusyError(
                        f"{what}: {holder}. Let it finish, or use --wait to begin after it."
                    ) from None
                time.sleep(_PAUSE)
        with naming(path):
            file.truncate(0)
            file.write(f"{purpose}, process {os.getpid()}, since {dt.datetime.now():%H:%M:%S}\n")
            file.flush()
        yield
