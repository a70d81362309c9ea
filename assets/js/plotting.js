// What interactive figures are drawn with: elements, axes, and the controls of a panel.
"use strict";
{
  const SVG = "http://www.w3.org/2000/svg";

  const html = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const svg = (name, attributes = {}, ...children) => {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const line = (x1, y1, x2, y2, className) => svg("line", { x1, y1, x2, y2, class: className });
  const text = (x, y, anchor, words) => svg("text", { x, y, "text-anchor": anchor }, words);
  const digits = (value, places = 4) =>
    new Intl.NumberFormat("en", { maximumSignificantDigits: places }).format(value).replace("-", "−");
  /** A mean and the ends of its interval, all with the decimals that two digits of half its width need. */
  const estimate = (mean, low, high) => {
    const places = Math.max(0, 1 - Math.floor(Math.log10((high - low) / 2)));
    const form = { minimumFractionDigits: places, maximumFractionDigits: places, signDisplay: "negative" };
    return [mean, low, high].map(one => places < 6 ? new Intl.NumberFormat("en", form).format(one).replace("-", "−") : digits(one, 2));
  };
  const capital = words => words.charAt(0).toUpperCase() + words.slice(1);

  // -- Axes ---------------------------------------------------------------------------------------

  function scale([low, high], [from, to], isLog) {
    const at = isLog ? Math.log : value => value;
    const slope = (to - from) / (at(high) - at(low) || 1);
    return value => from + (at(value) - at(low)) * slope;
  }

  function ticks([low, high], isLog) {
    const found = [];
    if (isLog) {
      const marks = Math.log10(high / low) < 2 ? [1, 2, 5] : [1];
      for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++)
        for (const mark of marks) found.push(Number(`${mark}e${power}`));
    } else {
      const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough || 1));
      const step = power * [1, 2, 5, 10].find(mark => mark * power >= rough * .999);
      for (let i = Math.ceil(low / step); i * step <= high + step * 1e-9; i++) found.push(Number((i * step).toPrecision(6)));
    }
    return found.filter(tick => tick >= low * (1 - Math.sign(low) * 1e-9) && tick <= high * (1 + Math.sign(high) * 1e-9));
  }

  function extent(values, isLog) {
    const usable = values.filter(value => value !== null && (!isLog || value > 0));
    const low = Math.min(...usable), high = Math.max(...usable);
    if (isLog) return [low / 1.1, high * 1.1];
    const room = (high - low) * .05 || 1;
    return [low - room, high + room];
  }

  // -- Controls -----------------------------------------------------------------------------------

  let controls = 0;
  function labelled(words, input, ...after) {
    input.id = `explore-${++controls}`;
    return html("div", { className: "control" }, html("label", { htmlFor: input.id }, words), input, ...after);
  }
  const range = (min, max, step, value) => html("input", Object.assign({ type: "range" }, { min, max, step }, { value }));
  const select = options => html("select", {}, ...options.map(([value, words]) => html("option", { value }, words)));
  /** The look that the static figure has: its colour on a light and on a dark page, and its dashes. */
  const styled = ({ colour, dark, dashes }) =>
    `--c: light-dark(${colour}, ${dark}); --dashes: ${dashes.length ? dashes.map(length => `${length * 2}px`).join(" ") : "none"}`;
  const swatch = look => svg("svg", { class: "swatch", style: styled(look), width: 30, height: 10, "aria-hidden": "true" }, line(0, 5, 30, 5));

  /** A plot, drawn anew when its width changes, and a sentence that says what it shows. */
  function stage(panel, draw) {
    const plot = html("div", { className: "plot" });
    const said = html("p", { className: "said" });
    said.setAttribute("role", "status");
    said.setAttribute("aria-live", "polite");
    const update = () => { if (plot.clientWidth) draw(plot, said); };
    let width = 0;
    new ResizeObserver(() => { if (plot.clientWidth !== width) { width = plot.clientWidth; update(); } }).observe(plot);
    panel.addEventListener("input", update);
    return { plot, said, update };
  }

  /** What draws an interactive figure, by its kind: each is a script of its own in `kinds/`, and says what one can do. */
  const kinds = {};
  window.plotting = { capital, digits, estimate, extent, html, kinds, labelled, line, range, scale, select, stage, styled, svg, swatch, text, ticks };
}
