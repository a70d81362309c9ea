// Sums of random vectors of two groups: exact arithmetic.
"use strict";
{
  const { digits, html, labelled, line, range, scale, select, stage, styled, svg, swatch, text, ticks } = window.plotting;

  window.plotting.kinds["vector-sum"] = function vectorSum(panel, given) {
    const { groups, symbols, dimensions, counts, entries, deviations } = given;
    const steps = [...new Set([0, counts[1], ...Array.from({ length: 61 }, (_, i) => Math.round(10 ** (i / 20)))])].sort((a, b) => a - b);
    const count = range(0, steps.length - 1, 1, steps.indexOf(counts[1]));
    const spreads = deviations.map((start, i) => range(given.reach[i][0], given.reach[i][1], given.reach[i][0], start));
    const reading = select([["deviation", "standard deviation"], ["variance", "variance"]]);
    const amounts = [count, ...spreads].map(() => html("span", { className: "amount" }));
    const sumsOf = [["first", `sum of the ${counts[0]} ${groups[0]}, ${symbols[0]}`], ["second", `sum of the ${groups[1]}, ${symbols[1]}`], ["total", "sum of all"]];
    const key = html("p", { className: "key" }, ...sumsOf.map(([name, words]) => html("span", {}, swatch(given.looks[name]), words)));

    /** Deviations in both dimensions of the sums: a sum of n centred normal vectors has sqrt(n) times theirs. */
    function sums() {
      const [usual, other] = spreads.map(input => reading.value === "variance" ? Math.sqrt(input.value) : Number(input.value));
      const n = steps[count.value], roots = [counts[0], n].map(Math.sqrt);
      const first = [roots[0] * usual, roots[0] * other], second = [roots[1] * usual, roots[1] * usual];
      return { n, usual, other, first, second, total: first.map((own, i) => Math.hypot(own, second[i])) };
    }

    function draw(plot, said) {
      const { n, usual, other, ...parts } = sums();
      const share = dimension => 200 / Math.PI * Math.atan2(parts.second[dimension], parts.first[dimension]);
      const angle = Math.atan2(...parts.total);
      const side = Math.min(plot.clientWidth, 400);
      const widest = Math.max(...Object.values(parts).flat()) * 1.08, power = 10 ** Math.floor(Math.log10(widest));
      const reach = power * [1, 1.5, 2, 3, 4, 5, 6, 8, 10].find(mark => mark * power >= widest);
      const to = scale([-reach, reach], [34, side - 8]), up = value => side - to(value), unit = to(1) - to(0);
      const drawing = svg("svg", { width: side, height: side, role: "img", "aria-label": "Ellipses of one standard deviation" });
      for (const tick of ticks([-reach, reach]))
        drawing.append(line(to(tick), up(-reach), to(tick), up(reach), "grid"), line(to(-reach), up(tick), to(reach), up(tick), "grid"),
          text(to(tick), up(-reach) + 14, "middle", digits(tick)), text(to(-reach) - 5, up(tick) + 4, "end", digits(tick)));
      drawing.append(line(to(0), up(-reach), to(0), up(reach), "axis"), line(to(-reach), up(0), to(reach), up(0), "axis"),
        text(to(reach), up(0) - 6, "end", dimensions[0]), text(to(0) + 6, up(reach) + 12, "start", dimensions[1]));
      for (const way of [1, -1]) {
        const [x, y] = [way * reach * Math.min(1, Math.tan(angle)), reach * Math.min(1, 1 / Math.tan(angle))];
        drawing.append(line(to(-x), up(-y), to(x), up(y), "wedge"));
      }
      for (const [name, [rx, ry]] of Object.entries(parts))
        drawing.append(svg("ellipse", { class: name, style: styled(given.looks[name]), cx: to(0), cy: up(0), rx: rx * unit, ry: ry * unit }));
      plot.replaceChildren(drawing);
      const argument = (input, deviation) => `${digits(input.value)}${reading.value === "variance" ? ` (deviation ${digits(deviation, 3)})` : ""}`;
      [digits(n), argument(spreads[0], usual), argument(spreads[1], other)].forEach((words, i) => { amounts[i].textContent = words; });
      count.setAttribute("aria-valuetext", digits(n));
      const pair = ([x, y]) => `${digits(x, 3)} and ${digits(y, 3)}`;
      const bold = (value, sign) => html("b", {}, `${value.toFixed(1)}${sign}`);
      const [x, y] = dimensions, [first, second] = symbols;
      said.replaceChildren(`Median angle of the total from ${y}: `, bold(angle * 180 / Math.PI, "°"), `. ${second} is the larger part of ${x} in `,
        bold(share(0), " %"), ` of draws, and of ${y} in `, bold(share(1), " %"),
        `. Deviations along ${x} and ${y}: ${first} ${pair(parts.first)}, ${second} ${pair(parts.second)}, total ${pair(parts.total)}.`);
    }

    const { plot, said } = stage(panel, draw);
    panel.classList.add("beside");
    panel.append(plot, html("div", {},
      labelled(`Number of ${groups[1]}`, count, amounts[0]),
      ...spreads.map((input, i) => labelled(`Second argument of N(0, ·), ${entries[i]}`, input, amounts[i + 1])),
      labelled("The second argument is a", reading), key, said,
      html("p", { className: "note" }, `Ellipses of one standard deviation, from the closed forms. Half of the totals lie between the straight dashed lines, around ${dimensions[1]}.`)));
  };
}
