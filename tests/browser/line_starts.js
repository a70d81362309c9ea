// Marks, notes and punctuation that begin a line, away from what is before them.
() => {
  const found = [];
  const box = (node, start, end) => {
    const range = document.createRange();
    range.setStart(node, start);
    range.setEnd(node, end);
    return range.getBoundingClientRect();
  };
  const before = element => {
    for (let part = element; part && !part.matches(".body > *"); part = part.parentElement) {
      const previous = part.previousSibling;
      if (!previous) continue;
      if (previous.nodeType !== Node.TEXT_NODE) return [...previous.getClientRects()].at(-1);
      if (/\s$/.test(previous.data)) return null;
      return box(previous, previous.length - 1, previous.length);
    }
    return null;
  };
  // What is folded has a place, but nobody sees it.
  for (const mark of document.querySelectorAll(".body :is(.claim-mark, .footnote, .citation)")) {
    const last = before(mark);
    if (last && mark.getClientRects()[0].top > last.bottom - 2) found.push(mark.outerHTML.slice(0, 60));
  }
  const texts = document.createTreeWalker(document.querySelector(".body"), NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, previous = text.previousSibling;
    if (!/^[.,;:)?!]/.test(text.data) || !(previous instanceof Element) || !text.parentElement.checkVisibility() || text.parentElement.closest(".formula, pre, .margin-note")) continue;
    const last = [...previous.getClientRects()].at(-1);
    if (last && last.width && box(text, 0, 1).top > last.bottom - 2) found.push(`${previous.className} ${text.data.slice(0, 20)}`);
  }
  return found;
}
