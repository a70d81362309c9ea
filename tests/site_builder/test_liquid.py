import pytest

from site_builder.render import liquid


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
    assert liquid.resolve(f"a {{{{ '{address}' | relative_url }}}} b", up) == f"a {found} b"


def test_an_anchor_stays_behind_a_post() -> None:
    text = "{{ '/blog/2026/second-look/' | relative_url }}#fig-x"
    assert liquid.resolve(text) == "blog/2026/second-look/index.html#fig-x"


def test_raw_keeps_every_sign() -> None:
    inside = "{{ x | y }} {% for %}\n\n  {# no comment #}\n"
    assert liquid.resolve(f"{{% raw %}}{inside}{{% endraw %}}") == inside


def test_a_dash_takes_the_space_outside_away() -> None:
    assert liquid.resolve("a\n{{- '/x' | relative_url -}} b") == "axb"
    assert liquid.resolve("a {%- raw -%} {{ x }} {%- endraw %} b {% raw %} c {% endraw %} d") == (
        "a {{ x }} b  c  d"
    )
