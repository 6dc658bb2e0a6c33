// Files that a person picks, drops or pastes: shown with a small picture, and handed over at once.

import { fill, h, newId } from "./dom.js";
import { upload } from "./link.js";
import { sizeOf } from "./sizes.js";
import { place } from "./store.js";

const THUMBNAIL = 80; // pixels
/** The face of a button with no room for words. */
export const SIGN = "+";

/** The files in a drop or paste. */
export const filesIn = (transfer) => [...(transfer?.files ?? [])];

/** The files of one field, `most` of them; `told` is called when they or their error change. */
export class FileTray {
  #files = []; // {file, sent: promise of the server's answer}
  #told;
  #list = h("ul", { class: "files" });
  #error = h("p", { class: "error", id: newId("error"), role: "alert" });
  #input;

  constructor({ label, most, told = () => {}, describedBy = null, face = "Choose a file" }) {
    this.most = most;
    this.#told = told;
    this.#input = h("input", { type: "file", hidden: true, multiple: most > 1, "aria-label": label, on: { change: () => this.#chosen() } });
    this.button = h("button", {
      type: "button",
      class: "pick",
      title: face === SIGN ? label : null,
      "aria-label": face === SIGN ? label : `${label}: ${face}`,
      "aria-describedby": [describedBy, this.#error.id].filter(Boolean).join(" "),
      on: { click: () => this.#input.click() },
    }, face);
    this.element = h("div", { class: "tray" }, this.#list, this.button, this.#input, this.#error);
  }

  get count() {
    return this.#files.length;
  }

  /** Take as many of the files as there is room for and Discord allows here; gives those that did not fit. */
  add(files) {
    const room = files.slice(0, this.most - this.count);
    const limit = place()?.upload_limit ?? Infinity;
    const large = room.find((each) => each.size > limit);
    this.complain(large ? `${large.name} has ${sizeOf(large.size)}; here you can send up to ${sizeOf(limit)}.` : "");
    for (const file of room.filter((each) => each.size <= limit)) this.#files.push({ file, sent: upload(file) });
    this.#draw();
    return files.slice(room.length);
  }

  /** Say what is wrong with them, or nothing. */
  complain(text) {
    fill(this.#error, text);
    this.button.classList.toggle("invalid", Boolean(text));
  }

  /** What each was handed over as, `{upload}`, in order; null when one of them could not be. */
  async uploads() {
    const answers = await Promise.all(this.#files.map((each) => each.sent));
    const failed = answers.find((each) => !each.ok);
    if (failed) this.complain(failed.error);
    return failed ? null : answers.map(({ upload: name }) => ({ upload: name }));
  }

  /** Put the focus on picking, or where there is no more room on the last file's button. */
  focus() {
    (this.button.hidden ? this.#list.lastChild.querySelector("button") : this.button).focus();
  }

  /** Take all of them away. */
  clear() {
    this.#files = [];
    this.complain("");
    this.#draw();
  }

  #chosen() {
    const rest = this.add([...this.#input.files]);
    if (rest.length) this.complain(`There is room for ${this.most} files.`);
    this.#input.value = "";
    this.focus();
  }

  #remove(entry) {
    this.#files = this.#files.filter((each) => each !== entry);
    this.#draw();
    this.focus();
  }

  #draw() {
    fill(this.#list, this.#files.map((entry) => this.#row(entry)));
    this.#list.hidden = !this.count;
    this.button.hidden = this.count >= this.most;
    this.#told();
  }

  #row(entry) {
    const { name, size } = entry.file;
    return h("li", {}, thumbnail(entry.file), h("span", { class: "name", title: name }, name), h("span", { class: "soft" }, sizeOf(size)),
      h("button", { type: "button", class: "away", "aria-label": `Remove ${name}`, on: { click: () => this.#remove(entry) } }, "×"));
  }
}

/** A small picture of an image, drawn: the page's rules allow no links to files of the browser's own. */
function thumbnail(file) {
  if (!file.type.startsWith("image/")) return h("span", { class: "thumbnail", "aria-hidden": "true" }, file.type.startsWith("video/") ? "▶" : "▤");
  const canvas = h("canvas", { class: "thumbnail", width: THUMBNAIL, height: THUMBNAIL, "aria-hidden": "true" });
  createImageBitmap(file).then((image) => {
    const side = Math.min(image.width, image.height);
    canvas.getContext("2d").drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, THUMBNAIL, THUMBNAIL);
    image.close();
  }, () => {}); // a picture that the browser cannot read stays blank
  return canvas;
}
