"""A server for authors: shows ``_site``, builds again on each change, and reloads the page."""

import http.server
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from site_builder import build
from site_builder.errors import BuildError
from site_builder.model import Tree
from site_builder.plan import unchanged

_PAUSE = 0.5
_VERSION = "/.version"
_RELOAD = b"""<script>
(() => {
  let seen = null;
  setInterval(async () => {
    try {
      const now = await (await fetch("/.version", {cache: "no-store"})).text();
      if (seen !== null && now !== seen) location.reload();
      seen = now;
    } catch { /* the server was stopped */ }
  }, 1000);
})();
</script>"""


class Server(http.server.ThreadingHTTPServer):
    """``version`` is the number of the last good build."""

    version = 0


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Files of ``_site``; pages carry the script that reloads them, which the files themselves do not."""

    server: Server

    def do_GET(self) -> None:
        """Answer with the version, a page with the script, or a file as it is."""
        if self.path == _VERSION:
            self._send(str(self.server.version).encode(), "text/plain")
            return
        path = Path(self.translate_path(self.path))
        page = path / "index.html" if path.is_dir() and self.path.endswith("/") else path
        if page.suffix == ".html" and page.is_file():
            self._send(page.read_bytes() + _RELOAD, "text/html; charset=utf-8")
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


def serve(tree: Tree, port: int, options: Sequence[str]) -> int:
    """Build, then serve and build again on each change until interrupted. ``options`` go to the builds."""
    _rebuild(tree, options)
    with server(tree, port) as serving:
        build.say(f"http://127.0.0.1:{serving.server_port}/ (interrupt to stop)")
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        try:
            _watch(tree, options, serving)
        except KeyboardInterrupt:
            build.say("stopped")
        finally:
            serving.shutdown()
    return 0


def _watch(tree: Tree, options: Sequence[str], serving: Server) -> None:
    """Build again when anything is not as the last build met it, and once for each such state."""
    tried = None
    while True:
        time.sleep(_PAUSE)
        now = unchanged.now(tree)
        if now not in (tried, unchanged.met(tree)):
            tried = now
            if _rebuild(tree, options):
                serving.version += 1


def _rebuild(tree: Tree, options: Sequence[str]) -> bool:
    """Build in a process of its own, so that a change of the press itself is seen too."""
    command = [sys.executable, "-m", "site_builder", "--root", str(tree.root), "site", "--wait", *options]
    return subprocess.run(command, check=False).returncode == 0
