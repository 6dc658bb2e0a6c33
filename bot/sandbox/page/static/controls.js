// The levers: kill the bot and start it again, change the pace of the fake generation, arm a trouble.

import { notice } from "./acts.js";
import { byId, fill, h } from "./dom.js";
import { post } from "./link.js";

const SPEEDS = [
  { speed: 0, label: "Stopped", says: "Its clock stands still" },
  { speed: 1, label: "Real", says: "A video takes its minutes" },
  { speed: 10, label: "10×", says: "10 of its seconds pass in one" },
  { speed: 60, label: "60×", says: "60 of its seconds pass in one" },
];
const SERVICES = { video: "Trouble: Video service", discord: "Trouble: Discord" };
const groups = new Map(); // by legend: {element, row, told}
const levers = new Map(); // by name: {button, act}

/** The place of the levers, which come with the first state. */
export function controls() {
  return h("details", { id: "levers", open: true }, h("summary", {}, "Levers", h("span", { id: "troubles-on", class: "count" })));
}

/** Show the bot's life in the page's head, and the levers as they stand. */
export function showState(state) {
  byId("bot-state").className = state.bot.running ? "warn" : "bad";
  fill(byId("bot-state"), lifeOf(state.bot));
  const on = state.troubles.filter((each) => each.armed).length;
  fill(byId("troubles-on"), on ? ` ${on} on` : "");
  group("The bot", lives(state.bot));
  group("Pace of the fake generation", SPEEDS.map(({ speed, ...each }) =>
    ({ ...each, name: `speed-${speed}`, pressed: speed === state.speed, act: () => send("/api/speed", { speed }) })));
  for (const [service, label] of Object.entries(SERVICES)) {
    const here = state.troubles.filter((each) => each.service === service);
    const wires = here.map((each) =>
      ({ ...each, pressed: each.armed, act: () => send("/api/trouble", { name: each.name, on: !each.armed }) }));
    group(label, service === "discord" ? [...wires, SOCKET] : wires, here.map(told));
  }
}

const SOCKET = { name: "socket", label: "Drop socket", says: "Cut the bot's WebSocket; it comes back by itself.", act: () => send("/api/socket", {}) };

function lifeOf({ running, connected, exit_code: code }) {
  if (running) return connected ? "" : "The bot is connecting to Discord…";
  const how = { "-9": "kill -9", "-15": "SIGTERM" }[code] ?? (code === null ? "not started" : `exit code ${code}`);
  return `The bot is down (${how}). Nothing paid is lost: start it again.`;
}

function lives({ running }) {
  const act = (what) => () => send("/api/bot", { do: what });
  return [
    { name: "kill", label: "kill -9", kind: "bad", disabled: !running, says: "End it at once, as a power cut would.", act: act("kill") },
    { name: "stop", label: "Stop", disabled: !running, says: "SIGTERM: it finishes what it has begun, and ends.", act: act("stop") },
    { name: "start", label: "Start", kind: "good", disabled: running, says: "A new process on the same files.", act: act("start") },
  ];
}

/** A trouble that is on or has struck, in a line under its buttons. */
function told({ label, says, armed, lasts, hits }) {
  if (!armed && !hits) return null;
  const often = hits === 1 ? "once" : `${hits} times`;
  const now = armed ? `${lasts ? " is on" : " waits"}${hits ? ` and struck ${often}` : ""}: ${says}` : ` struck ${often}.`;
  return h("li", {}, h("b", {}, label), now);
}

/** Bring a group of levers up to date; its buttons stay the same, so that a press and the focus outlive it. */
function group(legend, wanted, notes = []) {
  if (!groups.has(legend)) {
    const told = h("ul", { class: "told" });
    const element = h("fieldset", {}, h("legend", {}, legend), wanted.map(({ name }) => made(name)), told);
    groups.set(legend, { element, told });
    byId("levers").append(element);
  }
  const { element, told } = groups.get(legend);
  for (const each of wanted) update(each);
  fill(told, notes);
}

function made(name) {
  const button = h("button", { type: "button", dataset: { lever: name }, on: { click: () => levers.get(name).act?.() } });
  levers.set(name, { button });
  return button;
}

function update({ name, label, says, kind, disabled, pressed, hits, act }) {
  const lever = levers.get(name);
  const { button } = lever;
  lever.act = disabled ? null : act; // one that cannot be pressed now keeps the focus
  button.className = kind ?? "";
  if (disabled) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
  button.title = says;
  button.setAttribute("aria-description", says);
  if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed));
  const text = hits ? `${label} · ${hits}` : label;
  if (button.textContent !== text) button.textContent = text;
}

async function send(path, body) {
  const answer = await post(path, body);
  if (!answer.ok) notice(answer.error);
}
