// The list of servers and places, with what is unread in them.

import { byId, fill, h } from "./dom.js";
import { kindOf, markOf, tagsOf } from "./placewords.js";
import { on, openPlace, place, state } from "./store.js";

/** By person and place: the id of the last message that was on the screen. */
const read = new Map();
let beginning = null; // the newest message when the page was opened: what came before is no news
let drawn = "";

/** List the places from now on. */
export function mountPlaces() {
  const nav = byId("places");
  const opener = byId("open-places");
  opener.addEventListener("click", () => toggle(!document.body.classList.contains("with-places")));
  nav.addEventListener("keydown", (event) => event.key === "Escape" && toggle(false));
  nav.addEventListener("focusout", ({ relatedTarget: to }) => to && to !== opener && !nav.contains(to) && toggle(false));
  document.addEventListener("pointerdown", ({ target }) => target !== opener && !nav.contains(target) && toggle(false));
  on("world", draw);
  on("place", () => {
    toggle(false);
    note();
  });
  on("messages", note);
}

function toggle(wanted) {
  const opener = byId("open-places");
  const had = byId("places").contains(document.activeElement);
  document.body.classList.toggle("with-places", wanted);
  opener.setAttribute("aria-expanded", String(wanted));
  if (wanted) byId("places").querySelector("[aria-current]")?.focus();
  else if (had && opener.offsetParent) opener.focus();
}

function note() {
  if (!state.world) return;
  const newest = latest(() => true);
  beginning ??= newest;
  read.set(`${state.person} ${state.place}`, latest((each) => each.channel_id === state.place));
  draw();
}

function latest(wanted) {
  let last = null;
  for (const each of state.messages.values()) if (wanted(each) && (last === null || BigInt(each.id) > last)) last = BigInt(each.id);
  return last;
}

/** "" where all was read, else "unread" or, where the person was called, "called". */
function news(id) {
  const since = read.get(`${state.person} ${id}`) ?? beginning ?? 0n;
  const fresh = [...state.messages.values()].filter(
    (each) => each.channel_id === id && id !== state.place && each.author.id !== state.world.me.id && BigInt(each.id) > since);
  return fresh.some((each) => each.pings_me) ? "called" : fresh.length ? "unread" : "";
}

function draw() {
  const { places, servers, bot } = state.world;
  const now = JSON.stringify([places, servers, bot.online, state.place, places.map((each) => news(each.id))]);
  if (now === drawn) return;
  drawn = now;
  const nav = byId("places");
  const had = nav.contains(document.activeElement) ? document.activeElement.dataset.place : null;
  const direct = places.filter((each) => !each.server);
  fill(nav,
    servers.map((server) => group(server.name, server.tier ? `Boost tier ${server.tier}` : "", places.filter((each) => each.server === server.id))),
    direct.length ? group("Direct messages", "", direct) : null);
  if (had) nav.querySelector(`[data-place="${had}"]`)?.focus();
}

function group(name, note, places) {
  const tops = places.filter((each) => !each.parent || !places.some((other) => other.id === each.parent));
  return h("section", {}, h("h2", {}, name, note ? h("span", { class: "tag" }, note) : null), list(tops, places));
}

function list(these, all) {
  return h("ul", {}, these.map((each) => {
    const threads = all.filter((other) => other.parent === each.id);
    return h("li", {}, entry(each), threads.length ? list(threads, all) : null);
  }));
}

function entry(each) {
  const fresh = news(each.id);
  const name = each.kind === "dm" ? state.world.bot.username : each.name;
  return h("button", {
    type: "button", class: ["place", fresh].filter(Boolean).join(" "), title: kindOf(each) || null, dataset: { place: each.id },
    "aria-current": each.id === state.place ? "page" : null, on: { click: () => openPlace(each.id) },
  },
  h("span", { class: "mark", "aria-hidden": "true" }, markOf(each)), h("span", { class: "name" }, name),
  tagsOf(each).map(({ text, says }) =>
    h("span", { class: "tag", title: says }, h("span", { "aria-hidden": "true" }, text), h("span", { class: "sr" }, says))),
  fresh ? h("span", { class: "news" }, h("span", { class: "sr" }, fresh === "called" ? "You were mentioned" : "Unread")) : null);
}
