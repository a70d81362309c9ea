"""Jinja for post templates: its delimiters, the blocks of claims and asides, and the line of an error.

``{{ }}`` and ``{% %}`` belong to Liquid and ``{{`` occurs in TeX, so ours are ``[[ ]]``, ``[% %]`` and
``[# #]``.
"""

import re
import traceback
from collections.abc import Callable, Collection, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import (
    Environment,
    FileSystemBytecodeCache,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    UndefinedError,
    nodes,
)
from jinja2.ext import Extension
from jinja2.parser import Parser

from site_builder import files
from site_builder.errors import BuildError, PostError, choices

DELIMITERS: dict[str, Any] = {
    "variable_start_string": "[[",
    "variable_end_string": "]]",
    "block_start_string": "[%",
    "block_end_string": "%]",
    "comment_start_string": "[#",
    "comment_end_string": "#]",
}


_BLOCKS = frozenset({"if", "for", "claim", "aside", "macro", "call", "filter", "with", "block"})
"""The words that open what has to be closed."""


class Blocks(Extension):
    """``[% claim run, "id", finding="holds" %]sentence[% endclaim %]``, whose run may be left out, and
    ``[% aside %]words[% endaside %]``.
    """

    tags = {"claim", "aside"}  # noqa: RUF012 - Jinja's own form

    def parse(self, parser: Parser) -> nodes.Node:
        """The block as a call of the template's function of its name with what is inside as its caller."""
        opening = next(parser.stream)
        line, name = opening.lineno, str(opening.value)
        positional: list[nodes.Expr] = []
        named: list[nodes.Keyword] = []
        while parser.stream.current.type != "block_end":
            if positional or named:
                parser.stream.expect("comma")
            if parser.stream.current.type == "name" and parser.stream.look().type == "assign":
                key = next(parser.stream).value
                next(parser.stream)
                named.append(nodes.Keyword(key, parser.parse_expression(), lineno=line))
            else:
                positional.append(parser.parse_expression())
        body = parser.parse_statements((f"name:end{name}",), drop_needle=True)
        call = nodes.Call(nodes.Name(name, "load"), positional, named, None, None, lineno=line)
        return nodes.CallBlock(call, [], [], body).set_lineno(line)


class Loader(FileSystemLoader):
    """Templates from folders, read as what a person wrote: see :func:`site_builder.files.read_text`."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The text of a template, its path, and whether it is still what it was."""
        _, path, current = super().get_source(environment, template)
        return files.read_text(Path(path), "/".join(Path(path).parts[-3:]), PostError), path, current


class _Lined(Environment):
    """An environment in which each call of one of ``functions`` passes on the line where it stands."""

    functions: frozenset[str] = frozenset()

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name in self.functions:
                call.kwargs.append(nodes.Keyword("line", nodes.Const(call.lineno), lineno=call.lineno))
        return tree


def environment(folder: Path, functions: Collection[str], compiled: Path) -> Environment:
    """The environment of the post templates in ``folder``: an unknown name is an error.

    Calls of ``functions`` get one argument more, ``line``: the template's line. ``compiled`` is a folder for
    compiled templates.
    """
    jinja = _Lined(
        loader=Loader(folder),
        bytecode_cache=FileSystemBytecodeCache(str(compiled)),
        undefined=StrictUndefined,
        extensions=[Blocks],
        autoescape=False,
        optimized=False,  # what is rendered once need not be computed in advance
        keep_trailing_newline=True,
        **DELIMITERS,
    )
    jinja.functions = frozenset(functions)
    return jinja


def render(jinja: Environment, file: str, shown: str, names: Mapping[str, Callable[..., Any]]) -> str:
    """The template ``file`` with ``names`` to call; ``shown`` is how messages name it.

    Raises ``PostError`` with the template's line for what an author can get wrong: syntax, an unknown
    name, a call that does not fit. A ``PostError`` of a called function passes through.
    """
    try:
        return jinja.get_template(file).render(names)
    except TemplateSyntaxError as error:
        if "end of template" in (error.message or "") and (opened := _still_open(jinja, error.source or "")):
            name, line = opened
            raise PostError(f"{shown}:{line}: the block {name!r} that begins here has no end{name}") from None
        raise PostError(f"{shown}:{error.lineno}: {error.message}") from None
    except UndefinedError as error:
        unknown = re.match(r"'(\w+)' is undefined", error.message or "")
        known = f"; {choices(names, unknown[1])}" if unknown else ""
        raise PostError(f"{shown}:{_line(error, jinja, file)}: {error.message}{known}") from None
    except TemplateError as error:
        raise PostError(f"{shown}:{_line(error, jinja, file)}: {error}") from None
    except RecursionError:
        raise PostError(f"{shown}: something in it stands in too many brackets, or calls itself") from None
    except BuildError:
        raise
    except Exception as error:
        path = jinja.get_template(file).filename
        if not _is_authors(error, str(path)):
            raise
        call = re.sub(r"^[\w.<>]*\.(?=\w+\()", "", str(error))
        kind = "" if isinstance(error, TypeError) else f"{type(error).__name__}: "
        raise Uncomputable(f"{shown}:{_line(error, jinja, file)}: {kind}{call}") from None


class Uncomputable(PostError):
    """What a template asks to be computed and cannot be; it may follow from a mistake before it."""


def _is_authors(error: Exception, template: str) -> bool:
    """Whether an error arose in what a template itself computes: in no code of the press."""
    innermost = traceback.extract_tb(error.__traceback__)[-1].filename
    return innermost == template or Path(innermost).parent == Path(jinja2.__file__).parent


def _still_open(jinja: Environment, source: str) -> tuple[str, int] | None:
    """The innermost block of ``source`` that does not end, and its line."""
    blocks: list[tuple[str, int]] = []
    tokens = [token for token in jinja.lex(source) if token[1] != "whitespace"]
    for (_, kind, _), (line, _, word) in pairwise(tokens):
        if kind == "block_begin" and word.startswith("end"):
            blocks = blocks[:-1]
        elif kind == "block_begin" and word in _BLOCKS:
            blocks.append((word, line))
    return blocks[-1] if blocks else None


def _line(error: BaseException, jinja: Environment, file: str) -> int:
    """The line of the template in which an error arose."""
    path = jinja.get_template(file).filename
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == path), 1)
