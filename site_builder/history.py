"""Commits of the tree, read with git beside the one that is checked out."""

import os
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from site_builder.errors import BuildError

_ARCHIVE = ("git", "-c", "core.autocrlf=false", "archive")
"""Files as they were committed, whatever git makes of the ends of their lines here."""


def commit(root: Path, name: str) -> str:
    """The digest of the commit that ``name`` (a branch, a tag, a digest) is; ``BuildError`` if it is none."""
    wanted = f"{name}^{{commit}}"
    asked = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", wanted]
    found = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=False)
    if found.returncode:
        why = found.stderr.strip() or "a branch, a tag or the digest of a commit is wanted"
        raise BuildError(f"{name!r} is no commit of {root.name}: {why}")
    return found.stdout.strip()


def answer(root: Path, *words: str) -> str:
    """What git answers, nothing if there is no git or no history."""
    try:
        asked = subprocess.run(["git", *words], cwd=root, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return asked.stdout.decode("utf-8")


def tags(root: Path, at: str = "") -> dict[str, str]:
    """The day of each tag, or of those ``at`` a commit, by its name, ordered as versions: v9 before v10."""
    form = "--format=%(refname:strip=2) %(creatordate:short)"
    own = [f"--points-at={at}"] if at else []
    found = answer(root, "for-each-ref", "--sort=version:refname", form, *own, "refs/tags").splitlines()
    return dict(line.split(" ") for line in found)  # no name of a tag has a space


def lay_out(root: Path, digest: str, paths: list[str], into: Path) -> None:
    """Write those of ``paths`` that a commit has below ``into``; all that it has if none is named."""
    listed = subprocess.run(
        ["git", "ls-tree", "-z", "--name-only", digest, "--", *paths],
        cwd=root,
        capture_output=True,
        check=True,
    )
    if there := listed.stdout.decode().split("\0")[:-1]:
        packed = subprocess.run(
            [*_ARCHIVE, "--format=tar", digest, "--", *there],
            cwd=root,
            capture_output=True,
            check=True,
        )
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
            archive.extractall(into, filter="data")


def pack(root: Path, digest: str, added: Path, target: Path) -> None:
    """Write a commit's files and the file ``added`` beside them into a .zip; ``BuildError`` if git cannot.

    Nothing is compressed, and every file has the time of the commit: the same bytes on any machine.
    """
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    files = [f"--output={beside}", f"--add-file={added}", digest, "--", ".", f":(exclude){added.name}"]
    asked = [*_ARCHIVE, "--format=zip", "-0", *files]
    there = {**os.environ, "TZ": "UTC"}  # a .zip has local times
    try:
        made = subprocess.run(asked, cwd=root, env=there, capture_output=True, text=True, check=False)
        if made.returncode:
            raise BuildError(f"{target}: {made.stderr.strip()}")
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
