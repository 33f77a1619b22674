"""The command `rapport`: up, serve, check, databases, topics, migrate, backup, restore."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rapport_host.settings import Misconfigured, read_settings


def main() -> int:
    """Run the command line; the exit status."""
    arguments = _parser().parse_args()
    try:
        status: int = arguments.run(arguments)
    except Misconfigured as error:
        print(f"rapport: {error}", file=sys.stderr)
        return 78
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rapport", description="A customer-communication CRM.")
    commands = parser.add_subparsers(required=True)
    up = commands.add_parser("up", help="run everything on this machine")
    up.set_defaults(run=_up)
    serve = commands.add_parser("serve", help="run some services in one role")
    serve.add_argument("names", nargs="+", metavar="NAME")
    serve.add_argument("--role", choices=("web", "worker"), required=True)
    serve.set_defaults(run=_serve)
    check = commands.add_parser("check", help="say what state this installation is in")
    check.set_defaults(run=_check)
    topics = commands.add_parser("topics", help="make Kafka's topics as they must be")
    topics.add_argument("action", choices=("apply",))
    topics.set_defaults(run=_topics)
    databases = commands.add_parser("databases", help="make PostgreSQL's databases, migrated")
    databases.add_argument("action", choices=("apply",))
    databases.set_defaults(run=_databases)
    migrate = commands.add_parser("migrate", help="move what is embedded to the engines of the environment")
    migrate.set_defaults(run=_migrate)
    backup = commands.add_parser("backup", help="copy everything, as of one instant, while it runs")
    backup.add_argument("target", type=Path)
    backup.set_defaults(run=_backup)
    restore = commands.add_parser(
        "restore", help="make a new installation from a backup, on the engines of the environment"
    )
    restore.add_argument("source", type=Path)
    restore.set_defaults(run=_restore)
    return parser


def _up(_arguments: argparse.Namespace) -> int:
    from rapport_host.moving.mark import refuse_wrong_side
    from rapport_host.supervisor import up

    settings = read_settings()
    refuse_wrong_side(settings)
    return up(settings)


def _serve(arguments: argparse.Namespace) -> int:
    from rapport_host.moving.mark import refuse_wrong_side
    from rapport_host.run import run

    settings = read_settings()
    refuse_wrong_side(settings)
    if settings.several_workers and not settings.env.get("RAPPORT_IDENTITY_KEY"):
        raise Misconfigured(
            "RAPPORT_IDENTITY_KEY is not set: machines that share PostgreSQL and Kafka must share the key too"
        )
    return run(settings, arguments.role, arguments.names)


def _check(_arguments: argparse.Namespace) -> int:
    from rapport_host.check import check

    return check(read_settings())


def _topics(_arguments: argparse.Namespace) -> int:
    from rapport_host.topics import apply

    return apply(read_settings())


def _databases(_arguments: argparse.Namespace) -> int:
    from rapport_host.databases import apply

    return apply(read_settings())


def _migrate(_arguments: argparse.Namespace) -> int:
    from rapport_host.moving.command import migrate

    return migrate(read_settings())


def _backup(arguments: argparse.Namespace) -> int:
    from rapport_host.backing.command import backup
    from rapport_host.moving.mark import refuse_wrong_side

    settings = read_settings()
    refuse_wrong_side(settings)
    return backup(settings, arguments.target)


def _restore(arguments: argparse.Namespace) -> int:
    from rapport_host.backing.command import restore

    return restore(read_settings(), arguments.source)
