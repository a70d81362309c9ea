"""What a claim was measured on, and whether the text beside its mark says so.

The scope of a record is read from its statement, the names of its effects, and the register's entry of its
run. Three rules hold for the text beside a mark. Its sentence says nothing beyond the scope: no other
network, and no other number of networks, trainings, pixels and the like. Its paragraph leaves out nothing
without which a reader would take it for more: the networks are named or counted, and pixels and trainings
are said where the statement says them. And what does not hold is never asserted: "that", "whether" or a
quotation mark stands before its mark.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from site_builder.model import Claim, Run
from site_builder.verdict import Verdict
from site_builder.write.draft import Draft, Sentence, Shelf

_WORDS = [
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
]
_NUMBER = rf"(?<![\w.])(?:\d+(?:,\d{{3}})*(?:\.\d+)?|(?:{'|'.join(_WORDS)})(?!\w))"
_LIST = rf"{_NUMBER}(?:(?:, | and | or | to |, and ){_NUMBER})*"
_KINDS = {
    "networks": rf"({_LIST}) (?:\w+ )?(?:networks|architectures|kinds)\b",
    "trainings": rf"({_LIST}) (?:\w+ )?trainings?\b",
    "seeds": rf"({_LIST}) (?:\w+ )?seeds\b",
    "photographs": rf"({_LIST}) (?:\w+ )?photographs\b",
    "pixels": rf"({_LIST}) (?:px|pixels)\b",
    "per cent of the channels": rf"({_LIST}) ?(?:per cent|%) of the channels\b",
    "depth": rf"\bdepths? ({_LIST})",
    "width": rf"\bwidths? ({_LIST})",
}
"""Numbers that tell how far a result reaches, by the words that stand beside them."""
_SAID_AGAIN = ("trainings", "pixels")
"""What a paragraph has to say if the statement of its claim does."""
_NAME = re.compile(r"[A-Za-z][\w-]*")
_END = re.compile(r"[.!?:;](?=\s|$)")
_REPORTED = re.compile(r"(?:\b(?:that|whether)|[“\"‘«])$", re.IGNORECASE)


@dataclass(frozen=True)
class Scope:
    """``names`` of networks, and for each kind of number those that the record has; ``needed`` are the kinds
    that its statement says.
    """

    names: tuple[str, ...]
    numbers: Mapping[str, frozenset[str]]
    needed: tuple[str, ...]

    def words(self) -> str:
        """Such as "ResNet18; trainings: 12; pixels: 64"."""
        shown = (f"{kind}: {', '.join(sorted(self.numbers[kind]))}" for kind in self.needed)
        return "; ".join([*filter(None, [", ".join(self.names)]), *shown])


def vocabulary(runs: Iterable[Run], claims: Iterable[Claim]) -> frozenset[str]:
    """The names of networks in titles among the parameters of runs, in claims, and in their effects."""
    told = [title.partition(",")[0] for run in runs for title in _titles(run.parameters)]
    for claim in claims:
        told += [claim.statement, *(effect.what.partition(",")[0] for effect in claim.effects)]
    return frozenset(name for text in told for name in _NAME.findall(text) if _is_name(name))


def of(claim: Claim, runs: Mapping[str, Run], known: frozenset[str]) -> Scope:
    """The scope of a claim's record; ``runs`` are those of the register."""
    run = runs.get(claim.origin.run)
    around = [run, *(runs[need] for need in run.needs if need in runs)] if run else []
    own = [claim.statement, claim.criterion, *(effect.what for effect in claim.effects)]
    heads = tuple(dict.fromkeys(effect.what.partition(",")[0] for effect in claim.effects))
    # Effects stand beside each other: where one is a network's, "tanh" and "chain" are names, too.
    peers = heads if any(set(_NAME.findall(head)[:1]) & known for head in heads) else ()
    told = [text for one in around for text in (one.title, *_titles(one.parameters))]
    names = tuple(dict.fromkeys([*_names(claim.statement, known), *peers])) or _names(" ; ".join(told), known)
    numbers = _numbers(" ; ".join(own))
    if names:
        numbers["networks"] |= {str(len(names))}
    for parameters in (one.parameters for one in around):
        trained = [parameters[key] for key in ("seeds", "weights") if key in parameters]
        numbers["trainings"] |= {str(len(one)) if isinstance(one, list) else "1" for one in trained}
        numbers["seeds"] |= {str(len(one)) for one in trained if isinstance(one, list)}
        numbers["pixels"] |= {str(parameters["side"])} if "side" in parameters else set()
    times = {1, *(int(one) for one in numbers["trainings"] if one.isdigit())}
    numbers["photographs"] |= {str(e.n // one) for e in claim.effects for one in times if e.n % one == 0}
    stated = _numbers(claim.statement)
    return Scope(names, numbers, tuple(kind for kind in _SAID_AGAIN if stated[kind]))


def of_claim(draft: Draft, claim: Claim) -> Scope:
    """The scope of a claim, of all that the shelf of a post has."""
    return of(claim, *_known(draft.shelf))


def refuse(draft: Draft, text: str) -> None:
    """Keep among the draft's problems each mark of the rendered ``text`` that breaks one of the rules."""
    if not draft.sentences:
        return
    runs, known = _known(draft.shelf)
    paragraphs = re.split(r"\n\s*\n", text)
    for made in draft.sentences:
        paragraph = next((one for one in paragraphs if made.opening in one), "")
        if paragraph:
            found = of(made.claim, runs, known)
            problems = _problems(draft, made, paragraph, found, known)
            draft.problems += [f"{draft.shown}:{made.line}: {problem}" for problem in problems]


@lru_cache(maxsize=1)
def _known(shelf: Shelf) -> tuple[dict[str, Run], frozenset[str]]:
    """The runs of the register and the names of networks that they and their claims have."""
    runs = {run: plan.run for run, plan in shelf.plans.items()}
    runs |= {run: harvest.run for run, harvest in shelf.harvests.items()}
    claims = (claim for harvest in shelf.harvests.values() for claim in harvest.claims.values())
    return runs, vocabulary(runs.values(), claims)


def _problems(
    draft: Draft, made: Sentence, paragraph: str, scope: Scope, known: frozenset[str]
) -> Iterator[str]:
    before, _, rest = paragraph.partition(made.opening)
    words, _, after = rest.partition(made.closing)
    before, words, after = (" ".join(draft.marks.words(part).split()) for part in (before, words, after))
    sentence = f"{_END.split(before)[-1]} {words} {_END.split(after)[0]}"
    about = f"is about {scope.words()}" if scope.words() else "names no network"
    record = f"the record of claim {made.claim.name!r} (run {made.claim.origin.run!r}) {about}"
    if beyond := [*_beyond(sentence, scope, known)]:
        yield (
            f"the sentence says {' and '.join(beyond)}, but {record}: say no more beside the mark than that, "
            "or put it into a sentence of its own"
        )
    if missing := [*_missing(f"{before} {words} {after}", scope)]:
        yield f"{record}, and the paragraph does not say {' and '.join(missing)}: say it beside the mark"
    verdict = made.claim.verdict
    if verdict is not Verdict.HOLDS and not _REPORTED.search(before.rstrip(" *_")):
        yield (
            f"claim {made.claim.name!r} is {verdict.words}, and the sentence asserts it: write 'that', "
            "'whether' or a quotation mark before the mark, so that the words are those of the claim"
        )


def _beyond(sentence: str, scope: Scope, known: frozenset[str]) -> Iterator[str]:
    """What a sentence says that is not in the scope."""
    yield from (repr(name) for name in _names(sentence, known) if name not in scope.names)
    for kind, said in _numbers(sentence).items():
        yield from (f"'{kind}: {number}'" for number in sorted(said - scope.numbers[kind]))


def _missing(paragraph: str, scope: Scope) -> Iterator[str]:
    """What a paragraph leaves out of the scope."""
    numbers = _numbers(paragraph)
    if not numbers["networks"] & scope.numbers["networks"]:
        named = [
            name for name in scope.names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", paragraph)
        ]
        yield from (repr(name) for name in scope.names if name not in named)
    for kind in scope.needed:
        if not numbers[kind] & scope.numbers[kind]:
            yield f"'{kind}: {', '.join(sorted(scope.numbers[kind]))}'"


def _names(text: str, known: frozenset[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in _NAME.findall(text) if name in known))


def _numbers(text: str) -> dict[str, frozenset[str]]:
    text = text.lower()
    return {
        kind: frozenset(
            _digits(number) for found in re.findall(form, text) for number in re.findall(_NUMBER, found)
        )
        for kind, form in _KINDS.items()
    }


def _digits(number: str) -> str:
    return str(_WORDS.index(number) + 1) if number in _WORDS else number.replace(",", "")


def _titles(parameters: Any) -> Iterator[str]:
    """The texts under the key ``title`` in parameters, however deep."""
    if isinstance(parameters, Mapping):
        for key, entry in parameters.items():
            if key == "title" and isinstance(entry, str):
                yield entry
            else:
                yield from _titles(entry)


def _is_name(word: str) -> bool:
    """Whether a word is written like the name of a network, as VGG16 and ReLU are, and GSC is not."""
    inside = word[1:]
    return any(map(str.isdecimal, inside)) or (any(map(str.isupper, inside)) and any(map(str.islower, word)))
