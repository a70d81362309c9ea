"""Give the press files that are damaged or meant to harm, and see what becomes of it.

make fuzz ARGS="[--count N] [--seed N] [--only N]"   (1,000 inputs)

Each input is a file of a small tree, changed in one place: in its bytes, its words, or one entry of its JSON;
or one of a data set or a checkpoint beside it, which the commands read that the press asks. It may be built,
or refused in words that name the file. A traceback, no end, and a build that takes too long are faults, and
so is a page on which something could run. Templates alone may do that: they are code that is trusted. Seed
and number tell all of an input.
"""

import argparse
import collections
import json
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import html
from tests.site_builder import tiny_site
from tests.site_builder.harvest_fixtures import SVG, claim, data, drawing, table, value
from tests.tools import mutations_data
from tests.tools.mutations_data import Change

from site_builder import build
from site_builder.errors import BuildError
from site_builder.model import Tree

SECONDS = 20
"""How long one input may take, 100 times of what a sound one does."""
MEMORY = 4 << 30
BUILT, UNNAMED = "built", "refused without the name of the file"
OUTCOMES = (BUILT, "refused", UNNAMED, "traceback", "no end", "harm")
"""What becomes of an input; the number is the exit status of the process that was given it."""
POST = """\
---
layout: distill
title: "Sums"
description: "A post about a sum."
date: 2024-01-02
tags: [sums]
authors:
  - name: Ada Lovelace
    url: https://example.org
---

The sum is [[ value("passing", "total", ".1f") ]], [[ interval("passing", "noise", ".2f") ]].
[% claim "sum-is-positive" %]It is positive[% endclaim %] ([[ ref("fig-line") ]], [[ cite("sum2020") ]]).

## Where it comes from {#origin}

[[ figure("drawing", "fig-line", interactive={"kind": "curves", "x": "x", "y": "y", "group": "g"}) ]]

[[ table("passing", "tbl-steps", formats={"part": ".2f"}) ]]

[[ listing("passing", "lst-sum") ]]

A [link](https://example.org) and $$x^2$$.[[ footnote("A note.") ]]

[[ provenance("passing") ]]
"""
LINE = [["a", 1, 2.5], ["a", 2, 4.5]]
LOOKS = {"a": {"colour": "#0b77b8", "dashes": []}}
REFERENCE = """\
@article{sum2020,
  title = {On sums},
  author = {Lovelace, Ada and Babbage, Charles},
  journal = {Sums},
  year = {2020},
  url = {https://example.org/sums},
  doi = {10.1000/sums},
}
"""
_LONG = ("a" * 50_000, "((" * 20_000, "<" * 20_000, "[" * 20_000, "*a " * 10_000, "$" * 20_001, "\\(" * 9_999)
_ODD = ("", " ", "\0", "\x1b[31m", "\ufdd0", "\ufeff", "\u202e", "9" * 5000, "? [a]\n: b", *_LONG)
_SHORT = ("nan", "inf", ".inf", "1e999", "-3", "0", "null", "true", *r"[]{}:-\@%'(|&")
_WORDS = (*_ODD, *r"""
javascript:alert(1)
[x](javascript:alert(1))
<script>alert(1)</script>
"><img src=x onerror=alert(1)>
<svg onload=alert(1)>
</script>
<a href='jav&#97;script:alert(1)'>x</a>
data:text/html,<script>alert(1)</script>
<x:y z='1'/>
<div style="position:fixed;inset:0">over all</div>
<style>body{display:none}</style>
<math><a>
../../../etc/passwd
=1+1
{{ page }}
{% raw %}
$$\frac{1}{
```
~~~
---
&a [*a]
!!python/object:os.system x
2024-99-99
""".strip().splitlines(), *_SHORT)  # fmt: skip
_CALLS = tuple(r"""
1/0
value(
'a' + 1
[][1]
{}['x']
'x'.y.z
value("passing", "total", "z")
value("passing", "total", ".99999999f")
value(1, [])
value(["a"], {})
figure("drawing", 1)
figure("drawing", "fig-line", width=3)
figure("drawing", "fig-line", interactive=[1])
table("passing", "tbl-steps", formats=3)
table("passing", "tbl-steps", formats={"part": 1})
interval("passing", "total", ".1f")
number("passing", "total")
provenance(1)
executed([])
not_executed(1)
cite(3)
cite("")
ref(none)
source(1)
source("gradlab")
footnote(1)
equation(1)
loop
self
'%d' % 'a'
'{}'.format()
''.join(1)
range(3)[7]
"" | round
'x' | nothing
10 ** 10 ** 4
""".strip().splitlines())  # fmt: skip
_BLOCKS = (
    *("[% if %]", "[% include 'x' %]", "[% extends 'x' %]", "[% macro m() %]x[% endmacro %][[ m(1) ]]"),
    *("[% claim 3 %]x[% endclaim %]", "[% set x = 1/0 %]", "[% for x in 3 %]x[% endfor %]", "[% endif %]"),
)
_NUMBERS = (0, -3, 1.5, 10**30, float("nan"), float("inf"), -float("inf"))
_SHAPES: tuple[Any, ...] = (
    [],
    {},
    [[]],
    [None],
    {"": ""},
    "\ud800",
    ["a", 1],
    {"a": {"b": []}},
    [[[[[[[[]]]]]]]],
)
_ENTRIES: tuple[Any, ...] = (None, True, False, *_NUMBERS, *_SHAPES, *_WORDS)


