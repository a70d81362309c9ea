"""Work done at once: on all cores, or while other work of the same kind waits for the disk."""

import os
from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from site_builder import machine

_Thing = TypeVar("_Thing")
_FEWEST = 8
"""With fewer things than that a process costs more than it saves."""
_THREADS = 32


def on_all_cores(work: Callable[[_Thing], object], things: Sequence[_Thing]) -> None:
    """Call ``work`` on each of ``things`` in copies of this process, for what it keeps on the disk.

    Nothing is returned and no mistake is told: whoever needs the results asks for them afterwards, finds what
    was kept, and meets the mistakes again. Where processes cannot be copied, or for few things, nothing
    happens.
    """
    cores = min(machine.cores(), len(things))
    if cores < 2 or len(things) < _FEWEST or not hasattr(os, "fork"):
        return
    copies: list[int] = []
    try:
        for part in range(cores):
            copies.append(_copy(work, things[part::cores]))
    except OSError:
        pass  # no more processes are to be had
    finally:
        for copy in copies:
            os.waitpid(copy, 0)


def in_threads(work: Callable[[_Thing], object], things: Collection[_Thing]) -> None:
    """Call ``work`` on each of ``things``. It mostly waits for the disk: many waits at once cost as one."""
    if len(things) < _FEWEST:
        for thing in things:
            work(thing)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(_THREADS) as threads:
        for _ in threads.map(work, things):
            pass


def _copy(work: Callable[[_Thing], object], things: Sequence[_Thing]) -> int:
    """The id of a copy of this process that does this work and ends."""
    if copy := os.fork():
        return copy
    try:
        # Locks belong to the process that took them: should it die, no copy may go on holding them.
        os.closerange(3, os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else 256)
        for thing in things:
            work(thing)
    finally:
        # At once: what this process has open is not the copy's to close.
        os._exit(0)
