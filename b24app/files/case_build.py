"""From the objects of a good case file to the values the domain decides by."""

from __future__ import annotations

from dataclasses import fields
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.case import Release
from b24app.domain.case import TypedCard
from b24app.domain.client import ClientFacts
from b24app.domain.exposure import Reserve
from b24app.domain.rates import Rate
from b24app.domain.rates import Rates
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Counterparty
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Payment
from b24app.domain.receivable import Position
from b24app.domain.series import Account
from b24app.domain.series import Ask
from b24app.domain.series import World
from b24app.files.case_money import Purse

if TYPE_CHECKING:
    from datetime import date
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from b24app.domain.policy import Policy
    from b24app.files.case_rows import CaseForm
    from b24app.files.case_rows import ClientForm
    from b24app.files.case_rows import ContractForm
    from b24app.files.case_rows import DealForm

_FACTS: Final = tuple(each.name for each in fields(ClientFacts))


def moment_in(value: datetime, zone: ZoneInfo) -> datetime:
    """Return an aware moment in UTC; one without an offset is read on the wall of the zone."""
    return value.replace(tzinfo=value.tzinfo or zone).astimezone(UTC)


def build_world(case: CaseForm, policy: Policy, *, on: date) -> World:
    """Make what is known before the first deal."""
    purse = _purse(case, policy)
    reserves: dict[str, tuple[Reserve, ...]] = {}
    for row in case.reserves:
        contract = purse.contract(row.client, row.contract)
        ref = contract.key if contract is not None else None
        promised = Reserve(row.deal, ref, purse.asked(row), row.ship_on)
        reserves[row.client] = (*reserves.get(row.client, ()), promised)
    rates = tuple(Rate(row.currency, row.value, row.on or on) for row in case.rates)
    return World(
        policy=policy,
        accounts={client.inn: _account(client, case, purse) for client in case.clients},
        on=on,
        now=moment_in(case.now or case.as_of, case.timezone),
        rates=Rates(case.base_currency or policy.currency, rates),
        reserves=reserves,
    )


def build_asks(case: CaseForm, world: World) -> tuple[Ask, ...]:
    """Make the deals in their order."""
    purse = _purse(case, world.policy)
    return tuple(_ask(deal, purse, world) for deal in case.deals)


def _purse(case: CaseForm, policy: Policy) -> Purse:
    return Purse(policy.currency, {client.inn: client for client in case.clients})


def _ask(deal: DealForm, purse: Purse, world: World) -> Ask:
    contract = purse.contract(deal.client, deal.contract)
    released = deal.released
    return Ask(
        deal_id=deal.id,
        inn=deal.client,
        amount=purse.asked(deal),
        contract=contract.key if contract is not None else None,
        terms=deal.terms,
        discount=deal.discount,
        organisation=deal.organisation,
        ship_on=deal.ship_on,
        typed=_typed(deal, purse, world.accounts[deal.client].facts),
        release=Release(released.on, purse.asked(deal, released.amount)) if released is not None else None,
    )


def _typed(deal: DealForm, purse: Purse, facts: ClientFacts) -> TypedCard | None:
    """Lay what was typed over what is accepted; a key left out was not typed."""
    if deal.typed is None:
        return None
    given = {name: getattr(deal.typed, name) for name in type(deal.typed).model_fields}
    limit = purse.limit(given.pop("limit"))
    said = {name: value for name, value in given.items() if value is not None}
    return TypedCard(limit, replace(facts, **said))


def _account(client: ClientForm, case: CaseForm, purse: Purse) -> Account:
    figures = AccountFigures(
        inn=client.inn,
        counterparties=(Counterparty(client.inn, client.name, client.inn, ""),),
        positions=tuple(_position(each, purse) for each in client.contracts),
        contracts=tuple(_contract(each, purse) for each in client.contracts),
        payments=tuple(
            sorted(
                (Payment(each.on, purse.under(None, each.amount)) for each in client.payments),
                key=lambda payment: payment.paid_on,
                reverse=True,
            )
        ),
        as_of=moment_in(client.as_of or case.as_of, case.timezone),
    )
    facts = ClientFacts(**{name: getattr(client, name) for name in _FACTS})
    return Account(figures, purse.limit(client.limit), facts)


def _contract(row: ContractForm, purse: Purse) -> Contract:
    return Contract(
        ref=row.key,
        number=row.number,
        currency=row.currency or purse.home,
        active=row.active,
        limit=purse.limit(row.limit, row),
        deferral_days=row.deferral_days,
        organisation=row.organisation,
    )


def _position(row: ContractForm, purse: Purse) -> Position:
    return Position(
        row.key,
        row.currency or purse.home,
        tuple(Instalment(each.document, each.due, purse.under(row, each.amount)) for each in row.documents),
        credit=purse.under(row, row.advances),
        pending=purse.under(row, row.pending_receipts),
        shipped_not_invoiced=purse.under(row, row.shipped_not_invoiced),
        organisation=row.organisation,
    )
