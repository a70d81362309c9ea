// How often a reader presses the tabulator from the beginning of a page to its end.
() => {
  const folded = part => part.parentElement.closest("details:not([open])");
  const seen = one => !folded(one) || (one.matches("details:not([open]) > summary") && !folded(one.parentElement));
  return [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex]")]
    .filter(one => one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true }) && seen(one))
    .length;
}
