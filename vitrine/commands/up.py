"""`vitrine up`."""


def up(*, empty: bool = False) -> None:
    """Run everything on this machine until Ctrl-C: PostgreSQL, api, gateway, purger and relay.

    The first run makes a home (`VITRINE_HOME`, default `.vitrine`), migrates, makes keys and loads
    the demo catalogue. When all is ready, `run.json` in the home says where everything is.
    Nothing but Python packages is needed; `VITRINE_DATABASE_URL` uses a PostgreSQL that exists.

    Args:
        empty: begin a catalogue of your own, without the demo; a home that was begun so stays so.
    """
    from vitrine.up import run_everything  # noqa: PLC0415 - help should not wait for it

    run_everything(empty=empty)
