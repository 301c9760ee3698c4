"""Shipments posted in accounting past us, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.money import Money
from b24app.messages.bilingual import Bilingual
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.reason_texts import reason_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from b24app.domain.decision import Decision
    from b24app.messages.briefs import CompanyBrief
    from b24app.messages.briefs import Reader

SHIPMENT: Final[Mapping[str, Bilingual]] = {
    "past.head": Bilingual(
        "Отгрузка проведена в 1С без разрешения кредитного контроля.",
        "A shipment was posted in 1C without credit control's permission.",
    ),
    "past.client": Bilingual("Клиент: {client}", "Client: {client}"),
    "past.document": Bilingual(
        "Документ: реализация № {number} от {moment} на {amount}",
        "Document: shipment No. {number} of {moment} for {amount}",
    ),
    "past.who": Bilingual("Автор документа в 1С: {who}", "The document's author in 1C: {who}"),
    "past.deal": Bilingual("Остановленная сделка: {deal}", "The held deal: {deal}"),
    "past.held": Bilingual(
        "У клиента есть остановленные сделки, под этот документ разрешения нет.",
        "The client has held deals, and nothing permits this document.",
    ),
    "past.unasked": Bilingual(
        "Разрешения на эту отгрузку никто не запрашивал.", "Nobody asked for permission to ship this."
    ),
    "past.advice": Bilingual(
        "Если товар ещё на складе, отмените проведение документа: запись о нём закроется сама.",
        "If the goods are still in the warehouse, unpost the document: its record closes by itself.",
    ),
    "past.comment": Bilingual(
        "В 1С проведена отгрузка по остановленной сделке: реализация № {number} от {moment} на {amount}.",
        "A shipment was posted in 1C for this held deal: No. {number} of {moment} for {amount}.",
    ),
    "paper": Bilingual("№ {number} от {moment} на {amount}", "No. {number} of {moment} for {amount}"),
    "paper.permitted": Bilingual("{paper}: проведена", "{paper}: posted"),
    "paper.past": Bilingual("{paper}: проведена без разрешения", "{paper}: posted without permission"),
    "paper.closed": Bilingual("{paper}: проведение отменено", "{paper}: taken back"),
    "past.hidden": Bilingual(
        "Кредитный контроль не видит отгрузки 1С, поэтому не заметит проведённую мимо него. Добавьте "
        "в состав OData: {objects} — и дайте пользователю обмена право их читать.",
        "Credit control cannot see shipments of 1C, so it will not notice one posted past it. Add to the "
        "OData composition: {objects}, and give the exchange user the right to read them.",
    ),
}


@dataclass(frozen=True, slots=True)
class ShipmentBrief:
    """A shipment document as texts name it; `who` and `number` are raw. `deal`: a BB link, "" for none."""

    number: str
    when: datetime
    amount: Money
    who: str
    deal: str = ""


def past_notice(
    paper: ShipmentBrief, client: CompanyBrief, decision: Decision | None, reader: Reader, *, held: bool
) -> str:
    """Report a shipment nobody permitted: client, document, sum, who, and why the client is held."""
    language = reader.language
    name = f"[url={client.url}]{escape_bb(client.title)}[/url]" if client.url else escape_bb(client.title)
    lines = [
        f"[b]{SHIPMENT['past.head'].read(language)}[/b]",
        _say("past.client", language, client=name),
        _document("past.document", paper, reader),
    ]
    if paper.who:
        lines.append(_say("past.who", language, who=escape_bb(paper.who)))
    if paper.deal:
        lines.append(_say("past.deal", language, deal=paper.deal))
    elif held:
        lines.append(_say("past.held", language))
    else:
        lines.append(_say("past.unasked", language))
    reasons = decision.reasons if decision is not None else ()
    lines += [f"• {reason_line(reason, language)}" for reason in reasons]
    return "\n".join([*lines, _say("past.advice", language)])


def past_comment(mark: str, paper: ShipmentBrief, reader: Reader) -> str:
    """Write the timeline comment of a shipment posted past a held deal."""
    return f"{_document('past.comment', paper, reader)}\n{mark}"


def paper_line(paper: ShipmentBrief, standing: str, reader: Reader) -> str:
    """Name a document and how it stands: `permitted`, `past` or `closed`."""
    return _say(f"paper.{standing}", reader.language, paper=_document("paper", paper, reader))


def shipments_hidden(objects: str, language: str) -> str:
    """Tell the administrator that accounting does not publish its shipments."""
    return _say("past.hidden", language, objects=escape_bb(objects))


def _document(key: str, paper: ShipmentBrief, reader: Reader) -> str:
    return _say(
        key,
        reader.language,
        number=escape_bb(paper.number),
        moment=moment(paper.when, reader.zone),
        amount=money(paper.amount, reader.language),
    )


def _say(key: str, language: str, **values: str) -> str:
    return SHIPMENT[key].read(language).format(**values)
