"""1C is silent or broken: nothing is allowed, everything heals."""

from __future__ import annotations

from b24app.domain.rules import ReasonCode
from b24app.ports.errors import ConfigurationUnknown
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.records import MessageKind
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CFO
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


class TestSilentAccounting:
    """Nothing is allowed because 1C was silent (E38)."""

    def test_e38_it_waits_and_heals_by_itself(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check()
        assert rig.stage() == CHECK
        assert rig.portal.deal_fields[1].decision == "technical"
        assert len(rig.told(MANAGER)) == len(rig.told(ADMIN)) == 1
        assert not rig.told(CFO)
        assert not rig.portal.tasks
        rig.ledger.recover()
        rig.clock.advance(seconds=30)
        rig.sweep.retry_technical(MEMBER)
        rig.run()
        assert rig.stage() == ALLOWED

    def test_people_are_told_once_per_outage(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check()
        for _ in range(5):
            rig.clock.advance(seconds=30)
            rig.sweep.retry_technical(MEMBER)
            rig.run()
        rig.deal(2)
        rig.check(2)
        assert len(rig.told(ADMIN)) == 1
        assert len(rig.told(MANAGER)) == 2
        assert len(rig.checks()) == 1

    def test_after_an_hour_it_goes_to_a_person(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check()
        rig.clock.advance(minutes=60)
        rig.sweep.retry_technical(MEMBER)
        rig.run()
        assert rig.stage() == APPROVAL
        hold = rig.hold()
        assert hold is not None
        assert hold.reasons == (ReasonCode.TECHNICAL,)
        rig.ledger.recover()
        rig.check(kind=MessageKind.RECHECK)
        assert rig.stage() == ALLOWED

    def test_a_held_deal_keeps_its_reasons(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.check()
        rig.ledger.fail()
        rig.check(kind=MessageKind.RECHECK)
        hold = rig.hold()
        assert hold is not None
        assert hold.reasons == (ReasonCode.LIMIT,)
        assert rig.stage() == APPROVAL
        assert len(rig.told(CFO)) == 1

    def test_a_permission_whose_amount_rose_does_not_outlive_the_silence(self) -> None:
        rig = Rig()
        rig.deal(amount=100_000)
        rig.check()
        rig.ledger.fail()
        rig.edit(amount=rub(500_000))
        rig.check()
        assert rig.stage() == CHECK
        assert rig.reserve() is None

    def test_a_misconfigured_base_is_named_so(self) -> None:
        rig = Rig()
        rig.ledger.fail(LedgerMisconfigured("1C", missing=("Catalog_Контрагенты",)))
        rig.deal()
        rig.check()
        assert "Catalog_Контрагенты" in rig.told(ADMIN)[0]

    def test_a_base_of_an_unknown_configuration_is_told_what_would_have_shown_it(self) -> None:
        rig = Rig()
        rig.ledger.fail(ConfigurationUnknown(("AccumulationRegister_РасчетыСКлиентами",), published=12))
        rig.deal()
        rig.check()
        assert "Не удалось понять, какая это конфигурация 1С" in rig.told(ADMIN)[0]
        assert "AccumulationRegister_РасчетыСКлиентами" in rig.told(ADMIN)[0]

    def test_a_base_that_publishes_nothing_is_told_so(self) -> None:
        rig = Rig()
        rig.ledger.fail(ConfigurationUnknown(("AccumulationRegister_РасчетыСКлиентами",), published=0))
        rig.deal()
        rig.check()
        assert "состав стандартного интерфейса OData пуст" in rig.told(ADMIN)[0]
