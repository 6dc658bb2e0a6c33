// What a person does to the bot; each act waits for the bot's first answer and shows what came of it.

import { byId, fill } from "./dom.js";
import { post } from "./link.js";
import { openModal } from "./modal.js";
import { nameOf, on, place, state } from "./store.js";

let noticeTimer;
let waits = false; // for the bot's answer

on("world", drawPending);
on("place", drawPending);

/** Type a command: `options` are `{name: value}`, files as `{upload}`. Gives whether Discord sent it. */
export const command = (name, options) => act("/api/command", { place: state.place, name, options });

/** Press a button, or choose `values` from a select menu. */
export const press = (message, customId, values) =>
  act("/api/press", { message: message.id, custom_id: customId, ...(values && { values }) });

/** Use a context menu's command on a message (`{message: id}`) or person (`{user: id}`). */
export const context = (name, target) => act("/api/context", { place: state.place, name, ...target });

/** Submit a modal: custom_id to text, choices or uploads. Gives what went wrong, for the modal covers the notice. */
export async function submitModal(call, values) {
  const answer = await send("/api/modal", { call, values });
  return answer.ok ? null : answer.error;
}

/** Post a message with files that were handed over. */
export const say = (content, uploads) => act("/api/say", { place: state.place, content, uploads });

async function act(path, body) {
  const { person } = state;
  const answer = await send(path, body);
  if (!answer.ok) notice(answer.error);
  else if (answer.modal && state.person === person) openModal(answer.modal);
  return answer.ok;
}

async function send(path, body) {
  const waiting = setTimeout(() => setWaits(true), 150);
  const answer = await post(path, { person: state.person, ...body });
  clearTimeout(waiting);
  setWaits(false);
  return answer;
}

function setWaits(now) {
  waits = now;
  drawPending();
}

function drawPending() {
  const does = waits ? "thinking" : place()?.bot_types ? "typing" : null;
  byId("pending").textContent = does ? `${nameOf(state.world.bot)} is ${does}…` : "";
}

/** Say something that went wrong, for a while. */
export function notice(text) {
  clearTimeout(noticeTimer);
  fill(byId("notice"), text);
  noticeTimer = setTimeout(() => fill(byId("notice")), 8000);
}
