// Interactive figures. The page holds the numbers; without this script the static figures stay.
"use strict";
{
  const { capital, digits, extent, html, labelled, line, range, scale, select, stage, styled, svg, swatch, text, ticks } = window.plotting;

  // -- Curves ---------------------------------------------------------------------------------------

  function curves(panel, data) {
    const isLog = axis => data.log.includes(axis);
    const names = [...new Set(data.series.map(one => one.name))];
    const look = name => data.looks[name];
    const options = [...new Set(data.series.map(one => one.choice))];
    const choice = select(options.map(option => [option, option]));
    const boxes = new Map(names.map(name => [name, html("input", { type: "checkbox", checked: true })]));
    const legend = html("fieldset", {}, html("legend", {}, "Curves"),
      ...names.map(name => html("label", {}, boxes.get(name), swatch(look(name)), name)));
    const every = words => {
      const button = html("button", { type: "button" }, words);
      button.addEventListener("click", () => {
        for (const box of boxes.values()) box.checked = words === "All";
        update();
      });
      return button;
    };
    if (names.length > 3) legend.append(every("All"), every("None"));
    const places = [...new Set(data.series.flatMap(one => one.x))].sort((a, b) => a - b);
    const slider = range(0, places.length - 1, 1, places.length - 1);
    const where = html("span", { className: "amount" });
    let toX = null;

    function draw(plot, said) {
      const shown = data.series.filter(one => one.choice === choice.value && boxes.get(one.name).checked);
      const place = places[slider.value];
      const box = { left: 54, right: plot.clientWidth - 10, top: 24, bottom: Math.round(Math.min(380, 150 + plot.clientWidth * .36)) };
      const values = (shown.length ? shown : data.series).flatMap(one => [one.y, one.low, one.high, one.dotted].flatMap(list => list ?? []));
      const domain = { x: isLog("x") ? [places[0] / 1.05, places.at(-1) * 1.05] : [places[0], places.at(-1)], y: extent(values, isLog("y")) };
      toX = scale(domain.x, [box.left, box.right], isLog("x"));
      const linearY = scale(domain.y, [box.bottom, box.top], isLog("y"));
      const toY = value => value > 0 || !isLog("y") ? linearY(value) : box.bottom;
      const drawing = svg("svg", { width: plot.clientWidth, height: box.bottom + 42, role: "img", "aria-label": `${data.yLabel} against ${data.xLabel}` });
      for (const tick of ticks(domain.y, isLog("y")))
        drawing.append(line(box.left, toY(tick), box.right, toY(tick), "grid"), text(box.left - 8, toY(tick) + 4, "end", digits(tick)));
      for (const tick of places.length < 9 ? places : ticks(domain.x, isLog("x")))
        drawing.append(line(toX(tick), box.bottom, toX(tick), box.bottom + 4, "axis"), text(toX(tick), box.bottom + 18, "middle", digits(tick)));
      drawing.append(line(box.left, box.bottom, box.right, box.bottom, "axis"), text(2, 12, "start", data.yLabel), text((box.left + box.right) / 2, box.bottom + 36, "middle", data.xLabel));
      const path = (one, list) => one.x.map((x, i) => [toX(x), list[i]]).filter(([, y]) => y !== null).map(([x, y]) => `${x.toFixed(1)},${toY(y).toFixed(1)}`);
      for (const one of shown) {
        const group = svg("g", { style: styled(look(one.name)) });
        if (one.low && one.high) group.append(svg("polygon", { class: "band", points: [...path(one, one.high), ...path(one, one.low).reverse()].join(" ") }));
        if (one.dotted) group.append(svg("polyline", { class: "dotted", points: path(one, one.dotted).join(" ") }));
        group.append(svg("polyline", { class: "curve", points: path(one, one.y).join(" ") }));
        const at = one.x.indexOf(place);
        if (at >= 0 && one.y[at] !== null) group.append(svg("circle", { cx: toX(place), cy: toY(one.y[at]), r: 3.5 }));
        drawing.append(group);
      }
      drawing.append(line(toX(place), box.top, toX(place), box.bottom, "cursor"));
      plot.replaceChildren(drawing);
      where.textContent = digits(place);
      slider.setAttribute("aria-valuetext", digits(place));
      tell(said, shown, place);
    }

    function tell(said, shown, place) {
      const read = shown.map(one => [one, one.x.indexOf(place)]).filter(([one, at]) => at >= 0 && one.y[at] !== null)
        .sort(([a, i], [b, j]) => b.y[j] - a.y[i]);
      const entries = read.map(([one, at]) => {
        const between = one.low && one.high ? ` (${digits(one.low[at])} to ${digits(one.high[at])})` : "";
        return html("span", {}, `${one.name} `, html("b", {}, digits(one.y[at])), between);
      });
      const missing = shown.length - read.length;
      if (missing) entries.push(html("span", {}, `${missing} not measured here`));
      said.replaceChildren(`At ${digits(place)}: `, ...(entries.length ? entries.flatMap(entry => ["; ", entry]).slice(1) : ["no curve is chosen"]), ".");
    }

    const { plot, said, update } = stage(panel, draw);
    plot.addEventListener("pointermove", event => {
      const at = event.clientX - plot.getBoundingClientRect().left;
      const near = places.map(place => Math.abs(toX(place) - at));
      slider.value = near.indexOf(Math.min(...near));
      update();
    });
    const notes = [data.band && `Bands and brackets: ${data.band}.`, data.dotted && `Dotted: ${data.dotted}.`].filter(Boolean);
    const chooser = data.choose && labelled(data.choose, choice);
    panel.append(...[chooser, legend, plot, labelled(data.xLabel, slider, where), said, notes.length && html("p", { className: "note" }, notes.join(" "))].filter(Boolean));
  }

  // -- Sums of random vectors of two groups: exact arithmetic -------------------------------------------

  function vectorSum(panel, given) {
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
  }

  // -- Two pictures of one subject, and a divider between them ------------------------------------------

  function compare(panel, given) {
    const { subjects, values, layers } = given;
    const alone = one => subjects.filter(other => other.title === one.title).length === 1;
    const subject = select(subjects.map((one, i) => [i, alone(one) ? one.title : `${one.title} (${one.name})`]));
    const value = select(values.map(one => [one, digits(one)]));
    value.selectedIndex = values.length >> 1;
    const sides = ["left", "right"].map(name => {
      const chosen = select(layers.map(layer => [layer, layer]));
      chosen.value = given[name];
      return { name, chosen, image: html("img", { className: name, draggable: false }) };
    });
    const slider = range(0, 100, 1, 50), at = html("span", { className: "amount" });
    const box = html("div", { className: "box", hidden: !subjects[0].box.length });
    const frame = html("div", { className: "frame" }, ...sides.map(side => side.image).reverse(), box, html("div", { className: "divider" }));

    /** What a side shows: one of the published pictures, with its number. */
    const shown = ({ chosen }) => subjects[subject.value].pictures.find(one =>
      one.layer === chosen.value && (one.vary === null || one.vary === Number(value.value)));

    function draw(plot, said) {
      const { title, box: place } = subjects[subject.value];
      if (place.length) {
        const [x0, y0, x1, y1, side] = place, share = pixels => `${100 * pixels / side}%`;
        panel.style.setProperty("--side", `${side}px`);
        Object.assign(box.style, { left: share(x0), top: share(y0), width: share(x1 - x0), height: share(y1 - y0) });
      }
      for (const one of sides) {
        const { layer, picture } = shown(one);
        // The same address again would load the same picture again.
        if (one.image.getAttribute("src") !== picture) one.image.src = picture;
        one.image.alt = `${title}: ${layer}`;
      }
      frame.style.setProperty("--at", `${slider.value}%`);
      at.textContent = `${slider.value} %`;
      slider.setAttribute("aria-valuetext", `${sides[0].chosen.value} on ${slider.value} % of the width, ${sides[1].chosen.value} on the rest`);
      tell(said, title);
    }

    function tell(said, title) {
      const both = sides.map(side => [side.name, shown(side)]);
      const where = both.some(([, one]) => one.vary !== null) ? `, ${given.vary} ${digits(value.value)}` : "";
      const entries = both.filter(([, one]) => one.value !== null)
        .map(([side, one], place, all) =>
          html("span", {}, `${side}, ${one.layer} `, html("b", {}, digits(one.value)), place < all.length - 1 ? ";" : "."));
      const numbers = entries.length ? [` ${capital(given.value_label || given.value)}:`, ...entries.flatMap(entry => [" ", entry]), given.value_note && ` ${given.value_note}`] : [];
      const words = html("p", {}, `${capital(given.title)} ${title}${where}.`, ...numbers);
      // A moved divider changes nothing that would have to be said again.
      if (said.textContent !== words.textContent) said.replaceChildren(...words.childNodes);
    }

    const { plot, said, update } = stage(panel, draw);
    const follow = event => {
      const { left, width } = frame.getBoundingClientRect();
      slider.value = 100 * (event.clientX - left) / width;
      update();
    };
    frame.addEventListener("pointerdown", event => {
      if (event.button) return;
      frame.setPointerCapture(event.pointerId);
      follow(event);
    });
    frame.addEventListener("pointermove", event => { if (frame.hasPointerCapture(event.pointerId)) follow(event); });
    plot.append(frame);
    panel.classList.add("compare");
    panel.append(
      html("div", { className: "chosen" }, labelled(capital(given.subject), subject), labelled(capital(given.vary), value)),
      html("div", { className: "view" }, html("div", { className: "sides" }, labelled("Left", sides[0].chosen), labelled("Right", sides[1].chosen)), plot, labelled("Divider", slider, at)),
      html("div", {}, said, html("p", { className: "note" }, `${given.note} Drag over the picture to move the divider.`.trim())));
  }

  // -- Opening: before a figure comes into view, so that nothing moves there ----------------------------

  const KINDS = { curves, "vector-sum": vectorSum, compare };
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
        KINDS[given.kind](panel, given);
        panel.dispatchEvent(new Event("input")); // drawn before it is painted, so that nothing below it moves
      }
      panel.hidden = !open;
      button.setAttribute("aria-expanded", String(open));
      button.textContent = open ? "Show the figure" : "Explore";
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
