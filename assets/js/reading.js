// What a reader has on top of the page itself: theme switch, previews, zoom, copying. All of it is optional.
"use strict";

const root = document.documentElement;
const make = (name, properties = {}) => Object.assign(document.createElement(name), properties);

// -- Light and dark -------------------------------------------------------------------------------

const theme = document.querySelector(".theme-switch");
const systemDark = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : systemDark.matches);
const showTheme = () => theme.setAttribute("aria-pressed", String(isDark()));

theme.hidden = false;
showTheme();
systemDark.addEventListener("change", showTheme);
theme.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* A page may be barred from storing. */ }
  showTheme();
});

// -- Cards: previews of what a link in the text leads to ----------------------------------------------

const card = make("div", { className: "card", hidden: true, id: "card" });
card.setAttribute("role", "tooltip");
document.body.append(card);
const CARDED = "a.cite, a.fn, a.ref, a.claim-mark, a[data-name]";
let owner = null, timer = 0;

// What the record of a run says of a number: its row as a list.
function number(link) {
  const row = document.getElementById(`value-${link.dataset.run}-${link.dataset.name}`);
  if (!row) return null;
  const list = make("dl");
  [...row.closest("table").tHead.rows[0].cells].forEach((head, column) => {
    const { innerHTML, textContent } = row.cells[column];
    if (textContent) list.append(make("dt", { textContent: head.textContent }), make("dd", { innerHTML }));
  });
  const holder = make("div", { className: "card-content card-value" });
  holder.append(list);
  return holder;
}

function content(link) {
  if (link.dataset.name) return number(link);
  const [path, id] = link.getAttribute("href").split("#");
  const target = path === "" && id ? document.getElementById(decodeURIComponent(id)) : null;
  if (!target) return null;
  const record = target.matches(".claim-record") && target.querySelector("dl");
  const section = /^H[1-6]$/.test(target.tagName) && target.nextElementSibling;
  const copy = (record || section || target).cloneNode(true);
  copy.removeAttribute("id");
  copy.querySelectorAll("[id]").forEach(part => part.removeAttribute("id"));
  copy.querySelectorAll("dd:has(.cell-link)").forEach(entry => {
    entry.previousElementSibling.remove();
    entry.remove();
  });
  copy.classList.remove("exploring");
  copy.querySelectorAll("details, .provenance, .margin-note, .back, .cell-link, .copy, .explore-bar, .interactive, script").forEach(part => part.remove());
  copy.querySelectorAll("[tabindex]").forEach(part => part.removeAttribute("tabindex"));
  copy.querySelectorAll("img").forEach(image => { image.loading = "eager"; });
  const holder = make("div", { className: `card-content card-${target.tagName.toLowerCase()}` });
  holder.append(copy);
  if (record) {
    const state = target.querySelector("summary > :first-child").cloneNode(true);
    const more = make("a", { href: link.href, textContent: "The whole record", className: "card-more" });
    more.addEventListener("click", hide);
    holder.prepend(state);
    holder.append(more);
  }
  return holder;
}

function place(link) {
  const at = link.getBoundingClientRect(), gap = 8, margin = 12;
  card.style.maxHeight = "";
  const spaceBelow = innerHeight - at.bottom - gap - margin, spaceAbove = at.top - gap - margin;
  const below = card.offsetHeight <= spaceBelow || spaceBelow >= spaceAbove;
  card.style.maxHeight = `${Math.max(below ? spaceBelow : spaceAbove, 120)}px`;
  const left = at.left + at.width / 2 - card.offsetWidth / 2;
  const top = below ? at.bottom + gap : at.top - gap - card.offsetHeight;
  card.style.left = `${Math.min(Math.max(margin, left), root.clientWidth - card.offsetWidth - margin) + scrollX}px`;
  card.style.top = `${top + scrollY}px`;
}

function show(link) {
  clearTimeout(timer);
  if (owner === link) return;
  const shown = content(link);
  if (!shown) return;
  hide();
  owner = link;
  card.replaceChildren(shown);
  card.hidden = false;
  link.setAttribute("aria-describedby", "card");
  place(link);
}

function hide() {
  clearTimeout(timer);
  owner?.removeAttribute("aria-describedby");
  owner = null;
  card.hidden = true;
}

const later = (action, wait) => { clearTimeout(timer); timer = setTimeout(action, wait); };
const linkOf = event => event.target.closest?.(CARDED);

