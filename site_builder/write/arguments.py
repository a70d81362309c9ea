"""What a template gives to a function, held against what that takes: asked when the function failed."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints


def misfit(function: Callable[..., Any], given: Sequence[Any], named: Mapping[str, Any]) -> str:
    """The first argument that is of another type than ``function`` says, and why; "" if all of them fit."""
    from pydantic import ConfigDict, TypeAdapter, ValidationError

    signature, hints = inspect.signature(function), get_type_hints(function)
    try:
        bound = signature.bind(*given, **named).arguments
    except TypeError as wrong:
        return str(wrong)
    for name, entry in bound.items():
        many = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
        wanted = TypeAdapter(hints[name], config=ConfigDict(strict=True, arbitrary_types_allowed=True))
        for one in entry if many else [entry]:
            try:
                wanted.validate_python(one)
            except ValidationError as wrong:
                return f"{name} is {one!r:.60}: {wrong.errors()[0]['msg'].replace('Input', 'it')}"
    return ""
