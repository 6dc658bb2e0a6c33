// The records behind the curtain, as tables and lists; each is an element and the function that shows other items in it.

import { h } from "./dom.js";
import { rowsOf } from "./rows.js";
import { nameOf, userOf } from "./store.js";

const UNITS = 500000; // of the gateway's money, to the dollar

/** The bot's rows; `follow(words)` is called to look for one everywhere, `goTo(job)` to see its card. */
export function jobsTable({ follow, goTo }) {
  const button = (control, label, job, act) =>
    h("button", { type: "button", class: "plain", dataset: { control }, on: { click: act } }, label, h("span", { class: "sr" }, ` job ${job.id}`));
  return table("The bot's jobs, newest first", ["Job", "Status", "Due", "Lease", "Polls"], (job) => ({
    cells: [
      h("code", {}, job.id),
      [h("span", { class: `status ${job.status}` }, job.status.replaceAll("_", " ")), job.status === "in_progress" ? ` ${job.progress} %` : null],
      job.due_at ? ticking(job.due_at) : "–",
      job.lease_owner ? ticking(job.lease_until) : "–",
      String(job.polls),
    ],
    more: [
      `/${job.command} of ${nameOf(userOf(job.user_id))}: ${shortened(job.prompt)} · `,
      button("card", "See card", job, () => goTo(job)), " · ", button("follow", "Follow", job, () => follow([job.id, job.video_id].filter(Boolean))),
      job.lease_owner ? [" · leased to ", h("code", {}, job.lease_owner.slice(0, 8))] : null,
      job.reason ? h("p", {}, job.reason) : null,
    ],
  }));
}

/** The video service's tasks: what was bought, and what was given back. */
export function ledgerTable() {
  return table("The video service's ledger, newest first", ["Model", "Status", "Charged", "Refunded", "Fetched"], (task) => ({
    cells: [
      task.model,
      [task.status.toLowerCase().replaceAll("_", " "), task.status === "IN_PROGRESS" ? ` ${task.progress} %` : null],
      dollars(task.charged), task.refunded ? dollars(task.refunded) : "–", String(task.downloads),
    ],
    more: [h("code", {}, task.id), ` · ${task.size} · ${task.seconds} s`],
  }));
}

/** The requests that the two services got, each with what was sent and answered. */
export function requestList() {
  return list("Requests, newest first", (each) => [
    at(each.at), h("span", { class: "tag" }, each.service === "video" ? "video" : "Discord"),
    h("span", { class: "what" }, each.method, " ", h("code", { class: "path" }, each.path)), verdict(each),
  ], (each) => [
    each.sent ? [h("h3", {}, "Sent"), body(each.sent)] : null,
    each.answer ? [h("h3", {}, "Answered"), body(each.answer)] : null,
    !each.sent && !each.answer ? h("p", { class: "soft" }, "No text was sent, and none answered.") : null,
  ]);
}

function verdict({ status, cut }) {
  if (status) return h("b", { class: status >= 400 ? "bad" : "good" }, String(status));
  return cut ? h("b", { class: "bad" }, "cut off") : h("b", { class: "soft" }, "waiting");
}

/** The bot's log. */
export function logList() {
  return list("Log, newest first", ({ event, level, timestamp, job }) => [
    timestamp ? at(Date.parse(timestamp) / 1000) : null,
    level && level !== "info" ? h("b", { class: level === "warning" ? "warn" : "bad" }, level) : null,
    h("span", { class: "what" }, event, job ? [" ", h("code", {}, job)] : null),
  ], ({ n, event, level, timestamp, exception, ...rest }) => [
    Object.keys(rest).length ? body(JSON.stringify(rest)) : h("p", { class: "soft" }, "Nothing more was said."),
    exception ? h("pre", {}, exception) : null,
  ]);
}

/** Two rows to an item: its `cells`, and what `more` there is to say across all columns. */
function table(caption, heads, parts) {
  const head = h("thead", {}, h("tr", {}, heads.map((each) => h("th", { scope: "col" }, each))));
  const element = h("table", {}, h("caption", { class: "sr" }, caption), head);
  const show = rowsOf(element, (item) => item.id, (item) => {
    const { cells, more } = parts(item);
    return h("tbody", {},
      h("tr", {}, cells.map((cell, index) => (index ? h("td", {}, cell) : h("th", { scope: "row" }, cell)))),
      h("tr", {}, h("td", { colspan: heads.length, class: "soft" }, more)));
  });
  return { element, show };
}

/** Entries in one line each; what is in them is drawn once they are opened. */
function list(label, line, inside) {
  const element = h("ol", { class: "entries", role: "list", "aria-label": label });
  return { element, show: rowsOf(element, (item) => item.n, (item, open) => entry(item, open, line, inside)) };
}

function entry(item, open, line, inside) {
  const details = h("details", { open }, h("summary", { dataset: { control: "open" } }, line(item)), open ? inside(item) : null);
  details.addEventListener("toggle", () => {
    if (details.open && details.children.length === 1) details.append(h("div", {}, inside(item)));
  });
  return h("li", {}, details);
}

const shortened = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
const dollars = (units) => `$${(units / UNITS).toFixed(2)}`;
const clock = new Intl.DateTimeFormat("en", { timeStyle: "medium", hourCycle: "h23" });
const at = (seconds) => h("time", { class: "soft", datetime: new Date(seconds * 1000).toISOString() }, clock.format(seconds * 1000));

/** When something is, from now, kept current by `tick`. */
const ticking = (seconds) => h("time", { datetime: new Date(seconds * 1000).toISOString(), dataset: { due: seconds } }, fromNow(seconds));

/** Bring the moments in the tables up to date. */
export function tick() {
  for (const each of document.querySelectorAll("#record time[data-due]")) {
    const text = fromNow(Number(each.dataset.due));
    if (each.textContent !== text) each.textContent = text;
  }
}

function fromNow(seconds) {
  const away = Math.round(seconds - Date.now() / 1000);
  const far = Math.abs(away);
  const text = far < 100 ? `${far} s` : far < 6000 ? `${Math.round(far / 60)} min` : `${Math.round(far / 3600)} h`;
  return away >= 0 ? `in ${text}` : `${text} ago`;
}

function body(text) {
  try {
    return h("pre", {}, JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return h("pre", {}, text);
  }
}
