import hashlib
import io
import json
import shutil
import urllib.error
import zipfile

import pytest

from gradlab.photographs import archives
from gradlab.photographs.archives import DataError, Source


def test_thirty_classes_in_a_fixed_order():
    names = archives.class_names()
    assert len(names) == 30
    assert all(wnid.startswith("n") and len(wnid) == 9 for wnid in names)


def test_a_missing_archive_names_every_place_and_the_cures(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "DEFAULT_FOLDERS", (tmp_path / "none",))
    monkeypatch.setenv(archives.DATA_VARIABLE, f"{tmp_path / 'a'}:{tmp_path / 'b.zip'}")
    with pytest.raises(DataError) as raised:
        archives.locate()
    message = str(raised.value)
    for part in (
        str(tmp_path / "a"),
        str(tmp_path / "b.zip"),
        str(tmp_path / "none"),
        "GRADLAB_DATA",
        "download",
    ):
        assert part in message


def test_a_damaged_archive_is_named(tmp_path):
    broken = tmp_path / "tiny-imagenet.zip"
    broken.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(DataError, match=r"tiny-imagenet\.zip is not a readable zip.*download"):
        archives.open_zip(broken)


def test_members_are_joined_by_name_and_other_classes_ignored(miniature):
    with archives.open_zip(archives.locate()) as archive:
        val, train = archives.members(archive, "val"), archives.members(archive, "train")
    wanted = archives.class_names()
    assert (len(val), len(train)) == (30, 60)
    assert {m.wnid for m in val + train} == set(wanted)
    for m in val:
        number = int(m.name.rsplit("_", 1)[1].removesuffix(".JPEG"))
        assert m.box[:2] == (3 + number % 17, 5 + number % 11)
    assert [m.wnid for m in train] == sorted(m.wnid for m in train)


def test_an_absent_photograph_is_named(tmp_path, miniature):
    smaller = tmp_path / "smaller.zip"
    with zipfile.ZipFile(miniature) as source, zipfile.ZipFile(smaller, "w") as target:
        for name in source.namelist():
            if not name.endswith("val_0.JPEG"):
                target.writestr(name, source.read(name))
    with (
        archives.open_zip(smaller) as archive,
        pytest.raises(DataError, match=r"1 listed files.*val_0\.JPEG"),
    ):
        archives.members(archive, "val")
    with archives.open_zip(smaller) as archive, pytest.raises(ValueError, match="'train' or 'val'"):
        archives.members(archive, "test")


def rewrite(source, target, change):
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in reversed(old.namelist()):
            data = change(name, old.read(name))
            if data is not None:
                new.writestr(name, data)


def test_the_digest_covers_the_used_files_and_only_them(tmp_path, miniature):
    digest = archives.digest(miniature)
    unused, box, pixel = (tmp_path / f"{name}.zip" for name in ("unused", "box", "pixel"))
    rewrite(miniature, unused, lambda name, data: None if "n00000001" in name else data)
    assert archives.digest(unused) == digest, "a subset with the same photographs agrees"
    rewrite(
        miniature, box, lambda n, d: d.replace(b"\t3\t", b"\t4\t") if n.endswith("annotations.txt") else d
    )
    rewrite(miniature, pixel, lambda n, d: d + b"x" if n.endswith("_0.JPEG") else d)
    assert len({digest, archives.digest(box), archives.digest(pixel)}) == 3


class Answer(io.BytesIO):
    status = 200


def serve(monkeypatch, data, fail_after=None):
    """Answer requests from ``data``, honouring Range; optionally break off."""
    ranges = []

    def urlopen(request, timeout):
        start = int((request.get_header("Range") or "bytes=0-")[6:-1])
        ranges.append(start)
        answer = Answer(data[start:])
        answer.status = 206 if start else 200
        if fail_after is not None:
            whole = answer.read

            def read(size):
                if answer.tell() >= fail_after:
                    raise urllib.error.URLError("connection lost")
                return whole(size)

            monkeypatch.setattr(answer, "read", read)
        return answer

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    return ranges


def source_of(data):
    return Source("http://example.org/tiny.zip", hashlib.md5(data).hexdigest(), len(data))


def test_a_download_resumes_and_is_verified(tmp_path, monkeypatch, capsys):
    data = bytes(range(256)) * 40
    serve(monkeypatch, data, fail_after=2000)
    with pytest.raises(DataError, match=r"connection lost.*is kept, run again"):
        archives.download(tmp_path, source_of(data), block=1000)
    ranges = serve(monkeypatch, data)
    path = archives.download(tmp_path, source_of(data), block=1000)
    assert ranges == [2000]
    assert path.read_bytes() == data
    assert not path.with_suffix(".part").exists()


def test_a_download_of_the_wrong_bytes_is_removed(tmp_path, monkeypatch, capsys):
    serve(monkeypatch, b"something else")
    with pytest.raises(DataError, match=r"MD5 is .* expected .*removed"):
        archives.download(tmp_path, source_of(b"expected"))
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_json_or_the_error(miniature, tmp_path, monkeypatch, capsys):
    assert archives.main(["digest"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {"path": str(miniature), "digest": archives.digest(miniature)}
    shutil.copy(miniature, tmp_path / "moved")
    miniature.unlink()
    monkeypatch.setattr(archives, "DEFAULT_FOLDERS", ())
    assert archives.main(["digest"]) == 1
    assert "was not found" in capsys.readouterr().err
