// Curves: one quantity against another, with the value at a place that the reader chooses.
"use strict";
{
  const { digits, estimate, extent, html, labelled, line, range, scale, select, stage, styled, svg, swatch, text, ticks } = window.plotting;

  window.plotting.kinds.curves = function curves(panel, data) {
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
        const [mean, low, high] = one.low && one.high ? estimate(one.y[at], one.low[at], one.high[at]) : [digits(one.y[at])];
        return html("span", {}, `${one.name} `, html("b", {}, mean), low ? ` (${low} to ${high})` : "");
      });
      const missing = shown.length - read.length;
      if (missing) entries.push(html("span", {}, `${missing} not measured here`));
      said.replaceChildren(`At ${digits(place)}: `, ...(entries.length ? entries.flatMap(entry => ["\u2060; ", entry]).slice(1) : ["no curve is chosen"]), "\u2060."); // no line begins with a sign
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
    return `Point at the plot or move the slider to read the curves at one place; ${data.choose ? `choose the ${data.choose} and ` : "choose "}which curves are drawn.`;
  };
}
