"""The configuration: what is read, and that every problem is reported at once with its file and key."""

from itertools import pairwise
from pathlib import Path

import pytest
from tests.site_builder.tiny_site import TinySite

from site_builder.errors import ConfigError
from site_builder.model import Resource, Tree

REGISTER = "_experiments/experiments.yaml"


def problems(tiny: TinySite) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        tiny.configuration()
    return caught.value.problems


def test_a_run_is_read_with_its_defaults(tiny):
    run = tiny.configuration().runs["passing"]
    assert run.notebook == tiny.tree.experiments / "passing.ipynb"
    assert run.executed == tiny.tree.executed / "passing.ipynb"
    assert (dict(run.parameters), run.data, run.weights) == ({"count": 4}, None, ())
    assert (run.time_limit, run.resource, run.modules, run.off_pin) == (60, Resource.CPU, (), False)


def test_what_stands_under_a_post_is_a_switch_of_the_site(tiny: TinySite) -> None:
    from site_builder.plan import register

    path = tiny.tree.root / "site.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(f"{text}posts: {{giscus_comments: true}}\n", encoding="utf-8")
    assert register.load(tiny.tree).site.switches == {"giscus_comments": True}
    path.write_text(f"{text}posts: {{giscus_coments: true}}\n", encoding="utf-8")
    (problem,) = problems(tiny)
    assert problem.startswith("site.yaml: posts.giscus_coments")
    assert problem.endswith("input should be 'giscus_comments', 'disqus_comments' or 'related_posts'")


def test_every_problem_of_both_files_is_reported_together(tiny):
    (tiny.tree.root / "site.yaml").write_text(
        "title: ''\ncolour: red\nauthors: [{name: A, mail: b}]\nfigure_theme: {'#1b1f24': blue}\n"
    )
    (tiny.tree.experiments / "data_sets.yaml").write_text(
        "{dogs: gradlab.notebook.results, owls: gradlab.notebook.figures}"
    )
    tiny.tree.register.write_text(
        "tools: 1\n"
        "runs:\n"
        "  Bad Id: {notebook: passing.ipynb, title: T, time_limit: 5}\n"
        "  one: {notebook: absent.ipynb, title: T, time_limit: 0, resource: tpu, tittle: x}\n"
        "  two: {notebook: absent.ipynb, title: T, time_limit: 5, data: cats}\n"
        "  three: {notebook: passing.ipynb, title: T, time_limit: 5, parameters: {cuont: 1}}\n"
        "  four: {title: T, time_limit: 5}\n"
    )
    found = problems(tiny)
    for expected in (
        "site.yaml: title: string should have at least 1 character",
        "site.yaml: description: is missing",
        "site.yaml: colour: unknown key; nearest of 9: ",
        "site.yaml: authors.0: mail: unknown key; known: affiliations, name, url",
        f"{REGISTER}: tools: unknown key; known: runs",
        f"{REGISTER}: runs.Bad Id: a run id has lower-case letters",
        f"{REGISTER}: runs.one.time_limit: input should be greater than 0",
        f"{REGISTER}: runs.one.resource: 'tpu' is no resource; known: any, cpu, gpu",
        f"{REGISTER}: runs.one.tittle: unknown key",
        f"{REGISTER}: runs.two.data: 'cats' is declared in no line of data_sets.yaml; known: dogs, owls",
        f"{REGISTER}: runs.two.notebook: there is no 'absent.ipynb' in _experiments; nearest of ",
        f"{REGISTER}: runs.three.parameters.cuont: passing.ipynb has no such parameter; known: count, scale",
        f"{REGISTER}: runs.four.notebook: is missing",
    ):
        assert any(problem.startswith(expected) for problem in found), (expected, found)


def test_a_data_set_whose_module_is_none_of_the_experiments_is_named(tiny):
    declaration = tiny.tree.experiments / "data_sets.yaml"
    declaration.write_text("cats: gradlab.notebook.publsh\nowls: [1]\n")
    known = "nearest of 12: gradlab.notebook.publish, "
    first, second = problems(tiny)
    where = "_experiments/data_sets.yaml"
    assert first.startswith(f"{where}: cats: 'gradlab.notebook.publsh' is no module of _experiments; {known}")
    assert second.startswith(f"{where}: owls: [1] is no module of _experiments; ")
    declaration.write_text("- cats\n")
    assert problems(tiny) == (f"{where}: is empty, or no mapping",)


