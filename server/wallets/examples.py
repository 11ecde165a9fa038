"""Example bodies of the operations of this room, by operation id (see server/web/examples.py)."""

from collections.abc import Mapping

from server.web.examples import Example

EXAMPLES: Mapping[str, Example] = {
    "updateGoogleWalletDesign": Example(
        request={
            "logo_url": "https://kissa.example/logo.png",
            "background_color": "#7a3b2e",
        }
    ),
    "registerPass": Example(request={"pushToken": "0c" * 32}),
    "logWalletMessages": Example(request={"logs": ["[2026-11-21 09:00:00 +0900] Get pass task: 503"]}),
}
