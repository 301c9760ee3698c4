"""The demo: bring up a stand, play the story, print what happened, keep running or end."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from b24app.sandbox.stand import PASSWORD
from b24app.sandbox.stand import Stand
from b24app.sandbox.stand import StandError
from b24app.sandbox.story import STORY
from b24app.sandbox.story import Teller
from b24app.sandbox.story import name

if TYPE_CHECKING:
    from b24app.sandbox.story import Ending

ROOM = Path(tempfile.gettempdir())


def run_demo(*, script: bool, port: int) -> int:
    """Play the story; return 0 when every deal ended right. Without `script` stay until Ctrl+C."""
    folder = Path(tempfile.mkdtemp(prefix="b24app-demo-", dir=ROOM))
    try:
        with Stand(folder, portal_port=0 if script else port) as stand:
            say("Поднимаю учебный портал, учебную 1С и приложение…")
            stand.start_app()
            stand.install()
            say(f"Приложение установлено на портал {stand.portal.url}.\n")
            wrong = tell(stand)
            if not script:
                show_addresses(stand)
                wait_for_interrupt()
    except StandError as error:
        say(str(error))
        say(f"Файлы стенда: {folder}")
        return 1
    except OSError as error:
        say(f"Не удалось занять порт {port}: {error.strerror}. Укажите другой: b24app demo --port 8090")
        return 1
    if wrong:
        say(f"История закончилась не так, как должна. Файлы стенда: {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def tell(stand: Stand) -> bool:
    """Play all chapters and print each; True when something ended wrong."""
    teller = Teller(stand)
    wrong = False
    for number, chapter in enumerate(STORY, 1):
        ending = teller.play(chapter)
        say(f"{number}. {chapter.title}")
        for line in retell(stand, ending):
            say(f"   {line}")
        wrong = wrong or bool(ending.wrong)
    say(
        "\nИстория закончилась "
        + ("НЕ так, как должна." if wrong else "как должна: все сделки на своих местах.")
    )
    return wrong


def retell(stand: Stand, ending: Ending) -> list[str]:
    """Say in a few lines what became of a deal."""
    deal = stand.portal.deal(stand.portal.deal_ids[ending.key])
    lines = [
        f"Сделка {deal['id']} «{deal['title']}» на {deal['opportunity']} {deal['currencyId']}",
        f"стоит в {name(ending.stage)} — за {ending.seconds:.1f} с; задач: {ending.tasks}",
    ]
    if ending.reason:
        lines.append(ending.reason)
    return lines + [f"НЕ ТАК: {text}" for text in ending.wrong]


def show_addresses(stand: Stand) -> None:
    """Print where everything listens and three things to try."""
    say(f"""
Стенд работает (Ctrl+C — остановить):
  портал      {stand.portal.url}
  1С (OData)  {stand.onec_url}   пользователь «ОбменБитрикс», пароль «{PASSWORD}»
  приложение  {stand.app_url}
  файлы       {stand.folder}

Попробуйте в другом терминале:
  1. .venv/bin/python -m b24app --config {stand.folder}/config.toml check \
{stand.portal.deal_ids["overdue"]}    — расчёт по сделке, ничего не меняя
  2. .venv/bin/python -m b24app --config {stand.folder}/config.toml sync     — обновить лимиты и балансы из 1С
  3. curl {stand.app_url}/readyz     — здоровье приложения
""")


def wait_for_interrupt() -> None:
    """Block until Ctrl+C or SIGTERM."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    while not stopped.wait(1.0):
        pass


def say(text: str) -> None:
    """Print at once."""
    print(text, flush=True)  # noqa: T201 - a command's own output
