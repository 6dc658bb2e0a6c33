// The box that people write in: messages with files, and commands once a text begins with a slash.

import { notice, say } from "./acts.js";
import { matching, slashCommands } from "./commands.js";
import { byId, fill, h } from "./dom.js";
import { FileTray, filesIn, SIGN } from "./files.js";
import { CommandForm } from "./options.js";
import { on, place, state } from "./store.js";
import { Suggestions } from "./suggest.js";

const MOST_FILES = 10; // of one message
const MOST_CHARACTERS = 2000;

let form, text, bar, sendButton, tray, commandForm, whose, left;
let sending = false;
const suggestions = new Suggestions();

/** Put the composer in its place. */
export function mountComposer() {
  form = byId("composer");
  text = h("textarea", { id: "composer-text", rows: 1, autocomplete: "off", enterkeyhint: "send" });
  sendButton = h("button", { class: "main" }, "Send");
  tray = new FileTray({ label: "Attach files", most: MOST_FILES, face: SIGN });
  bar = h("div", { class: "bar" }, tray.button, text);
  fill(form, suggestions.element, h("div", { id: "composer-body" }, tray.element, bar), sendButton);
  form.noValidate = true;
  suggestions.attach(text, { find, pick: choose, eager: true, opens: (value) => /^\/[^\n]*$/.test(value) });
  text.addEventListener("input", pickTyped);
  form.addEventListener("keydown", key);
  form.addEventListener("focus", () => form.matches(":focus-visible") && (commandForm ?? text).focus()); // by the link that skips to it
  form.addEventListener("submit", submit);
  for (const [event, listener] of Object.entries({ dragover, dragleave, drop, paste })) document.addEventListener(event, listener);
  document.addEventListener("keydown", focusBySlash);
  on("place", refresh);
  on("world", refresh);
  on("messages", () => whose !== whereabouts() && refresh()); // another person's come before all else of theirs
}

async function find(typed) {
  const commands = await slashCommands();
  const items = matching(commands, typed.slice(1)).map((each) => ({ label: `/${each.label}`, detail: each.description, value: each }));
  const note = commands.length ? "No command is called so here." : "The bot offers no commands here.";
  return items.length ? items : { items, note };
}

/** A command's whole name and a space are as good as picking it. */
async function pickTyped() {
  const typed = text.value;
  const command = typed.endsWith(" ") && (await commandNamed(typed.slice(0, -1)));
  if (command && text.value === typed) choose({ value: command });
}

async function commandNamed(typed) {
  const name = typed.slice(1).toLowerCase();
  return typed.startsWith("/") && (await slashCommands()).find((each) => [each.path, each.label].some((one) => one.toLowerCase() === name));
}

function choose({ value: command }) {
  suggestions.close();
  commandForm = left?.command.path === command.path ? left : new CommandForm(command, suggestions, leaveCommand);
  left = null;
  text.value = "";
  fill(byId("composer-body"), commandForm.element);
  form.classList.add("in-command");
  commandForm.focus();
}

/** Back to choosing; what was filled in is kept, should the same command be chosen again. */
function leaveCommand() {
  left = commandForm;
  showBar();
  text.value = `/${left.command.label}`;
  text.focus();
  text.dispatchEvent(new Event("input"));
}

function showBar() {
  suggestions.close();
  commandForm = null;
  text.value = "";
  fill(byId("composer-body"), tray.element, bar);
  form.classList.remove("in-command");
}

function key(event) {
  if (event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && event.repeat && !event.shiftKey) {
    event.preventDefault(); // a key held down while a list closes or a field opens is no second press
  } else if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea")) {
    event.preventDefault();
    form.requestSubmit();
  } else if (event.key === "Escape") {
    if (commandForm) leaveCommand();
    else if (text.value.startsWith("/")) {
      text.value = "";
      suggestions.close();
    }
  }
}

function focusBySlash(event) {
  const busy = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select, dialog, [role=menu]");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || busy || form.hidden) return;
  event.preventDefault();
  if (commandForm) return commandForm.focus();
  text.value = text.value || "/";
  text.focus();
}

async function submit(event) {
  event.preventDefault();
  if (sending) return;
  setSending(true);
  const sent = commandForm ? await sendCommand(commandForm) : await sendMessage();
  setSending(false);
  if (sent && !document.querySelector("dialog[open]")) text.focus();
}

function setSending(busy) {
  sending = busy;
  sendButton.setAttribute("aria-disabled", String(busy));
  form.setAttribute("aria-busy", String(busy));
}

async function sendCommand(sentForm) {
  const sent = await sentForm.send();
  if (sent && commandForm === sentForm) showBar();
  return sent;
}

async function sendMessage() {
  const content = text.value.trim();
  const command = await commandNamed(content);
  if (command) return choose({ value: command });
  const problem = problemOf(content);
  if (problem) notice(problem);
  if (problem || (!content && !tray.count)) return false;
  const here = whose;
  text.value = ""; // for the next one
  const uploads = await tray.uploads();
  const said = uploads !== null && (await say(content, uploads.map((each) => each.upload)));
  if (whose !== here) return said;
  if (said) tray.clear();
  else text.value = content + text.value;
  return said;
}

function problemOf(content) {
  if (!place()?.can_say) return "You cannot post here; commands work: type / for them.";
  const over = [...content].length - MOST_CHARACTERS;
  return over > 0 ? `A message has ${MOST_CHARACTERS} characters at most; this has ${over} too many.` : null;
}

const whereabouts = () => `${state.person} ${state.place}`;

/** Another place or person begins with an empty box; what is offered there decides whether there is one. */
async function refresh() {
  if (whose !== whereabouts()) {
    whose = whereabouts();
    left = null;
    tray.clear();
    showBar();
  }
  const now = whose;
  const here = place();
  const offersCommands = (await slashCommands()).length > 0;
  if (now !== whose || !here) return;
  if (!commandForm && suggestions.empty) text.dispatchEvent(new Event("input")); // the bot may have come while a slash stood there
  const name = here.kind === "dm" ? "the bot" : `#${here.name}`;
  form.hidden = !here.can_say && !offersCommands;
  tray.button.hidden = !here.can_say;
  text.placeholder = here.can_say ? `Message ${name}${offersCommands ? ", or / for commands" : ""}` : "You cannot post here; / for commands";
  text.setAttribute("aria-label", text.placeholder);
}

/** Files may be dropped anywhere: the browser would leave the page for one that nobody takes. */
function dragover(event) {
  if (!event.dataTransfer.types.includes("Files") || event.defaultPrevented) return; // else a modal takes them
  event.preventDefault();
  if (form.hidden) event.dataTransfer.dropEffect = "none";
  else form.classList.add("dropping");
}

function dragleave(event) {
  if (!event.relatedTarget) form.classList.remove("dropping");
}

function drop(event) {
  form.classList.remove("dropping");
  take(event, filesIn(event.dataTransfer));
}

function paste(event) {
  take(event, filesIn(event.clipboardData));
}

function take(event, files) {
  if (!files.length || event.defaultPrevented) return;
  event.preventDefault();
  if (form.hidden) return;
  if (commandForm) return commandForm.take(files);
  if (!place()?.can_say) return notice("You cannot post files here; choose a command first.");
  const rest = tray.add(files);
  if (rest.length) notice(`A message has ${MOST_FILES} files at most.`);
  text.focus();
}
