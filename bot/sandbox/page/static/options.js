// The form of a chosen command: the fields of its options, and the optional ones to add.

import { command as send, notice } from "./acts.js";
import { named } from "./commands.js";
import { fill, h } from "./dom.js";
import { helpOf, optionField } from "./fields.js";
import { post } from "./link.js";
import { state } from "./store.js";
import { OPTION } from "./values.js";

const PAUSE = 200; // milliseconds without a key before the bot is asked for choices

/** A command that is being filled in; `leave` goes back to choosing one. */
export class CommandForm {
  #suggestions;
  #fields = new Map(); // option's name to field, in the order that they were added
  #rows = h("div", { class: "options" });
  #help = h("p", { class: "help soft", "aria-hidden": "true" });
  #chips = h("div", { class: "chips", role: "toolbar", "aria-label": "More options", on: { keydown: (event) => this.#step(event) } });
  #pause;

  constructor(command, suggestions, leave) {
    this.command = command;
    this.#suggestions = suggestions;
    for (const option of command.options.filter((each) => each.required)) this.#add(option);
    const close = h("button", { type: "button", class: "away", "aria-label": `Leave /${command.label}`, on: { click: leave } }, "×");
    this.element = h("div", { class: "command", role: "group", "aria-label": `/${command.label}: ${command.description}` },
      h("div", { class: "command-head" }, h("b", {}, `/${command.label}`), h("span", { class: "soft" }, command.description), close),
      this.#help, this.#rows, this.#chips); // the help above: as it grows, nothing slips away from under a finger
    this.element.addEventListener("focusin", (event) => this.#explain(event.target));
    // The field that is left would say what is wrong with it, and the button slip away before the press is over.
    this.element.addEventListener("mousedown", (event) => event.target.closest("button") && event.preventDefault());
    this.#drawChips();
  }

  /** Put the focus on the first field that is not filled in; where there is nothing to fill in, on sending. */
  focus() {
    const fields = [...this.#fields.values()];
    (fields.find((each) => each.empty()) ?? fields.at(-1))?.focus();
    if (!fields.length) this.element.closest("form").querySelector("button.main").focus();
  }

  /** Send it; gives whether Discord did. What is wrong is said at its field. */
  async send() {
    const read = [...this.#fields.values()].map((field) => ({ field, ...field.check() }));
    const wrong = read.find((each) => each.error);
    if (wrong) {
      wrong.field.focus();
      return false;
    }
    const options = {};
    for (const { field, value } of read.filter((each) => each.value !== undefined)) {
      const files = field.tray && (await value.uploads());
      if (files === null) return false;
      options[field.option.name] = files ? files[0] : value;
    }
    return send(this.command.path, options);
  }

  /** Take files that were dropped or pasted: into the fields for files, adding optional ones. */
  take(files) {
    const wanted = this.command.options.filter((each) => each.type === OPTION.ATTACHMENT);
    let rest = files;
    for (const option of wanted) {
      if (!rest.length) break;
      const field = this.#fields.get(option.name) ?? this.#add(option);
      rest = field.tray.add(rest);
      field.focus();
    }
    this.#drawChips();
    if (!rest.length) return;
    const most = ["no files", "one file"][wanted.length] ?? `${wanted.length} files`;
    notice(`/${this.command.label} takes ${most}.`);
  }

  #add(option) {
    const field = optionField(option, {
      suggestions: this.#suggestions,
      complete: (...typed) => this.#complete(...typed),
      remove: () => this.#remove(option),
    });
    this.#fields.set(option.name, field);
    this.#rows.append(field.element);
    return field;
  }

  #remove(option) {
    const fields = [...this.#fields.values()];
    const at = fields.findIndex((each) => each.option === option);
    fields[at].element.remove();
    this.#fields.delete(option.name);
    this.#drawChips();
    (fields[at - 1] ?? fields[at + 1])?.focus();
    if (fields.length === 1) this.#chips.querySelector("button")?.focus();
  }

  #drawChips() {
    const left = this.command.options.filter((each) => !this.#fields.has(each.name));
    fill(this.#chips, left.map((option, index) => this.#chip(option, index)));
    this.#chips.hidden = !left.length;
  }

  #chip(option, index) {
    const props = { type: "button", class: "chip", tabindex: index ? -1 : 0, title: helpOf(option), dataset: { add: option.name } };
    return h("button", { ...props, on: { click: () => this.#choose(option) } }, `+ ${named(option)}`);
  }

  #choose(option) {
    const field = this.#add(option);
    this.#drawChips();
    field.focus();
  }

  /** One stop for Tab, arrows within, as in every toolbar. */
  #step(event) {
    const chips = [...this.#chips.children];
    const at = chips.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: chips.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = chips[(to + chips.length) % chips.length];
    for (const each of chips) each.tabIndex = each === next ? 0 : -1;
    next.focus();
  }

  #explain(target) {
    const name = target.closest("[data-option]")?.dataset.option ?? target.dataset.add;
    const option = this.command.options.find((each) => each.name === name);
    if (!option) return;
    fill(this.#help, h("b", {}, named(option)), ` ${helpOf(option)}`);
    target.scrollIntoView({ block: "nearest" }); // on a low screen the help may have pushed it away
  }

  /** The bot's own choices for what was typed, once the typing pauses. */
  async #complete(option, text) {
    clearTimeout(this.#pause);
    await new Promise((done) => (this.#pause = setTimeout(done, PAUSE)));
    const options = { ...this.#sofar(option), [option.name]: text };
    const where = { person: state.person, place: state.place, name: this.command.path };
    const answer = await post("/api/autocomplete", { ...where, options, focused: option.name });
    if (!answer.ok) return { items: [], note: answer.status === 504 ? "The bot did not answer." : answer.error };
    return answer.choices.map((each) => ({ label: each.name, value: each.value })); // Discord reads no translations here
  }

  /** The other options that are filled in and fit, without files: those are sent with the command alone. */
  #sofar(focused) {
    const others = [...this.#fields.values()].filter((each) => each.option !== focused && !each.tray);
    return Object.fromEntries(others.map((each) => [each.option.name, each.read().value]).filter(([, value]) => value !== undefined));
  }
}
