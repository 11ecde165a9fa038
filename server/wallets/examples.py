"""Example bodies of the operations of this room, by operation id (see server/description/examples.py)."""

from collections.abc import Mapping

from server.description.examples import Example

_DESIGN = {"logo_url": "https://kissa.example/logo.png", "background_color": "#7a3b2e"}

EXAMPLES: Mapping[str, Example] = {
    "getGoogleWalletDesign": Example(answer=_DESIGN),
    "updateGoogleWalletDesign": Example(request=_DESIGN, answer=_DESIGN),
    "createGoogleWalletLink": Example(answer={"save_url": "https://pay.google.com/gp/v/save/eyJhbGciOiJSUzI1NiIs…"}),
    "registerPass": Example(request={"pushToken": "0c" * 32}),
    "listUpdatedPasses": Example(
        answer={
            "serialNumbers": ["AZqlxHsefQOKUS9snmC01AGapcR7Hn9gsjF-8XiK4o_DK60g4"],
            "lastUpdated": "1795251600000000",
        }
    ),
    "logWalletMessages": Example(request={"logs": ["[2026-11-21 09:00:00 +0900] Get pass task: 503"]}),
}