def _bytes(content: bytes, chance: random.Random) -> bytes:
    """Damage as of disks, downloads and editors."""
    start = chance.randrange(len(content) + 1)
    end = min(len(content), start + chance.choice((1, 2, 8, 100, 1000)))
    before, struck, after = content[:start], content[start:end], content[end:]
    strange = chance.choice((b"\xff\xfe", b"\x00", b"\xc3", b"\xed\xa0\x80", b"\r\r\n", b"\xef\xbb\xbf"))
    flipped = bytes(one ^ (1 << chance.randrange(8)) for one in struck)
    utf_16 = content.decode("utf-8", "replace").encode("utf-16")
    shapes = (b"", before, before + after, before + strange + struck + after, before + struck * 3 + after)
    return chance.choice((*shapes, before + flipped + after, strange + content, utf_16))


def _words(content: bytes, chance: random.Random, words: tuple[str, ...] = _WORDS) -> bytes:
    """A word, or a line of a text, that is another."""
    lines = content.decode().splitlines()
    place, new = chance.randrange(len(lines)), chance.choice(words)
    line = lines[place]
    at, (head, colon, _) = chance.randrange(len(line) + 1), line.partition(": ")
    put = (line[:at] + new + line[at:], head + colon + new, new, line + "\n" + new)
    other = (chance.choice(lines), "    " + line, line[:at], line + "\n" + line, "")
    lines[place] = chance.choice(put if words is not _WORDS or chance.random() < 0.7 else other)
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _calls(content: bytes, chance: random.Random) -> bytes:
    """Something that a template cannot compute."""
    return _words(content, chance, (*(f"[[ {call} ]]" for call in _CALLS), *_BLOCKS))


def _entry(content: bytes, chance: random.Random) -> bytes:
    """An entry of a JSON file that is another, is gone, stands twice, or is nested without end."""
    whole = json.loads(content)
    places = list(_places(whole))
    (holder, key), (other, name) = chance.choice(places), chance.choice(places)
    match chance.randrange(20):
        case 0:
            holder[key] = "here"
            return json.dumps(whole).replace('"here"', "[" * 99_999 + "]" * 99_999, 1).encode()
        case 1 | 2 | 3:
            del holder[key]
        case 4 | 5 | 6:
            holder[key] = json.loads(json.dumps(other[name]))
        case 7 | 8 if isinstance(holder, list):
            holder.append(holder[key])
        case _:
            holder[key] = chance.choice(_ENTRIES)
    return json.dumps(whole, indent=1).encode()


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    for key, entry in list(holder.items() if isinstance(holder, dict) else enumerate(holder)):
        yield holder, key
        if isinstance(entry, dict | list):
            yield from _places(entry)


