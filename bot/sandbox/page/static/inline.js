// Discord's markdown within a line: marks, code, links, mentions, stamps.

import { h, reveal } from "./dom.js";
import { link } from "./links.js";
import { nameOf, openPlace, placeOf, state, userOf } from "./store.js";
import { stamp } from "./time.js";

const DEEPEST = 10; // marks within marks; the rest is text
const WITHIN = String.raw`((?:\\[\s\S]|[^\\])+?)`;
const BEGINS = /[\\`*_~|[<@h]/; // what every rule begins with

/** Rules in the order they are tried, each with what it makes of a match, where null is "not this one". */
const RULES = [
  [/\\([^\p{L}\p{N}\s])/uy, ([, sign]) => sign],
  [/```(?:([\w+-]*)\n)?([\s\S]+?)\n?```\n?/y, ([, , code]) => h("pre", {}, h("code", {}, code))],
  [/(`+)(?!`)([\s\S]*?[^`])\1(?!`)/y, ([, , code]) => h("code", {}, code.replace(/^ (.*) $/, "$1"))],
  [/\[((?:\\.|[^\\[\]\n])+)\]\(<?(https:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?\)/y,
    ([, label, url], depth) => (label.includes("://") ? null : link(url, inline(label, depth)))], // one link must not pose as another
  [/<(https?:\/\/[^\s<>]+)>/y, ([, url]) => link(url, url)],
  [/https?:\/\/[^\s<]+[^\s<.,:;"'\])|*_~]/y, ([url]) => link(url, url)],
  [/<@!?(\d+)>/y, ([, id]) => mention(`@${nameOf(userOf(id))}`, id === state.world.me.id)],
  [/<@&(\d+)>/y, ([, id]) => mention(`@${state.world.roles.find((each) => each.id === id)?.name ?? "unknown-role"}`)],
  [/<#(\d+)>/y, ([, id]) => placeLink(id)],
  [/<\/([^:<>\n]+):\d+>/y, ([, name]) => mention(`/${name}`)],
  [/<t:(-?\d{1,13})(?::(\w))?>/y, ([, seconds, style]) => stamp(Number(seconds), style)],
  [/<a?(:\w+:)\d+>/y, ([, name]) => name],
  [/@(?:everyone|here)\b/y, ([name]) => mention(name, true)],
  [new RegExp(String.raw`\*\*${WITHIN}\*\*(?!\*)`, "y"), wrap("strong")],
  [new RegExp(String.raw`__${WITHIN}__(?!_)`, "y"), wrap("u")],
  [/\*(?![\s*])((?:\\[\s\S]|\*\*|[^\\*])+?)\*(?!\*)/y, wrap("em")],
  [/\b_(?!\s)((?:\\[\s\S]|__|[^\\_])+?)_\b/y, wrap("em")],
  [new RegExp(`~~${WITHIN}~~(?!~)`, "y"), wrap("s")],
  [new RegExp(String.raw`\|\|${WITHIN}\|\|`, "y"), ([, text], depth) => spoiler(inline(text, depth))],
];

/** What a text without blocks looks like, as a list of elements and strings. */
export function inline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length; ) {
    const [length, node] = (BEGINS.test(text[at]) && depth < DEEPEST && read(text, at, depth + 1)) || [1, text[at]];
    at += length;
    if (typeof node === "string") {
      plain += node;
    } else {
      if (plain) nodes.push(plain);
      plain = "";
      nodes.push(node);
    }
  }
  return plain ? [...nodes, plain] : nodes;
}

/** What the first rule that fits makes of the text from `at` on, and how many characters it took. */
function read(text, at, depth) {
  for (const [rule, make] of RULES) {
    rule.lastIndex = at;
    const match = rule.exec(text);
    const node = match && make(match, depth);
    if (node !== null) return [match[0].length, node];
  }
  return null;
}

function wrap(tag) {
  return ([, text], depth) => h(tag, {}, inline(text, depth));
}

function mention(text, mine = false) {
  return h("span", { class: mine ? "mention mine" : "mention" }, text);
}

function placeLink(id) {
  const place = placeOf(id);
  if (!place) return mention("#unknown");
  return h("button", { type: "button", class: "mention", on: { click: () => openPlace(id) } }, `#${place.name}`);
}

function spoiler(children) {
  const hidden = h("span", { inert: true }, children);
  const show = () => {
    whole.classList.remove("covered");
    reveal(hidden, button);
  };
  const button = h("button", { type: "button", "aria-label": "Spoiler: show", on: { click: show } });
  const whole = h("span", { class: "spoiler covered" }, hidden, button);
  return whole;
}
