"""May a person see a deal: asked of the portal with the person's own token (bitrix24 10.2)."""

from __future__ import annotations

from typing import Final

from b24app.bitrix.http import HttpCall
from b24app.bitrix.http import check_address
from b24app.bitrix.http import exchange
from b24app.bitrix.http import open_session
from b24app.ports.errors import AuthLost
from b24app.ports.errors import Forbidden
from b24app.ports.errors import NotFound
from b24app.protocol.answers import TokenExpired
from b24app.protocol.answers import parse_answer

_TIMEOUT = (5.0, 15.0)
DEAL: Final = 2


class BitrixRights:
    """The real `web.front.DealRights`."""

    def __init__(self, *, allow_insecure: bool = False) -> None:
        self._allow_insecure = allow_insecure

    def sees_deal(self, *, client_endpoint: str, access_token: str, deal_id: int) -> bool:
        """Tell whether the token's owner can read the deal. Raises `GatewayError`."""
        base = check_address(client_endpoint, allow_insecure=self._allow_insecure)
        method = "crm.item.list"
        body = {
            "entityTypeId": DEAL,
            "filter": {"id": deal_id},
            "select": ["id"],
            "start": -1,
            "auth": access_token,
        }
        with open_session(base) as session:
            raw = exchange(session, HttpCall(method, f"{base}{method}", body=body), _TIMEOUT)
        try:
            result = parse_answer(method, raw).result
        except (Forbidden, NotFound):
            return False
        except TokenExpired as error:
            raise AuthLost("the page's access token has expired") from error
        items = result.get("items", []) if isinstance(result, dict) else []
        return any(int(row.get("id", 0)) == deal_id for row in items)
