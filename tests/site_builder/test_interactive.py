"""Interactive figures: what a post carries, what an author can get wrong, and what a page adds."""

import gzip
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from tests.site_builder.harvest_fixtures import (
    MAP_CLASSES,
    MAP_COLUMNS,
    MAPS,
    MAPS_TOLD,
    SCAN_COLUMNS,
    SCANS,
    SUM_COLUMNS,
    SUM_LOOKS,
    SUM_ROWS,
    SUMS,
    SUMS_TOLD,
    TILE_COLUMNS,
    TILES,
    TILES_TOLD,
    Place,
    cell,
    data,
    figure_cell,
    map_rows,
    scan_rows,
    tile_rows,
)

from site_builder.check import links
from site_builder.deliver import al_folio
from site_builder.errors import PageError, PostError
from site_builder.harvest import harvest
from site_builder.memo import Memo
from site_builder.model import Harvest, Origin, Table
from site_builder.post import interactive, kinds, post_file, rules
from site_builder.post.kinds import InteractiveError
from site_builder.render import pages
from site_builder.write import posts

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "assets" / "js"
COLUMNS = ("kind", "net", "depth", "t", "y", "low", "high")
ROWS = (
    ("a", "one", 4, 1, 1.23456789, 1.0, 2.0),
    ("a", "one", 4, 2, None, None, None),
    ("a", "</script>", 4, 1, 3e-9, 1e-9, 5e-9),
    ("b", "one", 8, 2, 7, 6, 8),
)
CURVES = {
    "kind": "curves",
    "x": "t",
    "y": "y",
    "group": "net",
    "choose": "kind",
    "low": "low",
    "high": "high",
}
LOOK = {"colour": "#d5581d", "dashes": [5, 1.5]}
TOLD = {
    "names": {"y": "length <of> it"},
    "units": {"t": "steps", "y": "m"},
    "interval": "an interval",
    "looks": {"one": LOOK, "</script>": {"colour": "#1b1f24", "dashes": []}, "4": LOOK, "8": LOOK},
}
PUBLISHED = Table("fig-lines", COLUMNS, ROWS, "", Origin("demo", 1, None, ""))
SUMS_PUBLISHED = Table("fig-sums", SUM_COLUMNS, SUM_ROWS, "", PUBLISHED.origin, looks=SUM_LOOKS)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    place.references("")
    place.run(
        "demo",
        figure_cell("fig-lines"),
        figure_cell("fig-bare"),
        figure_cell("fig-sums"),
        cell("x", data("fig-lines", COLUMNS, ROWS, **TOLD)),
        cell("x", data("fig-sums", SUM_COLUMNS, SUM_ROWS, **SUMS_TOLD)),
    )
    return place


