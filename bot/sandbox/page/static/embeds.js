// Embeds, the older kind of a bot's cards.

import { colourOf } from "./components.js";
import { h } from "./dom.js";
import { inline } from "./inline.js";
import { link } from "./links.js";
import { markdown } from "./markdown.js";
import { media } from "./media.js";
import { stamp } from "./time.js";

/** A message's embeds. */
export function embeds(message) {
  return message.embeds.map((each, index) => embed(each, `${message.id} ${index}`));
}

function embed(body, key) {
  const { author, color, description, fields = [], image, thumbnail, title, url, video } = body;
  const whole = h("div", { class: "card embed" }, h("div", { class: "inside" },
    author ? h("p", { class: "soft" }, author.url ? link(author.url, author.name) : author.name) : null,
    title ? h("h3", {}, url ? link(url, inline(title)) : inline(title)) : null,
    description ? markdown(description) : null,
    fields.length ? h("dl", {}, fields.map(field)) : null,
    image ? shown(image, `${key} image`, "image/") : null,
    video ? shown(video, `${key} video`, "video/") : null,
    footer(body)), thumbnail ? h("div", { class: "aside" }, shown(thumbnail, `${key} thumbnail`, "image/")) : null);
  if (color) whole.style.setProperty("--line-colour", colourOf(color));
  return whole;
}

function field({ name, value, inline: beside }) {
  return h("div", { class: beside ? "beside" : null }, h("dt", {}, inline(name)), h("dd", {}, markdown(value)));
}

function shown({ url, width, height }, key, type) {
  return media({ key, url, type, width, height, alt: "" });
}

function footer({ footer: said, timestamp }) {
  const parts = [said?.text, timestamp ? stamp(Date.parse(timestamp) / 1000) : null].filter(Boolean);
  return parts.length ? h("p", { class: "small" }, parts[0], parts[1] ? [" · ", parts[1]] : null) : null;
}
