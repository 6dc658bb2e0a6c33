// The levers: kill the bot and start it again, change the pace of the fake generation, arm a trouble.

import { notice } from "./acts.js";
import { byId, fill, h } from "./dom.js";
import { post } from "./link.js";

const SPEEDS = [
  { speed: 0, label: "Stopped" },
  { speed: 1, label: "Real" },
  { speed: 10, label: "10×" },
  { speed: 60, label: "60×" },
];
const SERVICES = { video: "Video service", discord: "Discord" };

/** The levers, drawn anew with each state by `showState`. */
export function controls() {
  return h("div", { id: "levers" });
}

/** Show the bot's life in the page's head and the levers as they stand. */
export function showState(state) {
  const { running, exit_code: code } = state.bot;
  fill(byId("bot-state"), running ? "" : `The bot is dead (${ended(code)}). Nothing paid is lost: start it again.`);
  const had = document.activeElement?.dataset?.lever;
  fill(byId("levers"), bot(running), pace(state.speed), troubles(state.troubles));
  if (had) document.querySelector(`[data-lever="${had}"]`)?.focus();
}

function ended(code) {
  return { "-9": "kill -9", "-15": "SIGTERM" }[code] ?? `exit code ${code}`;
}

function bot(running) {
  return group("The bot", [
    lever("kill", "kill -9", { class: "bad", disabled: !running, says: "End it at once, as a power cut would." }, () => send("/api/bot", { do: "kill" })),
    lever("stop", "Stop", { disabled: !running, says: "SIGTERM: it finishes what it has begun, and ends." }, () => send("/api/bot", { do: "stop" })),
    lever("start", "Start", { class: "good", disabled: running, says: "A new process on the same files." }, () => send("/api/bot", { do: "start" })),
  ]);
}

function pace(speed) {
  return group("Pace of the fake generation", SPEEDS.map((each) =>
    lever(`speed-${each.speed}`, each.label, { pressed: each.speed === speed, says: each.speed ? `${each.speed} of its seconds pass in one` : "Its clock stands still" }, () => send("/api/speed", { speed: each.speed }))));
}

function troubles(all) {
  const groups = Object.entries(SERVICES).map(([service, label]) =>
    group(`Trouble: ${label}`, [
      ...all.filter((each) => each.service === service).map((each) =>
        lever(each.name, each.label, { pressed: each.armed, says: each.says }, () => send("/api/trouble", { name: each.name, on: !each.armed }))),
      service === "video"
        ? lever("big", "Big video", { says: "The next video is a film of 30 MB." }, () => send("/api/big", { megabytes: 30 }))
        : lever("socket", "Drop socket", { says: "Cut the bot's WebSocket; it comes back by itself." }, () => send("/api/socket", {})),
    ]));
  return groups;
}

function group(label, levers) {
  return h("fieldset", {}, h("legend", {}, label), levers);
}

function lever(name, label, { class: kind, disabled, pressed, says }, act) {
  return h("button", {
    type: "button", class: kind, disabled, title: says, "aria-description": says, dataset: { lever: name },
    "aria-pressed": pressed === undefined ? null : String(pressed), on: { click: act },
  }, label);
}

async function send(path, body) {
  const answer = await post(path, body);
  if (!answer.ok) notice(answer.error);
}
