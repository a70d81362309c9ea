"""Writes photographs of a Tiny ImageNet zip as ILSVRC2012's validation set lies on disks.

    PYTHONPATH=_experiments python tests/gradlab/photographs/ilsvrc_layouts.py tiny-imagenet.zip FOLDER tar

With ``resize=64, crop=64`` the same pixels, labels and boxes come out of each as of the zip.
"""

import argparse
import io
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gradlab.photographs import archives

XML = """<annotation><folder>val</folder><filename>{name}</filename>
<size><width>{width}</width><height>{height}</height><depth>3</depth></size>
<object><name>{wnid}</name><bndbox><xmin>{box[0]}</xmin><ymin>{box[1]}</ymin>
<xmax>{box[2]}</xmax><ymax>{box[3]}</ymax></bndbox></object>
<object><name>n99999999</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>1</xmax><ymax>1</ymax></bndbox></object>
</annotation>"""


@dataclass(frozen=True)
class Annotated:
    """An encoded photograph; ``box`` is half open, ``name`` has no ending."""

    name: str
    data: bytes
    wnid: str
    box: tuple[int, int, int, int]
    width: int = 64
    height: int = 64

    @property
    def xml(self) -> bytes:
        return XML.format(**self.__dict__).encode()


def name(number: int) -> str:
    return f"ILSVRC2012_val_{number:08d}"


def from_tiny_imagenet(path: Path) -> list[Annotated]:
    """The validation photographs of the zip, numbered as they are there."""
    found = []
    with archives.open_zip(path) as archive:
        for member in archives.members(archive, "val"):
            number = int(member.name.rsplit("_", 1)[1].removesuffix(".JPEG"))
            x0, y0, x1, y1 = member.box
            box = x0, y0, x1 + 1, y1 + 1
            found.append(Annotated(name(number + 1), archive.read(member.name), member.wnid, box))
    return found


def pack(path: Path, mode: str, files: Iterable[tuple[str, bytes]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for title, data in files:
            entry = tarfile.TarInfo(title)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def boxes_archive(photographs: Iterable[Annotated], folder: Path) -> None:
    files = ((f"val/{one.name}.xml", one.xml) for one in photographs)
    pack(folder / "ILSVRC2012_bbox_val_v3.tgz", "w:gz", files)


def tar(photographs: Iterable[Annotated], folder: Path) -> None:
    """The two official archives."""
    shuffled = sorted(photographs, key=lambda one: one.name)
    pack(folder / "ILSVRC2012_img_val.tar", "w", ((f"{one.name}.JPEG", one.data) for one in shuffled))
    boxes_archive(shuffled, folder)


def kaggle(photographs: Iterable[Annotated], folder: Path) -> None:
    """Everything unpacked below ``ILSVRC``."""
    for one in photographs:
        put(folder / "ILSVRC/Data/CLS-LOC/val" / f"{one.name}.JPEG", one.data)
        put(folder / "ILSVRC/Annotations/CLS-LOC/val" / f"{one.name}.xml", one.xml)


def torchvision(photographs: Iterable[Annotated], folder: Path) -> None:
    """A folder for each class, and the archive of annotations beside."""
    for one in photographs:
        put(folder / "val" / one.wnid / f"{one.name}.JPEG", one.data)
    boxes_archive(photographs, folder)


LAYOUTS = {"tar": tar, "kaggle": kaggle, "torchvision": torchvision}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("zip", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("layout", choices=sorted(LAYOUTS))
    chosen = parser.parse_args()
    LAYOUTS[chosen.layout](from_tiny_imagenet(chosen.zip), chosen.folder)
