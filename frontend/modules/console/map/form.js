/** The geofence's form as the map reads and writes it: what is saved is always what stands in the form. */

/** @typedef {import("noren/console/map/circles").Circle} Circle */
/** @typedef {{ kind: "circle", circle: Circle } | { kind: "area", geometry: import("geojson").Polygon | import("geojson").MultiPolygon }} Shape */

const QUIET_MS = 400;

/** @returns {HTMLFormElement | null} */
export function findForm() {
  const form = document.querySelector("[data-fence-form]");
  return form instanceof HTMLFormElement ? form : null;
}

/** @param {HTMLFormElement} form @param {string} name */
function field(form, name) {
  const found = form.elements.namedItem(name);
  return found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement ? found : null;
}

/** What stands there, if it is one yet. @param {HTMLFormElement} form @returns {Shape | null} */
export function readShape(form) {
  if (new FormData(form).get("kind") === "area") return readArea(field(form, "area")?.value ?? "");
  const texts = ["lat", "lon", "radius_m"].map((name) => field(form, name)?.value.trim() ?? "");
  const [lat = NaN, lon = NaN, radius = NaN] = texts.map((text) => (text === "" ? NaN : Number(text)));
  const isCircle = Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && radius > 0;
  return isCircle ? { kind: "circle", circle: { lat, lon, radius_m: radius } } : null;
}

/** WKT is the server's to read. @param {string} text @returns {Shape | null} */
function readArea(text) {
  try {
    const geometry = JSON.parse(text);
    const isDrawn = (geometry.type === "Polygon" || geometry.type === "MultiPolygon") && Array.isArray(geometry.coordinates);
    return isDrawn ? { kind: "area", geometry } : null;
  } catch {
    return null;
  }
}

/** @param {HTMLFormElement} form @param {Shape} shape */
export function writeShape(form, shape) {
  for (const choice of form.querySelectorAll("[name=kind]")) {
    if (choice instanceof HTMLInputElement) choice.checked = choice.value === shape.kind;
  }
  /** @param {string} name @param {string} value */
  const write = (name, value) => {
    const place = field(form, name);
    if (place !== null) place.value = value;
  };
  if (shape.kind === "area") {
    write("area", JSON.stringify(shape.geometry));
    return;
  }
  write("lat", shape.circle.lat.toFixed(7));
  write("lon", shape.circle.lon.toFixed(7));
  write("radius_m", shape.circle.radius_m.toFixed(1));
}

/** Its middle, or one of its corners. @param {Shape} shape @returns {[number, number]} */
export function placeOf(shape) {
  if (shape.kind === "circle") return [shape.circle.lon, shape.circle.lat];
  const { geometry } = shape;
  const corner = geometry.type === "Polygon" ? geometry.coordinates[0]?.[0] : geometry.coordinates[0]?.[0]?.[0];
  const [lon = 0, lat = 0] = corner ?? [];
  return [lon, lat];
}

let asking = 0;

/** Asks the server what it thinks of the shape, once nobody has changed it for a moment. */
export function askSoon() {
  clearTimeout(asking);
  asking = setTimeout(() => document.getElementById("verdict")?.dispatchEvent(new CustomEvent("check")), QUIET_MS);
}
