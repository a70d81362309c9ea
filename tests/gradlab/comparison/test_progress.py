from itertools import pairwise

from gradlab.comparison import progress
from gradlab.comparison.progress import Progress, duration


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_lines_say_what_is_done_how_fast_and_what_is_left():
    clock = Clock()
    lines: list[str] = []
    told = Progress(10, 95, lines.append, clock)
    told.begin(2, 20, 1)
    told.tick(lambda: 4)
    clock.now += 20
    told.add(10)
    told.tick(lambda: 4)
    told.add(10)
    told.tick(lambda: 1 // 0)  # too early for another line
    clock.now += 3600
    told.end()
    assert lines == [
        "2 of 10 shards found from before; 1 damaged, computed again",
        "3 of 10 shards, 0.5 photographs/s, time left 0:02:10, workers 4",
        "4 of 10 shards in 1:00:20, 0.00552 photographs/s",
    ]


def test_lines_go_to_the_file_that_is_named_for_them(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(progress.FILE, raising=False)
    progress.printed("one")
    monkeypatch.setenv(progress.FILE, str(tmp_path / "lines"))
    progress.printed("two")
    progress.printed("three")
    assert capsys.readouterr().out == "one\n"
    assert (tmp_path / "lines").read_text() == "two\nthree\n"


def test_nothing_is_foretold_before_the_first_shard():
    clock = Clock()
    lines: list[str] = []
    told = Progress(2, 10, lines.append, clock)
    clock.now += 6
    told.tick(lambda: 0)
    assert lines == ["0 of 2 shards, 0 photographs/s, time left unknown, workers 0"]


def test_lines_grow_rare_but_never_cease():
    clock = Clock()
    written: list[float] = []
    told = Progress(2, 10, lambda line: written.append(clock.now), clock)
    for _ in range(30 * 3600):
        clock.now += 1
        told.tick(lambda: 1)
    gaps = [after - before for before, after in pairwise(written)]
    assert min(gaps) >= 5
    assert max(gaps) <= 601
    assert len(written) < 300


def test_durations():
    assert [duration(s) for s in (0.2, 59.7, 3599, 100_000)] == ["0:00:00", "0:01:00", "0:59:59", "27:46:40"]
