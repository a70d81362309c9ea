from pathlib import Path

import pytest

from site_builder.write import project_code

MODULE = '''"""A module."""

SIZE: int = 3


@cache
def area(x):
    """Square."""
    return x * x


class Box:
    def side(self):
        return SIZE
'''


@pytest.fixture
def experiments(tmp_path: Path) -> Path:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "__init__.py").write_text("NAME = 'lab'\n")
    (tmp_path / "lab" / "shapes.py").write_text(MODULE)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "line", "code"),
    [
        ("lab.shapes.area", 6, '@cache\ndef area(x):\n    """Square."""\n    return x * x'),
        ("lab.shapes.Box.side", 13, "def side(self):\n    return SIZE"),
        ("lab.shapes.SIZE", 3, "SIZE: int = 3"),
    ],
)
def test_code_of_an_object(experiments: Path, name: str, line: int, code: str) -> None:
    found = project_code.find(experiments, name)
    assert (found.module, found.line, found.code) == ("lab/shapes.py", line, code)


def test_an_object_of_a_package(experiments: Path) -> None:
    assert project_code.find(experiments, "lab.NAME").module == "lab/__init__.py"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("lab.shapes.aera", "shapes.py has no 'aera'; known: Box, SIZE, area"),
        ("other.thing", "in no module of the project"),
        ("lab/../x", "is not the dotted name of an object"),
    ],
)
def test_objects_that_are_not_there(experiments: Path, name: str, problem: str) -> None:
    with pytest.raises(project_code.SourceError, match=problem):
        project_code.find(experiments, name)
