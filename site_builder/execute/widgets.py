"""Widgets without a front end: what they capture while a notebook is executed, and how they look on a page.

A widget lives in JavaScript of other people, which no page of ours loads. So an executed notebook keeps what
it shows at the end: the outputs that it captured, its picture, or its words.
"""

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

import nbformat
from nbclient.output_widget import OutputWidget

from site_builder.notebook.reader import WIDGET_VIEW

_WORD = "(a widget, as it was when the run ended)"
_REFERENCE = "IPY_MODEL_"
_MARKUP = re.compile(r"<[^>]*>")

State = Mapping[str, Mapping[str, Any]]
"""The states of all widgets by their ids, as nbclient keeps them."""


class Output(OutputWidget):  # type: ignore[misc]
    """nbclient's stand-in for a widget that captures outputs, which sends without losing an answer.

    nbclient sends through another handle of the socket that it waits on. It may so miss that the kernel has
    answered, and then waits for ever (github.com/jupyter/nbclient/issues/312). The socket itself looks after
    each message that it sends whether one came.
    """

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        """Send a message to the widget's half in the kernel."""
        session, channel = self.kernel_client.session, self.kernel_client.shell_channel
        content = {"data": data or {}, "comm_id": self.comm_id}
        message = session.msg("comm_msg", content=content, parent=self.parent_header)
        channel.socket.send_multipart(session.serialize(message))

    def set_state(self, state: dict[str, Any]) -> None:
        """Take what the kernel says, also what ``append_stdout`` and its like have put there."""
        if "outputs" in state:
            self.outputs = [nbformat.from_dict(output) for output in state["outputs"]]
        super().set_state(state)


def settle(notebook: Any, states: State, buffers: Mapping[str, Any]) -> None:
    """Let what each widget shows take its place in the outputs of ``notebook``."""
    for cell in notebook.cells:
        if any(WIDGET_VIEW in output.get("data", {}) for output in cell.get("outputs", [])):
            cell.outputs = [
                settled for output in cell.outputs for settled in _settled(output, states, buffers)
            ]


def _settled(output: Any, states: State, buffers: Mapping[str, Any]) -> Iterator[Any]:
    data = output.get("data", {})
    view = data.pop(WIDGET_VIEW, None)
    model = view.get("model_id") if isinstance(view, Mapping) else None
    if model is None:
        yield output
        return
    words, shown = _look(model, states, buffers)
    if words or not shown:
        text = " ".join(words) or data.get("text/plain", "")
        yield nbformat.v4.new_output("display_data", {"text/plain": f"{text}\n{_WORD}"})
    yield from shown


def _look(model: str, states: State, buffers: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    """The words of a widget and of those in it, and the outputs that they captured or pictures they show."""
    state = states.get(model, {})
    name = str(state.get("_model_name", ""))
    if name == "OutputModel":
        return [], [nbformat.from_dict(output) for output in state.get("outputs", ())]
    if name == "ImageModel" and state.get("format") == "png" and ("value",) in buffers.get(model, {}):
        picture = {"image/png": buffers[model][("value",)]["data"], "text/plain": _WORD}
        return [], [nbformat.v4.new_output("display_data", picture)]
    words = [
        html.unescape(_MARKUP.sub("", str(state.get(key, "")))).strip() for key in ("description", "value")
    ]
    shown: list[Any] = []
    for child in state.get("children", ()):
        more, outputs = _look(str(child).removeprefix(_REFERENCE), states, buffers)
        words, shown = words + more, shown + outputs
    if name.endswith("ProgressModel"):
        words = [f"{state.get('value', 0):g} of {state.get('max', 100):g}"]
    return [word for word in words if word], shown
