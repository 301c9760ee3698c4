"""A 1C of many clients, as its OData answers: written while it is read, so that it takes no memory itself."""

from __future__ import annotations

import json
from datetime import date
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import parse_qs
from urllib.parse import unquote
from urllib.parse import urlsplit

from sync_1c.profiles import shared
from sync_1c.profiles import ut11

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

EMPTY = "00000000-0000-0000-0000-000000000000"
ROUBLE = "00000000-0000-0000-0001-000000000643"
CHANGED_EVERY = 100
ALIKE_EVERY = 1000  # clients so far apart owe the same
PIECE = 1000
TODAY = date(2026, 11, 25)

Row = dict[str, Any]


def guid(kind: int, number: int) -> str:
    """Return a reference of a made-up object."""
    return f"00000000-0000-0000-{kind:04d}-{number:012d}"


def inn(number: int) -> str:
    """Return a client's ИНН."""
    return f"77{number:08d}"


def owed(number: int, *, shifted: bool) -> int:
    """Return what a client owes; once the base is shifted, one in a hundred owes another sum."""
    return 1_000 + number % ALIKE_EVERY + (500 if shifted and number % CHANGED_EVERY == 0 else 0)


def _counterparty(number: int, *, shifted: bool) -> Row:
    del shifted
    name = f"ООО «Клиент {number}»"
    row = {"Ref_Key": guid(2, number), "DeletionMark": False, "Description": name, "НаименованиеПолное": name}
    return {**row, "ИНН": inn(number), "КПП": "770101001"}


def _key(number: int, *, shifted: bool) -> Row:
    del shifted
    party = {"Контрагент": guid(2, number), "Контрагент_Type": f"StandardODATA.{shared.COUNTERPARTIES}"}
    contract = {"Договор": guid(3, number), "Договор_Type": f"StandardODATA.{shared.CONTRACTS}"}
    return {"Ref_Key": guid(4, number), "Организация_Key": guid(9, 1), **party, **contract}


def _contract(number: int, *, shifted: bool) -> Row:
    del shifted
    return {
        "Ref_Key": guid(3, number),
        "DeletionMark": False,
        "Номер": f"Д-{number}",
        "Description": f"Договор {number}",
        "Контрагент_Key": guid(2, number),
        "Организация_Key": guid(9, 1),
        "Статус": "Действует",
        "ТипДоговора": "СПокупателем",
        "ВалютаВзаиморасчетов_Key": ROUBLE,
        "ОграничиватьСуммуЗадолженности": True,
        "ДопустимаяСуммаЗадолженности": 100_000,
        "УстановленСрокОплаты": True,
        "СрокОплаты": "14",
    }


def _debt(number: int, *, shifted: bool) -> Row:
    return {
        "АналитикаУчетаПоПартнерам_Key": guid(4, number),
        "Валюта_Key": ROUBLE,
        "ДатаПлановогоПогашения": f"2026-{number % 10 + 1:02d}-15T00:00:00",
        "ДолгBalance": owed(number, shifted=shifted),
        "ПредоплатаBalance": 0,
    }


def _balance(number: int, *, shifted: bool) -> Row:
    return {
        "АналитикаУчетаПоПартнерам_Key": guid(4, number),
        "Валюта_Key": ROUBLE,
        "СуммаBalance": owed(number, shifted=shifted),
        "КОплатеBalance": 0,
        "ОплачиваетсяBalance": 0,
        "ОтгружаетсяBalance": 0,
    }


def _receipt(number: int, *, shifted: bool) -> Row:
    del shifted
    moment = "2026-10-01T12:00:00"
    row = {"Ref_Key": guid(5, number), "Date": moment, "ДатаПроведенияБанком": moment}
    return {**row, "Контрагент_Key": guid(2, number), "СуммаДокумента": 700, "Валюта_Key": ROUBLE}


class _Answers:
    """Rows by the name of what is asked for."""

    def __init__(self, clients: int, *, shifted: bool) -> None:
        self._clients = clients
        self._shifted = shifted
        self._many: dict[str, Callable[..., Row]] = {
            shared.COUNTERPARTIES: _counterparty,
            ut11.KEYS: _key,
            shared.CONTRACTS: _contract,
            ut11.BY_DUE_DATE: _debt,
            ut11.SETTLEMENTS: _balance,
            ut11.BANK_RECEIPTS: _receipt,
        }

    def rows(self, resource: str, options: dict[str, list[str]]) -> Iterator[Row]:
        """Return the rows of one request."""
        name = resource.partition("/")[0]
        if name == ut11.ARCHITECTURE:
            yield {"Value": True}
        if name == shared.CURRENCIES:
            yield {"Ref_Key": ROUBLE, "Code": "643", "Description": "RUB"}
        make = self._many.get(name)
        if make is None:
            return
        first = int(options.get("$skip", ["0"])[0])
        top = options.get("$top")
        last = self._clients if top is None else min(first + int(top[0]), self._clients)
        for number in range(first, last):
            yield make(number, shifted=self._shifted)


def serve(pipe: Connection, clients: int, *, shifted: bool) -> None:
    """Answer on a free port, which is told through the pipe, until the process is ended."""
    answers = _Answers(clients, shifted=shifted)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            resource = unquote(asked.path).partition("/odata/standard.odata/")[2]
            self.send_response(200)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.end_headers()
            self.wfile.write(b'{"odata.metadata": "", "value": [')
            piece: list[str] = []
            comma = ""
            for row in answers.rows(resource, parse_qs(asked.query)):
                piece.append(json.dumps(row, ensure_ascii=False))
                if len(piece) == PIECE:
                    self.wfile.write((comma + ",".join(piece)).encode())
                    piece, comma = [], ","
            if piece:
                self.wfile.write((comma + ",".join(piece)).encode())
            self.wfile.write(b"]}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's own name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_address[1])
    server.serve_forever()
