// A listbox above the composer which its text boxes share: arrows, Enter and Tab pick, Escape closes; so do mouse and touch.

import { fill, h, newId } from "./dom.js";

const LOWEST = 96; // pixels
const HIGHEST = 352;

/** What can be picked for the text box that has the focus: items of `{label, detail, value}`. */
export class Suggestions {
  #box = null; // {input, find, pick, eager}
  #items = [];
  #active = -1;
  #asked = 0;
  #list = h("ul", { id: newId("suggestions"), role: "listbox", "aria-label": "Suggestions" });
  #note = h("p", { role: "status", class: "soft" });

  /** The listbox with its line of what it holds; hidden while there is nothing to pick. */
  element = h("div", { class: "suggestions", hidden: true, on: { pointerdown: (event) => event.preventDefault() } }, this.#list, this.#note);

  /**
   * Serve a text box. `find(text)` gives the items, or a promise of them; `pick(item)` takes one. With `eager` the
   * first is active unasked, else only once letters were typed, so that Tab passes by. `opens` tells when to.
   */
  attach(input, { find, pick, eager = false, opens = () => true }) {
    const box = { input, find, pick, eager, opens };
    if (input.tagName === "INPUT") input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    this.#tell(input, false);
    const look = (typed) => (opens(input.value) ? this.#look(box, typed) : this.close());
    input.addEventListener("input", () => look(true));
    input.addEventListener("focus", () => look(false));
    input.addEventListener("click", () => this.element.hidden && look(false));
    input.addEventListener("blur", () => this.#box === box && this.close());
    input.addEventListener("keydown", (event) => this.#key(event, box));
  }

  /** Whether there is a list to pick from. */
  get open() {
    return !this.element.hidden;
  }

  /** Whether there is a list with nothing in it. */
  get empty() {
    return this.open && !this.#items.length;
  }

  /** Put the list away. */
  close() {
    this.#asked += 1;
    if (this.#box) this.#tell(this.#box.input, false);
    this.#box = null;
    this.#items = [];
    this.element.hidden = true;
    fill(this.#list);
    fill(this.#note);
  }

  async #look(box, typed) {
    const asked = (this.#asked += 1);
    if (this.#box !== box) this.close();
    this.#asked = asked;
    this.#box = box;
    const found = await box.find(box.input.value, typed);
    if (asked !== this.#asked || document.activeElement !== box.input) return;
    const { items, note } = Array.isArray(found) ? { items: found } : found;
    this.#show(items, note, box.eager || (typed && box.input.value !== ""));
  }

  #show(items, note, eager) {
    this.#items = items;
    fill(this.#list, items.map((item, index) => this.#row(item, index)));
    this.#list.hidden = !items.length;
    fill(this.#note, note ?? (items.length ? h("span", { class: "sr" }, `${items.length} to pick from`) : "Nothing fits."));
    this.element.hidden = false;
    const above = this.element.parentElement.getBoundingClientRect().top;
    this.element.style.setProperty("max-height", `${Math.min(Math.max(above - 12, LOWEST), HIGHEST)}px`);
    this.#tell(this.#box.input, items.length > 0);
    this.#activate(eager && items.length ? 0 : -1);
  }

  #row(item, index) {
    const listeners = { click: () => this.#pick(index), pointermove: () => this.#activate(index, false) };
    return h("li", { id: `${this.#list.id}-${index}`, role: "option", "aria-selected": "false", on: listeners },
      h("b", {}, item.label), item.detail ? h("span", {}, item.detail) : null);
  }

  #activate(index, scroll = true) {
    this.#list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const row = this.#list.children[index];
    row?.setAttribute("aria-selected", "true");
    if (scroll) row?.scrollIntoView({ block: "nearest" });
    if (row) this.#box.input.setAttribute("aria-activedescendant", row.id);
    else this.#box.input.removeAttribute("aria-activedescendant");
  }

  #pick(index) {
    const { box, item } = { box: this.#box, item: this.#items[index] };
    this.close();
    box.pick(item);
  }

  #key(event, box) {
    if (event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && !this.open) {
      if (box.input.tagName === "INPUT") this.#look(box, false);
      return;
    }
    if (!this.open || this.#box !== box) return;
    if (step && this.#items.length) {
      event.preventDefault();
      const from = this.#active === -1 && step === -1 ? 0 : this.#active;
      this.#activate((from + step + this.#items.length) % this.#items.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && this.#active !== -1) {
      if (event.key === "Enter" || box.eager) event.preventDefault(); // else Tab goes on to the next field
      this.#pick(this.#active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      this.close();
    }
  }

  #tell(input, open) {
    if (input.getAttribute("role") === "combobox") input.setAttribute("aria-expanded", String(open));
    if (open) input.setAttribute("aria-controls", this.#list.id);
    else for (const name of ["aria-controls", "aria-activedescendant"]) input.removeAttribute(name);
  }
}
