// Discord's markdown as elements: the blocks of a text here, what stands within a line in inline.js.

import { h } from "./dom.js";
import { inline } from "./inline.js";

const HEADER = /^(#{1,3}) +(\S.*)$/;
const SMALL = /^-# +(\S.*)$/;
const ITEM = /^( *)([-*]|\d{1,9}[.)]) +(\S.*)$/;

/** What a text looks like, as a list of elements. */
export function markdown(text) {
  return blocks(text, true);
}

function blocks(text, mayQuote) {
  const lines = text.split("\n");
  const nodes = [];
  let plain = [];
  const flush = () => {
    if (plain.some((line) => line.trim())) nodes.push(h("div", { class: "text" }, inline(plain.join("\n"))));
    plain = [];
  };
  while (lines.length) {
    const taken = mayQuote ? takeQuote(lines) : null;
    const block = taken ?? takeLine(lines) ?? takeList(lines);
    if (block) {
      flush();
      nodes.push(...block);
    } else {
      plain.push(...lines.splice(0, codeLines(lines) || 1));
    }
  }
  flush();
  return nodes;
}

function takeQuote(lines) {
  if (lines[0].startsWith(">>> ")) {
    const all = lines.splice(0).join("\n").slice(4);
    return [h("blockquote", {}, blocks(all, false))];
  }
  const quoted = lines.findIndex((line) => !/^> /.test(line));
  const count = quoted < 0 ? lines.length : quoted;
  if (!count) return null;
  const inner = lines.splice(0, count).map((line) => line.slice(2));
  return [h("blockquote", {}, blocks(inner.join("\n"), false))];
}

function takeLine(lines) {
  const header = HEADER.exec(lines[0]);
  const small = SMALL.exec(lines[0]);
  if (!header && !small) return null;
  lines.shift();
  return [header ? h("h3", { class: `header-${header[1].length}` }, inline(header[2])) : h("p", { class: "small" }, inline(small[1]))];
}

/** A list, its items nested as far as they are indented. */
function takeList(lines) {
  const tops = [];
  const open = [];
  for (let item; lines.length && (item = ITEM.exec(lines[0])); lines.shift()) {
    const [, { length: indent }, mark, text] = item;
    const tag = /\d/.test(mark) ? "ol" : "ul";
    while (open.length && open.at(-1).indent > indent) open.pop();
    if (open.at(-1)?.indent === indent && open.at(-1).list.localName !== tag) open.pop();
    if (!open.length || open.at(-1).indent < indent) {
      const list = h(tag, tag === "ol" ? { start: parseInt(mark, 10) } : {});
      if (open.length) open.at(-1).list.lastElementChild.append(list);
      else tops.push(list);
      open.push({ indent, list });
    }
    open.at(-1).list.append(h("li", {}, inline(text)));
  }
  return tops.length ? tops : null;
}

/** How many lines a block of code covers that begins in the first one: none of them is a header or a list. */
function codeLines(lines) {
  const start = lines[0].indexOf("```");
  if (start < 0) return 0;
  const all = lines.join("\n");
  const end = all.indexOf("```", start + 3);
  return end < 0 ? 0 : all.slice(0, end).split("\n").length;
}
