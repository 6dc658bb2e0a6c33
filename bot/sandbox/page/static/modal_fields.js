// The fields of a modal, one for each of Discord's components; each reads as `{value}` or `{error}`.

import { h, newId } from "./dom.js";
import { peopleHere, placesHere, rolesHere } from "./entities.js";
import { FileTray } from "./files.js";
import { countError, lengthError } from "./values.js";

const PARAGRAPH = 2;
const LONGEST = 4000; // characters of a text
const MAKERS = {
  3: (field, about) => select(field, about, field.options),
  4: textInput,
  5: (field, about) => select(field, about, peopleHere()),
  6: (field, about) => select(field, about, rolesHere()),
  7: (field, about) => select(field, about, [...peopleHere(), ...rolesHere()]),
  8: (field, about) => select(field, about, placesHere(field.channel_types)),
  19: fileUpload,
  21: radioGroup,
  22: (field, about) => checkboxes(field, about, field.options),
  23: checkbox,
};

/** The field of a component under its label: `{element, read(), complain(text), focus(), tray?}`. */
export function modalField(field, label, description) {
  const make = MAKERS[field.type];
  if (!make) return null;
  const about = { label, name: newId(field.custom_id), hint: description ? newId("hint") : null, error: newId("error") };
  const input = make(field, about);
  const error = h("p", { class: "error", id: about.error, role: "alert" });
  const mark = isNeeded(field) ? h("span", { "aria-hidden": "true" }, " *") : null;
  const hint = description ? h("p", { class: "soft", id: about.hint }, description) : null;
  const element = framed(input, { about, hint, error, words: [label, mark] });
  const complain = (text) => {
    error.textContent = text ?? "";
    for (const each of element.querySelectorAll("input, select, textarea")) each.setAttribute("aria-invalid", String(Boolean(text)));
  };
  element.dataset.field = field.custom_id;
  element.addEventListener("input", () => error.textContent && complain(input.read().error));
  const focus = () => element.querySelector("input:not([hidden]), select, textarea, button").focus();
  return { ...input, customId: field.custom_id, element, complain, focus };
}

/** Put label and description where the kind of field wants them: a group has a legend, a checkbox its own label. */
function framed(input, { about, hint, error, words }) {
  if (input.grouped) return h("fieldset", { class: "field", "aria-describedby": describedBy(about) }, h("legend", {}, words), hint, input.element, error);
  if (input.labelled) return h("div", { class: "field" }, input.element, hint, error);
  return h("div", { class: "field" }, h("label", { for: about.name }, words), hint, input.element, error);
}

const isNeeded = (field) => field.required !== false && field.type !== 23;
const describedBy = ({ hint, error }) => [hint, error].filter(Boolean).join(" ");
const least = (field) => (field.required === false ? 0 : (field.min_values ?? 1));
const attributes = (field, about) => ({
  id: about.name,
  name: field.custom_id,
  "aria-required": isNeeded(field) ? "true" : null,
  "aria-describedby": describedBy(about),
});

function textInput(field, about) {
  const props = { ...attributes(field, about), placeholder: field.placeholder, autocomplete: "off" };
  const control = field.style === PARAGRAPH ? h("textarea", { ...props, rows: 4 }) : h("input", { ...props, type: "text" });
  control.value = field.value ?? "";
  const read = () => {
    if (!control.value) return isNeeded(field) ? { error: "This is needed." } : { value: "" };
    const error = lengthError(control.value, field.min_length, field.max_length ?? LONGEST);
    return error ? { error } : { value: control.value };
  };
  return { element: control, read };
}

function select(field, about, options) {
  const chosen = new Set((field.default_values ?? []).map((each) => each.id));
  const marked = options.map((each) => ({ ...each, description: each.description ?? each.detail, default: each.default || chosen.has(each.value) }));
  if ((field.max_values ?? 1) > 1) return checkboxes(field, about, marked);
  const control = h("select", attributes(field, about),
    h("option", { value: "" }, field.placeholder ?? "Choose one"),
    marked.map(({ value, label, description, default: selected }) =>
      h("option", { value, selected }, description ? `${label}: ${description}` : label)));
  return { element: control, read: () => counted(field, control.value ? [control.value] : [], 1) };
}

function checkboxes(field, about, options) {
  const boxes = options.map((each) => tick("checkbox", field, about, each));
  const most = field.max_values ?? (field.type === 22 ? options.length : 1);
  return { grouped: true, element: h("div", { class: "ticks" }, boxes), read: () => counted(field, ticked(boxes), most) };
}

function radioGroup(field, about) {
  const radios = field.options.map((each) => tick("radio", field, about, each));
  const read = () => {
    const [value] = ticked(radios);
    return value === undefined && isNeeded(field) ? { error: "Choose one." } : { value: value ?? null };
  };
  return { grouped: true, element: h("div", { class: "ticks" }, radios), read };
}

function checkbox(field, about) {
  const box = h("input", { ...attributes(field, about), type: "checkbox", checked: field.default });
  return { labelled: true, element: h("label", { class: "check" }, box, h("span", {}, about.label)), read: () => ({ value: box.checked }) };
}

function fileUpload(field, about) {
  const most = field.max_values ?? 1;
  const told = () => tray.element.dispatchEvent(new Event("input", { bubbles: true }));
  const tray = new FileTray({ label: about.label, most, told, face: most > 1 ? "Choose files" : "Choose a file" });
  const read = () => counted(field, Array(tray.count).fill(null), most, "files");
  return { grouped: true, element: tray.element, tray, read };
}

function tick(type, field, about, option) {
  const box = h("input", { type, name: about.name, value: option.value, checked: option.default });
  return h("label", { class: "check" }, box, h("span", {}, option.label, option.description ? h("small", { class: "soft" }, option.description) : null));
}

const ticked = (rows) => rows.map((each) => each.querySelector("input")).filter((each) => each.checked).map((each) => each.value);

function counted(field, value, most, things = "of them") {
  const error = countError(value.length, least(field), most, things);
  return error ? { error } : { value };
}
