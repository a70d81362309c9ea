"""The files of a site, written where nothing of an older one is left."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import rcssmin

from site_builder.files import PROJECT
from site_builder.model import Tree

_OWN_ASSETS = ("css", "js", "icons")


def write(tree: Tree, files: Mapping[str, str | bytes], destination: Path) -> list[Path]:
    """Write a site where nothing of an older one is left."""

    def copy(source: str, target: str) -> None:
        """A style sheet without comments and spaces, which a reader's browser does not need; else the file.

        Where the site that stands has the same file, it gets one more name: that costs less than a copy.
        """
        place, standing = Path(target), tree.site / Path(target).relative_to(destination)
        place.unlink(missing_ok=True)
        if place.suffix == ".css":
            sheet = rcssmin.cssmin(Path(source).read_text(encoding="utf-8"))
            place.write_text(sheet, encoding="utf-8")
        elif not (_same(Path(source), standing) and _linked(place, standing)):
            shutil.copy2(source, place)

    shutil.rmtree(destination, ignore_errors=True)
    for name in _OWN_ASSETS:
        shutil.copytree(PROJECT / "assets" / name, destination / "assets" / name, copy_function=copy)
    if tree.assets.is_dir():
        shutil.copytree(tree.assets, destination / "assets", copy_function=copy, dirs_exist_ok=True)
    for name, content in files.items():
        path = destination / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)  # it may be one more name of a file that stands
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return sorted(path for path in destination.rglob("*") if path.is_file())


def _linked(place: Path, standing: Path) -> bool:
    """Give the file that stands one more name; False where the disk or its owner does not allow that."""
    try:
        place.hardlink_to(standing)
    except OSError:
        return False
    return True


def _same(source: Path, standing: Path) -> bool:
    """Whether a file of the site that stands is an unchanged copy of this one, with its size and time."""
    try:
        here, there = source.stat(), standing.stat()
    except OSError:
        return False
    return (here.st_size, here.st_mtime_ns) == (there.st_size, there.st_mtime_ns)
