"""One build of a tree at a time: a lock that the system lets go when its holder dies, however it dies."""

import datetime as dt
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from site_builder.errors import BusyError
from site_builder.model import Tree

_PAUSE = 0.2


@contextmanager
def hold(tree: Tree, purpose: str, wait: bool = False) -> Iterator[None]:
    """Hold the tree's lock; if another process has it, wait or raise :class:`BusyError` that names it."""
    tree.cache.mkdir(parents=True, exist_ok=True)
    path = tree.cache / "lock"
    with path.open("a+", encoding="utf-8") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if not wait:
                    holder = path.read_text(encoding="utf-8").strip() or "a process that did not say which"
                    raise BusyError(
                        f"another build of this tree is running: {holder}. "
                        "Let it finish, or use --wait to begin after it."
                    ) from None
                time.sleep(_PAUSE)
        file.truncate(0)
        file.write(f"{purpose}, process {os.getpid()}, since {dt.datetime.now():%H:%M:%S}\n")
        file.flush()
        yield
