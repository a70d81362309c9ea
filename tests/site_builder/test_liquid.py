from pathlib import PurePath

import pytest

from site_builder.errors import PageError
from site_builder.render import liquid

POST = PurePath("2026-01-05-x.md")


@pytest.mark.parametrize(
    ("up", "address", "found"),
    [
        ("", "/assets/figures/a.svg", "assets/figures/a.svg"),
        ("../", "/assets/figures/a.svg", "../assets/figures/a.svg"),
        ("", "/blog/2026/second-look/", "blog/2026/second-look/index.html"),
        ("../", "/blog/2026/second-look/", "../blog/2026/second-look/index.html"),
        ("../", "/blog/2026/second-look/#fig-x", "../blog/2026/second-look/index.html#fig-x"),
        ("", "/assets/blog/2026/foo/data.csv", "assets/blog/2026/foo/data.csv"),
        ("", "/blog/2026/foo/data.csv", "blog/2026/foo/data.csv"),
        ("", "/", ""),
    ],
)
def test_addresses_become_relative(up: str, address: str, found: str) -> None:
    assert liquid.resolve(f"a {{{{ '{address}' | relative_url }}}} b", POST, up) == f"a {found} b"


def test_an_anchor_stays_behind_a_post() -> None:
    text = "{{ '/blog/2026/second-look/' | relative_url }}#fig-x"
    assert liquid.resolve(text, POST) == "blog/2026/second-look/index.html#fig-x"


def test_raw_keeps_every_sign() -> None:
    inside = "{{ x | y }} {% for %}\n\n  {# no comment #}\n"
    assert liquid.resolve(f"{{% raw %}}{inside}{{% endraw %}}", POST) == inside


def test_a_dash_takes_the_space_outside_away() -> None:
    assert liquid.resolve("a\n{{- '/x' | relative_url -}} b", POST) == "axb"
    assert liquid.resolve("a {%- raw -%} {{ x }} {%- endraw %} b {% raw %} c {% endraw %} d", POST) == (
        "a {{ x }} b  c  d"
    )


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("one\ntwo {{ site.title }}", 11, "'site' is undefined"),
        ("one\n\n{% include figure.html %}", 12, "unexpected tag 'include'"),
        ("{{ '/x' | absolute }}", 10, "unknown filter 'absolute'"),
        ("one {% for a in b %}{% endfor %}", 10, "unexpected tag 'for'"),
        ("{{ 'a' | upcase }}", 10, "unknown filter 'upcase'"),
        ("{{ 'a' }} {{ '/x' | relative_url }}", 10, "\"'a'\" is undefined"),
        ("{% raw %} {{ x", 10, "unexpected tag 'raw'"),
    ],
)
def test_anything_else_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(PageError) as refused:
        liquid.resolve(text, POST, first_line=10)
    assert str(refused.value).startswith(f"2026-01-05-x.md:{line}: Liquid:")
    assert said in str(refused.value)
    assert "known: raw, relative_url" in str(refused.value)
