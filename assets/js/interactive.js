// Opens interactive figures before they come into view, so that nothing moves there. The page holds the numbers;
// without this script the static figures stay.
"use strict";
{
  const { html, kinds } = window.plotting;

  for (const figure of document.querySelectorAll("figure[data-interactive]")) {
    const button = figure.querySelector(".explore"), data = figure.querySelector(".figure-data");
    if (!button || !data) continue;
    let panel = null;
    button.hidden = false;
    const show = open => {
      figure.classList.toggle("exploring", open);
      if (open && !panel) {
        panel = html("div", { className: "interactive", id: `${figure.id}-explore` });
        panel.setAttribute("role", "group");
        panel.setAttribute("aria-label", `${figure.querySelector("figcaption b")?.textContent ?? "Figure"} Interactive`);
        button.setAttribute("aria-controls", panel.id);
        const given = JSON.parse(data.textContent);
        button.parentElement.before(panel);
        panel.prepend(html("p", { className: "guide" }, kinds[given.kind](panel, given)));
        panel.dispatchEvent(new Event("input")); // drawn before it is painted, so that nothing below it moves
      }
      panel.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? "Show the figure that the caption describes" : "Explore";
    };
    button.addEventListener("click", () => show(!figure.classList.contains("exploring")));
    // The first ones are opened before the page is painted.
    if (figure.getBoundingClientRect().top < 1.5 * innerHeight) show(true);
    else new IntersectionObserver(([{ isIntersecting }], near) => {
      if (!isIntersecting) return;
      near.disconnect();
      show(true);
    }, { rootMargin: "50% 0px" }).observe(figure);
  }
}
