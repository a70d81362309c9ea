"""Data sets and checkpoints that are damaged or meant to harm: what is changed in them, and who reads them.

They are read by the commands that the press asks, without torch.
"""

import contextlib
import gzip
import io
import json
import lzma
import os
import random
import re
import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file
from tests.gradlab.photographs import ilsvrc_layouts
from tests.gradlab.photographs.ilsvrc_layouts import Annotated

from gradlab.photographs import archives, checkpoint_files, checkpoints, ilsvrc
from site_builder.errors import BuildError

Change = Callable[[bytes, random.Random], bytes]
FOLDER = "data"
_FIELDS = ((0, 100), (100, 108), (124, 136), (136, 148), (156, 157), (157, 257), (257, 265), (345, 500))
_TYPES = b"0123456789gLKxSV"
_NODES = (
    *(b'<?xml version="1.0" encoding="%s"?>' % name for name in (b"foo", b"hex", b"utf-16", b"shift_jis")),
    *(b"inf", b"-inf", b"nan", b"1e999", b"9" * 5000, b"1_0", b"&#xd800;", b"<size/>", b"<object/>", b"\0"),
    *(b"<a>" * 99_999, b"<a>" * 99_999 + b"</a>" * 99_999, b'<!DOCTYPE a [<!ENTITY b "c">]>'),
)
_KINDS = (b"BF16", b"F8_E4M3", b"F64", b"BOOL", b"Q4", b"")


def lay_out(root: Path) -> None:
    """A few photographs of each data set, in each layout, and a checkpoint with its card."""
    classes = list(archives.class_names())
    photographs = [
        Annotated(ilsvrc_layouts.name(k), b"\xff\xd8" + bytes(300), classes[k % 2], (1, 2, 30, 40))
        for k in range(3)
    ]
    ilsvrc_layouts.tar(photographs, root / FOLDER / "tar")
    ilsvrc_layouts.kaggle(photographs, root / FOLDER / "kaggle")
    with zipfile.ZipFile(root / FOLDER / "tiny-imagenet-few.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        top, box = "tiny-imagenet-200", "1\t2\t30\t40\n"
        for wnid in classes:
            archive.writestr(f"{top}/train/{wnid}/{wnid}_boxes.txt", f"{wnid}_0.JPEG\t{box}")
            archive.writestr(f"{top}/train/{wnid}/images/{wnid}_0.JPEG", b"\xff\xd8")
        archive.writestr(f"{top}/val/val_annotations.txt", f"val_0.JPEG\t{classes[0]}\t{box}")
        archive.writestr(f"{top}/val/images/val_0.JPEG", b"\xff\xd8")
    weights = root / FOLDER / "checkpoints" / "net.safetensors"
    weights.parent.mkdir()
    save_file({"a": np.ones((3, 4), np.float16), "b": np.zeros(5, np.float32), "c": np.array(3)}, weights)
    history = [{"loss": 0.5, "top1": 0.5, "seconds": 1.0}] * 2
    recipe = {"network": "net", "cycles": [{"stages": [[1, 64]], "rate": 0.1}]}
    card = {"network": "net", "classes": 30, "seed": 0, "recipe": recipe, "history": history}
    weights.with_suffix(".json").write_text(json.dumps(card))
    checkpoint_files.seal(weights)


def read(changed: Path) -> None:
    """Give a changed file to the commands that read it; a BuildError has the words of a refusal."""
    folder, said, refused = changed.parent, io.StringIO(), 0
    archives.DEFAULT_FOLDERS = folder, folder
    os.environ[archives.DATA_VARIABLE] = str(changed if changed.suffix == ".zip" else _place(changed))
    with contextlib.redirect_stderr(said):
        if changed.suffix == ".zip":
            refused = archives.main(["digest"])
        elif folder.name != "checkpoints":
            refused = ilsvrc.main(["digest"])
        else:
            checkpoints.CHECKPOINTS = folder
            refused = checkpoint_files.main() + checkpoints.main(["digest", "checkpoint/net"])
            if changed.suffix == ".safetensors":  # as by someone who also writes the card
                refused += _sealed(changed)
    if refused:
        raise BuildError(said.getvalue())


def _place(changed: Path) -> Path:
    return next(place for place in changed.parents if place.parent.name == FOLDER)


def _sealed(weights: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        checkpoints.CHECKPOINTS = Path(shutil.copytree(weights.parent, Path(folder) / "checkpoints"))
        checkpoint_files.seal(checkpoints.CHECKPOINTS / weights.name)
        return checkpoint_files.main()


def head(content: bytes, chance: random.Random) -> bytes:
    """A tar in which one field of a head is another, with a checksum that is right."""
    changed = bytearray(content)
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        at = chance.choice(archive.getmembers()).offset
    start, end = chance.choice(_FIELDS)
    long = end - start
    number = (b"\x80" + b"\0" * chance.choice((0, 3, 6)) + b"\x7f" * 11)[:long]
    signs = bytes([chance.choice(_TYPES)])
    new = chance.choice((b"\xff" * long, b"7" * long, number, signs * long, b"", b"../a.xml"[:long]))
    changed[at + start : at + end] = new.ljust(long, b"\0")
    if chance.random() < 0.3:
        changed[at + 156] = chance.choice(_TYPES)
    changed[at + 148 : at + 156] = b" " * 8
    changed[at + 148 : at + 156] = b"%06o\0 " % sum(changed[at : at + 512])
    return bytes(changed)


def packed(change: Change) -> Change:
    """The same in a tar that is packed with gzip; sometimes with another packer."""

    def changed(content: bytes, chance: random.Random) -> bytes:
        bare = change(gzip.decompress(content), chance)
        return lzma.compress(bare) if chance.random() < 0.2 else gzip.compress(bare)

    return changed


def node(content: bytes, chance: random.Random) -> bytes:
    """XML with another text, or with something between its parts."""
    parts = re.split(rb"(?<=>)(?=[^<]*<)", content)
    place, new = chance.randrange(len(parts)), chance.choice(_NODES)
    text = re.sub(rb"^[^<]*", lambda _: new, parts[place])
    parts[place] = chance.choice((text, text, new + parts[place], b"", parts[place] * 2))
    return b"".join(parts)


def index(change: Change) -> Change:
    """Weights whose list of tensors, which is JSON, is another or of another length."""

    def changed(content: bytes, chance: random.Random) -> bytes:
        long = int.from_bytes(content[:8], "little")
        listed, tensors = content[8 : 8 + long], content[8 + long :]
        match chance.randrange(4):
            case 0:
                wrong = chance.choice((0, 1, 1 << 40, 1 << 63, (1 << 64) - 1, long - 1, long + 1))
                return wrong.to_bytes(8, "little") + content[8:]
            case 1:
                listed = listed.replace(b"F16", chance.choice(_KINDS))
            case _:
                listed = change(listed, chance)
        return len(listed).to_bytes(8, "little") + listed + tensors

    return changed
