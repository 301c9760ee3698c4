"""The extension's register over HTTP, and what the base refuses while the extension is installed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal

import pytest

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import NotReached
from b24app.ports.errors import Rejected
from b24app.ports.permits import Permit
from b24app.ports.permits import PermitKind
from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.base import SandboxOneC
from b24app.sandbox.onec.extension import PostingRefusedError
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.server import Served
from sync_1c.odata import BadValueError
from sync_1c.permits import OneCPermits
from sync_1c.profiles import permits as permit_names
from sync_1c.transport import ODataTransport
from sync_1c.transport import Utf8Basic
from tests.builders import rub
from tests.sandbox.onec.conftest import LOGIN
from tests.sandbox.onec.conftest import PASSWORD
from tests.sandbox.onec.conftest import world

INN = "7701000010"
UNTIL = datetime(2026, 12, 1, 21, tzinfo=UTC)
MODE = Permit("mode", PermitKind.MODE, active=True)
CLIENT = Permit(f"client:{INN}", PermitKind.CLIENT, active=True, inn=INN)
DEAL = Permit("deal:1@p", PermitKind.DEAL, True, INN, None, rub("1500.55"), UNTIL, "Сделка 1")  # noqa: FBT003


@dataclass
class Base:
    """A base with the extension, and its register."""

    onec: SandboxOneC
    permits: OneCPermits
    clock: SandboxClock

    def put(self, *rows: Permit) -> None:
        there = self.permits.read([row.key for row in rows])
        for row in rows:
            self.permits.write(row, exists=row.key in there)

    def sell(self, amount: str) -> bool:
        """Post a shipment; tell whether it was let through."""
        try:
            self.onec.post_sale("alpha", Decimal(amount), 14)
        except PostingRefusedError:
            return False
        return True


@pytest.fixture
def base() -> Iterator[Base]:
    clock = SandboxClock(datetime(2026, 11, 24, 9, tzinfo=UTC))
    onec = SandboxOneC(world(), clock=clock, login=LOGIN, password=PASSWORD, timezone="Europe/Moscow")
    onec.switches.extension = True
    with Served(onec.app, 0) as served:
        transport = ODataTransport(f"{served.url}{onec.path}", Utf8Basic(LOGIN, PASSWORD), pauses=())
        yield Base(onec, OneCPermits(transport, clock, deadline=10.0), clock)


class TestRegister:
    def test_rows_come_back_as_they_were_written(self, base: Base) -> None:
        rows = [MODE, CLIENT, DEAL, replace(DEAL, key="deal:2@p", contract="c-1", active=False)]
        base.put(*rows)
        assert base.permits.read([row.key for row in rows]) == {row.key: row for row in rows}

    def test_a_row_is_changed_in_place(self, base: Base) -> None:
        base.put(DEAL)
        changed = replace(DEAL, amount=rub("99999999999.99"), active=False)
        base.put(changed)
        assert base.permits.read([DEAL.key, "deal:9@p"]) == {DEAL.key: changed}

    def test_a_row_is_not_made_twice(self, base: Base) -> None:
        base.put(DEAL)
        with pytest.raises(Rejected):
            base.permits.write(DEAL, exists=False)

    def test_the_register_is_there_while_the_extension_is(self, base: Base) -> None:
        assert base.permits.is_published()
        base.onec.switches.extension = False
        assert base.permits.is_published(), "asked again only after a while"
        base.clock.advance(timedelta(minutes=11))
        assert not base.permits.is_published()
        with pytest.raises(LedgerMisconfigured):
            base.permits.write(DEAL, exists=False)

    def test_a_lost_answer_says_that_nobody_knows(self, base: Base) -> None:
        base.onec.switches.lost_writes = 1
        with pytest.raises(GatewayError) as caught:
            base.permits.write(DEAL, exists=False)
        assert caught.value.uncertain
        assert base.permits.read([DEAL.key]) == {DEAL.key: DEAL}

    def test_garbage_is_not_taken_for_an_answer(self, base: Base) -> None:
        base.onec.switches.fault = Fault.GARBAGE
        with pytest.raises(BadAnswer):
            base.permits.write(DEAL, exists=False)
        base.onec.switches.restore()
        assert not base.permits.read([DEAL.key])

    def test_a_base_that_is_not_there_was_certainly_not_reached(self) -> None:
        transport = ODataTransport("http://127.0.0.1:9/odata/standard.odata", Utf8Basic("a", "b"), pauses=())
        with pytest.raises(NotReached):
            OneCPermits(transport, SandboxClock(), deadline=5.0).write(DEAL, exists=False)

    def test_a_row_of_somebody_elses_making_is_not_read(self) -> None:
        with pytest.raises(BadValueError):
            permit_names.parse_permit({"Вид": "Прочее"})


class TestPosting:
    def test_without_control_everything_is_posted(self, base: Base) -> None:
        assert base.sell("100")
        base.put(replace(MODE, active=False), CLIENT)
        assert base.sell("100")
        base.put(MODE, replace(CLIENT, active=False))
        assert base.sell("100")

    def test_a_client_under_control_ships_on_a_permission_only_and_once(self, base: Base) -> None:
        base.put(MODE, CLIENT)
        assert not base.sell("1500.55")
        base.put(DEAL)
        assert base.sell("1000")
        assert not base.sell("600")
        assert base.sell("500.55")

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param(replace(DEAL, active=False), id="taken back"),
            pytest.param(replace(DEAL, until=UNTIL - timedelta(days=30)), id="over"),
            pytest.param(replace(DEAL, contract="11111111-0000-4000-8000-000000000000"), id="contract"),
            pytest.param(replace(DEAL, inn="7799999999"), id="another client"),
            pytest.param(replace(DEAL, amount=rub("1400")), id="too small"),
        ],
    )
    def test_a_permission_that_does_not_fit_is_none(self, base: Base, wrong: Permit) -> None:
        base.put(MODE, CLIENT, wrong)
        assert not base.sell("1500.55")

    def test_an_unposted_document_gives_its_permission_back(self, base: Base) -> None:
        base.put(MODE, CLIENT, DEAL)
        made = base.onec.post_sale("alpha", Decimal("1500.55"), 14)
        assert not base.sell("1500.55")
        base.onec.unpost(made)
        assert base.sell("1500.55")

    def test_without_the_extension_nobody_asks(self, base: Base) -> None:
        base.put(MODE, CLIENT)
        base.onec.switches.extension = False
        assert base.sell("1500.55")
