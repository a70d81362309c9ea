// Two pictures of one subject, and a divider between them.
"use strict";
{
  const { capital, digits, html, labelled, range, select, stage } = window.plotting;

  window.plotting.kinds.compare = function compare(panel, given) {
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
      html("div", {}, said, given.note && html("p", { className: "note" }, given.note)));
    return `Drag over the picture to move the divider; choose the ${given.subject}, the ${given.vary} and what lies on each side.`;
  };
}
