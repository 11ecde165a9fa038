/** A form's field for an attribute of the profile, built of elements: what the program has written is only ever text. */

import { inLanguage, word } from "noren/card/words";

/**
 * @typedef {{
 *   key: string, kind: string, label: Record<string, string>, choices: { key: string, label: Record<string, string> }[],
 * }} Attribute
 */

/** @type {Record<string, string>} What a browser may fill in by itself. */
const KNOWN = {
  name: "name",
  nickname: "nickname",
  postal_code: "postal-code",
  city: "address-level2",
  prefecture: "address-level1",
};

/** @template {keyof HTMLElementTagNameMap} T @param {T} tag @param {Record<string, string>} names @param {(Node | string)[]} parts */
function make(tag, names, ...parts) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(names)) element.setAttribute(name, value);
  element.append(...parts);
  return element;
}

/** @param {string} name @param {string} type @param {string} value @param {Record<string, string>} more */
function input(name, type, value, more = {}) {
  return make("input", { id: `field-${name}`, name, type, value, ...more });
}

/** @param {Attribute} attribute @param {any} value */
function select({ key, choices }, value) {
  const options = choices.map((choice) => {
    const option = make("option", { value: choice.key }, inLanguage(choice.label));
    option.selected = String(value) === choice.key;
    return option;
  });
  return make("select", { id: `field-${key}`, name: key }, make("option", { value: "" }, word("not_told")), ...options);
}

/** @param {Attribute} attribute @param {any} value */
function buildInput(attribute, value) {
  const { key, kind } = attribute;
  const text = value === null ? "" : String(value);
  switch (kind) {
    case "one_of":
    case "prefecture":
      return select(attribute, value);
    case "yes_no":
      return select({ ...attribute, choices: YES_NO.map(([name, kept]) => ({ key: kept, label: { own: word(name) } })) }, value);
    case "number":
      return input(key, "number", text, { step: "any", inputmode: "decimal" });
    case "date":
      return input(key, "date", text);
    case "birthday":
      return input(key, "date", writeBirthday(value), { min: "1900-01-01", autocomplete: "bday" });
    default:
      return input(key, "text", text, { maxlength: "500", ...(KNOWN[key] ? { autocomplete: KNOWN[key] } : {}) });
  }
}

/** @type {[string, string][]} */
const YES_NO = [
  ["yes", "true"],
  ["no", "false"],
];

/** Only a whole day can be shown by a browser's own field. @param {any} value */
function writeBirthday(value) {
  if (value === null || value.year === null) return "";
  return [String(value.year).padStart(4, "0"), ...[value.month, value.day].map((part) => String(part).padStart(2, "0"))].join("-");
}

/** @param {Attribute} attribute @param {any} value null: it is not known */
export function buildField(attribute, value) {
  const { key, kind, label, choices } = attribute;
  if (kind === "many_of") {
    const boxes = choices.map((choice) => {
      const box = make("input", { type: "checkbox", name: key, value: choice.key });
      box.checked = Array.isArray(value) && value.includes(choice.key);
      return make("label", { class: "consent" }, box, make("span", {}, inLanguage(choice.label)));
    });
    return make("fieldset", { class: "consents" }, make("legend", {}, inLanguage(label)), ...boxes);
  }
  const name = make("label", { for: `field-${key}` }, inLanguage(label));
  return make("div", { class: "field" }, name, buildInput(attribute, value));
}

/** As the API takes it; null clears. @param {HTMLFormElement} form @param {Attribute} attribute */
export function readField(form, { key, kind }) {
  const answers = new FormData(form).getAll(key).map(String);
  if (kind === "many_of") return answers.length > 0 ? answers : null;
  const text = (answers[0] ?? "").trim();
  if (text === "") return null;
  switch (kind) {
    case "number":
    case "prefecture":
      return Number(text);
    case "yes_no":
      return text === "true";
    case "birthday": {
      const [year, month, day] = text.split("-").map(Number);
      return { year, month, day };
    }
    default:
      return text;
  }
}
