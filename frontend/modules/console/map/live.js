/**
 * Who comes in, as the server tells it each five minutes. One stream a browser: the tab that holds the lock listens, and
 * hands on to the others. It ends where the page is hidden.
 */

import { findFont } from "noren/console/map/layers";

/** @typedef {import("noren/console/map/colours").Colours} Colours */
/** @typedef {{ until: string, elsewhere: number, crowds: { lat: number, lon: number, people: number, store_name: string | null }[] }} Crowds */

const NAME = "noren-map-live";

/** @param {string} url @param {(crowds: Crowds) => void} show @param {() => void} end of the session */
function listen(url, show, end) {
  const channel = new BroadcastChannel(NAME);
  const stopping = new AbortController();
  channel.addEventListener("message", ({ data }) => show(data));
  void navigator.locks
    .request(NAME, { signal: stopping.signal }, () => open(url, stopping.signal, end, (crowds) => {
      show(crowds);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
      channel.postMessage(crowds);
    }))
    .catch(() => undefined); // stopped while it waited for its turn
  return () => {
    stopping.abort();
    channel.close();
  };
}

/** @param {string} url @param {AbortSignal} signal @param {() => void} end @param {(crowds: Crowds) => void} tell */
function open(url, signal, end, tell) {
  return new Promise((resolve) => {
    const stream = new EventSource(url);
    const close = () => {
      stream.close();
      resolve(undefined);
    };
    signal.addEventListener("abort", close);
    stream.addEventListener("crowds", ({ data }) => tell(JSON.parse(data)));
    stream.addEventListener("replaced", close);
    stream.addEventListener("ended", () => {
      close();
      end();
    });
  });
}

/** @param {import("maplibre-gl").Map} map @param {Colours} colours */
export function offerLive(map, colours) {
  const button = document.querySelector("[data-live]");
  const said = document.querySelector("[data-live-said]");
  if (!(button instanceof HTMLElement) || !(said instanceof HTMLElement)) return;
  button.hidden = false;
  /** @type {(() => void) | null} */
  let stop = null;
  const isWanted = () => button.getAttribute("aria-pressed") === "true" && !document.hidden;
  /** @param {Crowds} crowds */
  const show = (crowds) => {
    draw(map, crowds);
    const people = crowds.crowds.reduce((sum, each) => sum + each.people, crowds.elsewhere);
    const text = (people === 0 ? said.dataset["none"] : said.dataset["some"]) ?? "";
    said.textContent = text.replace("{people}", people.toLocaleString(document.documentElement.lang));
  };
  const end = () => {
    button.setAttribute("aria-pressed", "false");
    said.textContent = said.dataset["ended"] ?? "";
    follow();
  };
  const follow = () => {
    if (isWanted()) {
      addCrowds(map, colours);
      stop ??= listen(button.dataset["url"] ?? "", show, end);
    } else {
      stop?.();
      stop = null;
    }
    button.dataset["live"] = stop === null ? "closed" : "open";
  };
  button.addEventListener("click", () => {
    const isOn = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isOn));
    if (isOn) {
      said.textContent = "";
      draw(map, { until: "", elsewhere: 0, crowds: [] });
    }
    follow();
  });
  document.addEventListener("visibilitychange", follow);
}

/** @param {Colours} colours @param {string[]} font @returns {import("maplibre-gl").StyleSpecification["layers"]} */
export function drawCrowds(colours, font) {
  return [
    {
      id: "crowd",
      type: "circle",
      source: "crowds",
      paint: {
        "circle-color": colours.drawn,
        "circle-opacity": 0.35,
        "circle-radius": ["interpolate", ["linear"], ["get", "people"], 10, 14, 1000, 40],
      },
    },
    {
      id: "crowd-number",
      type: "symbol",
      source: "crowds",
      layout: { "text-field": ["to-string", ["get", "people"]], "text-size": 12, "text-font": font },
      paint: { "text-color": colours.ink, "text-halo-color": colours.ground, "text-halo-width": 1.5 },
    },
  ];
}

/** Once somebody wants to see them. @param {import("maplibre-gl").Map} map @param {Colours} colours */
function addCrowds(map, colours) {
  if (map.getSource("crowds") !== undefined) return;
  map.addSource("crowds", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  for (const layer of drawCrowds(colours, findFont(map.getStyle()))) map.addLayer(layer);
}

/** @param {import("maplibre-gl").Map} map @param {Crowds} crowds */
function draw(map, { crowds }) {
  const source = map.getSource("crowds");
  if (source === undefined || !("setData" in source)) return;
  /** @type {import("maplibre-gl").GeoJSONSource} */ (source).setData({
    type: "FeatureCollection",
    features: crowds.map(({ lat, lon, people }) => ({
      type: "Feature",
      properties: { people },
      geometry: { type: "Point", coordinates: [lon, lat] },
    })),
  });
}
