// The diagram of a process instance: where it is now, the way it took, where it is stuck.

import NavigatedViewer from "bpmn-js/lib/NavigatedViewer.js";

const MARKERS = { active: "is-active", incidents: "has-incident", completed: "is-completed" };

for (const host of document.querySelectorAll("[data-diagram]")) show(host);

async function show(host) {
  const canvasHost = host.querySelector("[data-canvas]");
  const status = host.querySelector("[data-diagram-status]");
  const scheme = window.matchMedia("(prefers-color-scheme: dark)");
  const response = await fetch(host.dataset.diagram, { headers: { Accept: "application/xml" } });
  if (!response.ok) {
    status.textContent = "The diagram could not be loaded. Reload the page to try again.";
    return;
  }
  const xml = await response.text();
  let viewer = null;
  let drawn = null;

  const draw = async () => {
    viewer?.destroy();
    viewer = new NavigatedViewer({
      container: canvasHost,
      zoomScroll: { enabled: false },
      bpmnRenderer: colours(canvasHost),
    });
    try {
      await viewer.importXML(xml);
    } catch {
      viewer.destroy();
      viewer = null;
      canvasHost.hidden = true;
      status.textContent = "This process was deployed without a drawing. The list below says where it is.";
      return;
    }
    status.textContent = "";
    fit(viewer);
    drawn = new Positions(viewer);
    await refresh();
  };
  let asking = false;
  let askAgain = false;
  const refresh = async () => {
    if (!drawn || !host.dataset.positions) return;
    askAgain = asking;
    if (asking) return;
    asking = true;
    try {
      do {
        askAgain = false;
        const answer = await fetch(host.dataset.positions, { headers: { Accept: "application/json" } });
        if (answer.ok && answer.headers.get("content-type")?.includes("json")) drawn.show(await answer.json());
      } while (askAgain);
    } catch {
      // The server is away for a moment: the next change or tick asks again.
    } finally {
      asking = false;
    }
  };

  scheme.addEventListener("change", draw);
  document.body.addEventListener("changed", refresh);
  host.addEventListener("click", (event) => {
    const action = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (!action || !viewer) return;
    if (action === "fit") fit(viewer);
    else viewer.get("zoomScroll").stepZoom(action === "in" ? 1 : -1);
  });
  canvasHost.addEventListener(
    "wheel",
    (event) => {
      if (!viewer || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      viewer.get("zoomScroll").stepZoom(event.deltaY < 0 ? 0.5 : -0.5);
    },
    { passive: false },
  );
  await draw();
}

function colours(element) {
  const style = getComputedStyle(element);
  return {
    defaultFillColor: style.getPropertyValue("--diagram-fill").trim(),
    defaultStrokeColor: style.getPropertyValue("--diagram-stroke").trim(),
    defaultLabelColor: style.getPropertyValue("--diagram-label").trim(),
  };
}

const MARGIN = 30;

/** Shows the whole drawing with room around it, never larger than it was drawn. */
function fit(viewer) {
  const canvas = viewer.get("canvas");
  const { inner, outer } = canvas.viewbox();
  const scale = Math.min(1, outer.width / (inner.width + 2 * MARGIN), outer.height / (inner.height + 2 * MARGIN));
  const [width, height] = [outer.width / scale, outer.height / scale];
  canvas.viewbox({ x: inner.x + (inner.width - width) / 2, y: inner.y + (inner.height - height) / 2, width, height });
}

/** Keeps the marks on the diagram in step with the positions the server reports. */
class Positions {
  constructor(viewer) {
    this.canvas = viewer.get("canvas");
    this.overlays = viewer.get("overlays");
    this.registry = viewer.get("elementRegistry");
    this.marked = [];
  }

  show(state) {
    for (const [id, marker] of this.marked) this.canvas.removeMarker(id, marker);
    this.marked = [];
    this.overlays.clear();
    for (const id of state.flows ?? []) this.mark(id, "is-taken");
    for (const kind of ["completed", "active", "incidents"]) {
      for (const id of Object.keys(state[kind] ?? {})) this.mark(id, MARKERS[kind]);
    }
    for (const [id, count] of Object.entries(state.active ?? {})) {
      this.badge(id, "active", String(count), `${count} active here`, { bottom: 12, left: -12 });
    }
    for (const [id, count] of Object.entries(state.incidents ?? {})) {
      this.badge(id, "incident", `! ${count}`, `${count} open incident${count > 1 ? "s" : ""} here`, { top: -12, right: 14 });
    }
  }

  mark(id, marker) {
    if (!this.registry.get(id)) return;
    this.canvas.addMarker(id, marker);
    this.marked.push([id, marker]);
  }

  badge(id, kind, text, title, position) {
    if (!this.registry.get(id)) return;
    const html = document.createElement("div");
    html.className = `badge-on-diagram badge-on-diagram-${kind}`;
    html.dataset.element = id;
    html.textContent = text;
    html.title = title;
    this.overlays.add(id, { position, html });
  }
}