def publish_maps(place: Place, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    told = {"names": {name: text for name, text in MAPS_TOLD["names"].items() if name in columns}}
    place.run("demo", figure_cell("fig-maps"), cell("x", data("fig-maps", columns, rows, **told)))


def harvests(place: Place) -> dict[str, Harvest]:
    return dict(harvest.harvest_all(place.runs.values(), place.tree, place.site))


def write(place: Place, call: str) -> Path:
    place.template("first", f"Words.\n\n[[ {call} ]]\n\n## End\n\nMore.\n")
    (shown,) = posts.write_posts(place.tree, place.site, harvests(place), (), lambda line: None)
    return place.tree.posts / shown.file


def page(place: Place) -> BeautifulSoup:
    pages.render_site(place.tree, place.site, harvests(place), (), place.tree.site)
    return BeautifulSoup(
        (place.tree.site / "blog/2026/first/index.html").read_text(encoding="utf-8"), "html.parser"
    )


def inlined(soup: BeautifulSoup) -> Any:
    (script,) = soup.select("figure script.figure-data")
    return json.loads(script.get_text())


# -- in a post --------------------------------------------------------------------------------------


def test_a_post_says_what_is_interactive_and_stays_clean(place: Place) -> None:
    path = write(place, f"figure('demo', 'fig-lines', interactive={CURVES | {'log': 'y', 'dotted': 'low'}})")
    text = path.read_text(encoding="utf-8")
    (opening,) = re.findall(r'<figure id="fig-lines"[^>]*>', text)
    for said in (
        'data-interactive="curves"',
        'data-x="t"',
        'data-choose="kind"',
        'data-log="y"',
        'data-dotted="low"',
        "data-source=\"{{ '/assets/figures/demo/fig-lines.json' | relative_url }}\"",
    ):
        assert said in opening
    assert "<script" not in text
    assert rules.lint_post(text, path) == []


def test_a_figure_without_the_option_is_as_before(place: Place) -> None:
    text = write(place, "figure('demo', 'fig-lines')").read_text(encoding="utf-8")
    assert '<figure id="fig-lines" class="l-body" data-run="demo" data-cell="1">' in text
    assert not page(place).select(".explore, .figure-data, [src*=interactive], [href*=interactive]")


def test_a_post_says_with_what_arithmetic_starts(place: Place) -> None:
    text = write(place, f"figure('demo', 'fig-sums', interactive={SUMS})").read_text(encoding="utf-8")
    assert 'data-interactive="vector-sum" data-groups="large vectors, small vectors"' in text
    assert 'data-counts="10, 100"' in text


@pytest.mark.parametrize(
    ("label", "asked", "problem"),
    [
        (
            "fig-lines",
            "curvs",
            "figure 'fig-lines': no interactive kind 'curvs'; nearest of 4: curves, ",
        ),
        (
            "fig-bare",
            CURVES,
            "figure 'fig-bare': 'curves' needs the numbers behind it, and none were published",
        ),
        ("fig-lines", "curves", "'curves' needs x, y, group"),
        ("fig-lines", CURVES | {"logg": "y"}, "'curves' has no option 'logg'; nearest of 8: log, "),
        ("fig-lines", CURVES | {"y": "why"}, "y finds no column 'why'; nearest of 7: y, "),
        ("fig-lines", CURVES | {"y": "net"}, "y is the column 'net', and 'one' in row 1 is no number"),
        ("fig-lines", CURVES | {"choose": "knid"}, "choose finds no column 'knid'; nearest of 7: kind, "),
        ("fig-lines", CURVES | {"group": "nett"}, "group finds no column 'nett'; nearest of 7: net, "),
        ("fig-lines", CURVES | {"log": "z"}, "'log' is 'z'; known: x, xy, y"),
        ("fig-bare", SUMS, "'vector-sum' needs the numbers behind it, and none were published"),
        ("fig-sums", SUMS | {"groups": ""}, "'vector-sum' needs groups"),
        ("fig-sums", SUMS | {"groups": "H"}, "groups has 1 entries, H, and needs 2"),
        ("fig-sums", SUMS | {"high": 3}, "'vector-sum' has no option 'high'; nearest of 6: "),
        ("fig-sums", SUMS | {"symbols": "H, M"}, "its data has no look of 'M'; known: H, L, total"),
        ("fig-sums", SUMS | {"dimensions": "dim1, dim3"}, "dimensions finds no column 'dim3'; known: dim1, "),
        ("fig-lines", CURVES | {"group": "t"}, "its data has no look of 1; nearest of 4: "),
    ],
)
def test_what_an_author_can_get_wrong(place: Place, label: str, asked: object, problem: str) -> None:
    with pytest.raises(PostError) as caught:
        write(place, f"figure('demo', '{label}', interactive={asked!r})")
    assert str(caught.value).startswith("templates/posts/2026-11-21-first.md.j2:9: figure ")
    assert problem in str(caught.value)


def test_a_post_says_which_column_plays_which_role(place: Place) -> None:
    publish_maps(place, MAP_COLUMNS, map_rows())
    path = write(place, f"figure('demo', 'fig-maps', interactive={MAPS})")
    text = path.read_text(encoding="utf-8")
    (opening,) = re.findall(r'<figure id="fig-maps"[^>]*>', text)
    for said in (
        'data-interactive="compare"',
        'data-subject="photograph"',
        'data-box="x0, y0, x1, y1, side"',
        "data-source=\"{{ '/assets/figures/demo/fig-maps.json' | relative_url }}\"",
    ):
        assert said in opening
    assert rules.lint_post(text, path) == []
    used = al_folio.used_assets(post_file.PostSource(path, text))
    assert not [name for name in used if re.search(r"\.\d+\.png", name)]


Rows = list[tuple[Any, ...]]


def without(column: str) -> Callable[[Rows], tuple[Sequence[str], Rows]]:
    place = MAP_COLUMNS.index(column)

    def cut(row: Sequence[Any]) -> tuple[Any, ...]:
        return (*row[:place], *row[place + 1 :])

    return lambda rows: (cut(MAP_COLUMNS), [cut(row) for row in rows])


def with_entry(row: int, column: str, entry: object) -> Callable[[Rows], tuple[Sequence[str], Rows]]:
    place = MAP_COLUMNS.index(column)
    return lambda rows: (
        MAP_COLUMNS,
        [
            (*one[:place], entry, *one[place + 1 :]) if i == row else one
            for i, one in enumerate(rows, start=1)
        ],
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (without("layer"), "layer finds no column 'layer'; nearest of 10: "),
        (without("picture"), "'compare' finds no column 'picture'; nearest of 10: "),
        (without("side"), "box finds no column 'side'; nearest of 10: "),
        (
            with_entry(2, "layer", "plane"),
            "'a.JPEG' has 0 pictures of 'plain', not 1; nearest of 4: plane, photograph, ",
        ),
        (
            with_entry(4, "density", None),
            "row 4 of its data has no density, but others of 'conserved' have",
        ),
        (
            with_entry(5, "quantile", None),
            "row 5 of its data has no quantile, but others of 'not conserved' have",
        ),
        (
            with_entry(4, "density", "much"),
            "value is the column 'density', and 'much' in row 4 is no number",
        ),
        (with_entry(3, "quantile", "q"), "vary is the column 'quantile', and 'q' in row 3 is no number"),
        (with_entry(1, "x0", "1"), "box is the column 'x0', and '1' in row 1 is no number"),
        (with_entry(1, "x0", None), "box is the column 'x0', and None in row 1 is no number"),
        (with_entry(3, "y1", 7), "row 3 of its data has another y1 for 'a.JPEG'"),
        (with_entry(2, "class", "carp"), "row 2 of its data has another class for 'a.JPEG'"),
        (
            lambda rows: (MAP_COLUMNS, rows[:-1]),
            "'c.JPEG' has 0 pictures of 'conserved' at the quantile 0.3, not 1; nearest of 4: conserved, ",
        ),
        (lambda rows: (MAP_COLUMNS, [*rows, rows[1]]), "'a.JPEG' has 2 pictures of 'plain', not 1; "),
        (
            lambda rows: (MAP_COLUMNS, [row for row in rows if row[2:4] != ("conserved", 0.1)]),
            "'a.JPEG' has 0 pictures of 'conserved' at the quantile 0.1, not 1; ",
        ),
        (
            lambda rows: (MAP_COLUMNS, rows[:2]),
            "left names no layer 'not conserved'; known: photograph, plain",
        ),
    ],
)
def test_maps_that_a_reader_could_not_choose(
    place: Place, change: Callable[[Rows], tuple[Sequence[str], Rows]], problem: str
) -> None:
    publish_maps(place, *change(map_rows()))
    with pytest.raises(PostError, match=r"j2:9: figure 'fig-maps': ") as caught:
        write(place, f"figure('demo', 'fig-maps', interactive={MAPS})")
    assert problem in str(caught.value)


