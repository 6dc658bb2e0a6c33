// One message: what it replies to, who says it and when, and all that it shows.

import { components } from "./components.js";
import { h } from "./dom.js";
import { embeds } from "./embeds.js";
import { inline } from "./inline.js";
import { jumpTo } from "./links.js";
import { markdown } from "./markdown.js";
import { beginMedia, fileRow, media } from "./media.js";
import { openMenu } from "./menu.js";
import { nameOf, userOf } from "./store.js";
import { saidAt } from "./time.js";

const EPHEMERAL = 1 << 6, THINKING = 1 << 7, COMPONENTS_V2 = 1 << 15; // flags of messages, by Discord

/** What stands in the row of a message. */
export function message(body) {
  const isV2 = Boolean(body.flags & COMPONENTS_V2);
  beginMedia();
  return [
    above(body),
    h("div", { class: "avatar", "aria-hidden": "true", dataset: { bot: body.author.bot ? "yes" : "no" } }, nameOf(body.author)[0].toUpperCase()),
    head(body),
    h("div", { class: "body" },
      body.flags & THINKING ? h("p", { class: "thinking" }, `${nameOf(body.author)} is thinking…`) : null,
      body.content ? markdown(body.content) : null,
      attachments(body.attachments),
      embeds(body),
      isV2 ? h("div", { class: "blocks" }, components(body.components, body)) : components(body.components, body)),
    body.flags & EPHEMERAL ? h("p", { class: "only-you" }, "Only you can see this") : null,
    more(body),
  ];
}

function above(body) {
  const used = body.interaction ?? null;
  if (body.reply) return h("p", { class: "above" }, replied(body));
  return used ? h("p", { class: "above" }, h("b", {}, nameOf(used.user)), " used ", h("span", { class: "mention" }, `/${used.name}`)) : null;
}

function replied({ channel_id: place, reply }) {
  if (!reply.id) return "Reply to a message that is no longer there";
  const text = reply.text.split("\n").find((line) => line.trim()) ?? "a message";
  return h("button", { type: "button", class: "reply", dataset: { control: "reply" }, on: { click: () => jumpTo(place, reply.id) } },
    h("span", { class: "sr" }, "In reply to "), h("b", {}, nameOf(userOf(reply.author))), " ", h("span", {}, inWords(text)));
}

/** A line with no marks and nothing to press; what is a spoiler in it stays one. */
function inWords(line) {
  return h("span", {}, inline(line.replace(/^#+ /, "").replace(/\|\|.+?(\|\||$)/g, "▮▮▮"))).textContent;
}

function head({ author, created, edited_timestamp: edited, id }) {
  const menu = (event) => openMenu(event, { user: author });
  return h("div", { class: "head" },
    h("button", {
      type: "button", class: "author", id: `author-${id}`, dataset: { control: "author" }, on: { click: menu, contextmenu: menu },
    }, nameOf(author)),
    author.bot ? h("span", { class: "tag" }, "App") : null,
    saidAt(created),
    edited ? h("span", { class: "soft", title: new Date(edited).toLocaleString("en") }, "(edited)") : null);
}

function attachments(list) {
  const seen = list.filter((each) => /^(image|video)\//.test(each.content_type ?? ""));
  const rest = list.filter((each) => !seen.includes(each));
  return [
    seen.length ? h("div", { class: "gallery", dataset: { count: Math.min(seen.length, 4) } }, seen.map(shown)) : null,
    rest.map((each) => fileRow({ url: each.url, name: each.filename, size: each.size, type: each.content_type, spoiler: isSpoiler(each) })),
  ];
}

function shown(each) {
  const alt = each.description ?? each.filename;
  return media({ key: each.id, url: each.url, type: each.content_type, width: each.width, height: each.height, alt, spoiler: isSpoiler(each) });
}

function isSpoiler({ filename }) {
  return filename.startsWith("SPOILER_");
}

function more(body) {
  return h("button", {
    type: "button", class: "more", "aria-label": "More", "aria-haspopup": "menu", dataset: { control: "more" },
    on: { click: (event) => openMenu(event, { message: body }) },
  }, "⋯");
}
