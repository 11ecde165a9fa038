"""`./run write openapi` writes openapi/openapi.json; `--check` compares it with what the code describes."""

import sys

import msgspec

from server.app import create_app
from server.backoffice.chain_routes import FeatureCollection
from server.description.document import OPENAPI_CONFIG, PATH
from server.description.operations import complete_description
from server.examples import EXAMPLES
from server.locations import native_routes, owntracks_routes, transistorsoft_routes
from server.messages.push_data import CouponPushData
from server.settings import Settings


def describe() -> str:
    """The document as it is committed. Needs no database."""
    app = create_app(Settings(database_url="", secret_key=b""), openapi_config=OPENAPI_CONFIG)
    uploads = [native_routes.describe(), owntracks_routes.describe(), transistorsoft_routes.describe()]
    complete_description(app, uploads, EXAMPLES, [FeatureCollection, CouponPushData])
    text = msgspec.json.encode(app.openapi_schema.to_schema(), order="sorted")
    return msgspec.json.format(text, indent=2).decode() + "\n"


def main() -> int:
    if "--check" not in sys.argv[1:]:
        PATH.parent.mkdir(exist_ok=True)
        PATH.write_text(describe(), encoding="utf-8")
        return 0
    if not PATH.exists() or PATH.read_text(encoding="utf-8") != describe():
        print("openapi/openapi.json is not what the code describes: run './run write openapi'", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
