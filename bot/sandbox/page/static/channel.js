// The open place: its head and its messages, each in a row that is drawn anew only when it has changed.

import { announce, unsaid } from "./announcer.js";
import { byId, fill, h } from "./dom.js";
import { openMenu } from "./menu.js";
import { message } from "./message.js";
import { releaseMedia } from "./media.js";
import { markOf, notesOf } from "./placewords.js";
import { messagesHere, on, place, state } from "./store.js";

const NEAR = 60; // pixels from the end that still count as being there
const rows = new Map();
let atEnd = true;

/** Show the open place from now on. */
export function mountChannel() {
  const box = byId("messages");
  const list = h("div", { class: "list" });
  fill(box, list);
  box.addEventListener("scroll", () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
  });
  const watch = new ResizeObserver(() => {
    if (atEnd) box.scrollTop = box.scrollHeight;
  });
  watch.observe(list);
  watch.observe(box);
  on("place", () => openAnew(list));
  on("world", drawHead);
  on("online", drawHead);
  on("messages", ({ changed, gone, first }) => update(list, changed, gone, first));
}

function openAnew(list) {
  drawHead();
  atEnd = true;
  for (const id of [...rows.keys()]) remove(id);
  update(list, messagesHere().map((each) => each.id), [], true);
}

function drawHead() {
  const here = place();
  if (!here) return;
  const lost = state.online ? null : h("b", { class: "bad" }, "The line to the playground is cut: trying again… ");
  const name = here.kind === "dm" ? state.world.bot.username : here.name;
  fill(byId("room-name"), h("span", { class: "mark", "aria-hidden": "true" }, markOf(here)), name);
  fill(byId("room-note"), lost, notesOf(here).join(" · "));
  document.title = `${byId("room-name").textContent} – Reelcord playground`;
}

function update(list, changed, gone, quietly) {
  gone.forEach(remove);
  const here = messagesHere();
  const wanted = new Set(changed);
  let last = null;
  for (const body of here) {
    const row = rows.get(body.id) ?? added(list, last, body.id);
    if (wanted.has(body.id)) {
      draw(row, body);
      announce(row, body, quietly);
    }
    last = row;
  }
  list.classList.toggle("empty", !here.length);
  list.dataset.says = `Nothing was said here yet. ${place()?.can_say ? "Type / to see what the bot can do." : ""}`;
}

function added(list, before, id) {
  const row = h("article", { id: `message-${id}`, class: "message", tabindex: -1, "aria-labelledby": `author-${id}` });
  row.addEventListener("contextmenu", (event) => {
    if (!event.defaultPrevented && !event.target.closest("a[href]")) openMenu(event, { message: state.messages.get(id) });
  });
  rows.set(id, row);
  if (before) before.after(row);
  else list.prepend(row);
  return row;
}

/** Draw a row; whoever was on something in it stays there, or in the row where that is gone. */
function draw(row, body) {
  const had = row.contains(document.activeElement) && document.activeElement !== row ? document.activeElement : null;
  row.classList.toggle("pings", body.pings_me);
  row.classList.toggle("private", Boolean(body.private_to));
  fill(row, message(body));
  if (had && !row.contains(document.activeElement)) {
    const control = had.closest("[data-control]")?.dataset.control;
    const again = control && row.querySelector(`[data-control="${CSS.escape(control)}"]:not(:disabled)`);
    (row.contains(had) ? had : again || row).focus({ preventScroll: true });
  }
}

function remove(id) {
  const row = rows.get(id);
  if (!row) return;
  const had = row.contains(document.activeElement);
  releaseMedia(row);
  row.remove();
  rows.delete(id);
  unsaid(id);
  if (had) byId("messages").focus({ preventScroll: true });
}
