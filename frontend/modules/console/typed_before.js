/**
 * What was typed into a form whose session was over by the time it was sent stands in it again after the sign-in. What
 * the page itself has put into a form (its keys and versions) stays what the page says now.
 */

/** @typedef {{ action: string, fields: [string, string][] }} TypedBefore */

const KEPT = new Set(["hidden", "file", "password", "submit", "button", "image", "reset"]);

const told = document.querySelector("[data-typed-before]");
if (told instanceof HTMLElement) putBack(told, JSON.parse(told.dataset["typedBefore"] ?? ""));

/**
 * @param {HTMLElement} note
 * @param {TypedBefore} typed
 */
function putBack(note, { action, fields }) {
  // Not `form.action`: a field of that name would stand in its place.
  const form = [...document.forms].find((each) => each.getAttribute("action") === action);
  if (form === undefined) return;
  /** @type {Map<string, string[]>} */
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  for (const field of form.elements) fill(field, left);
  note.hidden = false;
  note.focus();
}

/**
 * @param {Element} field
 * @param {Map<string, string[]>} left
 */
function fill(field, left) {
  if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
    field.checked = left.get(field.name)?.includes(field.value) ?? false;
  } else if (field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement || isTyped(field)) {
    const value = left.get(field.name)?.shift();
    if (value === undefined) return;
    field.value = value;
  } else return;
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}

/**
 * @param {Element} field
 * @returns {field is HTMLInputElement}
 */
function isTyped(field) {
  return field instanceof HTMLInputElement && !KEPT.has(field.type);
}
