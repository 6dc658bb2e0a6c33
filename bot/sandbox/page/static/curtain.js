// Behind the curtain: the bot's life, the pace of the fake generation, the troubles, and what all of them did.

import { notice } from "./acts.js";
import { controls, showState } from "./controls.js";
import { byId, fill, h } from "./dom.js";
import { jumpTo } from "./links.js";
import { listen } from "./link.js";
import { jobsTable, ledgerTable, logList, requestList, tick } from "./records.js";
import { nameOf, on, placeOf, state, userOf } from "./store.js";

const KEPT = 200; // requests and log lines
const EMPTY = { jobs: "No job yet: type a command.", requests: "No request yet.", ledger: "Nothing was bought yet.", log: "The log is empty." };
const seen = { jobs: [], ledger: [], requests: new Map(), log: [] };
const items = {
  jobs: () => seen.jobs,
  requests: () => [...seen.requests.values()].reverse(),
  ledger: () => seen.ledger,
  log: () => [...seen.log].reverse(),
};
const records = { jobs: jobsTable({ follow, goTo }), requests: requestList(), ledger: ledgerTable(), log: logList() };
const names = Object.keys(records);
let open = "jobs";
let lines = 0; // of the log, for their keys
let hangUp = () => {}; // the line is open while somebody looks
let drawing = false;
let ticking = null;

/** Put the panel in its place, closed; the bot's state is shown all the time. */
export function mountCurtain() {
  const panel = byId("curtain");
  const find = h("input", { id: "find", type: "search", placeholder: "Find", "aria-label": "Find in the records", title: "Shows what has all these words; one|other stands for either.", autocomplete: "off", on: { input: draw } });
  const record = h("div", { id: "record", role: "tabpanel", tabindex: 0 }, h("p", { id: "nothing", class: "soft" }));
  fill(panel, h("h2", { class: "sr" }, "Behind the curtain"), controls(), h("div", { class: "records-head" }, tabList(), find), record);
  const button = byId("open-curtain");
  button.addEventListener("click", () => {
    show(panel.hidden);
    if (!panel.hidden) panel.focus();
  });
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !find.value) {
      show(false);
      button.focus();
    }
  });
  on("state", showState);
  choose(open);
}

function show(wanted) {
  byId("curtain").hidden = !wanted;
  byId("open-curtain").setAttribute("aria-expanded", String(wanted));
  document.body.classList.toggle("with-curtain", wanted);
  hangUp();
  hangUp = wanted ? listenBehind() : () => {};
  clearInterval(ticking);
  ticking = wanted ? setInterval(tick, 1000) : null;
  draw();
}

function listenBehind() {
  const take = (keep) => (data) => {
    keep(data);
    draw();
  };
  return listen("/api/curtain", {
    hello: take(() => {
      seen.requests.clear();
      seen.log = [];
    }),
    jobs: take((list) => (seen.jobs = list)),
    ledger: take((list) => (seen.ledger = list)),
    requests: take((list) => {
      for (const each of list) seen.requests.set(each.n, each);
      for (const old of [...seen.requests.keys()].slice(0, -KEPT)) seen.requests.delete(old);
    }),
    log: take((list) => (seen.log = [...seen.log, ...list.map((line) => ({ ...line, n: (lines += 1) }))].slice(-KEPT))),
  });
}

function tabList() {
  const label = (name) => name[0].toUpperCase() + name.slice(1);
  const tabs = names.map((name) =>
    h("button", { id: `tab-${name}`, role: "tab", type: "button", "aria-controls": "record", on: { click: () => choose(name) } }, label(name), " ", h("span", { class: "count" })));
  return h("div", { role: "tablist", "aria-label": "Records", class: "tabs", on: { keydown: step } }, tabs);
}

function step(event) {
  const now = names.indexOf(open);
  const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  choose(names.at(to % names.length));
  byId(`tab-${open}`).focus();
}

function choose(name) {
  open = name;
  for (const each of names) {
    const tab = byId(`tab-${each}`);
    tab.setAttribute("aria-selected", String(each === name));
    tab.tabIndex = each === name ? 0 : -1;
  }
  const record = byId("record");
  record.setAttribute("aria-labelledby", `tab-${name}`);
  fill(record, byId("nothing"), records[name].element).scrollTop = 0;
  draw();
}

/** Look in all records for what has any of these words. */
function follow(words) {
  byId("find").value = words.join("|");
  choose("requests");
  byId("tab-requests").focus();
}

function goTo({ place, card, user_id: user }) {
  if (!placeOf(place) || !state.messages.has(card)) {
    notice(`This card is not seen by you: be ${nameOf(userOf(user))} to look at it.`);
    return;
  }
  if (!byId("messages").offsetParent) show(false); // a narrow screen has room for one of them
  jumpTo(place, card);
}

/** Draw once a frame. */
function draw() {
  if (drawing || byId("curtain").hidden) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    const words = byId("find").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const name of names) {
      const found = items[name]().filter((item) => !words.length || has(item, words));
      byId(`tab-${name}`).querySelector(".count").textContent = found.length || "";
      if (name === open) showFound(found, words.length > 0);
    }
  });
}

const texts = new WeakMap(); // of items, to look for words in
function has(item, words) {
  if (!texts.has(item)) texts.set(item, JSON.stringify(item).toLowerCase());
  return words.every((word) => word.split("|").some((either) => texts.get(item).includes(either)));
}

/** Show what was found; whoever reads further down, or in an open entry, has it stay under their eyes. */
function showFound(found, searching) {
  const record = byId("record");
  const { element, show: showItems } = records[open];
  const edge = record.getBoundingClientRect().top;
  const held = record.scrollTop
    ? [...element.querySelectorAll("tbody, li")].find((row) => row.getBoundingClientRect().bottom > edge)
    : element.querySelector("details[open]");
  const was = held?.getBoundingClientRect().top;
  showItems(found);
  if (held?.isConnected) record.scrollTop += held.getBoundingClientRect().top - was;
  element.hidden = !found.length;
  byId("nothing").hidden = found.length > 0;
  fill(byId("nothing"), found.length ? "" : searching ? "Nothing here has these words." : EMPTY[open]);
}
