"""What al-folio would break without a word, found in a written post: each rule by its name.

Every rule is one row of what was measured in real al-folio sites. A problem begins with its rule's name.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import FunctionType

from site_builder.post import addresses, rules_bibliography, rules_front_matter, rules_html, rules_markdown
from site_builder.post.post_file import Fault, Finding, PostSource

Rule = Callable[[PostSource], Iterator[Fault]]

RULES: Mapping[str, Rule] = {
    name.replace("_", "-"): rule
    for module in (rules_front_matter, rules_html, rules_markdown)
    for name, rule in vars(module).items()
    if isinstance(rule, FunctionType) and rule.__module__ == module.__name__ and not name.startswith("_")
}
"""Every public function of these modules is a rule, by its name."""


_MOST = 100
"""Findings of a rule that are told of a post: whoever has more finds the others when these are mended."""


def lint_post(text: str, path: Path, cited: str | None = None) -> list[Finding]:
    """Every finding in a post's ``text``, by line.

    ``path`` is its file in ``_posts``, from which its bibliography is found if ``cited`` does not hold it.
    """
    source = PostSource(path, text, cited)
    findings = [
        Finding(path, source.line(place), f"{name}: {problem}", cure)
        for name, rule in RULES.items()
        for place, problem, cure in islice(rule(source), _MOST)
    ]
    if file := rules_bibliography.cited_file(source):
        findings += [
            replace(one, problem=f"bibliography: {one.problem}")
            for one in rules_bibliography.lint_bibliography(file[1], file[0])
        ]
    return sorted(findings, key=lambda finding: (str(finding.file), finding.line or 0, finding.problem))


def lint_slugs(posts: Iterable[Path]) -> list[Finding]:
    """Posts of one slug: al-folio writes those of a year to one address, and we keep one sidecar for each."""
    by_slug: dict[str, list[Path]] = defaultdict(list)
    for path in sorted(posts):
        by_slug[addresses.slug(path)].append(path)
    return [
        Finding(
            path,
            None,
            f"duplicate-slug: {path.name} and {first.name} both have the slug {slug}",
            "give one of them another slug",
        )
        for slug, (first, *others) in by_slug.items()
        for path in others
    ]
