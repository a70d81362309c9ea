"""What a machine has: its GPUs as nvidia-smi lists them, and the versions of what is installed."""

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from site_builder import machine


@pytest.fixture
def smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A stand-in for nvidia-smi, which lists two GPUs; it alone is to be found."""
    script = tmp_path / "nvidia-smi"
    script.write_text(
        "#!/bin/sh\n"
        'case "$1" in\n'
        '  --query-gpu=index,name) printf "0, Some GPU\\n1, Other GPU\\n" ;;\n'
        '  --query-gpu=driver_version) printf "580.1\\n580.1\\n" ;;\n'
        "  *) exit 6 ;;\n"
        "esac\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    machine.gpus.cache_clear()
    yield script
    machine.gpus.cache_clear()


def test_gpus_have_names_and_a_driver(smi: Path) -> None:
    assert machine.gpus() == {"0": "Some GPU", "1": "Other GPU"}
    assert machine.driver() == "580.1"


def test_only_gpus_that_may_be_used_count(smi: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,MIG-a")
    assert machine.gpus() == {"1": "Other GPU", "MIG-a": "GPU"}


@pytest.mark.parametrize("broken", [True, False])
def test_a_machine_without_gpus_has_none(smi: Path, broken: bool) -> None:
    smi.write_text("#!/bin/sh\necho no driver\nexit 9\n") if broken else smi.unlink()
    assert (machine.gpus(), machine.driver()) == ({}, "")


def test_versions_are_those_that_are_installed() -> None:
    found = machine.versions(["pyyaml", "no-such-package"])
    assert found.keys() == {"python", "pyyaml"}
    assert found["pyyaml"] == version("pyyaml")
