"""A server for authors: shows ``_site``, builds again on each change, and reloads the page.

A build that fails leaves the last good pages; what is wrong stands on them until it is mended.
"""

import contextlib
import http.server
import io
import json
import multiprocessing
import os
import re
import subprocess
import sys
import threading
import time
from functools import partial
from http import HTTPStatus
from multiprocessing.connection import Connection
from pathlib import Path

from site_builder import build
from site_builder.errors import BuildError
from site_builder.execute.rounds import Selection
from site_builder.memo import PRESS_LOADED, of_press
from site_builder.model import Tree
from site_builder.plan import unchanged

_PAUSE = 0.2
_VERSION, _RELOADING = "/.version", "/.reload.js"
_HOSTS = ("127.0.0.1", "localhost", "[::1]")
"""How a browser on this machine names it: any other name is a stranger's page that was made to lead here."""
_WARM = ("write.posts", "render.pages", "check.check", "harvest.harvest", "deliver.paper", "plan.plan")
"""What every build needs, loaded once."""
_RELOAD = b"""(() => {
  let seen = null;
  const problem = document.createElement("pre");
  problem.setAttribute("role", "alert");
  problem.style.cssText = "position:fixed;inset:auto 0 0 0;z-index:99;margin:0;padding:1em;max-height:45vh;"
    + "overflow:auto;white-space:pre-wrap;background:#3b0a0a;color:#fff;font:14px/1.5 monospace";
  const look = async () => {
    try {
      const now = await (await fetch("/.version", {cache: "no-store"})).json();
      if (seen !== null && now.version !== seen) location.reload();
      seen = now.version;
      if (now.problem) {
        problem.textContent = "This page is out of date: the last build failed.\\n\\n" + now.problem;
        document.body.append(problem);
      } else problem.remove();
    } catch { /* the server was stopped */ }
    setTimeout(look, 300);
  };
  look();
})();
"""


class Server(http.server.ThreadingHTTPServer):
    """``version`` is the number of the last good build; ``problem`` what the last one failed of, or ""."""

    version = 0
    problem = ""


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files of ``_site``, and nothing else; pages name the script that reloads them, the files do not."""

    server: Server

    def parse_request(self) -> bool:
        """Whether to answer: whoever names another host, or what is no file of ``_site``, is told no."""
        if not super().parse_request():
            return False
        name = re.sub(r":\d+$", "", self.headers.get("Host", ""))
        if name not in _HOSTS:
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST, f"this is a server for {' and '.join(_HOSTS)}")
        elif self.path not in (_VERSION, _RELOADING) and not self._is_ours():
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            return True
        return False

    def _is_ours(self) -> bool:
        """Whether the path is there and, all links followed, below ``_site``."""
        try:
            place = Path(os.path.realpath(self.translate_path(self.path), strict=True))
        except (OSError, ValueError):  # not there, too long, or with a zero byte in it
            return False
        return place.is_relative_to(os.path.realpath(self.directory))

    def do_GET(self) -> None:
        """Answer with the version, a page that names the script, or a file as it is."""
        if self.path == _VERSION:
            now = {"version": self.server.version, "problem": self.server.problem}
            self._send(json.dumps(now).encode(), "application/json")
            return
        if self.path == _RELOADING:
            self._send(_RELOAD, "text/javascript")
            return
        path = Path(self.translate_path(self.path))
        page = path / "index.html" if path.is_dir() and self.path.endswith("/") else path
        if page.suffix == ".html" and page.is_file():
            script = f'<script src="{_RELOADING}"></script>'.encode()
            self._send(page.read_bytes() + script, "text/html; charset=utf-8")
            return
        super().do_GET()

    def _send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: the terminal is for builds."""


def server(tree: Tree, port: int) -> Server:
    """The server, bound to this machine alone; port 0 takes any free one."""
    try:
        return Server(("127.0.0.1", port), partial(_Handler, directory=str(tree.site)))
    except OSError as refusal:
        raise BuildError(f"port {port} cannot be used: {refusal.strerror}; choose one with --port") from None


def serve(tree: Tree, port: int, execute: bool) -> int:
    """Build, then serve and build again on each change until interrupted; ``execute`` what is stale too."""
    builder = Builder(tree, execute)
    problem = builder.build()
    with server(tree, port) as serving:
        serving.problem = problem
        build.say(f"http://127.0.0.1:{serving.server_port}/ (interrupt to stop)")
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        try:
            _watch(tree, builder, serving)
        except KeyboardInterrupt:
            build.say("stopped")
        finally:
            serving.shutdown()
    return 0


def _watch(tree: Tree, builder: "Builder", serving: Server) -> None:
    """Build again when anything is not as the last build met it, and once for each such state."""
    tried = None
    while True:
        time.sleep(_PAUSE)
        now = unchanged.now(tree)
        if now not in (tried, unchanged.met(tree)):
            tried = now
            serving.problem = builder.build()
            serving.version += not serving.problem


class Builder:
    """Builds in processes of their own, forked from one that has everything loaded.

    Where the press itself, its templates or what is installed has changed since, a process is started from
    nothing: to one that was forked, what is kept would look up to date.
    """

    def __init__(self, tree: Tree, execute: bool) -> None:
        self._tree, self._execute = tree, execute
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload([__name__, *(f"site_builder.{name}" for name in _WARM)])

    def build(self) -> str:
        """What the build failed of, "" if it went well."""
        if of_press() != PRESS_LOADED:
            program = [sys.executable, "-m", "site_builder", "--root", str(self._tree.root)]
            command = [*program, "site", "--wait", *([] if self._execute else ["--no-execute"])]
            done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
            sys.stderr.write(done.stderr)
            return _problem(done.stderr, done.returncode)
        mine, its = self._processes.Pipe(duplex=False)
        process = self._processes.Process(target=_built, args=(self._tree, self._execute, its))
        process.start()
        its.close()
        try:
            return str(mine.recv())
        except EOFError:
            return "the build ended without a word"
        except KeyboardInterrupt:
            process.terminate()  # only a terminal tells both
            raise
        finally:
            process.join()


def _built(tree: Tree, execute: bool, answer: Connection) -> None:
    """Build in this process; what it failed of is said on the terminal and as the ``answer``."""
    heard = io.StringIO()
    try:
        with contextlib.redirect_stderr(heard):
            work = partial(build.build_site, tree, Selection(wait=True), execute=execute)
            status = build.told(tree, work)
    finally:
        sys.stderr.write(heard.getvalue())
    answer.send(_problem(heard.getvalue(), status))


def _problem(said: str, status: int) -> str:
    """What of the words of a build is the reason that it failed, "" if it did not."""
    return said[max(0, said.find("error: ")) :] if status else ""
