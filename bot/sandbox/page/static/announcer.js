// What is said of the open place to whoever does not see it: a line for each new message, and for each that says something new.

import { byId, h } from "./dom.js";
import { state } from "./store.js";

const KEPT = 20; // lines
const told = new Map(); // by message: the line that stands for it

/** A message was drawn: say it if it is somebody else's news; `quietly` where it was there before the person was. */
export function announce(row, { id, author }, quietly) {
  const line = lineOf(row);
  const news = told.get(id) !== line;
  told.set(id, line);
  if (quietly || !news || author.id === state.world.me.id) return;
  const box = byId("announcer");
  box.append(h("p", {}, line));
  if (box.childElementCount > KEPT) box.firstChild.remove();
}

/** A message is shown no longer. */
export function unsaid(id) {
  told.delete(id);
}

/** Who said it and its first words; what is hidden until it is asked for stays unsaid. */
function lineOf(row) {
  const thinking = row.querySelector(".thinking");
  if (thinking) return thinking.textContent;
  const words = [...row.querySelectorAll(".body :is(.text, h3, .small, li)")].find((each) => !each.closest("[inert]") && each.innerText.trim());
  const whose = row.classList.contains("private") ? ", to you alone" : "";
  return `${row.querySelector(".author").textContent}${whose}: ${words?.innerText.trim().split("\n")[0].trim() ?? thing(row)}`;
}

function thing(row) {
  return row.querySelector("video") ? "a video" : row.querySelector("img") ? "a picture" : "a message";
}
