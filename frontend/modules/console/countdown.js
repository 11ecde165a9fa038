/** How long a code on the screen is still good. The seconds are for eyes only: its end is said once. */

const box = document.querySelector("[data-until]");
const left = document.querySelector("[data-left]");
const over = document.querySelector("[data-over]");

function show() {
  if (!(box instanceof HTMLElement) || !(over instanceof HTMLElement) || !left) return;
  const seconds = Math.ceil(Number(box.dataset.until) - Date.now() / 1000);
  left.textContent = `${Math.floor(Math.max(seconds, 0) / 60)}:${String(Math.max(seconds, 0) % 60).padStart(2, "0")}`;
  if (seconds > 0) return;
  clearInterval(ticking);
  box.remove();
  over.hidden = false;
}

const ticking = setInterval(show, 1000);
show();