def test_maps_without_data_are_refused(place: Place) -> None:
    with pytest.raises(PostError, match="'compare' needs the numbers behind it, and none were published"):
        write(place, f"figure('demo', 'fig-bare', interactive={MAPS})")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"subject": "photo"}, "subject finds no column 'photo'; nearest of 12: photograph, "),
        ({"right": "conserve"}, "right names no layer 'conserve'; nearest of 4: conserved, "),
        ({"box": "x0, y0"}, "box has 2 entries, x0, y0, and needs 5"),
        ({"vary": "", "left": ""}, "'compare' needs vary, left"),
        ({"vary": "empty"}, "vary is the column 'empty', which is empty"),
    ],
)
def test_a_comparison_that_the_data_do_not_have(change: dict[str, str], problem: str) -> None:
    rows = tuple((*row, None) for row in map_rows())
    maps = Table("fig-maps", (*MAP_COLUMNS, "empty"), rows, "", PUBLISHED.origin)
    with pytest.raises(InteractiveError) as caught:
        interactive.attributes(MAPS | change, maps)
    assert problem in str(caught.value)


def test_tiles_are_what_can_be_chosen_and_what_stands_above() -> None:
    given = kinds.KINDS["tiles"].given(options_of(TILES), tiles_data(tile_rows()))
    assert [one["case"] for one in given["rows"]] == [row[:3] for row in tile_rows()[2:]]
    assert given["rows"][1] == {
        **{"case": ("deep", "upper", 0.3), "same": False, "picture": tile_rows()[3][10]},
        **{"values": [[2, 3], [4, 4.5]], "estimates": [[0.1, 0.05, 0.15], [0.2, 0.1, 0.3]]},
    }
    assert {net: one["picture"] for net, one in given["first"].items()} == {
        row[0]: row[10] for row in tile_rows()[:2]
    }
    assert (given["subjects"], given["estimate"], given["band"]) == (
        ["ant", "bee"],
        "gain",
        "95 % t interval",
    )


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda rows: [*rows, rows[2]], "('deep', 'upper', 0.1) stands in several rows of its data"),
        (lambda rows: rows[1:], "('deep', 'upper', 0.1) has no row above it: net 'deep' and no more"),
        (
            lambda rows: [(*rows[0][:4], "x", *rows[0][5:])],
            "estimates is the column 'own_mean', and 'x' in row 1",
        ),
    ],
)
def test_tiles_that_a_reader_could_not_choose(change: Callable[[Rows], Rows], problem: str) -> None:
    with pytest.raises(InteractiveError) as caught:
        kinds.KINDS["tiles"].given(options_of(TILES), tiles_data(change(tile_rows())))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"same": "sur"}, "same finds no column 'sur'; "),
        ({"looks": "own, others"}, "its data has no look of 'others'"),
        ({"estimates": "own, other"}, "estimates finds no column 'other_mean'; "),
        ({"layers": "raw, fin"}, "layers finds no column 'ant: fin'; "),
        ({"choose": "net, list"}, "choose has 2 entries, net, list, and needs 3"),
    ],
)
def test_tiles_that_the_data_do_not_have(change: dict[str, str], problem: str) -> None:
    with pytest.raises(InteractiveError) as caught:
        kinds.KINDS["tiles"].given(options_of(TILES) | change, tiles_data(tile_rows()))
    assert problem in str(caught.value)


