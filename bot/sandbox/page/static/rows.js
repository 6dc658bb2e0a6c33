// Rows that live: of a list that changes, only what is new or has changed is drawn, so that nobody is disturbed in the rest.

/**
 * Keep one child of an element for each item, in their order and after what it holds already; gives the function that
 * shows other items.
 *
 * `draw(item, open)` makes a row; `open` says whether the row that it takes the place of had its details open. Who was
 * on a control (data-control) of that row is on it again.
 */
export function rowsOf(parent, keyOf, draw) {
  const rows = new Map();
  const before = parent.lastChild;
  return (items) => {
    const wanted = new Set(items.map(keyOf));
    for (const [key, row] of rows) {
      if (wanted.has(key)) continue;
      row.element.remove();
      rows.delete(key);
    }
    let last = before;
    for (const item of items) {
      const { element } = current(rows, keyOf(item), item, draw);
      const next = last ? last.nextSibling : parent.firstChild;
      if (element !== next) parent.insertBefore(element, next);
      last = element;
    }
  };
}

function current(rows, key, item, draw) {
  const row = rows.get(key);
  if (row && isSame(row.item, item)) return row;
  const fresh = { item, element: draw(item, isOpen(row?.element)) };
  rows.set(key, fresh);
  if (row) takePlace(row.element, fresh.element);
  return fresh;
}

function takePlace(old, fresh) {
  const control = old.contains(document.activeElement) && document.activeElement.dataset.control;
  old.replaceWith(fresh);
  if (control) fresh.querySelector(`[data-control="${control}"]`)?.focus({ preventScroll: true });
}

const isSame = (one, other) => one === other || JSON.stringify(one) === JSON.stringify(other);
const isOpen = (element) => Boolean(element?.querySelector("details[open]"));
