// What every page loads: htmx, live updates, local times.

import htmx from "htmx.org";
import { listen } from "./live.js";
import { keepSteady } from "./steady.js";
import { localiseTimes } from "./times.js";

htmx.config.allowEval = false;
htmx.config.includeIndicatorStyles = false;
htmx.config.selfRequestsOnly = true;
htmx.config.allowScriptTags = false;
htmx.config.historyCacheSize = 0;

document.documentElement.classList.add("has-script");

document.addEventListener("DOMContentLoaded", () => {
  keepSteady(localiseTimes);
  localiseTimes(document);
  setInterval(() => localiseTimes(document), 60_000);
  listen(document.body.dataset.events);
  for (const select of document.querySelectorAll("form[data-auto-submit] select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
});
