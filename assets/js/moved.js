// Leads on to where a post is now, and keeps the anchor, which the page's own refresh would lose.
const { href } = document.querySelector("main a");
location.replace(href + location.search + location.hash);
