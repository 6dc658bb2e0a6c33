// Behind the curtain: the bot's life, the pace of the fake generation, the troubles, and what all of them did.

import { controls, showState } from "./controls.js";
import { byId, fill, h } from "./dom.js";
import { listen } from "./link.js";
import { jobsTable, ledgerTable, logList, requestList } from "./records.js";
import { on } from "./store.js";

const KEPT = 200; // requests and log lines
const seen = { jobs: [], ledger: [], requests: new Map(), log: [] };
const TABS = [
  { name: "jobs", label: "Jobs", draw: () => jobsTable(seen.jobs) },
  { name: "requests", label: "Requests", draw: () => requestList([...seen.requests.values()].reverse()) },
  { name: "ledger", label: "Ledger", draw: () => ledgerTable(seen.ledger) },
  { name: "log", label: "Log", draw: () => logList([...seen.log].reverse()) },
];
let open = TABS[0];
let hangUp = () => {}; // the line is open while somebody looks
let drawing = false;

/** Put the panel in its place, closed; the bot's state is shown all the time. */
export function mountCurtain() {
  const panel = byId("curtain");
  fill(panel, h("h2", { class: "sr" }, "Behind the curtain"), controls(), tabList(), h("div", { id: "record", role: "tabpanel", tabindex: 0 }));
  const button = byId("open-curtain");
  button.addEventListener("click", () => show(panel.hidden));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      show(false);
      button.focus();
    }
  });
  on("state", showState);
}

function show(wanted) {
  byId("curtain").hidden = !wanted;
  byId("open-curtain").setAttribute("aria-expanded", String(wanted));
  document.body.classList.toggle("with-curtain", wanted);
  hangUp();
  hangUp = wanted ? listenBehind() : () => {};
  draw();
}

function listenBehind() {
  const whole = (name) => (data) => {
    seen[name] = data;
    draw();
  };
  return listen("/api/curtain", {
    hello: () => {
      seen.requests.clear();
      seen.log = [];
      draw();
    },
    jobs: whole("jobs"),
    ledger: whole("ledger"),
    requests: (list) => {
      for (const each of list) seen.requests.set(each.n, each);
      for (const old of [...seen.requests.keys()].slice(0, -KEPT)) seen.requests.delete(old);
      draw();
    },
    log: (lines) => {
      seen.log = [...seen.log, ...lines].slice(-KEPT);
      draw();
    },
  });
}

function tabList() {
  const tabs = TABS.map((each) =>
    h("button", { id: `tab-${each.name}`, role: "tab", type: "button", "aria-controls": "record", on: { click: () => choose(each) } }, each.label),
  );
  const list = h("div", { role: "tablist", "aria-label": "Records", class: "tabs", on: { keydown: (event) => step(event, tabs) } }, tabs);
  queueMicrotask(() => choose(open));
  return list;
}

function step(event, tabs) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  const next = (TABS.indexOf(open) + by + TABS.length) % TABS.length;
  choose(TABS[next]);
  tabs[next].focus();
}

function choose(tab) {
  open = tab;
  for (const each of TABS) {
    const button = byId(`tab-${each.name}`);
    button.setAttribute("aria-selected", String(each === tab));
    button.tabIndex = each === tab ? 0 : -1;
  }
  byId("record").setAttribute("aria-labelledby", `tab-${tab.name}`);
  draw();
}

/** Draw the open record once a frame, and never under the hands of who has opened an entry or marks text in it. */
function draw() {
  if (drawing || byId("curtain").hidden) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const record = byId("record");
    const kept = new Set([...record.querySelectorAll("details[open]")].map((each) => each.dataset.key));
    const scrolled = record.scrollTop;
    fill(record, open.draw());
    for (const each of record.querySelectorAll("details")) each.open = kept.has(each.dataset.key);
    record.scrollTop = scrolled;
  });
}