def options_of(asked: dict[str, Any]) -> dict[str, str]:
    return {key: ", ".join(one) if isinstance(one, list) else one for key, one in asked.items()}


def tiles_data(rows: Rows) -> kinds.Data:
    columns = {name: [row[place] for row in rows] for place, name in enumerate(TILE_COLUMNS)}
    return kinds.Data(columns, TILES_TOLD["names"], {}, TILES_TOLD["interval"], TILES_TOLD["looks"])


def test_options_may_be_numbers_and_lists() -> None:
    found = interactive.attributes(SUMS | {"counts": [5, "7"]}, SUMS_PUBLISHED)
    assert (found["counts"], found["deviations"]) == ("5, 7", "0.1, 1")
    assert found["symbols"] == "H, L"


@pytest.mark.parametrize("wrong", ["ten", "-1", "nan", "0", "1.5"])
def test_a_start_out_of_reach_is_refused(wrong: str) -> None:
    problem = f"deviations holds {wrong!r}, which is no number from 0.01 to 1"
    with pytest.raises(InteractiveError, match=problem):
        interactive.attributes(SUMS | {"deviations": f"{wrong}, 1"}, SUMS_PUBLISHED)


def test_a_reading_of_booleans_is_no_curve() -> None:
    odd = Table("fig-lines", ("t", "y", "net"), ((1, True, "a"),), "", PUBLISHED.origin)
    with pytest.raises(InteractiveError, match="True in row 1 is no number"):
        interactive.attributes({"kind": "curves", "x": "t", "y": "y", "group": "net"}, odd)


