// Stamps: moments as a person reads them; those that count are kept current.

import { h } from "./dom.js";

const SHAPES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
const LAST = 8.64e12; // seconds: beyond it JavaScript has no date
const words = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** A moment in seconds since 1970, in one of Discord's styles (`R` counts); null where there is no such moment or style. */
export function stamp(seconds, style = "f") {
  if (Math.abs(seconds) > LAST || (style !== "R" && !SHAPES[style])) return null;
  const moment = new Date(seconds * 1000);
  const counts = style === "R";
  const text = counts ? relative(seconds) : formatted(moment, SHAPES[style]);
  return h("time", {
    datetime: moment.toISOString(), title: formatted(moment, SHAPES.F), dataset: counts ? { relative: seconds } : {},
  }, text);
}

/** When something was said: the time of day, with the date where that was not today. */
export function saidAt(seconds) {
  const today = new Date().toDateString() === new Date(seconds * 1000).toDateString();
  return stamp(seconds, today ? "t" : "f");
}

/** Keep the counting stamps current, once a second. */
export function startClock() {
  setInterval(() => {
    for (const each of document.querySelectorAll("time[data-relative]")) {
      const text = relative(Number(each.dataset.relative));
      if (each.textContent !== text) each.textContent = text;
    }
  }, 1000);
}

function relative(seconds) {
  const away = Math.round(seconds - Date.now() / 1000);
  const [unit, size] = UNITS.find(([, least]) => Math.abs(away) >= least) ?? UNITS.at(-1);
  return away === 0 ? "now" : words.format(Math.trunc(away / size), unit);
}

function formatted(moment, shape) {
  return new Intl.DateTimeFormat("en", shape).format(moment);
}