def test_a_colour_that_is_none_is_named(tiny):
    site = tiny.tree.root / "site.yaml"
    site.write_text(site.read_text().replace("'#e6e9ed'", "white"))
    assert problems(tiny) == ("site.yaml: figure_theme.#1b1f24: 'white' is no colour of the form '#1b1f24'",)


@pytest.mark.parametrize("name", ["../evil", "a/../b", "..", "/etc/x", "a--b", "-a", "A"])
def test_a_run_id_cannot_lead_out_of_its_folder(tiny, name):
    tiny.tree.register.write_text(
        f"runs:\n  {name!r}: {{notebook: passing.ipynb, title: T, time_limit: 5}}\n"
    )
    assert problems(tiny)[0].startswith(f"{REGISTER}: runs.{name}: a run id has lower-case letters")


def test_a_notebook_or_weights_cannot_lead_out_of_their_folder(tiny):
    (tiny.tree.root / "outside.ipynb").write_text('{"cells": []}')
    weights = ["checkpoint/../../../etc/passwd", "--network"]
    (tiny.tree.experiments / "weights.yaml").write_text("checkpoint: gradlab.notebook.results\n")
    tiny.register(passing={"notebook": "../outside.ipynb", "weights": weights})
    found = problems(tiny)
    assert any("there is no '../outside.ipynb'" in problem for problem in found)
    for name in weights:
        assert f"{REGISTER}: runs.passing.weights: {name!r} is no name of weights" in found


def test_weights_are_declared_by_name_or_by_what_stands_before_a_slash(tiny):
    (tiny.tree.experiments / "weights.yaml").write_text(
        "{checkpoint: gradlab.notebook.results, package/lite: gradlab.notebook.figures}"
    )
    tiny.register(passing={"weights": ["checkpoint/a", "package/lite"]})
    weights = tiny.configuration().runs["passing"].weights
    assert weights == ("checkpoint/a", "package/lite")
    tiny.register(passing={"weights": ["chekpoint/a", "package/heavy"]})
    known = "is declared in no line of weights.yaml; known: checkpoint, package/lite"
    assert problems(tiny) == tuple(
        f"{REGISTER}: runs.passing.weights: {name!r} {known}" for name in ("chekpoint/a", "package/heavy")
    )


def test_a_module_that_a_run_names_is_one_of_the_experiments(tiny):
    tiny.register(passing={"modules": ["gradlab.notebook.publish", "gradlab.notebok"]})
    (problem,) = problems(tiny)
    where = f"{REGISTER}: runs.passing.modules"
    assert problem.startswith(f"{where}: 'gradlab.notebok' is no module of _experiments; nearest of 12: ")


def test_needed_runs_are_read_in_any_order_of_the_register(tiny):
    tiny.register(overview={"needs": ["passing", "drawing", "passing"]}, passing={}, drawing={})
    runs = tiny.configuration().runs
    assert [runs[name].needs for name in runs] == [("passing", "drawing"), (), ()]


def test_a_needed_run_that_is_unknown_or_the_run_itself_is_named_with_the_choices(tiny):
    tiny.register(overview={"needs": ["pasing", "overview"]}, passing={"needs": "drawing"}, drawing={})
    assert problems(tiny) == (
        f"{REGISTER}: runs.passing.needs: input should be a valid list",
        f"{REGISTER}: runs.overview.needs: 'overview' is the run itself; known: drawing, passing",
        f"{REGISTER}: runs.overview.needs: 'pasing' is no run; known: drawing, passing",
    )


def test_runs_that_need_each_other_are_named_in_their_circle(tiny):
    tiny.register(
        passing={"needs": ["drawing"]},
        drawing={"needs": ["refuting", "slow"]},
        refuting={"needs": ["passing"]},
        slow={"needs": ["heavy"]},
        heavy={"needs": ["slow"]},
    )
    found = problems(tiny)
    assert len(found) == 2
    end = ": a circle; one of these has to do without the next"
    links = {tuple(problem.split(".needs: ")[1].removesuffix(end).split(" needs ")) for problem in found}
    pairs = {frozenset(pairwise(circle)) for circle in links}
    assert pairs == {
        frozenset({("passing", "drawing"), ("drawing", "refuting"), ("refuting", "passing")}),
        frozenset({("slow", "heavy"), ("heavy", "slow")}),
    }
    for problem in found:
        first = problem.removeprefix(f"{REGISTER}: runs.").partition(".")[0]
        assert problem.startswith(f"{REGISTER}: runs.{first}.needs: {first} needs ")


