// Who sits at the page: one of the people of the playground.

import { byId, fill, h } from "./dom.js";
import { become, nameOf, on, state } from "./store.js";

let drawn = "";

/** Offer the people from now on. */
export function mountPeople() {
  on("world", draw);
}

function draw() {
  const now = JSON.stringify(state.world.people);
  if (now !== drawn) {
    drawn = now;
    fill(byId("people"), state.world.people.map(choice));
  }
  byId("people").querySelector(`[value="${CSS.escape(state.person)}"]`).checked = true;
}

function choice(person) {
  const language = person.locale === "en-US" ? "" : new Intl.DisplayNames("en", { type: "language" }).of(person.locale);
  return h("label", { title: language ? `Their Discord speaks ${language}` : null },
    h("input", { type: "radio", name: "person", value: person.username, on: { change: () => become(person.username) } }),
    h("span", {}, nameOf(person), language ? h("span", { class: "tag" }, person.locale) : null));
}
