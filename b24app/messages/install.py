"""Installation in words: what is made on the portal is called, and how each step of it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.ports.admin import AddOptions
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddStage
from b24app.ports.admin import AddUserField
from b24app.ports.admin import Area
from b24app.ports.admin import BindEvent
from b24app.ports.admin import BindPlacement
from b24app.ports.admin import Problem
from b24app.ports.admin import ProblemCode
from b24app.ports.admin import StageRole
from b24app.ports.admin import Step
from b24app.ports.admin import Subject
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UnbindPlacement
from b24app.ports.admin import UpdateRobot
from b24app.ports.fields import CompanyField
from b24app.ports.fields import DealField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.ports.admin import Words


def words(ru: str, en: str) -> Words:
    """Put the two languages of one text together."""
    return {"ru": ru, "en": en}


def pick(text: Words, language: str) -> str:
    """Choose a language, Russian when there is no such."""
    return text.get(language) or text["ru"]


STAGE_NAMES: Mapping[StageRole, Words] = {
    StageRole.CHECK: words("Подготовка к отгрузке", "Preparing shipment"),
    StageRole.ALLOWED: words("Отгрузка разрешена", "Shipment allowed"),
    StageRole.APPROVAL: words("Требуется согласование кредитного контроля", "Credit approval needed"),
}

DEAL_TAB = words("Кредитный контроль", "Credit control")

FIELD_LABELS: Mapping[Subject, Words] = {
    CompanyField.LIMIT_MODE: words("Кредитный лимит: вид", "Credit limit: kind"),
    CompanyField.LIMIT: words("Кредитный лимит", "Credit limit"),
    CompanyField.LIMIT_UNTIL: words("Лимит действует до", "Limit valid until"),
    CompanyField.TERMS_DAYS: words("Отсрочка, дней", "Payment deferral, days"),
    CompanyField.CATEGORY: words("Категория клиента", "Client category"),
    CompanyField.STATUS: words("Кредитный статус", "Credit status"),
    CompanyField.RISK: words("Группа риска", "Risk group"),
    CompanyField.GROUP: words("Группа компаний", "Group of companies"),
    CompanyField.STRATEGIC: words("Стратегический партнёр", "Strategic partner"),
    CompanyField.BALANCE: words("Задолженность", "Balance owed"),
    CompanyField.OVERDUE: words("Просрочено", "Overdue"),
    CompanyField.AVAILABLE: words("Остаток лимита", "Limit left"),
    CompanyField.OVERDUE_DAYS: words("Дней просрочки", "Days overdue"),
    CompanyField.LAST_PAYMENT: words("Последняя оплата", "Last payment"),
    CompanyField.AS_OF: words("Данные 1С на момент", "1C figures as of"),
    CompanyField.ONEC_ID: words("Код в 1С", "1C id"),
    CompanyField.REVENUE: words("Выручка компании", "Company revenue"),
    CompanyField.FOUNDED: words("Дата основания", "Founded on"),
    CompanyField.CUSTOMER_SINCE: words("Клиент с", "Customer since"),
    DealField.DECISION: words("Решение кредитного контроля", "Credit decision"),
    DealField.REASON: words("Причина", "Reason"),
    DealField.EXCESS: words("Превышение лимита", "Limit exceeded by"),
    DealField.TO_PAY: words("К оплате для отгрузки", "To pay for release"),
    DealField.TERMS: words("Условие оплаты заказа", "Payment term of the order"),
    DealField.DISCOUNT: words("Скидка за оплату", "Settlement discount"),
    DealField.CONTRACT: words("Договор 1С", "1C contract"),
    DealField.ONEC_DOC: words("Документ отгрузки 1С", "1C shipment document"),
    DealField.VALID_UNTIL: words("Разрешение действует до", "Permission valid until"),
}

OPTION_LABELS: Mapping[Subject, Mapping[str, Words]] = {
    CompanyField.LIMIT_MODE: {
        "not_set": words("Не задан", "Not set"),
        "granted": words("Задан", "Granted"),
        "unlimited": words("Без лимита", "Unlimited"),
    },
    CompanyField.CATEGORY: {
        "standard": words("Обычный клиент", "Standard client"),
        "large": words("Крупный партнёр", "Large partner"),
        "new": words("Новый клиент", "New client"),
        "problem": words("Проблемный должник", "Problem debtor"),
    },
    CompanyField.STATUS: {
        "none": words("Без ограничений", "No restriction"),
        "ship": words("Отгрузка остановлена", "Shipments stopped"),
        "all": words("Остановлено всё", "Everything stopped"),
    },
    CompanyField.RISK: {
        "low": words("Низкий риск", "Low risk"),
        "medium": words("Средний риск", "Medium risk"),
        "high": words("Высокий риск", "High risk"),
    },
    DealField.DECISION: {
        "allow": words("Отгрузка разрешена", "Shipment allowed"),
        "allow_notify": words("Разрешена с уведомлением", "Allowed with a notice"),
        "hold": words("Отгрузка остановлена", "Shipment held"),
        "technical": words("Нет данных для решения", "No data to decide on"),
    },
}

_AREAS: Mapping[Area, Words] = {
    Area.STAGES: words("стадии воронки", "stages of the funnel"),
    Area.COMPANY_FIELDS: words("поля компаний", "company fields"),
    Area.DEAL_FIELDS: words("поля сделок", "deal fields"),
    Area.ROBOTS: words("роботы", "robots"),
    Area.EVENTS: words("подписки на события", "event bindings"),
    Area.PLACEMENTS: words("встраивания", "placements"),
}

_PROBLEMS: Mapping[ProblemCode, Words] = {
    ProblemCode.NOT_ADMINISTRATOR: words(
        "Установить приложение может только администратор портала.",
        "Only an administrator of the portal can install the application.",
    ),
    ProblemCode.AREA_UNREADABLE: words(
        "Портал не показал {subject} ({detail}). Проверьте права приложения в его настройках и повторите.",
        "The portal did not show its {subject} ({detail}). Check the application's permissions and repeat.",
    ),
    ProblemCode.FUNNEL_MISSING: words(
        "Воронки {detail} на портале нет. Укажите в настройках существующую воронку.",
        "There is no funnel {detail} on the portal. Name an existing one in the settings.",
    ),
    ProblemCode.STAGE_MISSING: words(
        "Стадии {detail}, выбранной как «{subject}», в воронке нет. Укажите другую или не указывайте её.",
        "Stage {detail}, chosen as “{subject}”, is not in the funnel. Name another one, or none.",
    ),
    ProblemCode.STAGE_NOT_PROCESS: words(
        "Стадия {detail}, выбранная как «{subject}», завершает сделку. Нужна рабочая стадия.",
        "Stage {detail}, chosen as “{subject}”, closes the deal. A working stage is needed.",
    ),
    ProblemCode.STAGES_NOT_DISTINCT: words(
        "Стадия {detail} выбрана дважды. Для проверки, разрешения и согласования нужны три разные стадии.",
        "Stage {detail} is chosen twice. Check, permission and approval need three different stages.",
    ),
    ProblemCode.FIELD_OTHER_TYPE: words(
        "Поле «{subject}» на портале уже есть, но другого типа ({detail}). Удалите его и повторите.",
        "Field “{subject}” exists on the portal with another type ({detail}). Remove it and repeat.",
    ),
    ProblemCode.FIELD_MULTIPLE: words(
        "Поле «{subject}» на портале уже есть, но множественное. Удалите его и повторите.",
        "Field “{subject}” exists on the portal as a multiple one. Remove it and repeat.",
    ),
}


def describe_problem(problem: Problem, language: str) -> str:
    """Say what a person has to put right, and where."""
    return pick(_PROBLEMS[problem.code], language).format(
        subject=_subject(problem, language), detail=problem.detail
    )


def _subject(problem: Problem, language: str) -> str:
    match problem.subject:
        case None:
            return ""
        case Area():
            return pick(_AREAS[problem.subject], language)
        case StageRole():
            return pick(STAGE_NAMES[problem.subject], language)
        case _:
            return pick(FIELD_LABELS[problem.subject], language)


def describe_step(step: Step, language: str) -> str:
    """Name a step as a thing to be done."""
    kind = pick(_STEPS[type(step)], language)
    return f"{kind}: {_object(step, language)}"


_STEPS: Mapping[type[Step], Words] = {
    AddStage: words("Стадия", "Stage"),
    AddUserField: words("Поле", "Field"),
    AddOptions: words("Значения списка", "Options of the list"),
    AddRobot: words("Робот", "Robot"),
    UpdateRobot: words("Обновление робота", "Robot update"),
    BindEvent: words("Подписка на событие", "Event binding"),
    UnbindEvent: words("Снятие прежней подписки", "Removal of an old event binding"),
    BindPlacement: words("Вкладка", "Tab"),
    UnbindPlacement: words("Снятие прежней вкладки", "Removal of an old tab"),
}


def _object(step: Step, language: str) -> str:
    match step:
        case AddStage():
            name = f"«{step.name}»"
        case AddUserField() | AddOptions():
            name = f"«{pick(FIELD_LABELS[step.subject], language)}»"
        case AddRobot() | UpdateRobot():
            name = f"«{pick(step.robot.names, language)}»"
        case BindEvent() | UnbindEvent():
            name = step.binding.event
        case BindPlacement():
            name = f"«{pick(step.titles, language)}»"
        case UnbindPlacement():
            name = step.binding.placement
    return name


NOTHING_TO_DO = words(
    "Всё уже на месте, менять ничего не пришлось", "Everything is in place; nothing was changed"
)
PUT_OFF = words(
    "Отложено: сначала должен получиться другой шаг.", "Put off: another step has to succeed first."
)
INCOMPLETE = words(
    "Установка не закончена. Исправьте названное ниже и откройте эту страницу ещё раз.",
    "The installation is not complete. Put right what is named below and open this page again.",
)
FOREIGN_PORTAL = words(
    "Приложение настроено для другого портала. Ничего не изменено.",
    "The application is configured for another portal. Nothing was changed.",
)
NOT_ADMINISTRATOR = _PROBLEMS[ProblemCode.NOT_ADMINISTRATOR]
ENFORCE = words(
    "Сейчас режим наблюдения: решения видны в сделках, но ничего не останавливается. Когда им можно будет "
    'доверять, поставьте в config.toml, в разделе [credit], mode = "enforce" и перезапустите приложение.',
    "The app observes for now: verdicts show in deals, nothing is stopped. Once they can be trusted, set "
    'mode = "enforce" in section [credit] of config.toml and restart the app.',
)
NO_SIGNATURE = words(
    "Портал не прислал ключ, которым подписывает свои вызовы, поэтому роботы и события пока не принимаются, "
    "работает только плановый обход. Откройте это приложение администратором ещё раз, уже после установки.",
    "The portal did not send the key it signs its calls with, so robots and events are not accepted yet and "
    "only the scheduled sweep works. Open this app as an administrator once more after the installation.",
)
BROKEN_OFF = words(
    "Портал не ответил, установка не закончена. Откройте эту страницу ещё раз через минуту.",
    "The portal did not answer and the installation is not complete. Open this page again in a minute.",
)
PLACE_ROBOT = words(
    "Поставьте робота «{robot}» на стадию «{stage}»: CRM → Сделки → Роботы. Само приложение этого не может.",
    "Put the robot “{robot}” on the stage “{stage}”: CRM → Deals → Automation rules. No app can do it.",
)
