// What of a post lies on the list of contents, at any place to which the page is scrolled.
() => {
  const contents = document.querySelector(".toc");
  if (!contents) return [];
  const found = [];
  const things = [...document.querySelectorAll(".body > *, .body figure *, .title, .byline")]
    .filter(thing => thing.checkVisibility() && !contents.contains(thing));
  for (let y = 0; y < document.documentElement.scrollHeight; y += innerHeight * .7) {
    scrollTo(0, y);
    const list = contents.getBoundingClientRect();
    for (const thing of things) {
      const box = thing.getBoundingClientRect();
      if (box.width && box.height && box.left < list.right - 1 && box.right > list.left + 1 && box.top < list.bottom - 1 && box.bottom > list.top + 1)
        found.push(`${y}: ${thing.tagName}.${thing.className} ${thing.id}`);
    }
  }
  return found.slice(0, 3);
}
