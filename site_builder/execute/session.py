"""One notebook in one kernel, cell by cell, within its time; nbclient lives here only."""

import ast
import asyncio
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from site_builder.errors import ExecutionError
from site_builder.execute import kernel, widgets
from site_builder.execute.kernel import Conditions, Kernel
from site_builder.execute.progress import Say
from site_builder.model import Run
from site_builder.notebook import cells, printed, reader

PRINT_LIMIT = 200_000
"""Characters that one cell may print; the rest is left out of the executed notebook."""
_IOPUB_LIMIT = 120
"""Seconds that printed text may arrive after its cell has ended: a flood takes its time."""
_TRACEBACK_LINES = 12
_REPORT = """
import sys
_torch = sys.modules.get("torch")
_versions = {}
if _torch is not None and _torch.cuda.is_available():
    _versions = {"cuda": _torch.version.cuda, "cudnn": _torch.backends.cudnn.version()}
"""
"""Code for the kernel: what torch, where the run imported it, says of the GPUs that it could use."""
_FAILED_LINE = re.compile(r"^ *Cell In\[(\d+)\], line (\d+)", re.MULTILINE)
_CURES = {
    "StdinNotImplementedError": "nobody is there to answer: take the input from a parameter",
    "SystemExit": "a run is only good if all its cells were executed: leave out the exit",
}


class _Client(NotebookClient):  # type: ignore[misc]
    """nbclient with a limit on printed text, kept while it arrives so that memory does not fill."""

    def __init__(self, notebook: Any, running: Kernel) -> None:
        super().__init__(
            notebook,
            km=running.manager,
            timeout=None,
            iopub_timeout=_IOPUB_LIMIT,
            record_timing=False,
        )
        self.kc = running.client
        self.widget_registry = {"@jupyter-widgets/output": {"OutputModel": widgets.Output}}
        self.clear_before_next_output = False
        self.on_cell_executed = _refuse_exit
        self._printed = 0

    def output(self, outs: Any, msg: Any, display_id: Any, cell_index: int) -> Any:
        """Take an output, or what the limit leaves of it."""
        if self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            return super().output(outs, msg, display_id, cell_index)  # it goes into a widget
        if self.clear_before_next_output:  # what nbclient would do, too late for text that is joined here
            self.clear_before_next_output = False
            outs.clear()
            self.clear_display_id_mapping(cell_index)
        if not outs:
            self._printed = 0
        if msg["msg_type"] != "stream":
            return super().output(outs, msg, display_id, cell_index)
        text = msg["content"]["text"]
        room = max(0, PRINT_LIMIT - self._printed)
        self._printed += len(text)
        if not room and text:
            return None
        for last in reversed(outs):
            if last["output_type"] != "stream":
                break
            if last["name"] == msg["content"]["name"]:
                last["text"] += text[:room]
                return last
        msg["content"]["text"] = text[:room]
        return super().output(outs, msg, display_id, cell_index)

    async def cell(self, cell: Any, index: int, count: int) -> None:
        """Execute one cell; text beyond the limit is replaced by a note of how much it was."""
        self._printed = 0
        asked = reader.as_cell(index + 1, cell)
        if asked.skipped:
            return
        self.allow_errors = asked.may_raise
        cell.source = cells.for_kernel(asked.source)
        try:
            await self.async_execute_cell(cell, index, execution_count=count)
        finally:
            cell.source = asked.source
            self._tidy(cell)

    def _tidy(self, cell: Any) -> None:
        """Leave what a terminal would show of progress bars, and say how much was cut off."""
        left_out = self._printed - PRINT_LIMIT
        streams = [output for output in cell.get("outputs", []) if output["output_type"] == "stream"]
        for output in streams:
            output["text"] = printed.settled(output["text"])
        # The two streams race each other: where they meet, stdout comes first, so that runs can be compared.
        outputs = cell.get("outputs", [])
        for first, second in zip(range(len(outputs)), range(1, len(outputs)), strict=False):
            if (outputs[first].get("name"), outputs[second].get("name")) == ("stderr", "stdout"):
                outputs[first], outputs[second] = outputs[second], outputs[first]
        if left_out > 0 and streams:
            streams[-1]["text"] += (
                f"\n[... cut here: a cell may print {PRINT_LIMIT:,} characters; {left_out:,} more left out]\n"
            )


def _refuse_exit(cell: Any, cell_index: int, execute_reply: Any) -> None:
    """Raise an error for ``exit()``, which IPython only notes for a front end before it goes on."""
    if any(one.get("source") == "ask_exit" for one in execute_reply["content"].get("payload", ())):
        raise CellExecutionError("", "SystemExit", "exit() or quit() was called")


