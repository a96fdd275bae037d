// Keeps a page calm while parts of it are refreshed: what is the same stays, what was open stays open, focus stays.

/** `prepare` is called with every part that was put into the page. */
export function keepSteady(prepare) {
  const drawn = new Map();
  const open = new Map();
  let focused = null;

  for (const part of document.querySelectorAll("[data-part]")) drawn.set(part.id, part.outerHTML);

  document.addEventListener("htmx:beforeSwap", (event) => {
    // Signed out, or the server restarts: what is on the page stays.
    const { xhr } = event.detail;
    if (xhr.status >= 300 || xhr.responseURL.includes("/sign-in")) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const html = [...fragment.children].map((child) => child.outerHTML).join("");
    if (drawn.get(target.id) === html) {
      event.detail.shouldSwap = false;
      return;
    }
    drawn.set(target.id, html);
    open.set(target.id, new Set(openKeys(target)));
    focused = target.contains(document.activeElement) ? key(document.activeElement) : null;
  });

  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const part = document.getElementById(event.detail.target.id);
    if (!part) return;
    const wanted = open.get(part.id) ?? new Set();
    for (const [name, details] of named(part)) if (wanted.has(name)) details.open = true;
    if (focused) [...part.querySelectorAll("a, button, summary")].find((each) => key(each) === focused)?.focus();
    focused = null;
    prepare(part);
    announce(part);
  });
}

function* named(part) {
  const seen = new Map();
  for (const details of part.querySelectorAll("details")) {
    const text = details.querySelector("summary")?.firstChild?.textContent.trim() ?? "";
    const times = seen.get(text) ?? 0;
    seen.set(text, times + 1);
    yield [`${text}#${times}`, details];
  }
}

function openKeys(part) {
  return [...named(part)].filter(([, details]) => details.open).map(([name]) => name);
}

function key(element) {
  return element.getAttribute("href") ?? element.textContent.trim();
}

/** Says in one sentence what changed, instead of having a whole table read out. */
function announce(part) {
  const status = document.getElementById("live-status");
  const words = part.dataset.part || part.querySelector("caption")?.textContent.trim();
  if (status && words) status.textContent = `Updated: ${words}`;
}
