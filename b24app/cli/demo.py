"""`demo`: an offline portal and 1C with the app between them; the only file that imports the sandbox."""

from __future__ import annotations

import sys

import click


def register(group: click.Group) -> None:
    """Add the command of this file."""
    group.add_command(demo)


@click.command(help="Показать всё без портала и 1С: учебный портал и учебная 1С в браузере.")
@click.option("--script", is_flag=True, help="Сыграть историю, показать итог и выйти.")
@click.option("--port", type=click.IntRange(1, 65535), default=8080, help="Порт учебного портала.")
@click.option("--bare", is_flag=True, help="Не устанавливать приложение: установите его в браузере сами.")
def demo(script: bool, port: int, bare: bool) -> None:  # noqa: FBT001 - click passes flags so
    """Run the stand; with `--script` play the story and exit 0 when every deal ended right."""
    from b24app.sandbox.demo import run_demo

    sys.exit(run_demo(script=script, port=port, bare=bare))
