/** Forms of the card's views: one thing at a time, and what came of it is told where the form stands. */

import { sayProblem } from "noren/card/api";

/** @type {WeakSet<Element>} */
const busy = new WeakSet();

/** @param {HTMLElement} section @param {string} text empty: nothing */
export function complain(section, text) {
  show(section, "[data-complaint]", text);
}

/** @param {HTMLElement} section @param {string} text empty: nothing */
export function tell(section, text) {
  show(section, "[data-told]", text);
}

/** @param {HTMLElement} section @param {string} place @param {string} text */
function show(section, place, text) {
  const note = section.querySelector(place);
  if (!(note instanceof HTMLElement)) return;
  note.textContent = text;
  note.hidden = text === "";
  if (text !== "") note.scrollIntoView({ block: "nearest" });
}

/**
 * What a button does; pressed again meanwhile it does nothing. It is not disabled: the keyboard would lose its place.
 * @template T @param {HTMLElement} section @param {Element} button @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>} undefined: it has failed, and that is told
 */
export async function attempt(section, button, work) {
  if (busy.has(button)) return undefined;
  busy.add(button);
  button.setAttribute("aria-busy", "true");
  complain(section, "");
  tell(section, "");
  try {
    return await work();
  } catch (error) {
    complain(section, sayProblem(error));
    return undefined;
  } finally {
    busy.delete(button);
    button.removeAttribute("aria-busy");
  }
}

/** @param {HTMLElement} section @param {string} selector @param {(button: HTMLElement) => Promise<unknown>} work */
export function onPress(section, selector, work) {
  for (const button of section.querySelectorAll(selector)) {
    if (!(button instanceof HTMLElement)) continue;
    button.addEventListener("click", () => void attempt(section, button, () => work(button)));
  }
}

/** @param {HTMLElement} section @param {string} selector @param {(form: HTMLFormElement) => Promise<unknown>} work */
export function onSubmit(section, selector, work) {
  const form = section.querySelector(selector);
  if (!(form instanceof HTMLFormElement)) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(section, form, () => work(form));
  });
}

/** What was typed. @param {HTMLFormElement} form @param {string} name */
export function typed(form, name) {
  return String(new FormData(form).get(name) ?? "").trim();
}

/**
 * One step of several: `[data-step]`s are told apart by their names. The keyboard goes on where it begins.
 * @param {HTMLElement} section @param {string} name
 */
export function showStep(section, name, isMoved = true) {
  for (const step of section.querySelectorAll("[data-step]")) {
    if (step instanceof HTMLElement) step.hidden = step.dataset["step"] !== name;
  }
  const first = section.querySelector(`[data-step="${name}"] :is(input, button)`);
  if (isMoved && first instanceof HTMLElement) first.focus();
}

/** Hands a file to the browser, as a link would. @param {Blob} file @param {string} name */
export function saveFile(file, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
