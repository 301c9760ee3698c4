"""A decided deal at a terminal: the verdict, every reason, and arithmetic that adds up to the kopeck."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.messages.catalogue import say
from b24app.messages.decision_texts import pay_block
from b24app.messages.decision_texts import payment_lines
from b24app.messages.decision_texts import rate_line
from b24app.messages.decision_texts import warnings_block
from b24app.messages.format import day
from b24app.messages.format import days
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.format import percent
from b24app.messages.reason_texts import reason_line
from b24app.messages.reason_texts import skip_line

if TYPE_CHECKING:
    from b24app.domain.exposure import Exposure
    from b24app.domain.limits import ResolvedLimit
    from b24app.domain.overdue import Overdue
    from b24app.domain.receivable import AccountFigures
    from b24app.messages.briefs import Reader

Row = tuple[str, str]

_NAME_LIMIT: Final = 80
_STEP: Final = "  "


@dataclass(frozen=True, slots=True)
class DealLines:
    """A deal as its report names it, terms and discount by their names; `again`: it was decided above."""

    deal_id: int
    title: str
    amount: Money
    contract: str | None
    terms: str | None
    discount: str | None
    again: bool = False


def write(key: str, language: str, **pieces: str | int) -> str:
    """Fill one of the sentences of `assess_words`."""
    return say(f"assess.{key}", language, **pieces)


def deal_report(
    deal: DealLines, decision: Decision, figures: AccountFigures, reader: Reader
) -> Iterator[str]:
    """Write all that was decided of one deal, line by line."""
    language = reader.language
    yield from _who(deal, figures, language)
    yield ""
    yield write(decision.outcome.value, language)
    if decision.skipped is not None:
        yield f"{_STEP}• {skip_line(decision.skipped, language)}"
    for reason in decision.reasons:
        yield f"{_STEP}• {reason_line(reason, language)}"
    for line in warnings_block(decision, language):
        yield f"{_STEP}{line}" if line.startswith("•") else line
    if decision.outcome is Outcome.HOLD:
        yield from (_bare(line) for line in pay_block(decision, figures, reader))
    if decision.exposure is not None:
        yield ""
        yield write("exposure", language)
        yield from _aligned(
            [
                *_exposure_rows(decision.exposure, language),
                *_limit_rows(decision, decision.exposure, language),
            ]
        )
    yield from _pool(decision, language)
    if decision.overdue is not None:
        yield ""
        yield from _overdue(decision.overdue, figures, language)
    if figures.payments:
        yield from payment_lines(figures, reader)
    if decision.rates:
        yield ""
        yield write("rates", language)
        yield from (f"{_STEP}{rate_line(rate, language)}" for rate in decision.rates)
    yield ""
    yield _policy(decision, reader)


def _who(deal: DealLines, figures: AccountFigures, language: str) -> Iterator[str]:
    title = f" «{escape_bb(deal.title)}»" if deal.title else ""
    key = "deal.again" if deal.again else "deal"
    yield write(key, language, id=deal.deal_id, title=title, amount=money(deal.amount, language))
    name = escape_bb(figures.counterparties[0].name) if figures.counterparties else ""
    yield write("client" if name else "client.unnamed", language, name=name, inn=figures.inn)
    if deal.contract is None:
        yield write("contract.none", language)
    else:
        yield write("contract", language, contract=escape_bb(deal.contract, _NAME_LIMIT))
    if deal.terms is not None:
        yield write("terms", language, terms=escape_bb(deal.terms, _NAME_LIMIT))
    if deal.discount is not None:
        yield write("discount", language, discount=escape_bb(deal.discount, _NAME_LIMIT))


def _exposure_rows(exposure: Exposure, language: str) -> Iterator[Row]:
    """Put down what adds up to the exposure after the deal: what netting really took off stands apart."""
    parts = [
        ("receivables", exposure.receivables),
        ("shipped", exposure.shipped_not_invoiced),
        ("reserved", exposure.reserved),
        ("candidate", exposure.candidate),
    ]
    gross = Money.zero(exposure.after.currency)
    for key, amount in parts:
        gross += amount
        if amount or key in {"receivables", "candidate"}:
            yield write(key, language), money(amount, language)
    taken = gross - exposure.after
    insured = exposure.insured
    if insured is not None and not exposure.after:
        yield write("taken", language), money(-taken, language)
    else:
        netted = taken - insured if insured is not None else taken
        if netted or exposure.credit:
            credit = money(exposure.credit, language)
            yield write("netted", language, credit=credit), money(-netted, language)
        if insured is not None:
            yield write("insured", language), money(-insured, language)
    yield write("after", language), money(exposure.after, language)


def _limit_rows(decision: Decision, exposure: Exposure, language: str) -> Iterator[Row]:
    limit = decision.limit
    if limit is None:
        return
    source = write(limit.source.value, language)
    if not isinstance(limit.limit, Granted):
        yield write("limit", language, source=source), write("unlimited", language)
        return
    amount = limit.limit.amount
    yield from _limit_parts(limit, amount, source, language)
    if limit.expires is not None and limit.temporary_until is None:
        yield write("expires", language), day(limit.expires)
    over = exposure.after - amount
    if over.is_positive:
        yield write("over", language), money(over, language)
    else:
        yield write("left", language), money(-over, language)
    if amount:
        yield write("used", language), percent(exposure.after.amount * 100 / amount.amount, language)


def _limit_parts(limit: ResolvedLimit, amount: Money, source: str, language: str) -> Iterator[Row]:
    """Tell where the limit comes from, and of what it is made where cover adds to it."""
    if limit.temporary_until is not None:
        named = write("temporary", language, until=day(limit.temporary_until))
    else:
        named = write("base" if limit.cover is not None else "limit", language, source=source)
    if limit.cover is None:
        yield named, money(amount, language)
        return
    yield named, money(amount - limit.cover, language)
    yield write("cover", language), money(limit.cover, language)
    yield write("whole", language), money(amount, language)


def _pool(decision: Decision, language: str) -> Iterator[str]:
    pool = decision.pool
    if pool is None:
        return
    over = pool.after - pool.limit
    rows = [
        (write("pool.others", language), money(pool.others, language)),
        (write("pool.own", language), money(pool.after - pool.others, language)),
        (write("pool.after", language), money(pool.after, language)),
        (write("pool.limit", language), money(pool.limit, language)),
        (write("over" if over.is_positive else "left", language), money(_size(over), language)),
    ]
    yield ""
    yield write("pool", language, name=escape_bb(pool.name, _NAME_LIMIT))
    yield from _aligned(rows)


def _overdue(overdue: Overdue, figures: AccountFigures, language: str) -> Iterator[str]:
    amount = money(overdue.amount, language)
    if overdue.items:
        yield write("overdue", language, amount=amount, days=days(overdue.max_days, language))
    else:
        yield say("facts.overdue.none", language)
    numbers = {row.ref: row.number for row in figures.contracts}
    for item in overdue.items:
        line = write(
            "overdue.item",
            language,
            document=escape_bb(item.document, _NAME_LIMIT),
            contract=escape_bb(numbers.get(item.contract or "") or "—", _NAME_LIMIT),
            amount=money(item.amount, language),
            due=day(item.due),
            days=days(item.days, language),
        )
        yield f"{_STEP}• {line}"
    if overdue.advice_allocate:
        yield say("facts.advice", language)


def _policy(decision: Decision, reader: Reader) -> str:
    version = escape_bb(decision.policy_version)
    if decision.as_of is None:
        return write("policy.bare", reader.language, version=version)
    as_of = moment(decision.as_of, reader.zone)
    return write("policy", reader.language, version=version, as_of=as_of)


def _aligned(rows: list[Row]) -> Iterator[str]:
    """Line up names on the left and figures on the right."""
    left = max(len(name) for name, _ in rows)
    right = max(len(figure) for _, figure in rows)
    for name, figure in rows:
        yield f"{_STEP}{name.ljust(left)}  {figure.rjust(right)}"


def _size(amount: Money) -> Money:
    return amount if amount.is_positive else -amount


def _bare(line: str) -> str:
    return line.replace("[b]", "").replace("[/b]", "")
