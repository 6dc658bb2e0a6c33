// Elements without innerHTML: what people and the bot write is only ever text.

/**
 * Build an element.
 *
 * `props` are attributes; `on` is an object of listeners; `dataset` one of data attributes; null and false leave an
 * attribute out, true sets it empty. Children are nodes, text, or lists of them; null and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...flat(children));
  return element;
}

/** Put other children into an element. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

function flat(children) {
  return children.flat(Infinity).filter((each) => each !== null && each !== undefined && each !== false && each !== "");
}

/** Show what a button hid. The focus goes on to it, for the button is gone. */
export function reveal(hidden, button) {
  hidden.inert = false;
  const next = hidden.querySelector("video, button, a[href]") ?? hidden;
  if (next === hidden) hidden.tabIndex = -1;
  next.focus({ preventScroll: true });
  button.remove();
}

/** The element of that id. */
export const byId = (id) => document.getElementById(id);

let made = 0;
/** An id that no other element has, for labels. */
export const newId = (word) => `${word}-${(made += 1)}`;
