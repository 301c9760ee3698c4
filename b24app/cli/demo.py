"""`demo`: an offline portal and 1C with the app between them; the only file that imports the sandbox."""

from __future__ import annotations

import sys

import click


def register(group: click.Group) -> None:
    """Add the command of this file."""
    group.add_command(demo)


@click.command(help="Показать всё без портала и 1С: история, затем стенд остаётся работать.")
@click.option("--script", is_flag=True, help="Сыграть историю, показать итог и выйти.")
@click.option("--port", type=int, default=8080, help="Порт учебного портала.")
def demo(script: bool, port: int) -> None:  # noqa: FBT001 - click passes a flag so
    """Run the stand; with `--script` play the story and exit 0 when every deal ended right."""
    from b24app.sandbox.demo import run_demo

    sys.exit(run_demo(script=script, port=port))
