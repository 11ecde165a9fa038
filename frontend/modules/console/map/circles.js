/** A circle as a ring on the map, and back: the ring is a true circle on Mercator's plane. Pure. */

/** @typedef {{ lat: number, lon: number, radius_m: number }} Circle */

const EARTH_M = 6_378_137;
const CORNERS = 64;
// What the drawing library takes: a tenth of a millimetre.
const DECIMALS = 1e9;

/** @param {number} lon @param {number} lat @returns {[number, number]} */
function toPlane(lon, lat) {
  const up = Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  return [(lon * Math.PI * EARTH_M) / 180, up * EARTH_M];
}

/** @param {number} x @param {number} y @returns {[number, number]} */
function fromPlane(x, y) {
  const lat = (Math.atan(Math.sinh(y / EARTH_M)) * 180) / Math.PI;
  return [round((x / EARTH_M / Math.PI) * 180), round(lat)];
}

/** @param {number} number */
function round(number) {
  return Math.round(number * DECIMALS) / DECIMALS;
}

/** @param {number} lat */
function stretchAt(lat) {
  return 1 / Math.cos((lat * Math.PI) / 180);
}

/** @param {Circle} circle @returns {[number, number][]} closed */
export function toRing({ lat, lon, radius_m: radius }) {
  const [x, y] = toPlane(lon, lat);
  const across = radius * stretchAt(lat);
  const points = Array.from({ length: CORNERS }, (_, corner) => {
    const angle = (corner / CORNERS) * 2 * Math.PI;
    return fromPlane(x + across * Math.sin(angle), y + across * Math.cos(angle));
  });
  return [...points, ...points.slice(0, 1)];
}

/** The middle and the radius of a ring that `toRing` or the drawing library has made. @param {number[][]} ring @returns {Circle} */
export function fromRing(ring) {
  const flat = ring.map(([lon = 0, lat = 0]) => toPlane(lon, lat));
  const [xs, ys] = [flat.map(([x]) => x), flat.map(([, y]) => y)];
  const [west, east, south, north] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [lon, lat] = fromPlane((west + east) / 2, (south + north) / 2);
  return { lat, lon: ((((lon + 180) % 360) + 360) % 360) - 180, radius_m: (north - south) / 2 / stretchAt(lat) };
}
