// What every page loads: htmx, live updates, local times.

import htmx from "htmx.org";
import { listen } from "./live.js";
import { localiseTimes } from "./times.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.includeAspNetAntiForgeryToken = false;
htmx.config.selfRequestsOnly = true;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0;

document.documentElement.classList.add("has-script");

document.addEventListener("DOMContentLoaded", () => {
  localiseTimes(document);
  listen(document.body.dataset.events);
  filterOnChange(document);
});

document.addEventListener("htmx:load", (event) => {
  localiseTimes(event.target);
  filterOnChange(event.target);
});

// A refused or failed background refresh (signed out, server restarting) must not wipe what is on the page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 300 || event.detail.xhr.responseURL.includes("/sign-in")) {
    event.detail.shouldSwap = false;
  }
});

/** Filter forms apply at once when a choice changes; without script they have a button. */
function filterOnChange(root) {
  for (const control of root.querySelectorAll("form[data-auto-submit] select")) {
    control.addEventListener("change", () => control.form.requestSubmit());
  }
}
