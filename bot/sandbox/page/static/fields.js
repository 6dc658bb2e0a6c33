// The field of one option: a text, a choice from a list, or a file. Each reads as `{value}`, `{error}` or `{}`.

import { named, described } from "./commands.js";
import { fill, h, newId } from "./dom.js";
import { peopleHere, placesHere, rolesHere } from "./entities.js";
import { FileTray } from "./files.js";
import { boundsOf, OPTION, readText } from "./values.js";

const BOOLEANS = [{ label: "True", value: true }, { label: "False", value: false }];
const THINGS = {
  [OPTION.USER]: peopleHere,
  [OPTION.ROLE]: rolesHere,
  [OPTION.MENTIONABLE]: () => [...peopleHere(), ...rolesHere()],
};

/**
 * The field of an option: `{option, element, read(), check(), focus(), control}`, files also `tray`.
 *
 * `suggestions` is the list that its text box uses, `complete(option, text)` asks the bot for choices, and `remove`
 * takes an optional field away.
 */
export function optionField(option, { suggestions, complete, remove }) {
  const ids = { control: newId("option"), hint: newId("hint"), error: newId("error") };
  const make = option.type === OPTION.ATTACHMENT ? fileInput : listOf(option) || option.autocomplete ? choiceInput : textInput;
  const input = make(option, ids, suggestions, complete);
  const error = input.tray ? null : h("p", { class: "error", id: ids.error });
  const label = h("label", { for: ids.control }, named(option), option.required ? h("span", { "aria-hidden": "true" }, " *") : null);
  const must = option.required ? " Needed." : " Backspace in the empty option takes it away.";
  const hint = h("span", { class: "sr", id: ids.hint }, sentence(helpOf(option)), must);
  const cross = { type: "button", class: "away", tabindex: -1, "aria-label": `Remove ${named(option)}`, on: { click: remove } };
  const element = h("div", { class: input.wide ? "option wide" : "option", dataset: { option: option.name } },
    label, input.element, option.required ? null : h("button", cross, "×"), hint, error);
  if (!option.required) element.addEventListener("keydown", (event) => leaveEmpty(event, input, remove));
  const field = { ...input, option, element, check: () => shown(input, error) };
  input.control.addEventListener("input", () => error?.hasChildNodes() && field.check());
  input.control.addEventListener("change", field.check);
  return field;
}

/** What an option is for and what it takes, in a sentence. */
export function helpOf(option) {
  const bounds = boundsOf(option);
  return bounds ? `${described(option)} (${bounds})` : described(option);
}

const sentence = (text) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** Read a field, and say at it what is wrong. */
function shown(input, error) {
  const read = input.read();
  if (input.tray) {
    input.tray.complain(read.error ?? "");
  } else {
    fill(error, read.error);
    input.control.setAttribute("aria-invalid", String(Boolean(read.error)));
  }
  return read;
}

function leaveEmpty(event, input, remove) {
  if (event.key !== "Backspace" || !input.empty()) return;
  event.preventDefault();
  remove();
}

function attributes(option, ids) {
  const described = { "aria-required": option.required ? "true" : null, "aria-describedby": `${ids.hint} ${ids.error}` };
  return { id: ids.control, name: option.name, autocomplete: "off", ...described };
}

function textInput(option, ids) {
  const isText = option.type === OPTION.STRING;
  const control = isText
    ? h("textarea", { ...attributes(option, ids), rows: 1, spellcheck: "true" })
    : h("input", { ...attributes(option, ids), type: "text", inputmode: option.type === OPTION.INTEGER ? "numeric" : "decimal" });
  // A command is one line: a pasted text's line breaks become spaces, as in Discord.
  control.addEventListener("input", () => /[\r\n]/.test(control.value) && (control.value = control.value.replace(/\s*[\r\n]+\s*/g, " ")));
  const read = () => readText(option, control.value);
  return { element: control, control, wide: isText, read, empty: () => !control.value, focus: () => control.focus() };
}

function fileInput(option, ids) {
  const tray = new FileTray({ label: named(option), most: 1, describedBy: ids.hint });
  tray.button.id = ids.control;
  const read = () => (tray.count ? { value: tray } : option.required ? { error: "Choose, drop or paste a file." } : {});
  return { element: tray.element, control: tray.button, tray, read, empty: () => !tray.count, focus: () => tray.focus() };
}

function choiceInput(option, ids, suggestions, complete) {
  const control = h("input", { ...attributes(option, ids), type: "text", placeholder: option.autocomplete ? "Type to search" : "Choose" });
  let picked = null; // the item whose label stands in the box
  const find = (text, typed) => {
    const wanted = picked && !typed ? "" : text;
    return option.autocomplete ? complete(option, wanted) : fitting(listOf(option), wanted);
  };
  const pick = (item) => {
    picked = item;
    control.value = item.label;
    control.dispatchEvent(new Event("change"));
  };
  suggestions.attach(control, { find, pick });
  const typed = () => control.value.trim().toLowerCase();
  const read = () => {
    const item = picked?.label === control.value ? picked : listOf(option)?.find((each) => each.label.toLowerCase() === typed());
    if (item) return { value: item.value };
    if (option.autocomplete || !control.value.trim()) return readText(option, control.value);
    return { error: "Choose one from the list." };
  };
  return { element: control, control, read, empty: () => !control.value, focus: () => control.focus() };
}

/** What can be chosen for an option, without the bot; nothing where anything can be typed. */
function listOf(option) {
  if (option.choices?.length) return option.choices.map((each) => ({ label: named(each), value: each.value }));
  if (option.type === OPTION.BOOLEAN) return BOOLEANS;
  if (option.type === OPTION.CHANNEL) return placesHere(option.channel_types);
  return THINGS[option.type]?.();
}

function fitting(items, text) {
  const typed = text.trim().toLowerCase();
  return items.filter((each) => `${each.label} ${each.detail ?? ""}`.toLowerCase().includes(typed));
}
