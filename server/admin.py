"""`./run admin VERB`: what an operator does on the database itself. Needs DATABASE_URL; some the secret key too."""

import argparse
import asyncio
import getpass
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import get_args
from uuid import UUID

import asyncpg

import migrations
from audiences.postal_places import read_postal_places
from audiences.postal_places_repository import replace_postal_places
from ids import StaffId
from kit.clock import utc_now
from kit.database import Connection, DatabaseUnavailable, connect_alone, in_transaction, open_pool
from kit.ids import new_id, new_secret
from kit.locales import Locale
from kit.names import is_name
from kit.pooler import ROLE_SETTINGS, set_role_settings
from kit.text_files import UnreadableText
from kit.typed_text import clean_up
from migrations.distribution import distribute
from migrations.placing import CannotPlace
from points.postings_repository import find_mismatches
from programs import programs_repository, staff_repository, tills_repository
from programs.passwords import MIN_LENGTH, hash_password
from programs.staff_repository import StaffMember
from server.audiences.recompute import recompute_facts
from server.backoffice.staff_links import issue_sign_in_link
from server.mail.command import read_bounces
from server.moving_in.command import CannotImport, add_import_arguments, import_members
from server.runtime.root_secret import WrongSecretKey, add_secret_key, drop_other_secret_keys, list_secret_keys
from server.runtime.schema_guard import OutdatedSchema, check_schema
from server.seeding.command import add_seed_arguments, seed
from server.seeding.run import CannotSeed
from server.setting_values import BadSettings
from server.settings import read_database_url, read_secret_key
from server.web.tokens import TillKey, write_token


class Refused(Exception):
    """The verb cannot be carried out as asked; the message says why."""


_FAILURES = (
    BadSettings,
    migrations.CannotMigrate,
    CannotPlace,
    OutdatedSchema,
    WrongSecretKey,
    DatabaseUnavailable,
    Refused,
    CannotImport,
    CannotSeed,
)


def main() -> int:
    arguments = _parser().parse_args()
    try:
        dsn = read_database_url()
        if arguments.verb == "migrate":
            migrations.upgrade(dsn)
            print(f"the schema is at {migrations.head_revision()}")
        elif arguments.verb == "set-role-settings":
            print(asyncio.run(_set_role_settings(dsn)))
        elif arguments.verb == "distribute":
            print(asyncio.run(_distribute(dsn, is_plan_only=arguments.plan)))
        elif arguments.verb == "seed":
            print(asyncio.run(seed(dsn, arguments)))
        elif arguments.verb == "recompute-facts":
            print(asyncio.run(_recompute_facts(dsn, is_check=arguments.check)))
        elif arguments.verb == "read-bounces":
            print(asyncio.run(read_bounces(dsn, read_secret_key(), arguments.maildir)))
        elif arguments.verb == "import-members":
            print(asyncio.run(import_members(dsn, arguments)))
        else:
            asyncio.run(_run(dsn, arguments))
    except (*_FAILURES, OSError, asyncpg.PostgresError) as error:
        for line in str(error).splitlines() or [type(error).__name__]:
            print(f"noren: {line}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run admin", description="Operate a Noren database (DATABASE_URL).")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("migrate", help="bring the schema to this version's")
    verbs.add_parser("set-role-settings", help="give the database's role its time-outs, for use through a pooler")
    distribute = verbs.add_parser("distribute", help="spread the members over the nodes of Citus (docs/scale-out.md)")
    distribute.add_argument("--plan", action="store_true", help="say what it would do, and do nothing")
    program = verbs.add_parser("create-program", help="create a program with its first owner")
    program.add_argument("--code", required=True, help="short name that the app sends, such as kissa-sakura")
    program.add_argument("--name", required=True)
    program.add_argument("--locale", choices=get_args(Locale), default="ja")
    program.add_argument("--owner-email", required=True)
    program.add_argument("--owner-name", default="Owner")
    password = verbs.add_parser("reset-password", help="give somebody of the staff a new password; their sessions end")
    password.add_argument("--program", required=True, help="the program's code")
    password.add_argument("--email", required=True, help="with which they log in")
    link = verbs.add_parser("sign-in-link", help="a link that signs somebody of the staff in to the console, once")
    link.add_argument("--program", required=True, help="the program's code")
    link.add_argument("--email", required=True, help="with which they log in")
    recompute = verbs.add_parser(
        "recompute-facts", help="count the facts of all members anew from the books, and repair what differs"
    )
    recompute.add_argument("--check", action="store_true", help="name what differs, and repair nothing")
    places = verbs.add_parser(
        "place-postal-codes", help="tell audiences where postal codes lie, by a file that takes the place of the former"
    )
    places.add_argument("file", type=Path, metavar="FILE", help="CSV with the headings postal_code, lat, lon")
    verbs.add_parser("check-points", help="hold every balance against its lots and postings; names those that differ")
    key = verbs.add_parser("rotate-till-key", help="give a till a new key; the old one stops at once")
    key.add_argument("--program", required=True, help="the program's code")
    key.add_argument("--till", required=True, type=UUID, help="the till's id")
    verbs.add_parser("list-secret-keys", help="the ids of the keys that a server may start with")
    verbs.add_parser(
        "add-secret-key", help="let servers start with NOREN_NEXT_SECRET_KEY too; NOREN_SECRET_KEY is today's"
    )
    verbs.add_parser("retire-secret-keys", help="let servers start with NOREN_SECRET_KEY only")
    bounces = verbs.add_parser(
        "read-bounces", help="read what mailboxes report (RFC 3464, RFC 5965): a Maildir, or one e-mail from stdin"
    )
    bounces.add_argument("--maildir", type=Path, metavar="FOLDER", help="its new e-mails; each is marked as read")
    add_import_arguments(
        verbs.add_parser("import-members", help="bring a chain's members from a file; again with a newer one to update")
    )
    add_seed_arguments(
        verbs.add_parser("seed", help="fill a program with members and a year of visits, to try things at size")
    )
    return parser


