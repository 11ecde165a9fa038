/** What the map can do once it shows all: drawing, and who comes in. */

import { Editor } from "noren/console/map/editor";
import { findFont, repaint } from "noren/console/map/layers";
import { drawCrowds, offerLive } from "noren/console/map/live";

/** @typedef {import("noren/console/map/colours").Colours} Colours */

/** @param {import("maplibre-gl").Map} map @param {Colours} colours which may change: then `recolour` is called */
export function offerTools(map, colours) {
  const editor = new Editor(map, colours);
  void editor.openForm();
  offerLive(map, colours);
  return {
    get isDrawing() {
      return editor.isDrawing;
    },
    recolour: () => {
      editor.recolour();
      repaint(map, drawCrowds(colours, findFont(map.getStyle())));
    },
  };
}

/** @typedef {ReturnType<typeof offerTools>} Tools */
