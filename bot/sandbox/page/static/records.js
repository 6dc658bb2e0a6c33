// The records behind the curtain, as tables and lists.

import { h } from "./dom.js";
import { nameOf, userOf } from "./store.js";

const UNITS = 500000; // of the gateway's money, to the dollar

/** The bot's rows. */
export function jobsTable(jobs) {
  if (!jobs.length) return empty("No job yet: type a command.");
  const rows = jobs.map((job) => [
    h("code", {}, job.id),
    `/${job.command}`,
    nameOf(userOf(job.user_id)),
    h("span", { class: `status ${job.status}` }, job.status.replace("_", " ")),
    job.status === "in_progress" ? `${job.progress} %` : "",
    job.due_at ? seconds(job.due_at) : "",
    job.lease_owner ? `${job.lease_owner.slice(0, 6)} ${seconds(job.lease_until)}` : "",
    String(job.polls),
    job.video_id ? h("code", {}, job.video_id) : "",
  ]);
  return table("The bot's jobs", ["Job", "Command", "Of", "Status", "Progress", "Due", "Lease", "Polls", "Task"], rows);
}

/** The video service's tasks: what was bought, and what was given back. */
export function ledgerTable(tasks) {
  if (!tasks.length) return empty("Nothing was bought yet.");
  const rows = tasks.map((task) => [
    h("code", {}, task.id),
    task.model,
    `${task.status.toLowerCase().replace("_", " ")}${task.status === "IN_PROGRESS" ? ` ${task.progress} %` : ""}`,
    dollars(task.charged),
    task.refunded ? dollars(task.refunded) : "",
    `${task.size}, ${task.seconds} s`,
    String(task.downloads),
  ]);
  return table("The video service's ledger", ["Task", "Model", "Status", "Charged", "Refunded", "Video", "Downloads"], rows);
}

/** The requests that the two services got, newest first, each with what was sent and answered. */
export function requestList(requests) {
  if (!requests.length) return empty("No request yet.");
  return h("ol", { class: "entries", "aria-label": "Requests, newest first" }, requests.map(request));
}

function request(each) {
  const verdict = each.status === null ? "no answer" : each.status;
  const bad = each.status === null || each.status >= 400;
  return h("li", {}, h("details", { dataset: { key: each.n } },
    h("summary", {},
      clock(each.at), " ", h("b", {}, each.service === "video" ? "video service" : "Discord"), ` ${each.method} `,
      h("code", {}, shortened(each.path)), " ", h("span", { class: bad ? "bad" : "good" }, String(verdict))),
    each.sent ? [h("h3", {}, "Sent"), h("pre", {}, pretty(each.sent))] : null,
    each.answer ? [h("h3", {}, "Answered"), h("pre", {}, pretty(each.answer))] : null,
    !each.sent && !each.answer ? h("p", { class: "soft" }, "No body.") : null));
}

/** The bot's log, newest first. */
export function logList(lines) {
  if (!lines.length) return empty("The log is empty.");
  return h("ol", { class: "entries", "aria-label": "Log, newest first" }, lines.map((line, index) => {
    const { event, level, timestamp, action, logger, ...rest } = line;
    const more = Object.keys(rest).length ? h("pre", {}, JSON.stringify({ action, logger, ...rest }, null, 2)) : null;
    return h("li", { class: level ?? "" }, h("details", { dataset: { key: `${timestamp}-${action}-${rest.job ?? index}` } },
      h("summary", {}, timestamp ? clock(Date.parse(timestamp) / 1000) : "", " ", level && level !== "info" ? h("b", {}, level) : null, " ", event, rest.job ? [" ", h("code", {}, rest.job)] : null), more));
  }));
}

function table(caption, heads, rows) {
  return h("table", {}, h("caption", { class: "sr" }, caption),
    h("thead", {}, h("tr", {}, heads.map((each) => h("th", { scope: "col" }, each)))),
    h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell) => h("td", {}, cell))))));
}

const empty = (text) => h("p", { class: "soft" }, text);
const dollars = (units) => `$${(units / UNITS).toFixed(2)}`;
const clock = (at) => new Date(at * 1000).toLocaleTimeString([], { hour12: false });

/** When something is, from now: "in 3 s", "2 s ago". */
function seconds(at) {
  const left = Math.round(at - Date.now() / 1000);
  return left >= 0 ? `in ${left} s` : `${-left} s ago`;
}

/** A path without the long token that an interaction's carries. */
const shortened = (path) => path.replace(/[\w-]{60,}/, (token) => `${token.slice(0, 6)}…`);

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
