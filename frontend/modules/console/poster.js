/** The button that prints what stands on the page. */

import "noren/console/page";

document.querySelector("[data-print]")?.addEventListener("click", () => print());
