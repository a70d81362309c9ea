"""The bounding boxes of ILSVRC2012's validation set, one XML file a photograph. Standard library only.

They are published as ``ILSVRC2012_bbox_val_v3.tgz``, which is read as it is or unpacked.
"""

import tarfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from gradlab.photographs import archives
from gradlab.photographs.archives import DataError

PUBLISHED = "ILSVRC2012_bbox_val_v3.tgz"
_PACKED = "ILSVRC2012_bbox_val*.t*"  # .tgz, or .tar where a browser has unzipped it
LONGEST = 1 << 20
"""Bytes of one annotation: the published ones have less than a tenth of it."""
_FOLDERS = ("ILSVRC2012_bbox_val*/val", "ILSVRC2012_bbox_val*", "Annotations/CLS-LOC/val", "val")


@dataclass(frozen=True)
class Annotation:
    """``box`` has the corners (x0, y0, x1, y1) of the first object, in a photograph of this size."""

    wnid: str
    box: tuple[int, int, int, int]
    width: int
    height: int


def beside(root: Path) -> Path:
    """The archive, or else the folder, that holds the annotations in ``root``; a DataError says where
    they may lie.
    """
    if packed := sorted(root.glob(_PACKED)):
        return packed[-1]
    for pattern in _FOLDERS:
        for folder in sorted(root.glob(pattern)):
            if folder.is_dir() and next(folder.glob("*.xml"), None):
                return folder
    raise DataError(
        f"{root} holds photographs of ILSVRC2012 but no annotations. Put {PUBLISHED} there, or its *.xml in "
        f"one of these folders: {', '.join(_FOLDERS)}. Without it there are no boxes, and no list of the "
        "photographs that the localisation task leaves out (its blacklist)."
    )


def read(place: Path) -> dict[str, bytes]:
    """The text of each annotation in an archive or folder, by the photograph's name without its ending."""
    if place.is_dir():
        return {path.stem: path.read_bytes() for path in sorted(place.glob("*.xml"))}
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(place) as archive:
            for member in archive:
                if not member.isfile() or not member.name.endswith(".xml"):
                    continue
                if member.size > LONGEST:
                    raise DataError(f"{place}: {member.name} is larger than {LONGEST >> 20} MiB: no boxes")
                if (file := archive.extractfile(member)) is not None:
                    found[Path(member.name).stem] = file.read()
    except archives.DAMAGE as error:
        raise DataError(
            f"{place} is damaged or half a download ({error!r}); {len(found)} annotations could be read. "
            "Fetch it again."
        ) from error
    return found


def parse(text: bytes, name: str) -> Annotation:
    """The class and box of the first object; a DataError says what ``name`` lacks."""
    try:
        root = ElementTree.fromstring(text)
        width, height = (int(root.findtext(f"size/{side}", "")) for side in ("width", "height"))
        first = root.find("object")
        if first is None:
            raise ValueError("it holds no <object>")
        x0, y0, x1, y1 = (
            round(float(first.findtext(f"bndbox/{key}", ""))) for key in ("xmin", "ymin", "xmax", "ymax")
        )
        if min(width, height) <= 0 or x1 < x0 or y1 < y0:
            raise ValueError(f"box {(x0, y0, x1, y1)} in {width} x {height} pixels")
    except (ElementTree.ParseError, ValueError, ArithmeticError, LookupError) as error:
        raise DataError(f"{name}: no bounding box can be read ({error})") from error
    return Annotation(first.findtext("name", ""), (x0, y0, x1, y1), width, height)
