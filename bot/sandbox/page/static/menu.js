// Context menus of messages and people: the bot's commands for them, and what the page itself can do.

import { context, notice } from "./acts.js";
import { contextCommands, named } from "./commands.js";
import { byId, h } from "./dom.js";

const USER = 2;
const MESSAGE = 3;
const HOLD = 550; // milliseconds of a long press; a browser that tells of one itself does so sooner
const SLIP = 10; // pixels that a finger may move while it holds
let open = null; // {element, back: where the focus was, row: the message it was in}

/** Have a long press open the context menu on browsers that know none, and let whatever happens elsewhere close it. */
export function mountMenu() {
  let press = null; // {timer, x, y, held}
  const letGo = () => clearTimeout(press?.timer);
  document.addEventListener("pointerdown", ({ target, pointerType, clientX: x, clientY: y }) => {
    letGo();
    if (open && !open.element.contains(target)) close();
    press = { x, y, held: false };
    if (pointerType === "touch") press.timer = setTimeout(() => tellOfPress(target, press), HOLD);
  });
  document.addEventListener("pointermove", (event) => press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLIP && letGo());
  for (const each of ["pointerup", "pointercancel", "contextmenu", "scroll"]) document.addEventListener(each, letGo, true);
  document.addEventListener("click", (event) => press?.held && event.detail && stop(event), true); // what was held is not pressed as well
  window.addEventListener("resize", () => close(true));
}

function tellOfPress(target, press) {
  press.held = true;
  target.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: press.x, clientY: press.y }));
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

/** Open the menu of a message (`{message}`) or person (`{user}`) where the event was: right click, key or button. */
export async function openMenu(event, { message, user }) {
  stop(event);
  const origin = event.currentTarget instanceof Element ? event.currentTarget : event.target;
  const spot = spotOf(event, origin);
  const back = document.activeElement;
  const commands = await contextCommands(message ? MESSAGE : USER);
  close();
  const target = message ? { message: message.id } : { user: user.id };
  const items = [
    ...commands.map((each) => item(named(each), () => context(each.name, target))),
    commands.length ? h("li", { role: "separator" }) : null,
    ...(message ? ownOfMessage(message) : []),
    item(message ? "Copy message ID" : "Copy user ID", () => copy((message ?? user).id)),
  ];
  const label = message ? "Message" : "Person";
  const element = h("ul", { class: "menu", role: "menu", "aria-label": label, on: { keydown: step, focusout: leave } }, items);
  open = { element, back: back && back !== document.body ? back : origin, row: origin.closest("article") };
  byId("room").append(element);
  put(element, spot);
  element.querySelector("[role=menuitem]").focus();
}

function ownOfMessage(message) {
  const text = message.content || textOf(message.components ?? []);
  return text ? [item("Copy text", () => copy(text))] : [];
}

/** The words in a tree of components. */
function textOf(components) {
  return components.flatMap((each) => [each.content, textOf(each.components ?? [])]).filter(Boolean).join("\n");
}

function item(label, act) {
  const go = () => {
    close(true);
    act();
  };
  const listeners = { click: go, pointerenter: (event) => event.target.focus() };
  return h("li", { role: "none" }, h("button", { type: "button", role: "menuitem", tabindex: -1, on: listeners }, label));
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    notice("The browser did not let the page copy that.");
  }
}

/** Where to open: at the pointer, or for a key or button at its element. */
function spotOf(event, origin) {
  if (event.type === "contextmenu" && (event.clientX || event.clientY)) return { x: event.clientX, y: event.clientY };
  const { left, bottom } = origin.getBoundingClientRect();
  return { x: left, y: bottom };
}

function put(element, { x, y }) {
  const { width, height } = element.getBoundingClientRect();
  element.style.setProperty("left", `${Math.max(4, Math.min(x, innerWidth - width - 4))}px`);
  element.style.setProperty("top", `${Math.max(4, Math.min(y, innerHeight - height - 4))}px`);
}

function step(event) {
  const all = [...open.element.querySelectorAll("[role=menuitem]")];
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    all[(to + all.length) % all.length].focus();
  } else if (event.key === "Escape" || event.key === "Tab") {
    stop(event);
    close(true);
  }
}

function leave(event) {
  if (open?.element === event.currentTarget && event.relatedTarget && !event.currentTarget.contains(event.relatedTarget)) close();
}

function close(goBack = false) {
  if (!open) return;
  const { element, back, row } = open;
  open = null;
  element.remove();
  if (goBack) (back.isConnected ? back : row)?.focus(); // a message may have been drawn anew meanwhile
}
