"""What a cell printed, as it stood on a terminal in the end."""


def settled(text: str) -> str:
    """``text`` without what was taken back or written over.

    What came last in a line stands alone: the end of a longer text before it would read as a part of it.
    """
    return "\n".join(map(_line, text.replace("\r\n", "\n").split("\n")))


def _line(line: str) -> str:
    if "\b" in line:
        left: list[str] = []
        for sign in line:
            if sign != "\b":
                left.append(sign)
            elif left and left[-1] != "\r":  # nothing stands before the begin of a line
                left.pop()
        line = "".join(left)
    return line.rstrip("\r").rpartition("\r")[2]
