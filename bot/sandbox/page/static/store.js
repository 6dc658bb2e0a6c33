// What this page knows, and who wants to hear of it. Only this file changes it.

import { listen } from "./link.js";

const kept = sessionStorage; // of this tab, which is where it was when it is loaded again

/** `world` is the server's (see bot/sandbox/page/view.py), `messages` by id, `place` the id of the open one. */
export const state = {
  person: kept.getItem("person") ?? "member", world: null, messages: new Map(), place: kept.getItem("place"), online: true,
};

const heard = new EventTarget();
let hangUp = () => {};
let fresh = true; // whether what is told next was there before this page was

/** Call back with the details of each change: "world", "place", "messages" ({changed: [id], gone: [id], first: whether the changed were there before}), "online", "state" (the server's). */
export function on(name, callback) {
  heard.addEventListener(name, (event) => callback(event.detail));
}

function tell(name, detail) {
  heard.dispatchEvent(new CustomEvent(name, { detail }));
}

/** Become another person: what only the last one saw is gone. */
export function become(person) {
  hangUp();
  state.person = person; // before the rest is told, so that what they begin at once stays theirs
  kept.setItem("person", person);
  forget();
  hangUp = listen(`/api/stream?person=${encodeURIComponent(person)}`, {
    hello: () => {
      forget();
      setOnline(true);
    },
    state: (playground) => tell("state", playground),
    world: (world) => {
      state.world = world;
      if (!placeOf(state.place)) openPlace(world.places.find((each) => each.name === "general")?.id ?? world.places[0].id);
      tell("world");
    },
    messages: (list) => {
      for (const each of list) state.messages.set(each.id, each);
      tell("messages", { changed: list.map((each) => each.id), gone: [], first: fresh });
      fresh = false;
    },
    gone: (ids) => {
      for (const id of ids) state.messages.delete(id);
      tell("messages", { changed: [], gone: ids });
    },
    error: () => setOnline(false),
  });
}

/** Look into a place. */
export function openPlace(id) {
  state.place = id;
  kept.setItem("place", id);
  tell("place");
}

function forget() {
  const gone = [...state.messages.keys()];
  state.messages.clear();
  fresh = true;
  tell("messages", { changed: [], gone });
}

function setOnline(online) {
  if (state.online !== online) {
    state.online = online;
    tell("online");
  }
}

/** The place of that id, if this person sees it. */
export const placeOf = (id) => state.world?.places.find((each) => each.id === id);
/** The open place. */
export const place = () => placeOf(state.place);
/** The person or bot of that id. */
export const userOf = (id) =>
  id === state.world?.bot.id ? state.world.bot : state.world?.people.find((each) => each.id === id);
/** What a person or the bot is called. */
export const nameOf = (user) => user?.name ?? user?.global_name ?? user?.username ?? "somebody";
/** The messages of the open place, oldest first. */
export const messagesHere = () =>
  [...state.messages.values()].filter((each) => each.channel_id === state.place).sort(byAge);

function byAge(one, other) {
  return BigInt(one.id) < BigInt(other.id) ? -1 : 1;
}
