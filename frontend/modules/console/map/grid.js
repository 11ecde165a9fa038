/** A grid of metres over what is seen: it tells sizes where no base map does. Pure. */

const METRES_A_DEGREE = 111_320;
const STEPS_M = [10, 50, 100, 500, 1000, 5000, 10_000, 50_000, 100_000, 500_000, 1_000_000];
const MOST_LINES = 12;

/**
 * @param {{ west: number, south: number, east: number, north: number }} seen in degrees
 * @returns {{ step: number, lines: import("geojson").FeatureCollection<import("geojson").LineString> }}
 */
export function makeGrid(seen) {
  const middle = Math.max(-80, Math.min(80, (seen.north + seen.south) / 2));
  const across = METRES_A_DEGREE * Math.cos((middle * Math.PI) / 180);
  const widest = Math.max((seen.north - seen.south) * METRES_A_DEGREE, (seen.east - seen.west) * across);
  const step = STEPS_M.find((each) => widest / each <= MOST_LINES) ?? 1_000_000;
  /** @type {import("geojson").Feature<import("geojson").LineString>[]} */
  const features = [];
  /** @param {[number, number]} from @param {[number, number]} to */
  const add = (from, to) =>
    features.push({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [from, to] } });
  for (const lon of places(seen.west, seen.east, step / across)) add([lon, seen.south], [lon, seen.north]);
  for (const lat of places(seen.south, seen.north, step / METRES_A_DEGREE)) add([seen.west, lat], [seen.east, lat]);
  return { step, lines: { type: "FeatureCollection", features } };
}

/** @param {number} from @param {number} to @param {number} by */
function places(from, to, by) {
  const first = Math.ceil(from / by);
  return Array.from({ length: Math.max(0, Math.min(60, Math.floor(to / by) - first + 1)) }, (_, each) => (first + each) * by);
}