# -- on a page --------------------------------------------------------------------------------------


def test_a_page_holds_the_numbers(place: Place) -> None:
    write(place, f"figure('demo', 'fig-lines', interactive={CURVES})")
    soup = page(place)
    given = inlined(soup)
    assert given["kind"] == "curves"
    assert (given["xLabel"], given["yLabel"], given["band"], given["choose"]) == (
        "t (steps)",
        "length <of> it (m)",
        "an interval",
        "kind",
    )
    assert given["looks"] == {
        "one": LOOK | {"dark": "#d5581d"},
        "</script>": {"colour": "#1b1f24", "dashes": [], "dark": "#e6e9ed"},
    }
    assert given["series"] == [
        {
            "name": "one",
            "choice": "a",
            "x": [1, 2],
            "y": [1.23457, None],
            "low": [1, None],
            "high": [2, None],
        },
        {"name": "</script>", "choice": "a", "x": [1], "y": [3e-9], "low": [1e-9], "high": [5e-9]},
        {"name": "one", "choice": "b", "x": [2], "y": [7], "low": [6], "high": [8]},
    ]
    (button,) = soup.select("figure button.explore[hidden]")
    assert button.get_text() == "Explore"
    scripts = [script["src"].removeprefix("../../../assets/js/") for script in soup.select("script[defer]")]
    assert scripts == ["plotting.js", "kinds/curves.js", "interactive.js", "reading.js"]
    assert soup.select_one("head link[href='../../../assets/css/interactive.css']") is not None
    assert len(soup.select("figure#fig-lines img")) == 2


def test_a_group_that_is_a_number_says_what_it_counts(place: Place) -> None:
    asked = {"kind": "curves", "x": "t", "y": "y", "group": "depth"}
    write(place, f"figure('demo', 'fig-lines', interactive={asked})")
    assert [one["name"] for one in inlined(page(place))["series"]] == ["depth 4", "depth 8"]


def test_a_page_starts_the_arithmetic_where_the_post_says(place: Place) -> None:
    write(place, f"figure('demo', 'fig-sums', interactive={SUMS | {'counts': [10, 50]}})")
    given = inlined(page(place))
    looks = given.pop("looks")
    changed = {"counts": [10, 50], "dimensions": ["Dim 1", "Dim 2"], "reach": [[0.01, 1], [0.1, 2]]}
    assert given == SUMS | changed
    assert [looks[part]["colour"] for part in ("first", "second", "total")] == [
        "#0b77b8",
        "#d5581d",
        "#1b1f24",
    ]
    assert [looks[part]["dark"] for part in ("first", "second", "total")] == ["#0b77b8", "#d5581d", "#e6e9ed"]


def test_a_page_holds_the_addresses_of_maps(place: Place) -> None:
    publish_maps(place, MAP_COLUMNS, map_rows())
    write(place, f"figure('demo', 'fig-maps', interactive={MAPS})")
    soup = page(place)
    given = inlined(soup)
    assert given["layers"] == ["photograph", "plain", "not conserved", "conserved"]
    assert (given["values"], given["left"], given["right"]) == (
        [0.05, 0.1, 0.3],
        "not conserved",
        "conserved",
    )
    for key in ("subject", "title", "vary", "value", "value_note", "note"):
        assert given[key] == MAPS[key]
    assert given["value_label"] == "density inside the box"
    first, second, _ = given["subjects"]
    assert {key: entry for key, entry in second.items() if key != "pictures"} == {
        "name": "b.JPEG",
        "title": MAP_CLASSES["b.JPEG"],
        "box": [2, 2, 5, 8, 8],
    }
    assert first["pictures"][0] == {
        **{"layer": "photograph", "vary": None, "value": None},
        "picture": "../../../assets/figures/demo/fig-maps.1.png",
    }
    assert second["pictures"][-1] == {
        **{"layer": "conserved", "vary": 0.3, "value": 2.82778},
        "picture": "../../../assets/figures/demo/fig-maps.16.png",
    }
    for shown in (*first["pictures"], *second["pictures"]):
        assert (place.tree.site / "blog/2026/first" / shown["picture"]).is_file()
    assert len(soup.select("figure#fig-maps img")) == 2
    assert "base64" not in str(soup)
    assert list(links.check_pages(place.tree.site, "", Memo(place.tree.cache))) == []


