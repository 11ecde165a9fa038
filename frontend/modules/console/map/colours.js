/** Colours of the style sheet, as the engine takes them. */

/** @param {HTMLElement} place */
export function readColours(place) {
  const probe = document.createElement("i");
  probe.hidden = true;
  place.append(probe);
  /** @param {string} token */
  const read = (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    sea: read("--map-sea"),
    land: read("--map-land"),
    grid: read("--map-grid"),
    fence: read("--map-fence"),
    drawn: read("--map-drawn"),
    ink: read("--map-ink"),
    ground: read("--panel"),
  };
  probe.remove();
  return colours;
}

/** @typedef {ReturnType<typeof readColours>} Colours */
