// A modal that the bot opened: a dialog whose fields are read, checked and sent.

import { submitModal } from "./acts.js";
import { byId, fill, h, newId } from "./dom.js";
import { filesIn } from "./files.js";
import { markdown } from "./markdown.js";
import { modalField } from "./modal_fields.js";

const ROW = 1;
const TEXT_DISPLAY = 10;
const LABEL = 18;

/** Open a modal, `{call, title, components}`; it closes once Discord took it, or by Escape. */
export function openModal(modal) {
  const title = newId("modal-title");
  const fields = [];
  const problem = h("p", { class: "error", role: "alert" });
  const close = () => dialog.close();
  const form = h("form", { novalidate: true },
    h("header", {},
      h("h2", { id: title }, modal.title),
      h("button", { type: "button", class: "away", "aria-label": "Close", on: { click: close } }, "×")),
    h("div", { class: "fields" }, modal.components.map((each) => drawn(each, fields))),
    problem,
    h("footer", {}, h("button", { type: "button", on: { click: close } }, "Cancel"), h("button", { class: "main" }, "Submit")));
  const dialog = h("dialog", { class: "modal", "aria-labelledby": title }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    fill(problem, await submitted(modal, fields, close));
    form.ariaBusy = "false";
  });
  dialog.addEventListener("dragover", (event) => event.preventDefault());
  dialog.addEventListener("drop", (event) => take(event, fields, filesIn(event.dataTransfer)));
  dialog.addEventListener("paste", (event) => take(event, fields, filesIn(event.clipboardData)));
  dialog.addEventListener("close", () => {
    dialog.remove();
    const { activeElement: back } = document; // by the browser: to where the modal was opened
    if (back === document.body || byId("composer").contains(back)) byId("composer-text").focus();
  });
  byId("layer").append(dialog);
  dialog.showModal();
  fields[0]?.focus();
}

function drawn(component, fields) {
  if (component.type === TEXT_DISPLAY) return h("div", { class: "text" }, markdown(component.content));
  const [inner, label] = component.type === ROW ? [component.components[0], component.components[0].label] : [component.component, component.label];
  const field = (component.type === ROW || component.type === LABEL) && modalField(inner, label, component.description);
  if (!field) return h("p", { class: "error" }, `This page cannot show a component of type ${inner?.type ?? component.type}.`);
  fields.push(field);
  return field.element;
}

/** Send the fields if all of them fit; gives what went wrong beyond them. */
async function submitted(modal, fields, close) {
  const read = fields.map((field) => ({ field, ...field.read() }));
  for (const { field, error } of read) field.complain(error);
  const wrong = read.find((each) => each.error);
  if (wrong) return wrong.field.focus();
  const values = {};
  for (const { field, value } of read) {
    values[field.customId] = field.tray ? await field.tray.uploads() : value;
    if (values[field.customId] === null && field.tray) return null;
  }
  const problem = await submitModal(modal.call, values);
  if (problem === null) close();
  return problem;
}

function take(event, fields, files) {
  if (!files.length) return;
  event.preventDefault();
  let rest = files;
  for (const field of fields.filter((each) => each.tray)) rest = rest.length ? field.tray.add(rest) : rest;
}
