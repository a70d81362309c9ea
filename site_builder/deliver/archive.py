"""Archive: a tagged release as one file that needs neither git nor this machine to be read in ten years."""

import hashlib
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from site_builder import history, machine, yaml_text
from site_builder.deliver import crate
from site_builder.deliver.crate import LICENCE, METADATA, Citation, Release
from site_builder.errors import NEAREST, BuildError, choices
from site_builder.model import RunPlan, Tree
from site_builder.plan import plan, register
from site_builder.post import headings

CITATION, FOLDER = "CITATION.cff", "build"
_NUMBERED = re.compile(r"v?(\d+(\.\d+)+)")


def pack(tree: Tree, tag: str, late: Callable[[RunPlan], str]) -> str:
    """Write ``build/<title>-<tag>.crate.zip``, the files of ``tag`` ("": the newest at HEAD) with what they
    are; a line about it.

    ``late`` says what is wrong with a run that is not fresh. Raises ``BuildError`` for an unknown tag, and
    for one whose runs are not fresh or whose ``CITATION.cff`` does not go with it.
    """
    if not machine.has("rocrate"):
        raise BuildError("rocrate is not installed: make archive installs it")
    tag = _chosen(tree.root, tag)
    commit = history.commit(tree.root, f"refs/tags/{tag}")
    with tempfile.TemporaryDirectory(prefix="archive-") as place:
        laid = Tree(Path(place).resolve())
        history.lay_out(tree.root, commit, [], laid.root)
        try:
            return _packed(tree, laid, tag, commit, late)
        except BuildError as problem:
            raise BuildError(f"{tag}: {problem}") from None


def _chosen(root: Path, tag: str) -> str:
    known = history.tags(root)
    if tag and tag not in known:
        raise BuildError(f"{tag!r} is no tag of {root.name}; {choices(known, tag)}")
    here = [tag] if tag else list(history.tags(root, at="HEAD"))
    if not here:
        newest = ", ".join(list(known)[: -NEAREST - 1 : -1])
        hint = f"TAG=... names another (newest: {newest})" if newest else "git tag v1.0.0 makes one"
        raise BuildError(f"no tag stands at HEAD: {hint}")
    return here[-1]


def _packed(tree: Tree, laid: Tree, tag: str, commit: str, late: Callable[[RunPlan], str]) -> str:
    # First, because what follows leaves its own traces there.
    paths = sorted(path for path in laid.root.rglob("*") if path.is_file())
    files = {path.relative_to(laid.root).as_posix(): _measured(path) for path in paths}
    files.pop(METADATA, None)  # of a tree that was unpacked from a crate
    cited = _citation(laid, tag)
    read = register.load(laid)
    plans = plan.plan_runs(laid, read.site, read.runs)
    if lines := [line for one in plans if (line := late(one))]:
        raise BuildError("\n".join([f"{len(lines)} of {len(plans)} runs are not fresh, or off pin:", *lines]))
    found = crate.describe(Release(laid, commit, cited, read.site, plans, files))
    target = tree.root / FOLDER / f"{headings.slug(read.site.title)}-{tag.replace('/', '-')}.crate.zip"
    target.parent.mkdir(exist_ok=True)
    (laid.root / METADATA).write_text(found, encoding="utf-8")
    history.pack(tree.root, commit, laid.root / METADATA, target)
    size, digest = _measured(target)
    executed = sum(one.record is not None for one in plans)
    return f"{target}: {executed} runs, {len(files)} files, {size / 1e6:.0f} MB, SHA-256 {digest}"


def _measured(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _citation(laid: Tree, tag: str) -> Citation:
    """What the tag's ``CITATION.cff`` says; raises ``BuildError`` if that is no release, or another one."""
    problems: list[str] = []
    read = yaml_text.read(laid.root / CITATION, CITATION, problems)
    if problems:
        raise BuildError("\n".join(problems))
    try:
        cited = msgspec.convert(read, Citation)
    except msgspec.ValidationError as damage:
        raise BuildError(f"{CITATION}: {damage}") from None
    numbered = _NUMBERED.fullmatch(tag)
    if numbered and cited.version != numbered[1]:
        raise BuildError(f"{CITATION}: version is {cited.version}, not that of the tag")
    if not (laid.root / LICENCE).is_file():
        raise BuildError(f"{LICENCE}: there is no such file")
    return cited
