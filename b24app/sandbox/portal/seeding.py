"""From the made-up company to the portal's users, cards, requisites and deals."""

from __future__ import annotations

from b24app.sandbox.portal import changes
from b24app.sandbox.portal import discount
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.crm_details import add_requisite
from b24app.sandbox.portal.crm_setup import add_category
from b24app.sandbox.portal.currencies import seed_currencies
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Department
from b24app.sandbox.portal.store import User
from b24app.sandbox.portal.workflow import bpt
from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedDeal
from b24app.sandbox.world import World


def seed(core: Core, world: World) -> tuple[dict[str, tuple[int, ...]], dict[str, int]]:
    """Fill the portal; company ids by client key (one per card), deal ids by deal key, equal every run."""
    _people(core, world)
    add_category(core.store, 0, "Общая", 300)
    seed_currencies(core.store, core.now())
    cards = {client.key: _companies(core, client) for client in world.clients}
    deals = {deal.key: _deal(core, deal, cards) for deal in world.deals}
    head = {"name": discount.NAME, "description": discount.DESCRIPTION, "auto_execute": 0}
    core.processes.add_template(bpt.pack(discount.process(world)), head, world.administrator, None)
    return cards, deals


def _people(core: Core, world: World) -> None:
    store = core.store
    for department in world.departments:
        head = next((user.id for user in world.users if user.department == department.id and user.head), None)
        store.departments[department.id] = Department(department.id, department.name, department.parent, head)
    for user in world.users:
        departments = [user.department]
        store.users[user.id] = User(
            user.id, user.name, user.last_name, departments, user.position, user.admin
        )


def _companies(core: Core, client: SeedClient) -> tuple[int, ...]:
    hit = Hit(client.manager)
    numbers = []
    for _card in range(client.cards):
        values = {"title": client.name, "assignedById": client.manager, "typeId": "CUSTOMER"}
        number = int(changes.create(core, hit, COMPANY, values)["id"])
        numbers.append(number)
        if client.inn:
            requisite = {
                "ENTITY_ID": number,
                "RQ_INN": client.inn,
                "RQ_KPP": client.kpp or None,
                "RQ_COMPANY_NAME": client.name,
                "RQ_COMPANY_FULL_NAME": client.full_name,
            }
            add_requisite(core.store, hit, requisite, core.now())
    return tuple(numbers)


def _deal(core: Core, deal: SeedDeal, cards: dict[str, tuple[int, ...]]) -> int:
    values = {
        "title": deal.title,
        "stageId": deal.stage,
        "opportunity": deal.amount,
        "currencyId": deal.currency,
        "assignedById": deal.manager,
        "companyId": cards[deal.client][0] if deal.client else 0,
        "isManualOpportunity": True,
    }
    return int(changes.create(core, Hit(deal.manager), DEAL, values)["id"])