async def _run(dsn: str, arguments: argparse.Namespace) -> None:
    verbs: dict[str, Callable[[Connection, argparse.Namespace], Awaitable[str]]] = {
        "create-program": _create_program,
        "check-points": _check_points,
        "place-postal-codes": _place_postal_codes,
        "rotate-till-key": _rotate_till_key,
        "reset-password": _reset_password,
        "sign-in-link": _issue_sign_in_link,
        "list-secret-keys": _list_secret_keys,
        "add-secret-key": _add_secret_key,
        "retire-secret-keys": _retire_secret_keys,
    }
    await check_schema(dsn)
    pool = await open_pool(dsn, max_size=1)
    try:
        print(await in_transaction(pool, lambda conn: verbs[arguments.verb](conn, arguments)))
    finally:
        await pool.close()


async def _set_role_settings(dsn: str) -> str:
    async with connect_alone(dsn) as conn:
        await set_role_settings(conn)
    return "each new session of this role in this database has " + ", ".join(
        f"{name} = {value}" for name, value in ROLE_SETTINGS.items()
    )


async def _distribute(dsn: str, *, is_plan_only: bool) -> str:
    await check_schema(dsn)
    steps = await distribute(dsn, print, is_plan_only=is_plan_only)
    if not steps:
        return "every table stands in its place: there is nothing to do"
    return "nothing is done yet: without --plan it is" if is_plan_only else "every table stands in its place"


async def _create_program(conn: Connection, arguments: argparse.Namespace) -> str:
    if not (is_name(arguments.name) and is_name(arguments.owner_name)):
        raise Refused("a name has 1 to 200 letters, and no hidden sign that turns the direction of writing")
    password_hash = await hash_password(_read_password())
    now = utc_now()
    try:
        program = await programs_repository.create_program(conn, arguments.code, arguments.name, arguments.locale, now)
    except asyncpg.UniqueViolationError:
        raise Refused(f"there is a program with the code {arguments.code} already") from None
    except asyncpg.CheckViolationError:
        raise Refused("a code has 3 to 40 of a-z, 0-9 and hyphens, and no hyphen at its ends") from None
    email = clean_up(arguments.owner_email).lower()
    owner = StaffMember(StaffId(new_id()), program.id, email, arguments.owner_name, "owner", [], now, None)
    await staff_repository.create_staff(conn, owner, password_hash)
    return f"program {program.code} ({program.id}) with its owner {email}"