document.addEventListener("pointerover", event => {
  if (event.pointerType === "touch") return;
  const link = linkOf(event);
  if (link && !card.contains(link)) later(() => show(link), owner ? 0 : 120);
  else if (card.contains(event.target)) clearTimeout(timer);
  else if (owner) later(hide, 250);
});
document.addEventListener("focusin", event => {
  const link = linkOf(event);
  if (link && link.matches(":focus-visible")) show(link);
  else if (owner && !card.contains(event.target)) hide();
});
document.addEventListener("click", event => {
  const link = linkOf(event);
  const opens = link?.matches(".claim-mark") || (link?.dataset.name && event.pointerType === "touch");
  if (opens && !card.contains(link)) {
    event.preventDefault();
    show(link);
  } else if (!card.contains(event.target)) hide();
});
document.addEventListener("keydown", event => { if (event.key === "Escape") hide(); });

// -- A link to something folded opens it ----------------------------------------------------------

function reveal() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
  if (target.tagName === "DETAILS") target.scrollIntoView();
}
addEventListener("hashchange", reveal);
reveal();

// -- The section in view ----------------------------------------------------------------------------

const entries = [...document.querySelectorAll(".toc a")]
  .map(link => [link, document.getElementById(decodeURIComponent(link.hash.slice(1)))])
  .filter(([, heading]) => heading);
if (entries.length) {
  const mark = () => {
    const passed = entries.filter(([, heading]) => heading.getBoundingClientRect().top < innerHeight * 0.3);
    const [current] = passed.at(-1) ?? [null];
    for (const [link] of entries) {
      if (link === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; mark(); });
  }, { passive: true });
  mark();
}

// -- Copying: code, and formulas as TeX ---------------------------------------------------------------

for (const pre of document.querySelectorAll(".code pre, pre.bibtex, pre.latex")) {
  const button = make("button", { type: "button", className: "copy", textContent: "Copy" });
  button.setAttribute("aria-label", `Copy: ${pre.getAttribute("aria-label") ?? "text"}`);
  button.addEventListener("click", async () => {
    const text = pre.textContent;
    try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
    catch { getSelection().selectAllChildren(pre); button.textContent = "Selected"; }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  const holder = pre.closest(".code") ?? pre.parentElement.insertBefore(make("div", { className: "copyable" }), pre);
  if (!holder.contains(pre)) holder.append(pre);
  holder.append(button);
}

document.addEventListener("copy", event => {
  const selection = getSelection();
  if (selection.isCollapsed || !event.clipboardData) return;
  const copied = make("div");
  for (let i = 0; i < selection.rangeCount; i++) copied.append(selection.getRangeAt(i).cloneContents());
  const formulas = copied.querySelectorAll(".formula[data-tex]");
  if (!formulas.length) return;
  for (const formula of formulas) {
    const sign = formula.tagName === "DIV" ? "$$" : "$";
    formula.replaceWith(`${sign}${formula.dataset.tex}${sign}`);
  }
  event.clipboardData.setData("text/plain", copied.textContent);
  event.preventDefault();
});

// What fits needs no scrolling by keyboard; nor does what holds something to focus.
const stops = new Set(document.querySelectorAll("div.formula[tabindex], .table-scroll[tabindex]"));
const fit = new ResizeObserver(changes => {
  for (const { target: box } of changes) {
    const fits = box.scrollWidth <= box.clientWidth;
    box.classList.toggle("fits", fits);
    if (stops.has(box) && fits) box.removeAttribute("tabindex");
    else if (stops.has(box)) box.tabIndex = 0;
    const first = box.querySelector("th");
    if (first) box.style.setProperty("--first-column", `${first.offsetWidth}px`);
  }
});
for (const box of document.querySelectorAll("div.formula[tabindex], .table-scroll")) fit.observe(box);

// -- Zoom ---------------------------------------------------------------------------------------------

for (const link of document.querySelectorAll("a.zoom")) {
  link.addEventListener("click", event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const dialog = make("dialog", { className: "zoomed" });
    dialog.setAttribute("aria-label", link.closest("figure")?.querySelector("figcaption b")?.textContent ?? "Figure");
    const close = make("button", { type: "button", textContent: "Close" });
    close.addEventListener("click", () => dialog.close());
    dialog.append(close, ...[...link.children].map(image => image.cloneNode(true)));
    dialog.addEventListener("click", clicked => { if (clicked.target !== close) dialog.close(); });
    dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
    document.body.append(dialog);
    dialog.showModal();
  });
}
