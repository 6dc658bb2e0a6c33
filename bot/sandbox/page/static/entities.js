// People, places and roles that can be picked for an option or a select menu, each as `{value: id, label, detail, type}`.

import { nameOf, place, state } from "./store.js";

const CHANNEL_TYPES = { 0: "text", 1: "dm", 2: "voice", 3: "group", 5: "announcement", 11: "thread", 12: "private-thread", 15: "forum" };

/** The people here, the bot among them. */
export function peopleHere() {
  const { people, bot, me, servers } = state.world;
  const server = servers.find((each) => each.id === place()?.server);
  const here = (user) => (server ? server.members.includes(user.id) : user === bot || user.id === me.id);
  return [...people, bot].filter(here).map((each) => ({ value: each.id, label: nameOf(each), detail: `@${each.username}`, type: "user" }));
}

/** The places of this server, of these Discord types where any are given. */
export function placesHere(types) {
  const kinds = (types ?? []).map((each) => CHANNEL_TYPES[each]);
  const near = state.world.places.filter((each) => (place()?.server ? each.server === place().server : each.id === state.place));
  return near.filter((each) => !kinds.length || kinds.includes(each.kind)).map((each) => ({ value: each.id, label: `#${each.name ?? "direct messages"}`, detail: each.kind, type: "channel" }));
}

/** The roles of this server. */
export function rolesHere() {
  return state.world.roles.filter((each) => each.server === place()?.server).map((each) => ({ value: each.id, label: `@${each.name.replace(/^@/, "")}`, detail: "role", type: "role" }));
}