async def _rotate_till_key(conn: Connection, arguments: argparse.Namespace) -> str:
    program = await programs_repository.find_program_by_code(conn, arguments.program)
    secret = new_secret()
    if program is None or not await tills_repository.replace_till_key(conn, program.id, arguments.till, secret):
        raise Refused("there is no such till in that program")
    return f"the till's new key: {write_token(TillKey(arguments.till, secret))}"


async def _reset_password(conn: Connection, arguments: argparse.Namespace) -> str:
    email = clean_up(arguments.email).lower()
    program = await programs_repository.find_program_by_code(conn, arguments.program)
    login = await staff_repository.find_login(conn, arguments.program, email)
    if program is None or login is None:
        raise Refused("nobody of that program's staff logs in with that address")
    new_hash = await hash_password(_read_password())
    await staff_repository.set_password_hash(conn, program.id, login.staff_id, new_hash)
    return f"{email} has a new password, and no open session"


async def _issue_sign_in_link(conn: Connection, arguments: argparse.Namespace) -> str:
    origin = os.environ.get("NOREN_CONSOLE_URL")
    if not origin:
        raise Refused("set NOREN_CONSOLE_URL: the link leads to the console")
    login = await staff_repository.find_login(conn, arguments.program, clean_up(arguments.email).lower())
    if login is None:
        raise Refused("nobody of that program's staff logs in with that address")
    link = await issue_sign_in_link(conn, origin.rstrip("/"), login.staff_id, utc_now())
    return f"good once, within five minutes: {link}"


async def _list_secret_keys(conn: Connection, _: argparse.Namespace) -> str:
    return "\n".join(await list_secret_keys(conn)) or "no server was ever started on this database: it has no key yet"


async def _add_secret_key(conn: Connection, _: argparse.Namespace) -> str:
    today, next_key = read_secret_key(), read_secret_key("NOREN_NEXT_SECRET_KEY")
    return f"servers may start with the key {await add_secret_key(conn, today, next_key, utc_now())} too"


async def _retire_secret_keys(conn: Connection, _: argparse.Namespace) -> str:
    retired = await drop_other_secret_keys(conn, read_secret_key())
    return f"retired: {', '.join(retired)}" if retired else "there was no other key"


async def _place_postal_codes(conn: Connection, arguments: argparse.Namespace) -> str:
    try:
        places = read_postal_places(await asyncio.to_thread(arguments.file.read_bytes))
    except UnreadableText as error:
        raise Refused(str(error)) from None
    await replace_postal_places(conn, places)
    return f"{len(places):,} postal codes have a place"


async def _check_points(conn: Connection, _: argparse.Namespace) -> str:
    differing = await find_mismatches(conn)
    if differing:
        raise Refused(f"{len(differing)} balances differ from their postings: {', '.join(map(str, differing[:20]))}")
    return "every balance is the sum of its lots and of its postings"


async def _recompute_facts(dsn: str, *, is_check: bool) -> str:
    await check_schema(dsn)
    pool = await open_pool(dsn, max_size=1)
    try:
        differing = await recompute_facts(pool, is_check=is_check)
    finally:
        await pool.close()
    if not differing:
        return "the facts of all members are what the books say"
    some = f"{len(differing)} members' facts differed: {', '.join(map(str, differing[:20]))}"
    if is_check:
        raise Refused(f"{some}; without --check this repairs them")
    return f"{some}; they are right now"


def _read_password() -> str:
    """From NOREN_OWNER_PASSWORD, else asked for: an argument would stand in the process list."""
    password = os.environ.get("NOREN_OWNER_PASSWORD") or getpass.getpass("Password: ")
    if len(password) < MIN_LENGTH:
        raise Refused(f"the password must have at least {MIN_LENGTH} characters")
    return password


if __name__ == "__main__":
    sys.exit(main())
