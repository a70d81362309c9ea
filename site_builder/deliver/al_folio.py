"""Export: posts with their figures and bibliographies, laid into a checkout of an al-folio site."""

import re
from pathlib import Path

from site_builder.deliver.manifest import deliver
from site_builder.errors import BuildError, choices
from site_builder.files import read_text
from site_builder.model import Tree
from site_builder.post.post_file import PostSource

MANIFEST = ".gradlab-export.json"

_COVER = re.compile(r"(?:https?://.+?)?/(assets/figures/.+)")
_ASSET = re.compile(r"\{\{-?\s*['\"]/?(assets/[^'\"]+)['\"]\s*\|\s*relative_url\s*-?\}\}")


def export_posts(tree: Tree, target: Path, *, prune: bool = False) -> list[str]:
    """Copy every post, the files it shows or links and its .bib into ``target``; a line for each file.

    What an earlier export copied and no post needs any more is named, and removed if ``prune`` and unedited.
    Raises ``BuildError``, with nothing written, if ``target`` is no al-folio checkout, if a post needs a file
    that is not there, or if a file of theirs is in the way.
    """
    _require_al_folio(target)
    files: dict[str, bytes] = {}
    for path in sorted(tree.posts.glob("*.md")):
        source = PostSource(path, read_text(path))
        files[f"_posts/{path.name}"] = path.read_bytes()
        for name in used_assets(source):
            if not (tree.root / name).is_file():
                there = (entry.name for entry in (tree.root / name).parent.glob("*"))
                near = choices(there, Path(name).name)
                raise BuildError(f"_posts/{path.name} needs {name}, which does not exist; {near}")
            files[name] = (tree.root / name).read_bytes()
    return deliver(files, target, MANIFEST, prune=prune)


def used_assets(source: PostSource) -> list[str]:
    """The files below ``assets/`` that a post shows, links or cites from."""
    names = set(_ASSET.findall(source.liquid))
    shown = (
        _COVER.fullmatch(str(source.front.get(key, ""))) for key in ("img", "thumbnail", "og_image", "image")
    )
    names |= {found[1] for found in shown if found}
    if bibliography := source.front.get("bibliography"):
        names.add(f"assets/bibliography/{bibliography}")
    return sorted(names)


def _require_al_folio(target: Path) -> None:
    layouts = list((target / "_layouts").glob("distill.*"))
    if not (target / "_config.yml").is_file() or not (layouts or (target / "_posts").is_dir()):
        raise BuildError(
            f"{target} is no al-folio checkout: it needs _config.yml, and _posts/ or _layouts/distill.liquid"
        )