SUBJECTS: dict[str, tuple[Change, ...]] = {
    "_experiments/executed/*.ipynb": (_entry, _entry, _entry, _bytes),
    "_experiments/*.ipynb": (_entry, _entry, _bytes),
    "_experiments/*.yaml": (_words, _words, _bytes),
    "site.yaml": (_words, _words, _bytes),
    "templates/posts/*.j2": (_calls, _words, _bytes),
    "templates/references.bib": (_words, _words, _bytes),
    "assets/**/*.json": (_entry, _bytes),
    "data/tiny-imagenet*.zip": (_bytes,),
    "data/tar/*.tar": (mutations_data.head, _bytes),
    "data/tar/*.tgz": (*map(mutations_data.packed, (mutations_data.head, _bytes)), _bytes),
    "data/kaggle/**/*.xml": (mutations_data.node, mutations_data.node, _bytes),
    "data/checkpoints/*.json": (_entry, _entry, _bytes),
    "data/checkpoints/*.safetensors": (mutations_data.index(_entry), _bytes),
}
"""Which files are changed, and how."""


def _displayed(bundle: Mapping[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": bundle}


def lay_out(root: Path) -> Tree:
    """A tree of two runs and a post, as if both had been executed, built."""
    tiny = tiny_site.lay_out(root)
    tiny.register(passing={"parameters": {"count": 4}, "needs": ["drawing"]}, drawing={"may_wait": True})
    tiny.post.write_text(POST)
    (root / "templates" / "references.bib").write_text(REFERENCE)
    shown = {
        "drawing": {2: drawing(svg=SVG), 3: data("fig-line", ["g", "x", "y"], LINE, looks=LOOKS)},
        "passing": {
            4: value("total", 9.0) | {"image/png": drawing()["image/png"]},
            5: table("tbl-steps", ["step", "part"], [[1, 9.0], [2, 4.5]]),
            6: claim("sum-is-positive", "holds"),
        },
    }
    printed = {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]}
    bold = {"text/html": "<b>bold</b>", "text/plain": "bold"}
    more = [printed, *map(_displayed, (value("noise", 0.5, low=0.25, high=0.75, n=9), bold))]
    for run, outputs in shown.items():
        tiny.pretend(run)

        def execute(notebook: dict[str, Any], run: str = run, outputs: dict[int, Any] = outputs) -> None:
            for place, bundle in outputs.items():
                notebook["cells"][place]["outputs"] = [_displayed(bundle)]
            if run == "passing":
                notebook["cells"][4]["outputs"] += more

        tiny.executed_otherwise(run, execute)
    mutations_data.lay_out(root)
    return tiny.tree


@dataclass(frozen=True)
class Input:
    """A changed file of the tree, by its number."""

    number: int
    path: str
    content: bytes


def made(root: Path, seed: int, number: int) -> Input:
    """The input of this number."""
    chance = random.Random(f"{seed}/{number}")
    pattern = list(SUBJECTS)[number % len(SUBJECTS)]
    path = chance.choice(sorted(root.glob(pattern)))
    content = path.read_bytes()
    for _ in range(9):  # some changes are none
        changed = chance.choice(SUBJECTS[pattern])(content, chance)
        if changed != content:
            break
    return Input(number, path.relative_to(root).as_posix(), changed)


def given(tree: Tree, one: Input) -> tuple[str, str]:
    """The outcome of a build with this input, and what was said. The tree is as before."""
    path = tree.root / one.path
    sound, times = path.read_bytes(), path.stat()
    path.write_bytes(one.content)
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        child = os.fork()
        if not child:
            os._exit(_outcome(tree, path, said.fileno()))
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        words = said.read()
    path.write_bytes(sound)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    if status < 0:
        return (
            ("no end", f"signal {-status}")
            if status == -signal.SIGALRM
            else ("traceback", f"signal {-status}")
        )
    return OUTCOMES[status], words


def _outcome(tree: Tree, path: Path, said: int) -> int:
    """In a process of its own: build, and what came of it as a place in ``OUTCOMES``."""
    os.dup2(said, 1)
    os.dup2(said, 2)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(SECONDS)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    try:
        if path.is_relative_to(tree.root / mutations_data.FOLDER):
            mutations_data.read(path)
            return OUTCOMES.index(BUILT)
        build.build_site(tree, execute=False)
        harm = "" if path.suffix == ".j2" else "\n".join(harms(tree.site))
        print(harm)
        outcome = "harm" if harm else BUILT
    except BuildError as refusal:
        print(refusal)
        named = (path.name, path.stem, path.name.removesuffix(".md.j2"))
        outcome = "refused" if any(name in str(refusal) for name in named) else UNNAMED
    except BaseException:
        traceback.print_exc()
        outcome = "traceback"
    sys.stdout.flush()
    sys.stderr.flush()
    return OUTCOMES.index(outcome)


_RUNS = re.compile(r"(?i)[\x00-\x20]*(?:javascript|vbscript|data)\s*:")
_OWN_SCRIPT = re.compile(r"(?:\.\./)*assets/js/[\w/-]+\.js")


def harms(site: Path) -> Iterator[str]:
    """What on the pages could run, or lie over them."""
    for page in sorted(site.rglob("*.html")):
        for element in html.fromstring(page.read_bytes()).iter("*"):
            for name, entry in element.attrib.items():
                runs = name.startswith("on") or (
                    name in ("href", "src", "action", "xlink:href") and _RUNS.match(entry)
                )
                if (runs and not entry.startswith("data:image/")) or (
                    name == "style" and "position:fixed" in entry
                ):
                    yield f"{page.name}: {element.tag} {name}={entry[:60]!r}"
            text = element.text or ""
            if element.tag == "script" and "alert" in text and "json" not in element.get("type", ""):
                yield f"{page.name}: a script {text[:60]!r}"
            if (
                element.tag == "script"
                and element.get("src")
                and not _OWN_SCRIPT.fullmatch(element.get("src", ""))
            ):
                yield f"{page.name}: a script from {element.get('src')!r}"
            if element.tag in ("style", "iframe", "object", "embed", "base"):
                yield f"{page.name}: <{element.tag}>"


def run(
    count: int, seed: int, only: int | None = None, say: Callable[[str], object] = print
) -> dict[str, int]:
    """How many of the inputs came to which outcome; what is a fault is told with its number."""
    outcomes: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        tree = lay_out(Path(folder).resolve() / "tree")
        kept = tree.root.with_name("kept")
        _sound(tree)
        shutil.copytree(tree.root, kept)
        for number in [only] if only is not None else range(count):
            one = made(tree.root, seed, number)
            outcome, words = given(tree, one)
            outcomes[outcome] += 1
            if only is not None or outcome not in (BUILT, "refused"):
                say(f"{number}: {one.path}: {outcome}: {words[-1500:]}")
            if outcome in (BUILT, "harm", "traceback", "no end"):  # it may have written
                shutil.rmtree(tree.root)
                shutil.copytree(kept, tree.root)
    return dict(outcomes)


def _sound(tree: Tree) -> None:
    """Build the tree as it is, in a process of its own: what comes after copies this one."""
    sound = tree.root / "site.yaml"
    outcome, words = given(tree, Input(-1, "site.yaml", sound.read_bytes()))
    if outcome != BUILT:
        raise RuntimeError(f"without a change: {outcome}: {words}")


def main(arguments: list[str] | None = None) -> int:
    """Try the inputs; status 1 if one is a fault."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.mutations", description=__doc__)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--only", type=int, metavar="N", help="the input of this number, with all that is said"
    )
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    outcomes = run(chosen.count, chosen.seed, chosen.only)
    counted = ", ".join(f"{outcomes[name]} {name}" for name in OUTCOMES if name in outcomes)
    print(f"{sum(outcomes.values())} inputs in {time.monotonic() - began:.0f} s: {counted}")
    return 1 if set(outcomes) - {BUILT, "refused", UNNAMED} else 0


if __name__ == "__main__":
    raise SystemExit(main())
