"""Into somebody else's folder: an al-folio site, a paper."""
