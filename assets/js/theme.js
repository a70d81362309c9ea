// The chosen theme, before anything is drawn: this script alone is waited for.
try {
  const theme = localStorage.getItem("theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch { /* nothing may be kept */ }
