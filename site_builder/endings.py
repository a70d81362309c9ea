"""How a process of the press is ended from outside: as by an interrupt, which ends what it started."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def like_an_interrupt() -> Iterator[None]:
    """Let a request to end, or a connection that is gone, end all that was started, as an interrupt does.

    What is ignored, as ``nohup`` has it, stays ignored; so is a second request, while the first is obeyed.
    """
    main = threading.current_thread() is threading.main_thread()  # only that one may listen
    endings = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if main and hasattr(signal, name)]
    heard = [one for one in endings if signal.getsignal(one) == signal.SIG_DFL]

    def interrupt(_: int, frame: FrameType | None) -> None:
        for one in heard:
            signal.signal(one, signal.SIG_IGN)
        listening = signal.getsignal(signal.SIGINT)
        (listening if callable(listening) else signal.default_int_handler)(signal.SIGINT, frame)

    for one in heard:
        signal.signal(one, interrupt)
    try:
        yield
    finally:
        for one in heard:
            signal.signal(one, signal.SIG_DFL)
