// Tells the page that something changed: server-sent events while the tab is visible, a slow tick as a safety net.

const SETTLE_MS = 300;
const TICK_MS = 20_000;

export function listen(address) {
  if (!address) return;
  let source = null;
  let settling = null;

  const announce = () => {
    if (settling) return;
    settling = setTimeout(() => {
      settling = null;
      document.body.dispatchEvent(new CustomEvent("changed"));
    }, SETTLE_MS);
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
  setInterval(() => document.visibilityState === "visible" && announce(), TICK_MS);
  open();
}
