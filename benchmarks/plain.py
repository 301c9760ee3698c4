"""What a plain handler does for one deal: every read and every write is a call of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import quote

import requests

from b24app.sandbox.stand import ALLOWED
from b24app.sandbox.stand import APPROVAL
from b24app.sandbox.stand import LOGIN
from b24app.sandbox.stand import PASSWORD

if TYPE_CHECKING:
    from b24app.sandbox.stand import Stand

KEPT = "'(),/:;=$*"


class PlainHandler:
    """Checks deals one after another, without batches, without a kept connection, without records."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self._token, _ = stand.portal.tokens_for(stand.world.administrator)

    def check(self, deal_id: int) -> None:
        """Read everything, decide by a bare comparison, write everything."""
        deal = self._call("crm.item.get", entityTypeId=2, id=deal_id)["item"]
        self._call("crm.item.get", entityTypeId=4, id=deal["companyId"])
        rows = self._call("crm.requisite.list", filter={"ENTITY_TYPE_ID": 4, "ENTITY_ID": deal["companyId"]})
        self._call("user.get", FILTER={"ID": deal["assignedById"]})
        party = self._ask("Catalog_Контрагенты", f"ИНН eq '{rows[0]['RQ_INN']}'")[0]["Ref_Key"]
        self._ask("Catalog_ДоговорыКонтрагентов", f"Контрагент_Key eq guid'{party}'")
        key = self._ask(
            "Catalog_КлючиАналитикиУчетаПоПартнерам",
            f"Контрагент eq cast(guid'{party}','Catalog_Контрагенты')",
        )[0]["Ref_Key"]
        terms = self._ask(
            "AccumulationRegister_РасчетыСКлиентамиПоСрокам/Balance"
            f"(Condition='АналитикаУчетаПоПартнерам_Key eq guid''{key}''')"
        )
        self._ask("Document_ПоступлениеБезналичныхДенежныхСредств", f"Контрагент_Key eq guid'{party}'")
        self._write(deal, held=any(float(row["ДолгBalance"]) > 0 for row in terms))

    def _write(self, deal: dict[str, Any], *, held: bool) -> None:
        number, world = deal["id"], self._stand.world
        stage = APPROVAL if held else ALLOWED
        self._call("crm.item.update", entityTypeId=2, id=number, fields={"stageId": stage})
        text = {"ENTITY_ID": number, "ENTITY_TYPE": "deal", "COMMENT": "Проверено"}
        self._call("crm.timeline.comment.add", fields=text)
        if held:
            task = {"TITLE": "Долг", "RESPONSIBLE_ID": deal["assignedById"], "UF_CRM_TASK": [f"D_{number}"]}
            self._call("tasks.task.add", fields=task)
            for user in (world.sales_head, world.cfo):
                self._call("im.notify.system.add", USER_ID=user, MESSAGE="Отгрузка остановлена")

    def _call(self, method: str, **params: Any) -> Any:
        url = f"{self._stand.portal.url}/rest/{method}"
        answer = requests.post(url, json={**params, "auth": self._token}, timeout=65)
        answer.raise_for_status()
        return answer.json()["result"]

    def _ask(self, resource: str, wanted: str = "") -> list[dict[str, Any]]:
        tail = f"&$filter={quote(wanted, safe=KEPT)}" if wanted else ""
        url = f"{self._stand.onec_url}/{quote(resource, safe=KEPT)}?$format=json{tail}"
        login = (LOGIN.encode(), PASSWORD.encode())
        answer = requests.get(url, auth=login, headers={"Accept": "application/json"}, timeout=60)
        answer.raise_for_status()
        return list(answer.json()["value"])
