// A message's components as elements: version 2's blocks, and the rows of buttons and selects of every message.

import { press } from "./acts.js";
import { h } from "./dom.js";
import { link } from "./links.js";
import { markdown } from "./markdown.js";
import { cover, fileRow, media } from "./media.js";
import { select } from "./select.js";

const STYLES = { 1: "main", 2: "", 3: "good", 4: "bad", 6: "main" }; // Discord's primary, secondary, success, danger, premium
const LINK = 5;

const DRAWN = {
  1: row,
  2: button,
  3: select,
  5: select,
  6: select,
  7: select,
  8: select,
  9: section,
  10: (component) => markdown(component.content),
  11: thumbnail,
  12: gallery,
  13: file,
  14: separator,
  17: container,
};

/** A message's components, in order; one of a kind that is not known is left out. */
export function components(list, message) {
  return list.map((each) => DRAWN[each.type]?.(each, message));
}

/** An emoji as text: its character, or the name of a server's own. */
export const emojiOf = (emoji) => (!emoji ? null : emoji.id ? `:${emoji.name}:` : emoji.name);

function row({ components: inner }, message) {
  return h("div", { class: "row" }, components(inner, message));
}

function button(component, message) {
  const { custom_id: id, disabled, emoji, label, style, url } = component;
  const face = [emojiOf(emoji), emoji && label ? " " : null, label ?? null];
  if (style === LINK) {
    if (disabled) return h("span", { class: "button", "aria-disabled": "true" }, face);
    return link(url, face, { class: "button", dataset: { control: url } });
  }
  const act = async ({ currentTarget: pressed }) => {
    if (pressed.getAttribute("aria-busy")) return;
    pressed.setAttribute("aria-busy", "true");
    await press(message, id);
    pressed.removeAttribute("aria-busy");
  };
  return h("button", { type: "button", class: STYLES[style], disabled, dataset: { control: id }, on: { click: act } }, face);
}

function section({ components: texts, accessory }, message) {
  return h("div", { class: "section" }, h("div", { class: "section-text" }, components(texts, message)), components([accessory], message));
}

function container({ accent_color: accent, components: inner, spoiler }, message) {
  const inside = h("div", { class: "inside" }, components(inner, message));
  const whole = h("div", { class: "card" }, inside);
  if (accent !== null) whole.style.setProperty("--line-colour", colourOf(accent));
  if (spoiler) whole.append(cover(inside));
  return whole;
}

/** A colour as Discord gives it, a number, in CSS's words. */
export function colourOf(number) {
  return `#${number.toString(16).padStart(6, "0")}`;
}

function gallery({ items }) {
  return h("div", { class: "gallery", dataset: { count: Math.min(items.length, 4) } }, items.map(medium));
}

function thumbnail(component) {
  return h("div", { class: "aside" }, medium(component));
}

function medium({ media: { id, attachment_id: file, url, content_type: type, width, height }, description, spoiler }) {
  return media({ key: file ?? `${id} ${url}`, url, type, width, height, alt: description, spoiler });
}

function file({ file: { url, content_type: type }, name, size, spoiler }) {
  return fileRow({ url, name: name ?? "file", size, type, spoiler });
}

function separator({ divider, spacing }) {
  return h(divider ? "hr" : "div", { class: spacing === 2 ? "space wide" : "space" });
}
