"""ILSVRC2012's validation photographs with their boxes, read in place in the layouts found in the wild.

Below a place where data are looked for, in it or in its folder ``imagenet`` or ``ILSVRC2012``, may lie

- the official ``ILSVRC2012_img_val.tar``;
- Kaggle's ``ILSVRC/Data/CLS-LOC/val/*.JPEG`` with ``ILSVRC/Annotations/CLS-LOC/val/*.xml``;
- torchvision's ``val/<WordNet id>/*.JPEG``;

and beside the first and last the annotations, ``ILSVRC2012_bbox_val_v3.tgz``, packed or unpacked. A
photograph and its box are joined **by name**. Standard library only, but for :func:`open`.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradlab.photographs import archives, ilsvrc_boxes, ilsvrc_layouts
from gradlab.photographs.archives import DataError
from gradlab.photographs.ilsvrc_boxes import Annotation
from gradlab.photographs.ilsvrc_layouts import File, Layout

if TYPE_CHECKING:
    import gradlab.photographs.collection

NAME = "imagenet-val"
CLASSES = 1000


@dataclass(frozen=True)
class Photograph:
    """A file and what its annotation says."""

    file: File
    annotation: Annotation


@dataclass(frozen=True)
class Found:
    """Where photographs and annotations lie."""

    layout: Layout
    boxes: Path


def locate() -> Found:
    """The first layout found; a DataError names every place that was looked at."""
    for place in archives.search_places():
        if place.exists() and (found := ilsvrc_layouts.at(place)):
            layout, root = found
            return Found(layout, ilsvrc_boxes.beside(root))
    looked = "\n".join(f"  - {place}" for place in archives.search_places())
    raise DataError(
        "The validation photographs of ILSVRC2012 were not found. Looked for "
        f"{ilsvrc_layouts.TAR}, ILSVRC/Data/CLS-LOC/val and val/<WordNet id> in:\n{looked}\n"
        f"Set {archives.DATA_VARIABLE} to the tar or to the folder that holds one of these. They cannot be "
        "fetched without an account at image-net.org or kaggle.com."
    )


def photographs(found: Found) -> list[Photograph]:
    """All photographs, ordered by class, then name; a DataError names what is missing or contradicts."""
    files, texts = found.layout.files(), ilsvrc_boxes.read(found.boxes)
    if not files:
        raise DataError(f"{found.layout.path} holds no photographs (*.JPEG)")
    _check_names(files, texts, found)
    joined = [_joined(file, texts[Path(file.name).stem], found) for file in files]
    return sorted(joined, key=lambda one: (one.annotation.wnid, one.file.name))


def _check_names(files: Sequence[File], texts: Mapping[str, bytes], found: Found) -> None:
    """Every photograph needs its annotation."""
    absent = [file.name for file in files if Path(file.name).stem not in texts]
    if len(absent) == len(files):
        example = f"{min(texts)}.xml" if texts else "nothing"
        raise DataError(
            f"{found.boxes}: none of its {len(texts)} annotations ({example}, ...) bears the name of one of "
            f"the {len(files)} photographs ({absent[0]}, ...). They belong to another set or another year; "
            f"wanted is {ilsvrc_boxes.PUBLISHED}."
        )
    if absent:
        raise DataError(
            f"{found.boxes}: {len(absent)} of {len(files)} photographs have no annotation, first "
            f"{absent[0]}. {ilsvrc_boxes.PUBLISHED} has one for each; a copy without the photographs on the "
            "localisation task's blacklist does not."
        )


def _joined(file: File, text: bytes, found: Found) -> Photograph:
    name = f"{found.boxes}: {Path(file.name).stem}.xml"
    annotation = ilsvrc_boxes.parse(text, name)
    if file.folder not in ("", annotation.wnid):
        raise DataError(
            f"{found.layout.path}: {file.name} lies in the folder {file.folder}, but {name} says "
            f"{annotation.wnid or 'no class'}"
        )
    return Photograph(file, annotation)


def digest(found: Found) -> str:
    """SHA-256 over name, size in bytes, class and box of each photograph: the same in every layout."""
    state = hashlib.sha256()
    for one in photographs(found):
        a = one.annotation
        line = f"{one.file.name} {one.file.length} {a.wnid} {a.box} {a.width} {a.height}\n"
        state.update(line.encode("utf-8", "surrogateescape"))  # names are bytes where they are not UTF-8
    return state.hexdigest()


def open(
    split: str = "val", resize: int = 256, crop: int = 224
) -> "gradlab.photographs.collection.Collection":
    """The photographs, shorter side to ``resize`` pixels, then the middle ``crop``; this imports torch."""
    from gradlab.photographs import ilsvrc_pixels

    if split != "val":
        raise ValueError(f"split of {NAME} is 'val', not {split!r}")
    return ilsvrc_pixels.read(locate(), resize, crop)


def main(arguments: list[str] | None = None) -> int:
    """``digest`` prints ``{"path", "digest"}`` as JSON."""
    parser = argparse.ArgumentParser(prog="python -m gradlab.photographs.ilsvrc", description=__doc__)
    parser.add_argument("command", choices=("digest",))
    parser.add_argument("name", nargs="?", choices=(NAME,), default=NAME)
    parser.parse_args(arguments)
    try:
        found = locate()
        print(json.dumps({"path": str(found.layout.path), "digest": digest(found)}))
    except (DataError, OSError) as error:  # an OSError names the file that may not be read
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
