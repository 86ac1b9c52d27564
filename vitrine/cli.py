"""The command line: its tree of commands. Each is a module of `commands`, loaded when it is run."""

import sys

from cyclopts import App, Parameter

from catalog.errors import InvalidInputError, SettingsError, VitrineError

_HELP = """Products with their media in one graph, and images whose licence is checked at delivery.

`vitrine up` runs everything on this machine, with a demo catalogue. `vitrine settings` lists what
the processes read from `VITRINE_…` variables.
"""
_FAILED = 1
_MISUSED = 2  # the settings or what was named are wrong: the same again will fail again
_STOPPED_BY_USER = 130

app = App(
    name="vitrine",
    help=_HELP,
    version_flags=["--version"],
    default_parameter=Parameter(negative=()),  # every flag is off, and every list empty, by itself
)
_key = App(name="key", help="Make, list and end API keys and signing keys.")
_purge = App(name="purge", help="What CDNs were asked to forget, and whether they did.")
_api_key = App(name="api", help="Keys that clients of the api send as `Authorization: Bearer`.")
_signing_key = App(name="signing", help="Keys that sign the URLs of renditions.")


def _build() -> None:
    for name, target, line in (
        ("up", "up:up", "Run everything here, with the demo catalogue, until Ctrl-C."),
        ("api", "processes:api", "Run the GraphQL api."),
        ("gateway", "processes:gateway", "Run the image gateway."),
        ("purger", "processes:purger", "Run the purger: CDN purges, and rights ending on time."),
        ("relay", "processes:relay", "Run the relay: ingest, webhooks, recomputation."),
        ("migrate", "migrate:migrate_database", "Bring the database to this version."),
        ("import", "imports:import_files", "Load a catalogue: JSON Lines, or CSV by a mapping."),
        ("sign", "sign:sign_url", "Print a signed URL of a rendition."),
        ("vcl", "vcl:print_vcl", "Print the Varnish configuration for these settings."),
        (
            "replay",
            "replay:replay_deliveries",
            "Hold every delivery against the rights there were.",
        ),
        ("bench", "bench:run_bench", "Measure, and compare with the peers of the field."),
        ("schema", "schema:print_schema", "Print the GraphQL schema, or check the stored one."),
        ("settings", "settings:print_settings", "Print the table of all settings."),
    ):
        app.command(f"vitrine.commands.{target}", name=name, help=line)
    app.command(_key)
    app.command(_purge)
    _purge.command(
        "vitrine.commands.purge:print_purge_status",
        name="status",
        help="Print how the purges of each CDN stand.",
    )
    _key.command(_api_key)
    _key.command(_signing_key)
    for name, target, line in (
        ("create", "create_api_key", "Make a key and print its secret, once."),
        ("list", "list_api_keys", "List all keys, revoked ones too."),
        ("revoke", "revoke_api_key", "End a key."),
    ):
        _api_key.command(f"vitrine.commands.keys:{target}", name=name, help=line)
    for name, target, line in (
        ("create", "create_signing_key", "Make a key that signs from now on."),
        ("list", "list_signing_keys", "List all keys with their states."),
        ("retire", "retire_signing_key", "Let a key sign no more; it goes on verifying."),
        ("revoke", "revoke_signing_key", "Let a key verify nothing from now on."),
        ("reveal", "reveal_signing_key", "Print a key's secret, for a signer elsewhere."),
    ):
        _signing_key.command(f"vitrine.commands.keys:{target}", name=name, help=line)


_build()


def main() -> None:
    """Run the command that the arguments name; what a user can act on is one line on stderr."""
    try:
        app()
    except VitrineError as error:
        print(f"vitrine: {error.message} ({error.code})", file=sys.stderr)  # noqa: T201 - for people
        sys.exit(_MISUSED if isinstance(error, (SettingsError, InvalidInputError)) else _FAILED)
    except KeyboardInterrupt:
        sys.exit(_STOPPED_BY_USER)
