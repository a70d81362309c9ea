r"""Formulas in plain text, ``\(...\)``: where they are, and which of them a caption may hold.

In data, where dollars are money, ``$...$`` is a formula only if it is all of an entry.
"""

import re

FORMULA = re.compile(r"(\\\((?:(?!\\\().)*?\\\))", re.DOTALL)
"""A formula with its delimiters, in a group, so that a split keeps it."""
_ENTRY = re.compile(r"\$(?=[^\s$])((?:\\.|[^$\\])+)(?<!\s)\$", re.DOTALL)
_DENIED = re.compile(
    r"(?P<command>\\(?:"
    # Files, other programs, and the terminal.
    r"input\w*|include\w*|InputIfFileExists|IfFileExists|open(?:in|out)|read(?:line)?|write|immediate|special|"
    r"typein|typeout|message|errmessage|show\w*|ShellEscape|verbatiminput|lst\w+|bibliography|usepackage|"
    r"RequirePackage|documentclass|pdf\w+|lua\w+|direct\w+|latelua|"
    # Whatever could give one of these another name, or hide it from this list.
    r"[egx]?def|let|futurelet|global|long|outer|protected|new[a-z]+|renew\w+|provide\w+|Declare\w+|csname|endcsname|"
    r"expandafter|noexpand|afterassignment|aftergroup|scantokens|(?:cat|lc|uc|sf|math)code|active|char|verb|"
    r"makeat\w+|ExplSyntaxOn|every\w+|output|shipout|loop|endinput|dump|jobname|"
    r"(?:batch|nonstop|scroll|errorstop)mode)(?![A-Za-z])"
    r"|\\[A-Za-z]*@[A-Za-z@]*"
    r"|\\(?:begin|end)\s*\{\s*(?:filecontents|verbatim|document|lst|lua)[^}]*\})"
    r"|\^\^|(?<!\\)%"
)


def in_data(text: str) -> str:
    """An entry or the head of a table, which is a formula if it stands between dollars as a whole."""
    whole = _ENTRY.fullmatch(text)
    return rf"\({whole[1]}\)" if whole else text


def denied(text: str) -> str | None:
    r"""The first thing in a formula of ``text`` that does more than typeset, None if there is none.

    Captions go from executed notebooks, which may be a stranger's, into papers. There TeX would read and
    write files. What KaTeX does not know stops the page; this is what it knows, ignores or never sees.
    """
    for formula in FORMULA.findall(text):
        if found := _DENIED.search(formula):
            return found[0]
    return None
