/** What was gathered: points, the rank, stamps, visits. */

import { sayProblem } from "noren/card/api";
import { showKnown } from "noren/card/answers";
import { showList } from "noren/card/lists";
import { fill, inLanguage, word, writeDay, writeMoment, writeNumber } from "noren/card/words";

/** @param {HTMLElement} section @param {any} points @param {number} at */
function showPoints(section, points, at) {
  fill(section, {
    points: writeNumber(points.balance),
    expiring:
      points.expiring_points > 0
        ? word("expiring", { points: writeNumber(points.expiring_points), day: writeDay(points.expires_at) })
        : null,
    owed: points.owed > 0 ? word("owed", { points: writeNumber(points.owed) }) : null,
    as_of: word("as_of", { time: writeMoment(at) }),
  });
  showList(section, "posting", points.history.items, (posting) => ({
    what: posting.reason ?? word(`kind_${posting.kind}`),
    day: writeDay(posting.at),
    change: `${posting.points > 0 ? "+" : ""}${writeNumber(posting.points)}`,
  }));
}

/** @param {HTMLElement} section @param {any} standing */
function showRank(section, standing) {
  const next = standing.next_rank;
  const panel = section.querySelector("[data-rank]");
  if (panel instanceof HTMLElement) panel.hidden = standing.ranks.length === 0;
  fill(section, {
    rank: standing.rank === null ? word("no_rank") : inLanguage(standing.rank.name),
    next: next === null ? null : word("next_rank", { missing: writeNumber(standing.missing), name: inLanguage(next.name) }),
    until: standing.valid_until === null ? null : word("good_until", { time: writeDay(standing.valid_until) }),
  });
  const bar = section.querySelector("[data-rank] progress");
  if (!(bar instanceof HTMLProgressElement)) return;
  bar.hidden = next === null;
  if (next !== null) [bar.max, bar.value] = [next.threshold, Math.max(0, next.threshold - standing.missing)];
}

/** @param {HTMLElement} section @param {any} stamps */
export function showStamps(section, stamps) {
  showList(section, "stamps", stamps.cards, (card, row) => {
    const places = row.querySelector("[data-places]");
    places?.replaceChildren(
      ...Array.from({ length: card.stamps_needed }, (_, place) => {
        const mark = document.createElement("span");
        mark.toggleAttribute("data-stamped", place < card.on_card);
        return mark;
      }),
    );
    return {
      name: inLanguage(card.name),
      count: word("stamps_of", { stamps: card.on_card, needed: card.stamps_needed }),
    };
  });
}

/** @param {HTMLElement} section @param {any} visits */
function showVisits(section, visits) {
  showList(section, "visit", visits.items, (visit) => ({ day: writeDay(visit.first_at) }));
}

/** @param {HTMLElement} section */
export async function show(section) {
  try {
    await Promise.all([
      showKnown("points", "/v1/me/points", (points, at) => showPoints(section, points, at)),
      showKnown("rank", "/v1/me/rank", (standing) => showRank(section, standing)),
      showKnown("stamps", "/v1/me/stamps", (stamps) => showStamps(section, stamps)),
      showKnown("visits", "/v1/me/visits?limit=20", (visits) => showVisits(section, visits)),
    ]);
    fill(section, { complaint: null });
  } catch (error) {
    fill(section, { complaint: sayProblem(error) });
  }
}
