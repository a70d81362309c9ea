"""Sentences under test: a rule, the effects it is about, and the verdict that follows from both.

There are four verdicts, and they are defined here once. A claim *holds* if the interval of every effect
lies on the side that the rule asks for. It is *refuted* if the interval of some effect lies wholly on the
other side: the opposite is established. It is *undecided* if neither is so, and *not tested* if nothing was
measured. An interval that contains the bound refutes nothing.

A claim is *exploratory* unless its rule stood in the register before the run was executed, as an entry of
the run's parameter ``rules`` (see :func:`confirm`); then it is *confirmatory*.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from gradlab.notebook import publish
from gradlab.notebook.publish import Estimate
from gradlab.statistics import clustered
from gradlab.statistics.clustered import Mean

LARGEST_P = 0.05
VERDICTS = ("holds", "refuted", "undecided", "untested")
HOLDS, REFUTED, UNDECIDED, UNTESTED = VERDICTS


@dataclass(frozen=True)
class Exact:
    """A number without an interval: a count, a largest value, a property of a network."""

    mean: float
    n: int

    @property
    def low(self) -> float:
        """The number itself."""
        return self.mean

    @property
    def high(self) -> float:
        """The number itself."""
        return self.mean


def exact(value: Any, n: int = 1) -> Exact:
    """``value`` as an effect without an interval, from ``n`` things that were looked at."""
    return Exact(float(value), n)


@dataclass(frozen=True)
class Rule:
    """Where the interval of an effect must lie: ``low`` to ``high``, either end of which may be infinite.

    One end: strictly beyond it, so that a number on the bound does not hold. Two: the bounds belong to it.
    """

    low: float
    high: float
    words: str

    def verdict(self, effect: Estimate) -> str:
        """What becomes of a claim about this effect alone."""
        if self.low > float("-inf") and self.high < float("inf"):
            inside = effect.low >= self.low and effect.high <= self.high
            outside = effect.high < self.low or effect.low > self.high
        else:
            inside = effect.low > self.low and effect.high < self.high
            outside = effect.high <= self.low or effect.low >= self.high
        return HOLDS if inside else REFUTED if outside else UNDECIDED


def above(bound: float) -> Rule:
    """Every effect is larger than ``bound``."""
    return Rule(bound, float("inf"), f"above {bound:g}")


def below(bound: float) -> Rule:
    """Every effect is smaller than ``bound``."""
    return Rule(float("-inf"), bound, f"below {bound:g}")


def between(low: float, high: float) -> Rule:
    """Every effect lies from ``low`` to ``high``."""
    return Rule(low, high, f"within {low:g} to {high:g}")


_SIDES: Mapping[str, Callable[..., Rule]] = {"above": above, "below": below, "between": between}


def judge(
    name: str,
    statement: str,
    rule: Rule,
    effects: Mapping[str, Estimate],
    *,
    interval: str = "",
    holm: Mapping[str, float] | None = None,
    family: str = "",
) -> str:
    """Publish the verdict on ``statement``, and return it.

    ``effects`` maps what was measured to its estimate; ``interval`` says of which kind the intervals are, and
    is left out for :func:`exact` numbers. Where the claim is one of a ``family`` of comparisons, ``holm`` has
    the p-values of its effects after Holm's correction over that family, and an effect whose p-value is
    larger than 0.05 is undecided. Raises ValueError for a claim without effects, or with one that is NaN.
    """
    record = _record(name, statement, rule, effects, interval, holm or {}, family)
    _publish({**record, "evidence": "exploratory"})
    return str(record["verdict"])


def confirm(
    name: str,
    rules: Mapping[str, Mapping[str, Any]],
    effects: Mapping[str, Estimate],
    *,
    holm: Mapping[str, float] | None = None,
) -> str:
    """Publish the verdict on a claim whose rule stands in the register, and return it.

    ``rules`` is the run's parameter of that name. It maps a claim to its ``statement``; to ``above``,
    ``below`` or ``between`` with the bound or bounds; to ``effects``, the list of what is measured; to
    ``interval``, their kind; and to the ``family`` where there is one. Raises ValueError if the claim is not
    registered, or for other effects than were registered.
    """
    if name not in rules:
        raise ValueError(f"claim {name!r} is not among the registered rules: {', '.join(rules) or 'none'}")
    own = rules[name]
    if list(own["effects"]) != list(effects):
        raise ValueError(f"claim {name!r} was registered for {list(own['effects'])}, not {list(effects)}")
    (side,) = (key for key in _SIDES if key in own)
    rule = _SIDES[side](*np.atleast_1d(own[side]).tolist())
    record = _record(
        name, own["statement"], rule, effects, own.get("interval", ""), holm or {}, own.get("family", "")
    )
    _publish({**record, "evidence": "confirmatory"})
    return str(record["verdict"])


def confirm_all(rules: Mapping[str, Mapping[str, Any]], found: Callable[[str], Mean]) -> None:
    """Publish the verdicts on all registered claims, which are one family after Holm.

    ``found`` gives the mean of an effect by the name that the register has for it.
    """
    effects = {name: {what: found(what) for what in rule["effects"]} for name, rule in rules.items()}
    corrected = clustered.holm_p({what: mean for own in effects.values() for what, mean in own.items()})
    for name, own in effects.items():
        confirm(name, rules, own, holm={what: corrected[what] for what in own})


def untested(name: str, statement: str, why: str) -> None:
    """Publish that ``statement`` was not tested here, and why."""
    _publish(
        {
            "name": name, "statement": statement, "verdict": UNTESTED, "criterion": why, "effects": [],
            "evidence": "exploratory",
        }
    )  # fmt: skip


def _record(
    name: str,
    statement: str,
    rule: Rule,
    effects: Mapping[str, Estimate],
    interval: str,
    holm: Mapping[str, float],
    family: str,
) -> dict[str, Any]:
    if not effects:
        raise ValueError(f"claim {name!r} is about nothing: name at least one effect")
    for what, effect in effects.items():
        if any(math.isnan(number) for number in (effect.mean, effect.low, effect.high)):
            raise ValueError(f"claim {name!r}: the effect {what!r} or a bound of its interval is NaN")
        if not effect.low <= effect.mean <= effect.high or effect.n < 1:
            raise ValueError(
                f"claim {name!r}: {what!r} is {effect.mean}, outside of its interval from {effect.low} to "
                f"{effect.high}, or of no sample (n = {effect.n})"
            )
    if bool(holm) != bool(family) or set(holm) - set(effects):
        raise ValueError(f"claim {name!r}: Holm's p-values and the family they are of come together")
    verdicts = [_of_one(rule, effect, holm.get(what)) for what, effect in effects.items()]
    return {
        "name": name,
        "statement": statement,
        "verdict": _together(verdicts),
        "criterion": _criterion(rule, len(effects), interval, family),
        "effects": [
            {
                "what": what, "value": effect.mean, "low": _end(effect, "low"), "high": _end(effect, "high"),
                "n": effect.n, "p": holm.get(what),
            }
            for what, effect in effects.items()
        ],
    }  # fmt: skip


def _end(effect: Estimate, end: str) -> float | None:
    return None if isinstance(effect, Exact) else float(getattr(effect, end))


def _of_one(rule: Rule, effect: Estimate, p: float | None) -> str:
    verdict = rule.verdict(effect)
    return verdict if p is None or p <= LARGEST_P else UNDECIDED


def _together(verdicts: list[str]) -> str:
    if all(verdict == HOLDS for verdict in verdicts):
        return HOLDS
    return REFUTED if REFUTED in verdicts else UNDECIDED


def _criterion(rule: Rule, effects: int, interval: str, family: str) -> str:
    what = f"the {interval}" if interval else "the number"
    each = f"{what} of each effect" if effects > 1 else what
    other = f"{'that of some effect' if effects > 1 else 'it'} lies wholly outside"
    corrected = f" Either needs p ≤ {LARGEST_P:g} after Holm's correction over {family}." if family else ""
    otherwise = "; undecided otherwise" if interval else ""
    return f"Holds if {each} lies {rule.words}; refuted if {other}{otherwise}.{corrected}"


def _publish(record: Mapping[str, Any]) -> None:
    if not record["statement"].strip():
        raise ValueError(f"claim {record['name']!r} needs a statement: the sentence that holds or not")
    shown = {
        **record,
        "effects": [
            {key: publish._plain(entry) for key, entry in effect.items()} for effect in record["effects"]
        ],
    }
    publish._show({"kind": "claim", **shown}, f"claim {record['name']}: {record['verdict']}")
