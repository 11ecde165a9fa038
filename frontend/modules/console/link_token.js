/** What stands behind # in a link goes into the form, and out of the address: it is no matter of the history. */

const token = location.hash.slice(1);
const field = document.querySelector("[data-token-field]");
const input = field?.querySelector("input");
if (token && input && field instanceof HTMLElement) {
  input.value = token;
  field.hidden = true;
  history.replaceState(null, "", location.pathname + location.search);
}
if (input?.value && field instanceof HTMLElement) field.hidden = true;
