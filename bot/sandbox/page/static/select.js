// Select menus of messages: one choice is a native menu, several are boxes to tick and a button.

import { press } from "./acts.js";
import { emojiOf } from "./components.js";
import { h } from "./dom.js";
import { peopleHere, placesHere, rolesHere } from "./entities.js";

const USER = 5, ROLE = 6, MENTIONABLE = 7, CHANNEL = 8;

/** A select menu of any kind. */
export function select(component, message) {
  const choices = choicesOf(component);
  const label = component.placeholder ?? "Choose";
  const send = (values) => press(message, component.custom_id, values);
  return component.max_values > 1 ? boxes(component, label, choices, send) : menu(component, label, choices, send);
}

function choicesOf({ type, options, default_values: chosen, channel_types: kinds }) {
  if (options) return options.map((each) => ({ ...each, label: [emojiOf(each.emoji), each.label].filter(Boolean).join(" ") }));
  const here = {
    [USER]: peopleHere,
    [ROLE]: rolesHere,
    [MENTIONABLE]: () => [...peopleHere(), ...rolesHere()],
    [CHANNEL]: () => placesHere(kinds),
  }[type]();
  const preset = new Set(chosen?.map((each) => each.id));
  return here.map((each) => ({ ...each, default: preset.has(each.value) }));
}

function menu({ custom_id: id, disabled }, label, choices, send) {
  const empty = h("option", { value: "", disabled: true, selected: !choices.some((each) => each.default) }, label);
  const options = choices.map((each) =>
    h("option", { value: each.value, selected: each.default }, [each.label, each.description].filter(Boolean).join(" – ")));
  const preset = choices.find((each) => each.default)?.value ?? "";
  const change = async ({ target }) => {
    if (!(await send([target.value]))) target.value = preset; // so that it can be chosen again
  };
  return h("select", { class: "choice", "aria-label": label, disabled, dataset: { control: id }, on: { change } }, empty, options);
}

function boxes({ custom_id: id, disabled, min_values: least, max_values: most }, label, choices, send) {
  const ticks = choices.map((each) => h("input", { type: "checkbox", value: each.value, checked: each.default }));
  const chosen = () => ticks.filter((each) => each.checked).map((each) => each.value);
  const done = h("button", { type: "button", dataset: { control: id }, on: { click: () => send(chosen()) } }, "Choose");
  const check = () => {
    done.disabled = chosen().length < least || chosen().length > most;
  };
  check();
  return h("fieldset", { class: "choices", disabled, on: { change: check } },
    h("legend", {}, `${label} (${least === most ? most : `${least} to ${most}`})`),
    h("div", { class: "ticks" }, choices.map((each, index) =>
      h("label", {}, ticks[index], each.label, each.description ? h("span", { class: "soft" }, each.description) : null))),
    done);
}
