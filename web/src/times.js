// Shows moments in the reader's own time zone: the server writes UTC into <time datetime>.

const MINUTE = 60_000;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function localiseTimes(root) {
  const found = root.querySelectorAll ? [...root.querySelectorAll("time[datetime]")] : [];
  for (const element of found) {
    const moment = new Date(element.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    const exact = absolute.format(moment);
    element.title = exact;
    element.textContent = element.hasAttribute("data-relative") ? ago(moment) : exact;
  }
}

function ago(moment) {
  const minutes = Math.round((moment.getTime() - Date.now()) / MINUTE);
  const size = Math.abs(minutes);
  if (size < 60) return relative.format(minutes, "minute");
  if (size < 60 * 24) return relative.format(Math.round(minutes / 60), "hour");
  if (size < 60 * 24 * 30) return relative.format(Math.round(minutes / 1440), "day");
  return absolute.format(moment);
}
