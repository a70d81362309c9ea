"""The files of a site, brought about with what earlier builds left: the site that stands, and the one before.

A file is known by its size and time of change. One that looks as it should stays, or gets one more name; so a
build costs what changed. No file is written in place, for it may be one more name of one that stands.
"""

import contextlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Self

from site_builder.files import PROJECT, digest, naming
from site_builder.harvest import pictures
from site_builder.memo import Memo
from site_builder.model import Tree
from site_builder.states import Look, look_of, looks

_OWN_ASSETS = ("css", "js", "icons")


@dataclass(frozen=True)
class Made:
    """A file that the press makes; ``read`` tells all that it is made from."""

    read: str
    make: Callable[[], str | bytes]

    @classmethod
    def of(cls, content: str | bytes) -> Self:
        """One whose content is known."""
        return cls(digest(content), lambda: content)

    @cached_property
    def content(self) -> bytes:
        """What is in it."""
        made = self.make()
        return made.encode() if isinstance(made, str) else made


class SiteFiles:
    """What shall be the site, in ``destination``; the site that stands is only read. ``others`` maps places
    in the site to folders that are laid there as they are.
    """

    def __init__(self, tree: Tree, destination: Path, others: Mapping[str, Path] = {}) -> None:
        self._others = others
        self._tree, self._destination, self._memo = tree, destination, Memo(tree.cache)
        self._made: dict[str, tuple[str, Look]] = self._memo.find("site", "") or {}
        self._there, self._standing = dict(looks(destination)), dict(looks(tree.site))

    def has(self, name: str, read: str) -> bool:
        """Whether an earlier build left the file that is made from all that ``read`` tells."""
        made, look = self._made.get(name, ("", None))
        return made == read and look in (self._there.get(name), self._standing.get(name))

    def write(self, made: Mapping[str, Made]) -> None:
        """Bring about exactly these files and the assets."""
        assets = self._assets()
        sheets = {
            name: Made(str(look), partial(_minified, path))
            for name, (path, look) in assets.items()
            if path.suffix == ".css"
        }
        made = {**sheets, **made}
        wanted = {name: look for name, (_, look) in assets.items() if name not in made}
        wanted |= {name: self._made[name][1] for name, one in made.items() if self.has(name, one.read)}
        for name in self._there.keys() - wanted.keys():
            self._remove(name)
        for name in {**assets, **made}:
            look = wanted.get(name)
            if look and look == self._there.get(name):
                continue
            place = self._destination / name
            place.unlink(missing_ok=True)
            place.parent.mkdir(parents=True, exist_ok=True)
            if look and look == self._standing.get(name) and self._linked(name):
                continue
            with naming(place):
                if name in made:
                    place.write_bytes(made[name].content)
                    wanted[name] = look_of(place)
                else:
                    pictures.refuse_part(name, assets[name][0].read_bytes())
                    shutil.copy2(assets[name][0], place)
        self._memo.keep("site", "", {name: (one.read, wanted[name]) for name, one in made.items()})

    def _assets(self) -> dict[str, tuple[Path, Look]]:
        """The page assets of the press and those of the tree with their looks, by their names in the site."""
        found: dict[str, tuple[Path, Look]] = {}
        places = {f"assets/{name}/": PROJECT / "assets" / name for name in _OWN_ASSETS}
        for above, folder in (places | {"assets/": self._tree.assets, **self._others}).items():
            for name, look in looks(folder):
                found[above + name] = folder / name, look
        return found

    def _remove(self, name: str) -> None:
        place = self._destination / name
        place.unlink()
        with contextlib.suppress(OSError):  # the first folder that still holds something
            for folder in place.relative_to(self._destination).parents[:-1]:
                (self._destination / folder).rmdir()

    def _linked(self, name: str) -> bool:
        """Give the file that stands one more name; False where the disk or its owner does not allow that."""
        try:
            (self._destination / name).hardlink_to(self._tree.site / name)
        except OSError:
            return False
        return True


def _minified(sheet: Path) -> str:
    import rcssmin

    return str(rcssmin.cssmin(sheet.read_text(encoding="utf-8")))
