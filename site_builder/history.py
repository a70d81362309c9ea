"""Commits of the tree, read with git beside the one that is checked out."""

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from site_builder.errors import BuildError


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


def tags(root: Path) -> dict[str, str]:
    """The day of each tag by its name, as versions are ordered: v9 before v10."""
    form = "--format=%(refname:strip=2) %(creatordate:short)"
    found = answer(root, "for-each-ref", "--sort=version:refname", form, "refs/tags").splitlines()
    return dict(line.split(" ") for line in found)  # no name of a tag has a space


def lay_out(root: Path, digest: str, paths: list[str], into: Path) -> None:
    """Write those of ``paths`` that a commit has below ``into``."""
    listed = subprocess.run(
        ["git", "ls-tree", "--name-only", digest, "--", *paths], cwd=root, capture_output=True, check=True
    )
    if there := listed.stdout.decode().split():
        packed = subprocess.run(
            ["git", "archive", "--format=tar", digest, "--", *there],
            cwd=root,
            capture_output=True,
            check=True,
        )
        with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
            archive.extractall(into, filter="data")
