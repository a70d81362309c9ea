// Sums of random vectors of two groups: drawn again as often as one likes, beside what is exact.
"use strict";
{
  const { digits, html, labelled, line, range, scale, select, stage, styled, svg, swatch, text, ticks } = window.plotting;
  const PARTS = ["first", "second", "total"];
  /** So many deviations of the longest sum are on the canvas at least, and so many earlier totals at most. */
  const REACH = 1.8, KEPT = 400;

  /** Normal numbers from a seed: the same ones on every machine (mulberry32, Box and Muller). */
  function normal(seed) {
    let state = seed * 0x9e3779b9 | 0;
    const uniform = () => {
      state = state + 0x6d2b79f5 | 0;
      let mixed = Math.imul(state ^ state >>> 15, 1 | state);
      mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
      return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
    };
    return deviation => deviation * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  }

  /** An arrow from the origin, in pixels; its head shrinks with it. */
  function arrow([x0, y0], [x, y], className, look) {
    const length = Math.hypot(x - x0, y - y0) || 1e-9, head = Math.min(12, length * .6), half = 1.8;
    const at = (along, across) => [x0 + ((x - x0) * along - (y - y0) * across) / length, y0 + ((y - y0) * along + (x - x0) * across) / length].map(one => one.toFixed(1)).join(",");
    const ends = [[0, half], [length - head, half], [length - head, 2.8 * half], [length, 0], [length - head, -2.8 * half], [length - head, -half], [0, -half]];
    return svg("polygon", { class: `arrow ${className}`, style: styled(look), points: ends.map(end => at(...end)).join(" ") });
  }

  window.plotting.kinds["vector-sum"] = function vectorSum(panel, given) {
    const { groups, symbols, dimensions, counts, entries, deviations, looks } = given;
    const steps = [...new Set([0, counts[1], ...Array.from({ length: 61 }, (_, i) => Math.round(10 ** (i / 20)))])].sort((a, b) => a - b);
    const count = range(0, steps.length - 1, 1, steps.indexOf(counts[1]));
    const spreads = deviations.map((start, i) => range(given.reach[i][0], given.reach[i][1], given.reach[i][0], start));
    const reading = select([["deviation", "standard deviation"], ["variance", "variance"]]);
    const amounts = [count, ...spreads].map(() => html("span", { className: "amount" }));
    const words = [`sum of the ${counts[0]} ${groups[0]}, ${symbols[0]}`, `sum of the ${groups[1]}, ${symbols[1]}`, "sum of all"];
    const key = html("p", { className: "key" }, ...PARTS.map((part, i) => html("span", {}, swatch(looks[part]), words[i])));
    let drawn = null;

    /** Deviations in both dimensions: of a vector of each group, and of the sums, where n vectors give sqrt(n). */
    function exact() {
      const [usual, other] = spreads.map(input => reading.value === "variance" ? Math.sqrt(input.value) : Number(input.value));
      const n = steps[count.value], roots = [counts[0], n].map(Math.sqrt), one = [[usual, other], [usual, usual]];
      const [first, second] = one.map((pair, i) => pair.map(deviation => roots[i] * deviation));
      return { n, one, first, second, total: first.map((own, i) => Math.hypot(own, second[i])) };
    }

    /** One more draw of all vectors, whose seed is its number. */
    function again(from) {
      drawn.draws += 1;
      const next = normal(drawn.draws);
      drawn.vectors = from.one.map(([x, y], i) => Array.from({ length: [counts[0], from.n][i] }, () => [next(x), next(y)]));
      const [first, second] = drawn.vectors.map(list => list.reduce(([a, b], [x, y]) => [a + x, b + y], [0, 0]));
      const total = first.map((own, i) => own + second[i]);
      drawn.sums = { first, second, total };
      drawn.squares += second[0] ** 2 + second[1] ** 2;
      drawn.larger = drawn.larger.map((many, i) => many + (Math.abs(second[i]) > Math.abs(first[i])));
      drawn.angles.push(Math.atan2(Math.abs(total[0]), Math.abs(total[1])) * 180 / Math.PI);
      drawn.totals = [...drawn.totals, total].slice(-KEPT);
    }

    function draw(plot, said) {
      const from = exact(), state = [from.n, ...from.one.flat()].join();
      if (drawn?.state !== state) {
        drawn = { state, draws: 0, squares: 0, larger: [0, 0], angles: [], totals: [] };
        again(from);
      }
      const side = Math.min(plot.clientWidth, 400);
      const widest = Math.max(REACH * Math.max(...from.total), 1.05 * Math.max(...Object.values(drawn.sums).flat().map(Math.abs))), power = 10 ** Math.floor(Math.log10(widest));
      const reach = power * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(mark => mark * power >= widest);
      const to = scale([-reach, reach], [34, side - 8]), up = value => side - to(value), unit = to(1) - to(0);
      const drawing = svg("svg", { width: side, height: side, role: "img", "aria-label": `${words.join(", ")}: draw ${drawn.draws}` });
      for (const tick of ticks([-reach, reach]))
        drawing.append(line(to(tick), up(-reach), to(tick), up(reach), "grid"), line(to(-reach), up(tick), to(reach), up(tick), "grid"),
          text(to(tick), up(-reach) + 14, "middle", digits(tick)), text(to(-reach) - 5, up(tick) + 4, "end", digits(tick)));
      drawing.append(line(to(0), up(-reach), to(0), up(reach), "axis"), line(to(-reach), up(0), to(reach), up(0), "axis"),
        text(to(reach), up(0) - 6, "end", dimensions[0]), text(to(0) + 6, up(reach) + 12, "start", dimensions[1]));
      for (const part of PARTS)
        drawing.append(svg("ellipse", { class: part, style: styled(looks[part]), cx: to(0), cy: up(0), rx: from[part][0] * unit, ry: from[part][1] * unit }));
      const inside = ([x, y]) => Math.max(Math.abs(x), Math.abs(y)) <= reach;
      const marks = (list, part, r) => svg("g", { class: `marks ${part}`, style: styled(looks[part]) }, ...list.filter(inside).map(([x, y]) =>
        part === "first" ? svg("rect", { x: to(x) - r, y: up(y) - r, width: 2 * r, height: 2 * r }) : svg("circle", { cx: to(x), cy: up(y), r })));
      drawing.append(marks(drawn.totals.slice(0, -1), "total", 1.5), marks(drawn.vectors[1], "second", 1.6), marks(drawn.vectors[0], "first", 2));
      for (const part of PARTS) drawing.append(arrow([to(0), up(0)], [to(drawn.sums[part][0]), up(drawn.sums[part][1])], part, looks[part]));
      plot.replaceChildren(drawing);
      const argument = (input, deviation) => `${digits(input.value)}${reading.value === "variance" ? ` (deviation ${digits(deviation, 3)})` : ""}`;
      [digits(from.n), ...spreads.map((input, i) => argument(input, from.one[0][i]))].forEach((told, i) => { amounts[i].textContent = told; });
      count.setAttribute("aria-valuetext", digits(from.n));
      tell(said, from);
    }

    function tell(said, from) {
      const [x, y] = dimensions, second = symbols[1], sorted = [...drawn.angles].sort((a, b) => a - b), half = (sorted.length - 1) / 2;
      const median = (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
      const share = i => 200 / Math.PI * Math.atan2(from.second[i], from.first[i]);
      const one = Math.hypot(...from.one[1]), per = many => `${(100 * many / drawn.draws).toFixed(0)} %`;
      const rows = [
        [`Length of the sum of ${second}, root mean square`, digits(Math.sqrt(drawn.squares / drawn.draws), 3), `√${digits(from.n)} × ${digits(one, 3)} = ${digits(Math.sqrt(from.n) * one, 3)}`],
        ...[x, y].map((name, i) => [`${second} is the larger part of ${name}`, per(drawn.larger[i]), `${share(i).toFixed(1)} %`]),
        [`Angle of the total from ${y}, median`, `${median.toFixed(1)}°`, `${(Math.atan2(...from.total) * 180 / Math.PI).toFixed(1)}°`],
      ];
      table.replaceChildren(
        html("tr", {}, html("td"), html("th", { scope: "col" }, drawn.draws === 1 ? "1 draw" : `${digits(drawn.draws)} draws`), html("th", { scope: "col" }, "exactly")),
        ...rows.map(([name, ...found]) => html("tr", {}, html("th", { scope: "row" }, name), ...found.map(entry => html("td", {}, entry)))));
      said.textContent = `Draw ${drawn.draws}: the total points ${drawn.angles.at(-1).toFixed(0)}° away from ${y}.`;
    }

    const { plot, said, update } = stage(panel, draw);
    const table = html("table", { className: "drawn" });
    const buttons = [["Draw again", 1], ["Draw 100 times", 100]].map(([name, times]) => {
      const button = html("button", { type: "button" }, name);
      button.addEventListener("click", () => {
        for (let i = 0; i < times; i++) again(exact());
        update();
      });
      return button;
    });
    panel.classList.add("beside", "sums");
    panel.append(
      html("div", {}, plot, html("div", { className: "draws" }, ...buttons), said, key),
      html("div", {},
        labelled(`Number of ${groups[1]}`, count, amounts[0]),
        ...spreads.map((input, i) => labelled(`Spread of the ${entries[i]}`, input, amounts[i + 1])),
        labelled("The spread is a", reading), table,
        html("p", { className: "note" }, "Ellipses: one standard deviation of the sums. Faint dots: earlier totals.")));
    return "Draw the vectors again as often as you like: each draw has another seed, and the counts go on. When a slider moves they begin anew.";
  };
}
