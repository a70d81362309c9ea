// What a reader of a post in a theme sees of its figures, and what is narrow, cut off or faint.
() => {
  const article = document.querySelector("article");
  const right = document.documentElement.clientWidth;
  const box = element => element.getBoundingClientRect();
  const seen = image => image.checkVisibility() && image.naturalWidth > 0 && box(image).width > 0;
  const column = box(article.querySelector(":scope > p")).width;
  const figures = [...article.querySelectorAll("figure[id^=fig-]")];
  const scrolls = element => {
    for (let part = element.parentElement; part !== article; part = part.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(part).overflowX)) return true;
    }
    return false;
  };
  const fonts = element => ["fontWeight", "fontSize", "color"].map(name => getComputedStyle(element)[name]).join();
  return {
    figures: figures.length,
    pictures: figures.flatMap(figure => [...figure.querySelectorAll("img")]).filter(seen)
      .map(image => image.parentElement.className),
    sources: figures.flatMap(figure => [...figure.querySelectorAll("img")]).filter(seen)
      .map(image => image.currentSrc.includes(".narrow.")),
    narrow: figures
      .filter(figure => Math.max(...[...figure.querySelectorAll("img")].map(image => box(image).width)) < 0.9 * column)
      .map(figure => figure.id),
    cut: [...article.querySelectorAll("*")]
      .filter(part => part.checkVisibility() && box(part).width > 0 && box(part).right > right + 1 && !scrolls(part))
      .map(part => `${part.tagName}.${part.className}`),
    faint: [...article.querySelectorAll("span.value, span.claim")]
      .filter(part => fonts(part) !== fonts(part.parentElement))
      .map(part => part.outerHTML.slice(0, 80)),
  };
}
