// Estimates of all that can be chosen, and of the choice a picture of tiles.
"use strict";
{
  const { capital, digits, estimate, html, labelled, line, scale, select, stage, styled, svg, text, ticks } = window.plotting;
  const ROW = 17, HEAD = 22, MARKS = ["circle", "diamond"];

  window.plotting.kinds.tiles = function tiles(panel, given) {
    const { rows, first, layers, above, subjects, names } = given;
    const among = (place, chosen) => [...new Set(rows.filter(row => chosen.every((one, i) => row.case[i] === one)).map(row => row.case[place]))];
    const inputs = given.choose.map((_, i) => select(among(i, []).map(one => [one, i < 2 ? capital(String(one)) : digits(one)])));
    const wanted = () => inputs.map((input, i) => i < 2 ? input.value : Number(input.value));
    /** The row that is chosen: of what the first choice leaves. */
    const row = () => rows.find(one => one.case.every((entry, i) => entry === wanted()[i])) ?? rows.find(one => one.case[0] === inputs[0].value);
    const bounds = rows.flatMap(one => one.estimates.flat()).filter(one => one !== null);
    const domain = [Math.min(0, ...bounds), Math.max(0, ...bounds)];
    const pictures = [html("img", { alt: "" }), html("img", { alt: "" })];
    const strips = pictures.map(image => html("div", { className: "strip" }, html("div", { className: "layers" }), image));
    const heads = html("div", { className: "strip heads" }, html("div"), html("div", {}, ...subjects.map(one => html("span", {}, one))));

    /** The estimates of the first choice, a line each; that of the choice is marked. */
    function draw(plot, said) {
      const now = row();
      inputs.forEach((input, i) => { input.value = now.case[i]; });
      const shown = rows.filter(one => one.case[0] === now.case[0]);
      const heights = new Map();
      let y = HEAD;
      for (const [i, one] of shown.entries()) {
        if (one.case[1] !== shown[i - 1]?.case[1]) y += ROW;
        heights.set(one, y);
        y += ROW;
      }
      const width = plot.clientWidth, left = 62, bottom = y;
      const toX = scale(domain, [left + 6, width - 10], false);
      const drawing = svg("svg", { width, height: bottom + 34, role: "img", "aria-label": given.estimate });
      for (const one of shown) if (one.same) drawing.append(svg("rect", { class: "same", x: left, y: heights.get(one) - ROW / 2, width: width - left, height: ROW }));
      for (const tick of ticks(domain).filter((_, i) => width > 300 || i % 2 === 0))
        drawing.append(line(toX(tick), HEAD, toX(tick), bottom, "grid"), text(toX(tick), bottom + 12, "middle", digits(tick)));
      drawing.append(line(toX(0), HEAD, toX(0), bottom, "axis"), text(width / 2, bottom + 29, "middle", given.estimate));
      names.forEach((name, i) => drawing.append(svg("g", { style: styled(given.looks[name]) }, mark(i, left + 10 + i * 110, 8)), text(left + 19 + i * 110, 12, "start", name)));
      for (const [i, one] of shown.entries()) {
        const at = heights.get(one);
        if (one.case[1] !== shown[i - 1]?.case[1]) drawing.append(svg("text", { class: "heading", x: 0, y: at - ROW + 4 }, one.case[1]));
        drawing.append(text(left - 8, at + 4, "end", digits(one.case[2])));
        names.forEach((name, which) => {
          const [mean, low, high] = one.estimates[which], up = at + (which ? 3.5 : -3.5);
          if (mean === null) return;
          drawing.append(svg("g", { style: styled(given.looks[name]) }, svg("line", { class: "bar", x1: toX(low), x2: toX(high), y1: up, y2: up }), mark(which, toX(mean), up)));
        });
        const target = svg("rect", { class: one === now ? "choice now" : "choice", x: 0.5, y: at - ROW / 2, width: width - 1, height: ROW });
        target.addEventListener("click", () => {
          inputs.forEach((input, which) => { input.value = one.case[which]; });
          update();
        });
        drawing.append(target);
      }
      plot.replaceChildren(drawing);
      show(now);
      tell(said, now);
    }

    function mark(which, x, y) {
      return MARKS[which] === "circle" ? svg("circle", { cx: x, cy: y, r: 3.2 }) : svg("path", { class: "diamond", d: `M${x - 4} ${y}l4 -4l4 4l-4 4z` });
    }

    function show(now) {
      const words = [above, now.same ? [layers.join(" = ")] : layers];
      [first[now.case[0]], now].forEach((one, i) => {
        // The same address again would load the same picture again.
        if (pictures[i].getAttribute("src") !== one.picture) pictures[i].src = one.picture;
        pictures[i].alt = `${subjects.join(", ")}: ${words[i].join(", below ")}`;
        pictures[i].style.aspectRatio = `${subjects.length} / ${words[i].length}`;
        strips[i].firstChild.replaceChildren(...words[i].map(word => html("span", {}, word)));
      });
    }

    function tell(said, now) {
      const [network, list, share] = now.case;
      const estimates = names.map((name, i) => {
        if (now.estimates[i][0] === null) return html("span", {}, `${name}: none;`);
        const [mean, low, high] = estimate(...now.estimates[i]);
        return html("span", {}, `${name} `, html("b", {}, mean), ` (${low} to ${high})${i ? "." : ";"}`);
      });
      const numbers = subjects.map((one, i) => html("span", {}, `${one} ${now.values.map(layer => layer[i] === null ? "none" : digits(layer[i], 3)).join(" → ")}${i < subjects.length - 1 ? ";" : "."}`));
      const words = html("p", {}, `${network}, ${list}, ${digits(share)}. ${capital(given.estimate)}: `, ...estimates.flatMap(one => [one, " "]), "In the tiles: ", ...numbers.flatMap(one => [one, " "]));
      if (said.textContent !== words.textContent) said.replaceChildren(...words.childNodes);
    }

    const { plot, said, update } = stage(panel, draw);
    panel.classList.add("tiles");
    panel.append(
      html("div", { className: "chosen" }, ...inputs.map((input, i) => labelled(capital(given.choose[i]), input))),
      html("div", { className: "estimates" }, plot),
      html("div", { className: "pictures" }, heads, ...strips),
      html("div", { className: "told" }, said, html("p", { className: "note" }, [given.band && `Bars: ${given.band}.`, given.note].filter(Boolean).join(" "))));
    return `Choose ${given.choose.slice(0, -1).join(", ")} and ${given.choose.at(-1)}, or a row of the plot: the pictures follow.`;
  };
}
