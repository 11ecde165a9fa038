/** Passkeys: the browser is asked when the form is sent, and its answer goes with it. */

/** @param {HTMLFormElement} form */
function inputOf(form) {
  const input = form.elements.namedItem("answer");
  if (!(input instanceof HTMLInputElement)) throw new TypeError("the form has no place for the answer");
  return input;
}

/** @param {HTMLFormElement} form @returns {Promise<Credential | null>} */
function ask(form) {
  const options = JSON.parse(form.dataset.options ?? "{}");
  return form.dataset.passkey === "create"
    ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
    : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
}

/** @param {HTMLFormElement} form @param {boolean} isFailed */
function showWhetherFailed(form, isFailed) {
  const note = form.querySelector("[role=alert]");
  if (!(note instanceof HTMLElement)) return;
  note.hidden = !isFailed;
  note.textContent = isFailed ? (form.dataset.failed ?? "") : "";
}

/** @param {SubmitEvent} event */
async function answer(event) {
  const form = event.currentTarget;
  if (!(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  showWhetherFailed(form, false);
  try {
    const credential = await ask(form);
    if (!(credential instanceof PublicKeyCredential)) throw new TypeError("no passkey");
    inputOf(form).value = JSON.stringify(credential.toJSON());
  } catch {
    // Whatever it was (nothing there, refused, too old a browser), the other ways in stay.
    showWhetherFailed(form, true);
    return;
  }
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (form instanceof HTMLFormElement) form.addEventListener("submit", (event) => void answer(event));
}
