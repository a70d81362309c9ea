"""ILSVRC2012's validation set in three layouts: where it is found, what is joined, and what is refused."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from tests.gradlab.photographs import ilsvrc_layouts
from tests.gradlab.photographs.ilsvrc_layouts import Annotated

from gradlab.photographs import archives, ilsvrc, ilsvrc_boxes
from gradlab.photographs.archives import DataError
from gradlab.photographs.ilsvrc_boxes import Annotation

WNIDS = ("n00000002", "n00000005")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """The one folder in which data are looked for."""
    folder = tmp_path / "place"
    folder.mkdir()
    monkeypatch.setattr(archives, "DEFAULT_FOLDERS", ())
    monkeypatch.setenv(archives.DATA_VARIABLE, str(folder))
    return folder


def few(count=4):
    """Not photographs, but files with names, classes and boxes: listing reads no pixels."""
    return [
        Annotated(ilsvrc_layouts.name(k + 1), b"x" * (600 + k), WNIDS[k % 2], (k, 2, 9, 9), 20, 10)
        for k in range(count)
    ]


def listed():
    return [(one.file.name, one.annotation) for one in ilsvrc.photographs(ilsvrc.locate())]


@pytest.mark.parametrize("layout", ilsvrc_layouts.LAYOUTS.values())
def test_each_layout_lists_by_class_then_name(layout, place):
    layout(few(), place)
    found = listed()
    assert [name for name, _ in found] == [f"{ilsvrc_layouts.name(k)}.JPEG" for k in (1, 3, 2, 4)]
    assert [noted.wnid for _, noted in found] == [WNIDS[0]] * 2 + [WNIDS[1]] * 2
    assert found[1][1] == Annotation(WNIDS[0], (2, 2, 9, 9), 20, 10)


def test_the_digest_is_that_of_the_photographs_not_of_the_layout(place, monkeypatch):
    digests = set()
    for name, layout in ilsvrc_layouts.LAYOUTS.items():
        layout(few(), place / name)
        monkeypatch.setenv(archives.DATA_VARIABLE, str(place / name))
        digests.add(ilsvrc.digest(ilsvrc.locate()))
    assert len(digests) == 1
    changed = few()
    for k, other in enumerate(
        (
            replace(changed[1], data=b"longer" * 300),
            replace(changed[1], wnid="n00000009"),
            replace(changed[1], box=(0, 2, 9, 9)),
        )
    ):
        ilsvrc_layouts.kaggle([changed[0], other, *changed[2:]], place / f"other{k}")
        monkeypatch.setenv(archives.DATA_VARIABLE, str(place / f"other{k}"))
        digests.add(ilsvrc.digest(ilsvrc.locate()))
    assert len(digests) == 4


@pytest.mark.parametrize("inside", ["", "imagenet", "ILSVRC2012"])
def test_folders_in_which_a_layout_may_lie(inside, place):
    ilsvrc_layouts.torchvision(few(), place / inside)
    assert len(listed()) == 4


def test_a_variable_that_names_the_tar_or_kaggles_folder(place, monkeypatch):
    ilsvrc_layouts.tar(few(), place)
    monkeypatch.setenv(archives.DATA_VARIABLE, str(place / "ILSVRC2012_img_val.tar"))
    assert len(listed()) == 4
    ilsvrc_layouts.kaggle(few(3), place)
    monkeypatch.setenv(archives.DATA_VARIABLE, str(place / "ILSVRC"))
    assert len(listed()) == 3


@pytest.mark.parametrize("inside", ["", "ILSVRC2012_bbox_val_v3"])
def test_annotations_may_be_unpacked_beside_the_photographs(inside, place):
    ilsvrc_layouts.torchvision(few(), place)
    packed = place / "ILSVRC2012_bbox_val_v3.tgz"
    with tarfile.open(packed) as archive:
        archive.extractall(place / inside, filter="data")
    packed.unlink()
    assert len(listed()) == 4


def test_a_browser_may_have_unzipped_the_annotations(place):
    ilsvrc_layouts.tar(few(), place)
    packed = place / "ILSVRC2012_bbox_val_v3.tgz"
    packed.with_suffix(".tar").write_bytes(gzip.decompress(packed.read_bytes()))
    packed.unlink()
    assert len(listed()) == 4


def test_both_data_sets_in_one_variable_do_not_get_mixed_up(miniature, place, monkeypatch):
    ilsvrc_layouts.tar(few(), place)
    archive = place / "ILSVRC2012_img_val.tar"
    monkeypatch.setenv(archives.DATA_VARIABLE, os.pathsep.join((str(archive), str(miniature))))
    assert archives.locate() == miniature
    assert ilsvrc.locate().layout.path == archive


def test_nothing_found_names_the_places_and_what_was_looked_for(place):
    with pytest.raises(DataError) as raised:
        ilsvrc.locate()
    for part in (str(place), "ILSVRC2012_img_val.tar", "ILSVRC/Data/CLS-LOC/val", "GRADLAB_DATA", "account"):
        assert part in str(raised.value)


def refused(pattern):
    with pytest.raises(DataError, match=pattern):
        listed()


def test_a_tar_without_its_annotations(place):
    ilsvrc_layouts.tar(few(), place)
    (place / "ILSVRC2012_bbox_val_v3.tgz").unlink()
    refused(r"no annotations\. Put ILSVRC2012_bbox_val_v3\.tgz there, or its \*\.xml in.*blacklist")


def test_half_a_download_wherever_it_was_cut(place):
    ilsvrc_layouts.tar(few(), place)
    archive = place / "ILSVRC2012_img_val.tar"
    whole = archive.read_bytes()
    # Each of the four takes a header and two blocks: cut in a photograph, in a header, and between two.
    for length in (3 * 1536 + 1000, 3 * 1536 + 100, 3 * 1536):
        archive.write_bytes(whole[:length])
        refused(r"ILSVRC2012_img_val\.tar is (no readable tar, or )?half a download")
    archive.write_bytes(b"")
    refused(r"ILSVRC2012_img_val\.tar is no readable tar")


def test_half_an_archive_of_annotations(place):
    ilsvrc_layouts.tar(few(40), place)
    packed = place / "ILSVRC2012_bbox_val_v3.tgz"
    packed.write_bytes(packed.read_bytes()[:400])
    refused(r"bbox_val_v3\.tgz is damaged or half a download.*annotations could be read")


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ({"size": 5 << 30}, "is larger than 1 MiB"),
        ({"size": 5 << 80}, "is larger than 1 MiB"),
        ({"pax_headers": {"GNU.sparse.map": "1,2,x"}}, r"is damaged .*ValueError"),
        ({"type": tarfile.SYMTYPE, "linkname": "z.xml"}, "none of its 0 annotations"),
        ({"name": "other", "type": tarfile.GNUTYPE_LONGNAME, "size": 5 << 66}, r"is damaged .*OverflowError"),
    ],
)
def test_a_head_in_the_archive_of_annotations_that_lies(head, problem, place):
    ilsvrc_layouts.tar(few(), place)
    member = tarfile.TarInfo(f"val/{few()[0].name}.xml")
    for key, entry in head.items():
        setattr(member, key, entry)
    form: Literal[0, 1, 2] = tarfile.PAX_FORMAT if "pax_headers" in head else tarfile.GNU_FORMAT
    with gzip.open(place / ilsvrc_boxes.PUBLISHED, "wb") as archive:
        archive.write(member.tobuf(form) + bytes(1024))
    refused(rf"{ilsvrc_boxes.PUBLISHED}.* {problem}")


def test_a_folder_that_cannot_be_read_is_told_by_the_command(place, capsys):
    ilsvrc_layouts.torchvision(few(), place)
    (place / "val" / "n99999999").write_text("no folder")
    assert ilsvrc.main(["digest"]) == 1
    assert "n99999999" in capsys.readouterr().err


def test_boxes_of_another_year(place):
    ilsvrc_layouts.tar(few(), place)
    others = [replace(one, name=one.name.replace("2012", "2013")) for one in few()]
    ilsvrc_layouts.boxes_archive(others, place)
    refused(r"none of its 4 annotations \(ILSVRC2013_val_00000001\.xml.*4 photographs.*another year")


def test_a_photograph_without_annotation(place):
    ilsvrc_layouts.kaggle(few(), place)
    (place / "ILSVRC/Annotations/CLS-LOC/val/ILSVRC2012_val_00000003.xml").unlink()
    refused(r"1 of 4 photographs have no annotation, first ILSVRC2012_val_00000003\.JPEG.*blacklist")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<annotation></annotation>", "invalid literal"),
        ("<annotation><size><width>9</width><height>9</height></size></annotation>", "no <object>"),
        ("<annotation>", "no element found|mismatched|unclosed"),
        (Annotated("", b"", "n1", (5, 0, 2, 9)).xml.decode(), r"box \(5, 0, 2, 9\) in 64 x 64"),
    ],
)
def test_a_damaged_annotation(text, problem, place):
    ilsvrc_layouts.kaggle(few(), place)
    (place / "ILSVRC/Annotations/CLS-LOC/val/ILSVRC2012_val_00000003.xml").write_text(text)
    refused(rf"ILSVRC2012_val_00000003\.xml: no bounding box can be read \((.*)({problem})")


def test_a_photograph_in_the_folder_of_another_class(place):
    ilsvrc_layouts.torchvision(few(), place)
    shutil.move(place / "val" / WNIDS[0] / "ILSVRC2012_val_00000001.JPEG", place / "val" / WNIDS[1])
    refused(r"00000001\.JPEG lies in the folder n00000005, but .*00000001\.xml says n00000002")


def test_a_folder_without_photographs(place):
    ilsvrc_layouts.kaggle(few(1), place)
    (place / "ILSVRC/Data/CLS-LOC/val/ILSVRC2012_val_00000001.JPEG").unlink()
    refused(r"CLS-LOC.val holds no photographs")


def test_there_is_one_split(place):
    with pytest.raises(ValueError, match="split of imagenet-val is 'val', not 'train'"):
        ilsvrc.open("train")


def test_the_command_answers_without_torch(place):
    ilsvrc_layouts.tar(few(), place)
    code = (
        "import sys; from gradlab.photographs import ilsvrc; code = ilsvrc.main(['digest', 'imagenet-val']);"
        "print([one for one in ('torch', 'numpy', 'PIL', 'yaml') if one in sys.modules]); sys.exit(code)"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(ilsvrc.__file__).parents[2])}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    answer, imported = said.stdout.splitlines()
    found = ilsvrc.locate()
    assert json.loads(answer) == {"path": str(found.layout.path), "digest": ilsvrc.digest(found)}
    assert imported == "[]"


def test_the_command_tells_what_is_missing(place, capsys):
    assert ilsvrc.main(["digest"]) == 1
    assert "were not found" in capsys.readouterr().err
