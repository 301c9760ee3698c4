"""Live here: the commands of `b24app`, each a thin door to the services. Nobody imports this package.

Exit codes: 0 it went well, 1 the answer is "no" or something is wrong, 2 usage or configuration.
"""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import NoReturn

import click

FALLBACK_VERSION = "0.1.0"


@click.group(help="Кредитный контроль отгрузок для Битрикс24 и 1С.")
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Файл настроек (TOML).")
@click.pass_context
def cli(context: click.Context, config_path: Path | None) -> None:
    """Keep the path of the configuration for whichever command needs it."""
    context.obj = config_path


@cli.command(help="Версия программы.")
def version() -> None:
    """Print the version."""
    try:
        click.echo(installed_version("b24app"))
    except PackageNotFoundError:
        click.echo(FALLBACK_VERSION)


def main() -> NoReturn:
    """Run the command line; what a person can put right is said in a sentence, never a traceback."""
    from b24app.cli import assess
    from b24app.cli import backtest
    from b24app.cli import demo
    from b24app.cli import doctor
    from b24app.cli import exchange
    from b24app.cli import operate
    from b24app.cli import policy
    from b24app.cli import serve
    from b24app.cli.complaints import EXPECTED
    from b24app.cli.complaints import complaint
    from b24app.cli.complaints import misuse
    from b24app.config import ConfigError

    for module in (serve, operate, exchange, assess, policy, backtest, doctor, demo):
        module.register(cli)
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(1)
    except click.UsageError as error:
        click.echo(misuse(error), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        click.echo(error.message, err=True)
        sys.exit(error.exit_code)
    except ConfigError as error:
        for problem in error.problems:
            click.echo(problem, err=True)
        sys.exit(2)
    except EXPECTED as error:
        click.echo(f"Не получилось: {complaint(error)}", err=True)
        sys.exit(1)
    sys.exit(code)
