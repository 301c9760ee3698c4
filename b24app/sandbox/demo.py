"""The demo: bring up a stand and receive visitors on its pages, or play the story and print what happened."""

from __future__ import annotations

import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from b24app.sandbox.stand import CHECK
from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from b24app.sandbox.stand import StandError
from b24app.sandbox.story import STORY
from b24app.sandbox.story import Teller
from b24app.sandbox.story import name

if TYPE_CHECKING:
    from b24app.sandbox.story import Ending

ROOM = Path(tempfile.gettempdir())
VISIT = Pace(snapshot=1)


def run_demo(*, script: bool, port: int, bare: bool = False) -> int:
    """With `script` play the story and return 0 when every deal ended right; else stay until Ctrl+C.

    `bare`: the app is left for the visitor to install.
    """
    folder = Path(tempfile.mkdtemp(prefix="b24app-demo-", dir=ROOM))
    try:
        with Stand(folder, pace=Pace() if script else VISIT, portal_port=0 if script else port) as stand:
            say("Поднимаю учебный портал, учебную 1С и приложение…")
            stand.start_app()
            wrong = play(stand) if script else receive(stand, bare=bare)
    except StandError as error:
        say(str(error))
        say(f"Файлы стенда: {folder}")
        return 1
    except OSError as error:
        say(f"Не удалось занять порт {port}: {error.strerror}. Укажите другой: make demo PORT=8090")
        return 1
    if wrong:
        say(f"История закончилась не так, как должна. Файлы стенда: {folder}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def play(stand: Stand) -> bool:
    """Install the app and play the story; True when something ended wrong."""
    stand.install()
    say(f"Приложение установлено на портал {stand.portal.url}.\n")
    return tell(stand)


def receive(stand: Stand, *, bare: bool) -> bool:
    """Keep the stand open for visitors; nothing can end wrong."""
    if not bare:
        stand.install()
        stand.portal.place_robot(CHECK, "cc_check")
    show_addresses(stand, bare=bare)
    wait_for_interrupt()
    return False


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


def show_addresses(stand: Stand, *, bare: bool) -> None:
    """Print where to go and three things to try."""
    first = (
        "Войдите как «Артём Логинов, администратор», откройте «Приложения» и установите приложение.\n     "
        if bare
        else ""
    )
    say(f"""
Откройте в браузере:  {stand.portal.url}/

Попробуйте:
  1. {first}Войдите как менеджер Сергей Панин и перетащите сделку «Отгрузка: ООО «Монолит-Сервис»»
     в «Подготовка к отгрузке». Через несколько секунд она встанет в «Требуется согласование
     кредитного контроля»: откройте её, на вкладке «Кредитный контроль» причины и расчёт.
  2. В «Учебной 1С» ({stand.onec_pages_url}) проведите оплату Монолит-Сервиса на весь долг.
     В течение минуты сделка освободится сама; кнопка «Проверить ещё раз» на вкладке — сразу.
  3. В «Учебной 1С», на странице «База», выключите её и перетащите «Северный Дом»: сделка подождёт
     и скажет почему. Включите 1С — сделка пойдёт дальше сама.
  4. В другом окне терминала выгрузите кредитную политику, измените её и введите: ждущие и ещё не
     отгруженные сделки решатся заново.
     b24app --config {stand.config} policy export > policy.toml
     b24app --config {stand.config} policy import policy.toml

Задачи и уведомления менеджера, начальника отдела продаж и финансового директора — под их именами:
сменить сотрудника можно щелчком по имени справа вверху.
Ctrl+C — остановить. Журнал и база приложения: {stand.folder}
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
