/** What the member tells of themself: a field for each attribute that members write. */

import { call } from "noren/card/api";
import { buildField, readField } from "noren/card/fields";
import { attempt, complain, onSubmit, tell } from "noren/card/forms";
import { word } from "noren/card/words";

/** As they were shown. @type {any[]} */
let attributes = [];
let version = 0;
/** What the fields said then, by attribute. @type {Map<string, string>} */
let said = new Map();

/** The name is asked first; a time zone, a language and the like a browser knows itself. */
const NOT_ASKED = new Set(["time_zone"]);

/** @param {any} profile @param {any} attribute */
function valueOf(profile, attribute) {
  return (attribute.is_standard ? profile[attribute.key] : profile.attributes[attribute.key]) ?? null;
}

/** @param {HTMLElement} section @param {any} profile */
function showProfile(section, profile) {
  version = profile.version;
  const fields = attributes.map((attribute) => buildField(attribute, valueOf(profile, attribute)));
  section.querySelector("[data-attributes]")?.replaceChildren(...fields);
  const form = section.querySelector("[data-profile]");
  if (form instanceof HTMLFormElement) said = new Map(attributes.map((each) => [each.key, readText(form, each)]));
}

/** @param {HTMLFormElement} form @param {any} attribute */
function readText(form, attribute) {
  return JSON.stringify(readField(form, attribute));
}

/** @param {HTMLElement} section */
async function read(section) {
  const [own, profile] = await Promise.all([call("GET", "/v1/me/attributes"), call("GET", "/v1/me/profile")]);
  attributes = own.items.filter((/** @type {any} */ each) => !NOT_ASKED.has(each.key));
  showProfile(section, profile);
}

/**
 * What was emptied is cleared; what nobody touched is not sent: a field may be unable to show what is there, such as a
 * birthday without a year.
 * @param {HTMLElement} section @param {HTMLFormElement} form
 */
async function save(section, form) {
  /** @type {Record<string, any>} */
  const body = { version, attributes: {} };
  for (const attribute of attributes.filter((each) => readText(form, each) !== said.get(each.key))) {
    const value = readField(form, attribute);
    if (attribute.is_standard) body[attribute.key] = value;
    else body["attributes"][attribute.key] = value;
  }
  showProfile(section, await call("PATCH", "/v1/me/profile", { body, key: crypto.randomUUID() }));
  tell(section, word("kept"));
}

/** @param {HTMLElement} section */
export function prepare(section) {
  onSubmit(section, "[data-profile]", (form) => save(section, form));
}

/** @param {HTMLElement} section */
export async function show(section) {
  complain(section, "");
  tell(section, "");
  await attempt(section, section, () => read(section));
}
