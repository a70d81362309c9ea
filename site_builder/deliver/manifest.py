"""Files laid into somebody else's folder: only ours are ever replaced, and what changed is said.

A manifest in the folder keeps the digest of each file that we wrote, and before the first is written those
that shall be: so a delivery that was killed is known as ours. A file that is not in it, or that was edited
since, is theirs: if it differs from ours, nothing at all is written.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from site_builder.errors import BuildError
from site_builder.files import as_json, digest, holds, read_kept, sweep, write_if_changed
from site_builder.harvest import pictures

_LENGTH = 64


def deliver(files: Mapping[str, bytes], target: Path, manifest: str, *, prune: bool = False) -> list[str]:
    """Write ``files`` (by path below ``target``), in their order, and the manifest; a line for each says what
    became of it.

    A file of an earlier delivery that is not among them is named, and removed if ``prune`` and it is still
    what we wrote. Raises ``BuildError``, with nothing written, if a file of theirs is in the way, or if a
    picture of ours is cut off.
    """
    known = _ours(target, manifest)
    if foreign := [name for name in files if _is_foreign(target, name, files[name], known)]:
        raise BuildError(
            f"{target}: these files differ from what we would write, and were not written by us or were "
            f"edited since: {', '.join(sorted(foreign))}; move them away or delete them"
        )
    for name, content in files.items():
        pictures.refuse_part(name, content)
    new = {name: digest(content, _LENGTH) for name, content in files.items()}
    if not all(holds(target / name, content) for name, content in files.items()):
        write_if_changed(target / manifest, as_json({"begun": new, "files": known}))
    report = []
    for name, content in files.items():
        existed = (target / name).is_file()
        fresh = write_if_changed(target / name, content)
        report.append(f"{'unchanged' if not fresh else 'changed' if existed else 'added'} {name}")
    past = {name: made for name, made in known.items() if name not in files}
    lines, left = _past(target, past, prune)
    write_if_changed(target / manifest, as_json({"files": dict(sorted((new | left).items()))}))
    return [*sorted(report, key=lambda line: line.partition(" ")[2]), *lines]


def _past(target: Path, past: Mapping[str, str], prune: bool) -> tuple[list[str], dict[str, str]]:
    """What became of files that are no part of a delivery any more, and which of them are still there."""
    lines, left = [], {}
    for name, made in sorted(past.items()):
        path = target / name
        if not path.is_file():
            continue
        # A manifest that somebody else wrote must not lead us out of the folder.
        if not path.resolve().is_relative_to(target.resolve()) or not _is_as_made(path, made):
            lines.append(f"left {name} (no longer part of it, and edited since: delete it by hand)")
        elif not prune:
            lines.append(f"left {name} (no longer part of it: --prune removes it)")
        else:
            path.unlink()
            lines.append(f"removed {name} (no longer part of it)")
            continue
        left[name] = made
    return lines, left


def _ours(target: Path, manifest: str) -> dict[str, str]:
    """The digest of each file that we wrote, as it was when we wrote it; what a killed delivery left beside
    its files is removed.
    """
    kept = read_kept(target / manifest, dict[str, dict[str, str]]) or {}
    known, begun = kept.get("files", {}), kept.get("begun", {})
    sweep(target, manifest)
    for name, made in begun.items():
        path = target / name
        if _is_as_made(path, made):
            known[name] = made
        sweep(path.parent, path.name)
    return known


def _is_as_made(path: Path, made: str) -> bool:
    """Whether a file has the digest ``made``; a link is none of ours."""
    return path.is_file() and not path.is_symlink() and digest(path.read_bytes(), _LENGTH) == made


def _is_foreign(target: Path, name: str, content: bytes, known: Mapping[str, str]) -> bool:
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
        raise BuildError(f"{name}: a path that leads out of {target} is not written")
    path = target / name
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return True
    if not path.is_file():
        return False
    there = path.read_bytes()
    return there != content and known.get(name) != digest(there, _LENGTH)
