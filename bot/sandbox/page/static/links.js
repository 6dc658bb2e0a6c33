// Links: those to the world open beside the page, those to a message of this playground lead there.

import { byId, h } from "./dom.js";
import { openPlace, placeOf, state } from "./store.js";

const MESSAGE = /^https:\/\/discord\.com\/channels\/(?:@me|\d+)\/(\d+)(?:\/(\d+))?$/;
const FLASH = 1600; // milliseconds that a message looked for is marked

/** A link; text alone where it leads to nothing that a browser opens. */
export function link(url, children, props = {}) {
  const [, place, message] = MESSAGE.exec(url) ?? [];
  if (placeOf(place)) {
    const go = (event) => {
      event.preventDefault();
      jumpTo(place, message);
    };
    return h("a", { ...props, href: message ? `#message-${message}` : "#room", on: { click: go } }, children);
  }
  if (!/^https?:\/\//.test(url)) return h("span", props, children);
  return h("a", { ...props, href: url, target: "_blank", rel: "noopener noreferrer" }, children);
}

/** Look into a place and at a message of it. */
export function jumpTo(place, message) {
  if (place !== state.place) openPlace(place);
  const row = byId(`message-${message}`);
  if (!row) return;
  row.scrollIntoView({ block: "center" });
  row.focus({ preventScroll: true });
  row.classList.add("found");
  setTimeout(() => row.classList.remove("found"), FLASH);
}
