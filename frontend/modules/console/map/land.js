/** The outline of the world: Natural Earth's land as TopoJSON (shared arcs of small steps) to GeoJSON. */

/**
 * @typedef {{ transform: { scale: [number, number], translate: [number, number] }, arcs: [number, number][][],
 *   objects: { land: { geometries: { arcs: number[][][] }[] } } }} Topology
 */

/** @param {Topology} topology @returns {import("geojson").Feature<import("geojson").MultiPolygon>} */
export function readLand(topology) {
  const { scale, translate } = topology.transform;
  const arcs = topology.arcs.map((steps) => {
    let [x, y] = [0, 0];
    return steps.map(([across, down]) => {
      x += across;
      y += down;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
  /** Each arc begins where the one before has ended. @param {number[]} ring */
  const join = (ring) =>
    ring.flatMap((index, place) => {
      const points = index < 0 ? (arcs[~index] ?? []).toReversed() : (arcs[index] ?? []);
      return place === 0 ? points : points.slice(1);
    });
  const coordinates = topology.objects.land.geometries.flatMap((each) => each.arcs.map((polygon) => polygon.map(join)));
  return { type: "Feature", properties: {}, geometry: { type: "MultiPolygon", coordinates } };
}
