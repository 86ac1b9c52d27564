"""The command line: its tree of commands. Each is a module of `commands`, loaded when it is run."""

import sys
from collections.abc import Sequence

from cyclopts import App, Parameter

from catalog.errors import InvalidInputError, SettingsError, VitrineError

_HELP = """Products with their media in one graph, and images whose licence is checked at delivery.

`vitrine up` runs everything on this machine, with a demo catalogue. `vitrine settings` lists what
the processes read from `VITRINE_…` variables.
"""
_STATS_HELP = """Print how many there are in which tier, and their bytes.

Counted are the object store and this machine's folder, where it has one; what a gateway holds in
memory is the metric `vitrine_renditions_memory_bytes` of its `/metrics`.
"""
_WARM_HELP = """Render ahead what nobody has asked for yet.

`vitrine renditions warm --heroes --preset card` makes the `card` of every published hero, in all
its widths and formats. What is stored is passed over, so an interrupted run is simply begun again.
Rights are not asked: what is stored is delivered only after a decision. Exit status 1: some could
not be made.
"""
_PURGE_HELP = """Remove those of an asset, or of bytes that no asset has any more.

Without `--delete` it only says what it would remove. They go from the object store and from this
machine's folder; folders of other machines and the memory of gateways forget them by and by. What
is asked for again is rendered again. To end delivery, change rights: this is for room.
"""
_GIVE_HELP = """Give somebody a role, everywhere or narrowed; it holds within a second.

`vitrine user give ada@shop.example publisher --channel d2c --family lamps` lets her publish lamps
there and nothing else. Roles add up. `vitrine role list` shows what each allows.
"""
_CREATE_KEY_HELP = """Make a key and print its secret, once: it is not stored.

`vitrine key api create cms read preview --expires 365d --owner ada@shop.example` makes one for a
service `cms`, with scopes. `vitrine key api create portal-1 --as portal` makes one without: it may
do what the roles of `portal` allow.
"""
_ROTATE_KEY_HELP = """Make the next key of a name and print its secret, once; the former ends later.

Both work until the overlap is over, so that clients are changed one by one. A key that expires is
followed by one that lives as long from now on. `vitrine key api revoke NAME` ends both at once.
"""
_ROTATE_MASTER_KEY_HELP = """Let the newest master key seal, and seal with it what others sealed.

Processes go on meanwhile. It may be stopped at any time and run again: it goes on. In a home with a
file `master.key` it is all there is to do. Exit status 1: something stays sealed with a key that is
not here; it is named.
"""
_ACCEPT_RESTORE_HELP = """State that a restore cut off the end of the audit that others kept.

From then on `verify` names it as a stated restore and no longer as a fault. It is on record itself,
and sealed; whatever else is at fault is refused and goes on being found.
"""
_GIVE_UP_HELP = """Give up what no master key here opens, since the one that does is lost.

Signing keys are revoked and one-time codes removed; the key that is set here seals from now on.
Without `--yes` it only says what would be given up.
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
_poc = App(name="poc", help="The proof of concept: one scenario, walked against real processes.")
_key = App(name="key", help="API keys, signing keys, and the master key.")
_purge = App(name="purge", help="What CDNs were asked to forget, and whether they did.")
_renditions = App(name="renditions", help="Finished images: count, make ahead, remove them.")
_documents = App(name="documents", help="GraphQL documents that are trusted: add, list, remove.")
_api_key = App(name="api", help="Keys that clients of the api send as `Authorization: Bearer`.")
_audit = App(name="audit", help="Who changed what: whether it is as it was written.")
_publications = App(name="publications", help="What was published: whether it is as it was.")
_user = App(name="user", help="People and services: make, end, roles, links that log them in.")
_role = App(name="role", help="What roles allow, and roles of your own.")
_scim = App(name="scim", help="Tokens of an identity provider, which keeps people at `/scim/v2`.")
_master_key = App(name="master", help="The key that seals secrets in the database.")
_signing_key = App(name="signing", help="Keys that sign the URLs of renditions.")


#: Each command: its group, its name, its function below `vitrine.commands`, its help in a line.
_COMMANDS: Sequence[tuple[App, str, str, str]] = (
    (app, "up", "up:up", "Run everything here, with the demo catalogue, until Ctrl-C."),
    (app, "api", "processes:api", "Run the GraphQL api."),
    (app, "gateway", "processes:gateway", "Run the image gateway."),
    (app, "purger", "processes:purger", "Run the purger: CDN purges, and rights ending on time."),
    (app, "relay", "processes:relay", "Run the relay: renditions made ahead, housekeeping."),
    (app, "migrate", "migrate:migrate_database", "Bring the database to this version."),
    (app, "import", "imports:import_files", "Load a catalogue: JSON Lines, or CSV by a mapping."),
    (app, "export", "exports:export_file", "Write the catalogue as a file that import takes."),
    (app, "sign", "sign:sign_url", "Print a signed URL of a rendition."),
    (app, "vcl", "vcl:print_vcl", "Print the Varnish configuration for these settings."),
    (app, "replay", "replay:replay_deliveries", "Hold deliveries against the rights there were."),
    (app, "bench", "bench:run_bench", "Measure, and compare with the peers of the field."),
    (app, "schema", "schema:print_schema", "Print the GraphQL schema, or check the stored one."),
    (app, "sbom", "sbom:print_sbom", "Print what this runs on, with licences (CycloneDX)."),
    (app, "errors", "errors:print_errors", "Print the table of the api's error codes."),
    (app, "settings", "settings:print_settings", "Print the table of all settings."),
    (_poc, "run", "poc:run_proof", "Walk the steps in an empty home, and write a report."),
    (_poc, "list", "poc:list_steps", "List the steps, and which of them are not built yet."),
    (_purge, "status", "purge:print_purge_status", "Print how the purges of each CDN stand."),
    (_renditions, "stats", "renditions:print_stats", _STATS_HELP),
    (_renditions, "warm", "renditions:warm_up", _WARM_HELP),
    (_renditions, "purge", "renditions:purge_renditions", _PURGE_HELP),
    (_documents, "register", "documents:register_documents", "Check and trust them: all, or none."),
    (_documents, "list", "documents:list_documents", "List all trusted documents."),
    (_documents, "remove", "documents:remove_documents", "Trust documents no longer."),
    (_audit, "verify", "audit:verify_audit_rows", "Hold it against seals, object store and logs."),
    (_audit, "accept-restore", "audit:accept_restore", _ACCEPT_RESTORE_HELP),
    (_publications, "verify", "publications:verify_documents", "Hold documents against checksums."),
    (_user, "create", "principals:create_user", "Make a person or a service, and print their id."),
    (_user, "list", "principals:list_users", "List people and services with their roles."),
    (_user, "end", "principals:end_user", "End somebody, with their sessions and keys."),
    (_user, "give", "principals:give_role", _GIVE_HELP),
    (_user, "take", "principals:take_role", "Take a role away from somebody."),
    (_role, "list", "principals:list_roles", "Print the table of roles and actions."),
    (_role, "put", "principals:put_role", "Add a role of your own, or change it."),
    (_audit, "export", "audit:export_audit", "Print it as JSON Lines, by object, person, time."),
    (_user, "login-link", "user:print_login_link", "Print a link that logs a person in, once."),
    (_user, "link", "user:link_to_provider", "Say whom the identity provider means."),
    (_scim, "token", "scim:create_scim_token", "Make a token and print it, once."),
    (_scim, "end", "scim:end_scim_tokens", "End all tokens."),
    (_api_key, "create", "keys:create_api_key", _CREATE_KEY_HELP),
    (_api_key, "list", "keys:list_api_keys", "List all keys, revoked ones too."),
    (_api_key, "rotate", "keys:rotate_api_key", _ROTATE_KEY_HELP),
    (_api_key, "revoke", "keys:revoke_api_key", "End a key."),
    (_master_key, "new", "master:print_new_key", "Print a new key, and how it comes to seal."),
    (_master_key, "rotate", "master:rotate", _ROTATE_MASTER_KEY_HELP),
    (_master_key, "status", "master:print_status", "Print which key seals what, and what is next."),
    (_master_key, "give-up", "master:give_up", _GIVE_UP_HELP),
    (_signing_key, "create", "keys:create_signing_key", "Make a key that signs from now on."),
    (_signing_key, "list", "keys:list_signing_keys", "List all keys with their states."),
    (_signing_key, "retire", "keys:retire_signing_key", "Let a key sign no more."),
    (_signing_key, "revoke", "keys:revoke_signing_key", "Let a key verify nothing from now on."),
    (_signing_key, "reveal", "keys:reveal_signing_key", "Print a secret, for a signer elsewhere."),
)


def _build() -> None:
    for group, name, target, line in _COMMANDS:
        group.command(f"vitrine.commands.{target}", name=name, help=line)
    for group in (
        _poc,
        _audit,
        _publications,
        _user,
        _role,
        _scim,
        _key,
        _purge,
        _renditions,
        _documents,
    ):
        app.command(group)
    for group in (_api_key, _signing_key, _master_key):
        _key.command(group)


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
