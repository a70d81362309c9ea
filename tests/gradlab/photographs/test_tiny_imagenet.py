import zipfile

import pytest

from gradlab.photographs import tiny_imagenet
from gradlab.photographs.archives import DataError


def test_a_photograph_damaged_inside_the_archive_is_named(miniature):
    data = bytearray(miniature.read_bytes())
    with zipfile.ZipFile(miniature) as archive:
        target = next(i for i in archive.infolist() if i.filename.endswith("val_0.JPEG"))
    data[target.header_offset + 400] ^= 255
    miniature.write_bytes(data)
    found = tiny_imagenet.read("val")
    row = found.names.index("val_0.JPEG")
    with pytest.raises(DataError, match=r"val_0\.JPEG is damaged"):
        found.pixels([row])
    others = [other for other in range(len(found)) if other != row]
    assert len(found.pixels(others)) == 29


def test_something_that_is_no_photograph_is_named(miniature, tmp_path):
    changed = tmp_path / "other.zip"
    with zipfile.ZipFile(miniature) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, b"text" if name.endswith("val_0.JPEG") else old.read(name))
    with pytest.raises(DataError, match=r"val_0\.JPEG is not a readable photograph"):
        tiny_imagenet.read("val", changed).in_memory()
