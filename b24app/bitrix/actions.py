"""Actions as batch commands, and the answers to those commands as outcomes."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import Final

from b24app.bitrix.companies import COMPANY
from b24app.bitrix.deals import DEAL
from b24app.bitrix.encode import reference
from b24app.bitrix.fields import Options
from b24app.bitrix.fields import code
from b24app.bitrix.fields import render_deal
from b24app.bitrix.fields import render_figures
from b24app.bitrix.fields import render_terms
from b24app.bitrix.outcomes import outcome_of
from b24app.bitrix.rows import rows_of
from b24app.bitrix.rows import wanted
from b24app.bitrix.rows import whole
from b24app.domain.money import Money
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.fields import DealField
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.portal import WriteDealPaper
from b24app.protocol.answers import BatchAnswer

Command = tuple[str, Mapping[str, Any]]
Commands = dict[str, Command]

_log = logging.getLogger(__name__)

HALF: Final = Decimal("0.005")
"""Half a kopeck: what a portal's amount may differ from the whole kopecks it was read as (K9)."""


def commands_of(action: Action, tag: str, options: Options) -> Commands:
    """Write an action as commands whose ids begin with `tag`; a `CloseTask` must know its task."""
    match action:
        case MoveDeal():
            return _move(action, tag, options)
        case WriteDealFields():
            return {tag: _update(DEAL, action.deal_id, render_deal(action.fields, options))}
        case WriteDealPaper():
            return {tag: _update(DEAL, action.deal_id, {code(DealField.ONEC_DOC): action.text})}
        case WriteCompany():
            return {tag: _update(COMPANY, action.company_id, _company_values(action, options))}
        case AddTask():
            return {tag: _task(action)}
        case CloseTask():
            return {tag: ("tasks.task.complete", {"taskId": action.task_id})}
        case Notify():
            message = {"USER_ID": action.user_id, "MESSAGE": action.text, "TAG": action.tag}
            return {tag: ("im.notify.system.add", message)}
        case AddComment():
            return {tag: _comment(action)}
        case AnswerRobot():
            return {tag: _answer(action)}


def outcome_in(answer: BatchAnswer, action: Action, tag: str, now: datetime) -> Outcome:
    """Read how an action ended out of the batch that carried its commands."""
    try:
        match action:
            case MoveDeal():
                return _moved(answer, action, tag)
            case WriteDealFields() | WriteDealPaper() | WriteCompany():
                return Outcome(Result.DONE, ref=str(whole(_item(wanted(answer, tag)).get("id"))))
            case AddTask():
                return _made(_task_id(wanted(answer, tag)))
            case CloseTask():
                wanted(answer, tag)
                return Outcome(Result.DONE, ref=str(action.task_id))
            case Notify() | AddComment():
                return _made(whole(wanted(answer, tag)))
            case AnswerRobot():
                return _accepted(wanted(answer, tag))
    except GatewayError as error:
        return outcome_of(error, now)


def _move(action: MoveDeal, tag: str, options: Options) -> Commands:
    """Write a conditional move: an empty `chk` turns the id of `mv` into a list, and the update fails."""
    guard = action.guard
    filters: dict[str, Any] = {"id": action.deal_id, "stageId": guard.stage_id}
    if guard.company_id is not None:
        filters["companyId"] = guard.company_id
    if guard.amount is not None:
        amount = guard.amount.amount
        filters |= {">=opportunity": amount - HALF, "<opportunity": amount + HALF}
        filters["currencyId"] = guard.amount.currency
    check = {"entityTypeId": DEAL, "filter": filters, "select": ["id"], "start": -1}
    values = {"stageId": action.stage_id}
    if action.fields is not None:
        values |= render_deal(action.fields, options)
    found = reference(f"{tag}chk", "items", 0, "id")
    return {f"{tag}chk": ("crm.item.list", check), f"{tag}mv": _update(DEAL, found, values)}


def _update(entity: int, number: Any, values: Mapping[str, Any]) -> Command:
    return "crm.item.update", {
        "entityTypeId": entity,
        "id": number,
        "fields": values,
        "useOriginalUfNames": "Y",
    }


def _company_values(action: WriteCompany, options: Options) -> dict[str, Any]:
    terms = {} if action.terms is None else render_terms(action.terms, options)
    return terms if action.figures is None else terms | render_figures(action.figures)


def _task(action: AddTask) -> Command:
    title = action.title if action.mark in action.title else f"{action.title} {action.mark}"
    return "tasks.task.add", {
        "fields": {
            "TITLE": title,
            "DESCRIPTION": action.text,
            "RESPONSIBLE_ID": action.responsible_id,
            "DEADLINE": action.deadline.isoformat(timespec="seconds"),
            "UF_CRM_TASK": [f"D_{action.deal_id}"],
        }
    }


def _comment(action: AddComment) -> Command:
    text = action.text if action.mark in action.text else f"{action.text}\n{action.mark}"
    return "crm.timeline.comment.add", {
        "fields": {"ENTITY_ID": action.deal_id, "ENTITY_TYPE": "deal", "COMMENT": text}
    }


def _answer(action: AnswerRobot) -> Command:
    return "bizproc.event.send", {
        "EVENT_TOKEN": action.event_token,
        "RETURN_VALUES": {
            "decision": action.decision,
            "proceed": "Y" if action.proceed else "N",
            "reason": action.reason,
            "excess": _plain(action.excess),
            "to_pay": _plain(action.to_pay),
        },
        "LOG_MESSAGE": action.reason,
    }


def _plain(money: Money | None) -> str:
    return "" if money is None else f"{money.amount:f}"


def _moved(answer: BatchAnswer, action: MoveDeal, tag: str) -> Outcome:
    checked = rows_of(wanted(answer, f"{tag}chk"), "items")
    if not any(whole(row.get("id")) == action.deal_id for row in checked):
        if f"{tag}mv" in answer.results:
            _log.error("deal %d: the update of an unmet guard was carried out", action.deal_id)
        return Outcome(Result.GUARD_FAILED)
    stage = str(_item(wanted(answer, f"{tag}mv")).get("stageId") or "")
    if stage == action.guard.stage_id != action.stage_id:
        return Outcome(Result.REFUSED, note=f"the portal left the deal on {stage}")
    note = None if stage == action.stage_id else f"the portal moved it on to {stage}"
    return Outcome(Result.DONE, ref=str(action.deal_id), note=note)


def _item(result: Any) -> Mapping[str, Any]:
    item = result.get("item") if isinstance(result, Mapping) else None
    if not isinstance(item, Mapping):
        raise BadAnswer("an item was expected in the answer to an update")
    return item


def _task_id(result: Any) -> int:
    task = result.get("task") if isinstance(result, Mapping) else None
    if not isinstance(task, Mapping) or not whole(task.get("id")):
        raise BadAnswer("a task was expected in the answer")
    return whole(task.get("id"))


def _made(number: int) -> Outcome:
    return (
        Outcome(Result.DONE, ref=str(number)) if number else Outcome(Result.REFUSED, note="was not created")
    )


def _accepted(result: Any) -> Outcome:
    """Take `true` for what it is: the token was genuine, and no more (bitrix24 4.7)."""
    return Outcome(Result.DONE) if result else Outcome(Result.REFUSED, note="the answer was not taken")
