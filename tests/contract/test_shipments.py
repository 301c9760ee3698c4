"""The shipments of a real base, over HTTP: what is posted, unposted, deleted, and who wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.server import Served
from sync_1c.profiles import shipments as shipment_names
from sync_1c.shipments import OneCShipments
from sync_1c.transport import ODataTransport
from sync_1c.transport import Utf8Basic
from tests.builders import rub
from tests.sandbox.onec.conftest import LOGIN
from tests.sandbox.onec.conftest import PASSWORD
from tests.sandbox.onec.conftest import world

ZONE = "Europe/Moscow"
INN = "7701000010"


@dataclass
class Base:
    """A base and its reader."""

    onec: SandboxOneC
    shipments: OneCShipments
    clock: SandboxClock

    @property
    def today(self) -> date:
        return self.onec.now().date()


@pytest.fixture
def base() -> Iterator[Base]:
    clock = SandboxClock()
    clock.advance(datetime(2026, 11, 24, 9, tzinfo=UTC) - clock.now())
    onec = SandboxOneC(world(), clock=clock, login=LOGIN, password=PASSWORD, timezone=ZONE)
    with Served(onec.app, 0) as served:
        transport = ODataTransport(f"{served.url}{onec.path}", Utf8Basic(LOGIN, PASSWORD), pauses=())
        yield Base(onec, OneCShipments(transport, clock, timezone=ZoneInfo(ZONE), deadline=10.0), clock)


def test_a_posted_shipment_is_read_with_its_client_its_sum_and_its_moment(base: Base) -> None:
    made = base.onec.post_sale("alpha", Decimal("1500.50"), 14)
    (paper,) = base.shipments.since(base.today).papers
    assert (paper.ref, paper.number, paper.inn) == (made.ref, made.number, INN)
    assert (paper.amount, paper.posted, paper.deleted) == (rub("1500.50"), True, False)
    assert paper.client == "ООО «Альфа»"
    assert paper.moment.utcoffset() == timedelta(hours=3)
    assert abs(paper.moment - base.clock.now()) < timedelta(minutes=1)
    assert paper.author is not None
    assert base.shipments.people([paper.author]) == {paper.author: "Кузнецова Ольга (бухгалтер)"}


def test_every_write_changes_the_version_and_an_unposted_one_stays(base: Base) -> None:
    made = base.onec.post_sale("alpha", Decimal(100), 14)
    (before,) = base.shipments.since(base.today).papers
    base.onec.unpost(made)
    (after,) = base.shipments.since(base.today).papers
    assert not after.posted
    assert before.version != after.version


def test_a_window_leaves_out_older_days(base: Base) -> None:
    base.onec.post_sale("alpha", Decimal(100), 14, days_ago=3)
    assert not base.shipments.since(base.today - timedelta(days=2)).papers
    assert len(base.shipments.since(base.today - timedelta(days=3)).papers) == 1


def test_documents_are_found_by_reference_and_what_is_not_there_is_absent(base: Base) -> None:
    made = base.onec.post_sale("alpha", Decimal(100), 14, days_ago=9)
    nobody = "00000000-0000-4000-8000-000000000001"
    assert [paper.ref for paper in base.shipments.of([made.ref, nobody]).papers] == [made.ref]


def test_a_steady_look_is_one_request(base: Base) -> None:
    base.onec.post_sale("alpha", Decimal(100), 14)
    base.shipments.since(base.today)
    base.onec.log.reset()
    base.shipments.since(base.today)
    assert base.onec.log.by_resource() == {shipment_names.SHIPMENTS: 1}


def test_shipments_outside_the_composition_are_named(base: Base) -> None:
    base.onec.switches.removed = {shipment_names.SHIPMENTS}
    with pytest.raises(LedgerMisconfigured) as caught:
        base.shipments.since(base.today)
    assert caught.value.missing == (shipment_names.SHIPMENTS,)


def test_no_right_to_read_them_is_told(base: Base) -> None:
    base.onec.switches.forbidden = {shipment_names.SHIPMENTS}
    with pytest.raises(Forbidden):
        base.shipments.since(base.today)


def test_without_the_users_nobody_is_named(base: Base) -> None:
    base.onec.switches.removed = {shipment_names.USERS}
    assert base.shipments.people(["00000000-0000-4000-8000-000000000001"]) == {}


def test_a_silent_base_is_a_gateway_error(base: Base) -> None:
    base.onec.switches.fault = Fault.OFF
    with pytest.raises(GatewayError):
        base.shipments.since(base.today)


def test_the_documents_of_clients_are_found_however_far_they_are_dated_back(base: Base) -> None:
    made = base.onec.post_sale("alpha", Decimal(100), 14, days_ago=9)
    base.onec.post_sale("beta", Decimal(100), 14, days_ago=9)
    found = base.shipments.of_clients([INN], base.today - timedelta(days=10)).papers
    assert [paper.ref for paper in found] == [made.ref]
    assert not base.shipments.of_clients([INN], base.today - timedelta(days=8)).papers
    assert not base.shipments.of_clients(["7799999999"], base.today - timedelta(days=10)).papers


def test_the_documents_of_many_clients_take_few_requests(base: Base) -> None:
    base.onec.log.reset()
    base.shipments.of_clients([INN, *(f"77990000{number:02d}" for number in range(99))], base.today)
    assert base.onec.log.count() <= 100 // 20 + 1