async def run_notebook(
    notebook: Any, run: Run, conditions: Conditions, tell: Callable[[int, int], None], hear: Say
) -> dict[str, str]:
    """Execute all cells of ``notebook`` in place; raise :class:`ExecutionError` if it does not reach its end.

    ``tell`` is told the number of each code cell that begins, and of how many, ``hear`` how far a long
    measurement says it is. What is returned are the versions of CUDA and cuDNN that the kernel reports at
    its end.
    """
    at: reader.Cell | None = None
    limit = asyncio.timeout(run.time_limit)
    try:
        async with kernel.running(conditions) as running:
            client = _Client(notebook, running)
            relay = asyncio.create_task(_relayed(running.progress, hear))
            try:
                async with limit:
                    coded = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
                    for count, index in enumerate(coded, start=1):
                        at = reader.as_cell(index + 1, notebook.cells[index])
                        tell(count, len(coded))
                        await client.cell(notebook.cells[index], index, count)
                widgets.settle(notebook, client.widget_state, client.widget_buffers)
                _refuse_captured(run, notebook)
                return await _report(running)
            except CellExecutionError as error:
                raise ExecutionError(_failure(run, at, error)) from None
            except (DeadKernelError, TimeoutError) as error:
                raise ExecutionError(_stopped(run, at, limit.expired(), running)) from error
            finally:
                relay.cancel()
    except RuntimeError as error:
        raise ExecutionError(f"{run.id} ({run.notebook.name}): the kernel did not start: {error}") from error


async def _relayed(progress: Path, hear: Say) -> None:
    """Pass on each line of progress that the notebook writes."""
    with progress.open(encoding="utf-8", errors="replace") as written:
        while True:
            for line in written:
                hear(line.strip())
            await asyncio.sleep(1)


async def _report(running: Kernel) -> dict[str, str]:
    """What the kernel says of itself; nothing if it does not answer, because all results are there."""
    try:
        asked = {"versions": "_versions"}
        reply = await running.client.execute(
            _REPORT, silent=True, user_expressions=asked, reply=True, timeout=kernel.START_LIMIT
        )
        said = reply["content"]["user_expressions"]["versions"]["data"]["text/plain"]
        return {name: str(version) for name, version in ast.literal_eval(said).items() if version}
    except (TimeoutError, KeyError):
        return {}


def _refuse_captured(run: Run, notebook: Any) -> None:
    """Raise an error that a widget captured: the notebook went on, but not as its author meant it to."""
    for number, cell in enumerate(notebook.cells, start=1):
        read = reader.as_cell(number, cell)
        if read.failed:
            error = next(one for one in read.outputs if one["output_type"] == "error")
            raise ExecutionError(f"{_where(run, read)}, in a widget: {error['ename']}: {error['evalue']}")


def _where(run: Run, at: reader.Cell | None) -> str:
    return f"{run.id} ({run.notebook.name})" + (f", {at.title}" if at else "")


def _stopped(run: Run, at: reader.Cell | None, expired: bool, running: Kernel) -> str:
    if expired:
        return f"{_where(run, at)}: stopped at its time limit of {run.time_limit} s"
    words = running.last_words()
    return f"{_where(run, at)}: the kernel died" + (f":\n{textwrap.indent(words, '    ')}" if words else "")


def _failure(run: Run, at: reader.Cell | None, error: CellExecutionError) -> str:
    """The message for a cell that raised: where, its source, and how the traceback ends."""
    assert at is not None
    lines = reader.ESCAPES.sub("", error.traceback).rstrip().splitlines()
    trace = [line for line in lines if line.strip("- ")]
    # Of an error that was raised from another one the last traceback counts, and in it the deepest line of
    # this cell, which has the highest number.
    places = [(int(cell), int(line)) for cell, line in _FAILED_LINE.findall("\n".join(trace))]
    newest = max((cell for cell, _ in places), default=0)
    source = _source_lines(at.source, next((line for cell, line in reversed(places) if cell == newest), 1))
    ending = textwrap.indent("\n".join(trace[-_TRACEBACK_LINES:]), "    ")
    cure = f"  {_CURES[error.ename]}\n" if error.ename in _CURES else ""
    return (
        f"{_where(run, at)}: {error.ename}: {reader.ESCAPES.sub('', error.evalue)}\n{cure}"
        f"  source:\n{source}\n  end of the traceback:\n{ending}"
    )


def _source_lines(source: str, failed: int) -> str:
    """The lines of a cell around the one that failed, which is marked."""
    lines = list(enumerate(source.splitlines(), start=1))
    near = lines[max(0, failed - 3) : failed + 2]
    return "\n".join(f"  {'>' if number == failed else ' '} {number:4} {line}" for number, line in near)