def test_a_comparison_knows_no_science(place: Place) -> None:
    place.run("demo", figure_cell("fig-scans"), cell("x", data("fig-scans", SCAN_COLUMNS, scan_rows())))
    write(place, f"figure('demo', 'fig-scans', interactive={SCANS})")
    given = inlined(page(place))
    assert (given["layers"], given["values"]) == (["raw", "2"], [10, 30])
    assert [(one["name"], one["title"], one["box"]) for one in given["subjects"]] == [
        (7, "patient 7", []),
        (8, "patient 8", []),
    ]
    assert given["subjects"][1]["pictures"][2] == {
        **{"layer": "2", "vary": 10, "value": 0.25},
        "picture": "../../../assets/figures/demo/fig-scans.6.png",
    }
    assert (given["value_label"], given["value_note"], given["note"]) == (SCANS["value"], "", "")


def test_the_press_and_its_script_name_nothing_of_a_science() -> None:
    scripts = [path for path in SCRIPTS.rglob("*.js") if path.name != "reading.js"]
    for path in (ROOT / "site_builder" / "post" / "kinds.py", *scripts):
        text = path.read_text(encoding="utf-8")
        for word in ("photograph", "conserved", "quantile", "density", "attribution", "Dim 1", '"H"', '"L"'):
            assert word not in text, (path, word)


def test_a_page_without_a_picture_is_refused(place: Place) -> None:
    publish_maps(place, MAP_COLUMNS, map_rows())
    write(place, f"figure('demo', 'fig-maps', interactive={MAPS})")
    found = harvests(place)
    (place.tree.figures / "demo" / "fig-maps.3.png").unlink()
    wanted = (
        r"first\.md: the figure 'fig-maps' is interactive, but assets/figures/demo/fig-maps\.3\.png is not"
    )
    with pytest.raises(PageError, match=wanted):
        pages.render_site(place.tree, place.site, found, (), place.tree.site)


def test_numbers_do_not_count_as_words(place: Place) -> None:
    many = [("a", f"a long name {i}", 4, 1, 1.0, 1.0, 1.0) for i in range(200)]
    looks = {f"a long name {i}": LOOK for i in range(200)}
    place.run("demo", figure_cell("fig-lines"), cell("x", data("fig-lines", COLUMNS, many, looks=looks)))
    write(place, f"figure('demo', 'fig-lines', interactive={CURVES})")
    assert "1 min" in page(place).get_text()


def test_a_page_without_its_data_is_refused(place: Place) -> None:
    write(place, f"figure('demo', 'fig-lines', interactive={CURVES})")
    found = harvests(place)
    (place.tree.figures / "demo" / "fig-lines.json").write_text('{"columns": {"t": [1]}}')
    wanted = (
        r"first\.md: the figure 'fig-lines' is interactive, but assets/figures/demo/fig-lines\.json does not"
    )
    with pytest.raises(PageError, match=wanted):
        pages.render_site(place.tree, place.site, found, (), place.tree.site)


def test_each_kind_has_a_script() -> None:
    assert {path.stem for path in (SCRIPTS / "kinds").iterdir()} == set(kinds.KINDS)


def test_the_scripts_are_small() -> None:
    def weight(path: Path) -> int:
        return len(gzip.compress(path.read_bytes()))

    assert weight(SCRIPTS / "plotting.js") + weight(SCRIPTS / "interactive.js") < 3000
    assert max(map(weight, (SCRIPTS / "kinds").iterdir())) < 4000
    assert weight(ROOT / "assets" / "css" / "interactive.css") < 2500
