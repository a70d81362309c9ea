"""Trees of HTML: nothing of the text round an element is lost when it moves."""

import pytest

from site_builder.post import elements


@pytest.mark.parametrize(
    "fragment",
    [
        "",
        "only text &lt;b&gt; &amp; more",
        'a <picture><source srcset="a.svg"><img src="a.png"></picture> b<wbr>c',
        '<p>x <d-footnote>one <em>1</em></d-footnote> y</p>\n<d-cite key="a"></d-cite>',
        '<script type="application/json">{"a":"1 & 2"}</script>',
        "<pre><code>\na\n\n\tb &lt; c</code></pre>",
        '<figure><picture class="x"><img src="ä b.png" alt="&quot;q&quot;"></picture>\n</figure>',
    ],
)
def test_a_fragment_is_written_as_it_was_read(fragment: str) -> None:
    written = elements.inside(elements.parse(fragment))
    again = elements.inside(elements.parse(written))
    assert again == written
    assert written.replace("%C3%A4%20b", "ä b").replace("'\"q\"'", '"&quot;q&quot;"') == fragment


@pytest.mark.parametrize("put", [elements.put_before, elements.replace])
@pytest.mark.parametrize(
    ("fragment", "first", "second"),
    [
        ("text", "1 text{}2<b>y</b>3", "1<i>x</i>2text{}3"),
        ("<u>u</u>tail", "1 <u>u</u>tail{}2<b>y</b>3", "1<i>x</i>2<u>u</u>tail{}3"),
        ("t<u>u</u>", "1 t<u>u</u>{}2<b>y</b>3", "1<i>x</i>2t<u>u</u>{}3"),
        ("", "1 {}2<b>y</b>3", "1<i>x</i>2{}3"),
    ],
)
def test_what_is_put_into_a_text_parts_it(put, fragment, first, second) -> None:
    for name, wanted in (("i", first), ("b", second)):
        root = elements.parse("1<i>x</i>2<b>y</b>3")
        (element,) = elements.having(root, name)
        put(element, fragment)
        left = {"i": "<i>x</i>", "b": "<b>y</b>"}[name] if put is elements.put_before else ""
        assert elements.inside(root) == wanted.replace("1 ", "1").format(left)


def test_beginnings_and_ends() -> None:
    root = elements.parse("<p>a <b>b</b> c</p>")
    elements.put_first(root[0], "1<i>2</i>")
    elements.put_last(root[0], "3<u>4</u>")
    assert elements.inside(root) == "<p>1<i>2</i>a <b>b</b> c3<u>4</u></p>"


def test_an_element_leaves_without_the_text_behind_it_and_a_box_takes_its_place() -> None:
    root = elements.parse("1<i>x</i>2<b>y</b>3")
    box = elements.wrap(root[1], "div", {"class": "box"})
    box.append(elements.take(root[0]))
    assert elements.inside(root) == '12<div class="box"><b>y</b><i>x</i></div>3'


def test_elements_are_found_by_name_attributes_and_class() -> None:
    root = elements.parse('<p class="a b" id="x">1</p><p class="ab">2</p><div class="a">3</div>')
    found = elements.having(root, "*", of_class="a")
    assert [one.text for one in found] == ["1", "3"]
    assert [one.text for one in elements.having(root, "p", "id", of_class="b")] == ["1"]
