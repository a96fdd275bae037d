// Tells the page that something changed: server-sent events while the tab is visible, a slow tick as a safety net.

const REST_MS = 1_000; // between two refreshes, however much happens
const TICK_MS = 20_000; // changes made by other server processes reach the page this way

export function listen(address) {
  if (!address) return;
  let source = null;
  let waiting = null;
  let last = 0;

  const announce = () => {
    if (waiting) return;
    waiting = setTimeout(
      () => {
        waiting = null;
        last = performance.now();
        document.body.dispatchEvent(new CustomEvent("changed"));
      },
      Math.max(0, last + REST_MS - performance.now()),
    );
  };
  const open = () => {
    if (source) return;
    source = new EventSource(address);
    source.addEventListener("changed", announce);
  };
  const close = () => {
    source?.close();
    source = null;
  };

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      open();
      announce();
    } else {
      close();
    }
  });
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", open);
  setInterval(() => document.visibilityState === "visible" && announce(), TICK_MS);
  open();
}