def test_a_run_that_stands_twice_is_a_problem_and_not_a_silent_loss(tiny):
    entry = "  passing: {notebook: passing.ipynb, title: T, time_limit: 5}\n"
    tiny.tree.register.write_text(f"runs:\n{entry}{entry}")
    assert problems(tiny) == (f"{REGISTER}, line 3: not YAML: passing: stands twice",)


def test_damaged_yaml_names_file_and_line(tiny):
    tiny.tree.register.write_text("runs:\n  passing: {notebook: [}\n")
    assert problems(tiny)[0].startswith(f"{REGISTER}, line 2: not YAML:")


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "runs: 3\n"])
def test_a_register_of_the_wrong_shape_is_said(tiny, content):
    tiny.tree.register.write_text(content)
    assert problems(tiny)[0].startswith(REGISTER)


def test_a_damaged_source_notebook_is_a_fault_of_its_run_alone(tiny):
    (tiny.tree.experiments / "passing.ipynb").write_text('{"cells": [')
    (reason,) = tiny.plans()["passing"].reasons
    assert reason.startswith("passing.ipynb: not a whole notebook")


def test_files_that_are_not_there(tmp_path: Path):
    found = problems(TinySite(Tree(tmp_path)))
    assert found == ("site.yaml: there is no such file", f"{REGISTER}: there is no such file")


def test_the_projects_own_configuration_is_valid():
    from tests.site_builder.tiny_site import ROOT

    from site_builder.plan import register

    assert register.load(Tree(ROOT)).site.title


@pytest.mark.parametrize(
    "url", ["x.org/base", " ", "https://x.org/base?q", "https://x.org/#top", "javascript:1"]
)
def test_the_sites_address_is_one(tiny, url):
    path = tiny.tree.root / "site.yaml"
    path.write_text(f"{path.read_text()}\nurl: '{url}'\n")
    assert problems(tiny) == (f"site.yaml: url: {url!r} is no address such as https://example.org/blog",)


@pytest.mark.parametrize("url", ["https://x.org", "http://x.org/base/", "https://x.org/a/b"])
def test_an_address_may_have_a_path(tiny, url):
    path = tiny.tree.root / "site.yaml"
    path.write_text(f"{path.read_text()}\nurl: '{url}'\n")
    assert tiny.configuration().site.url == url


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *(("1e-3", 0.001), ("1E5", 100000.0), ("-2.5e3", -2500.0), (".5", 0.5), ("2.", 2.0)),
        *(("off", "off"), ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("true", True)),
        *(("012", 12), ("0o14", 12), ("0x1F", 31), ("1_000", "1_000"), ("1:30", "1:30"), ("+3", 3)),
        *(("2024-01-02", "2024-01-02"), ("~", None), ("null", None), ("'1e-3'", "1e-3")),
    ],
)
def test_a_parameter_is_what_yaml_1_2_says(tiny, written, value):
    entry = f"{{notebook: passing.ipynb, title: T, time_limit: 5, parameters: {{count: {written}}}}}"
    tiny.tree.register.write_text(f"runs: {{passing: {entry}}}")
    found = tiny.configuration().runs["passing"].parameters["count"]
    assert (found, type(found)) == (value, type(value))


def test_the_site_is_read_by_the_same_schema(tiny):
    path = tiny.tree.root / "site.yaml"
    path.write_text(path.read_text().replace("title: Tiny", "title: off"))
    assert tiny.configuration().site.title == "off"


@pytest.mark.parametrize(
    "text",
    [
        f"a: {'[' * 2000}{']' * 2000}",
        "a: &a [1, 1]\n"
        + "".join(
            f"{one}: &{one} [*{other}, *{other}]\n" for other, one in pairwise("abcdefghijklmnopqrstuvw")
        ),
        "a: 2024-99-99",
        f"a: {'9' * 5000}",
    ],
)
def test_yaml_that_stands_for_more_than_a_person_writes_is_refused(tiny, text):
    path = tiny.tree.root / "site.yaml"
    path.write_text(f"{path.read_text()}\n{text}\n")
    assert problems(tiny)[0].startswith("site.yaml")
