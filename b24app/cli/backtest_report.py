"""What `policy backtest` prints: lines for people, one object for programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Any
from typing import Protocol

from b24app.domain.decision import Outcome
from b24app.messages.catalogue import say
from b24app.messages.format import NBSP
from b24app.messages.format import day
from b24app.messages.format import escape_bb
from b24app.messages.format import moment
from b24app.messages.format import money
from b24app.messages.format import plural
from b24app.messages.reason_texts import reason_line
from b24app.messages.reason_texts import reason_name
from b24app.messages.reason_texts import skip_line
from b24app.services.backtest import Share
from b24app.services.redecide import Change
from b24app.services.redecide import Gap

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from b24app.domain.decision import Decision
    from b24app.domain.rules import Reason
    from b24app.domain.rules import ReasonCode
    from b24app.services.backtest import ChangedCheck
    from b24app.services.backtest import Tally
    from b24app.services.rehearsal import OpenDeal

CAUSES_TOLD = 3


@dataclass(frozen=True, slots=True)
class Page:
    """Whose eyes the report is for: the file tried, the credit time zone, the language, deals to list."""

    file: str
    zone: ZoneInfo
    language: str
    limit: int

    def say(self, key: str, **pieces: str | int) -> str:
        """Fill a sentence of the backtest."""
        return say(f"backtest.{key}", self.language, **pieces)

    def number(self, value: int) -> str:
        """Write a number: «12 345», “12,345”."""
        return f"{value:,}" if self.language == "en" else f"{value:,}".replace(",", NBSP)

    def counted(self, value: int, noun: str) -> str:
        """Write a number of checks or deals."""
        form = plural(value, "one", "few", "many")
        if self.language == "en":
            form = "one" if value == 1 else "many"
        return self.say(f"{noun}.{form}", number=self.number(value))

    def value(self, share: Share) -> str:
        """Write what the deals of a share are worth."""
        return " + ".join(money(each, self.language) for each in share.value)

    def share(self, share: Share) -> str:
        """Write a share: so many checks of so many deals worth so much."""
        checks, deals = self.counted(share.checks, "checks"), self.counted(share.deals, "deals")
        return self.say("share", checks=checks, deals=deals, value=self.value(share))


# -- recorded checks


def recorded_lines(tally: Tally, total: int, page: Page) -> Iterator[str]:
    """Tell what recorded checks would have come to; a part of them when the work was interrupted."""
    yield page.say("head", file=page.file)
    if tally.examined < total:
        yield page.say("interrupted", done=page.number(tally.examined), total=page.number(total))
    if tally.first is None or tally.last is None:
        if not total:
            yield page.say("none")
        return
    span = {"first": day(tally.first.astimezone(page.zone)), "last": day(tally.last.astimezone(page.zone))}
    yield page.say("examined", checks=page.counted(tally.examined, "checks"), **span)
    yield page.say("scope")
    yield ""
    changed = tally.every.checks
    yield page.say("changed", share=page.share(tally.every)) if changed else page.say("nothing")
    yield page.say("unchanged", checks=page.counted(tally.unchanged, "checks"))
    yield from _by_change(tally.changes, page)
    yield from _by_reason("gained", tally.gained, page)
    yield from _by_reason("lost", tally.lost, page)
    yield from _gaps(tally, page)
    yield from _list(tally, page)


def _by_change(changes: Mapping[Change, Share], page: Page) -> Iterator[str]:
    if changes:
        yield ""
        yield page.say("by_change")
        for change in (each for each in Change if each in changes):
            yield f"  {page.say(f'change.{change.value}')}: {page.share(changes[change])}"


def _by_reason(title: str, reasons: Mapping[ReasonCode, Share], page: Page) -> Iterator[str]:
    if reasons:
        yield ""
        yield page.say(title)
        for code, share in sorted(reasons.items(), key=lambda pair: (-pair[1].checks, pair[0].value)):
            yield f"  {reason_name(code, page.language)}: {page.share(share)}"


def _gaps(tally: Tally, page: Page) -> Iterator[str]:
    if tally.gaps:
        yield ""
        yield page.say("gaps", checks=page.counted(tally.gaps.total(), "checks"))
        for gap in (each for each in Gap if each in tally.gaps):
            yield f"  {page.say(f'gap.{gap.value}')}: {page.number(tally.gaps[gap])}"


def _list(tally: Tally, page: Page) -> Iterator[str]:
    if not tally.listed:
        return
    shown, every = len(tally.listed), tally.every.deals
    yield ""
    yield (
        page.say("list")
        if shown == every
        else page.say("list.part", shown=page.number(shown), all=page.number(every))
    )
    for check in tally.newest_first:
        yield page.say(
            "deal",
            moment=moment(check.decided_at, page.zone),
            deal=check.deal_id,
            client=escape_bb(check.client),
            amount=money(check.amount, page.language),
        )
        yield f"    {page.say(f'change.{check.change.value}')}"
        yield from _turned(check.before.reasons, check.after.reasons, page)


def _turned(before: Iterable[Reason], after: Iterable[Reason], page: Page) -> Iterator[str]:
    for key, reasons in (("was", before), ("would", after)):
        for reason in reasons:
            yield f"      {page.say(key, reason=reason_line(reason, page.language))}"


def recorded_json(tally: Tally, total: int, page: Page) -> dict[str, Any]:
    """Tell the same to a program; sums are strings of digits by currency."""
    return {
        "policy": page.file,
        "checks": total,
        "examined": tally.examined,
        "complete": tally.examined == total,
        "first": tally.first.isoformat() if tally.first else None,
        "last": tally.last.isoformat() if tally.last else None,
        "unchanged": tally.unchanged,
        "changed": _share_json(tally.every),
        "changes": {each.value: _share_json(tally.changes[each]) for each in Change if each in tally.changes},
        "reasons_added": {code.value: _share_json(share) for code, share in tally.gained.items()},
        "reasons_gone": {code.value: _share_json(share) for code, share in tally.lost.items()},
        "not_decided": {gap.value: tally.gaps[gap] for gap in Gap if gap in tally.gaps},
        "deals": [_check_json(check, page.language) for check in tally.newest_first],
    }


def _share_json(share: Share) -> dict[str, Any]:
    value = {each.currency: str(each.amount) for each in share.value}
    return {"checks": share.checks, "deals": share.deals, "value": value}


def _check_json(check: ChangedCheck, language: str) -> dict[str, Any]:
    return {
        "check": check.check_id,
        "deal": check.deal_id,
        "client": check.client,
        "decided_at": check.decided_at.isoformat(),
        "amount": str(check.amount.amount),
        "currency": check.amount.currency,
        "change": check.change.value,
        "before": _verdict_json(check.before, language),
        "after": _verdict_json(check.after, language),
    }


class _Verdict(Protocol):
    @property
    def outcome(self) -> Outcome: ...
    @property
    def reasons(self) -> tuple[Reason, ...]: ...


def _verdict_json(verdict: _Verdict, language: str) -> dict[str, Any]:
    reasons = [
        {"code": each.code.value, "rule": each.rule, "text": reason_line(each, language)}
        for each in verdict.reasons
    ]
    return {"outcome": verdict.outcome.value, "reasons": reasons}


# -- open deals


def open_lines(deals: list[OpenDeal], page: Page) -> Iterator[str]:
    """Tell what the next check of each open deal would decide under the new policy."""
    yield page.say("open.head", file=page.file)
    if not deals:
        yield page.say("open.none")
        return
    yield page.say("open.examined", deals=page.counted(len(deals), "deals"))
    changed = _changed(deals)
    if changed:
        share = _share(changed)
        yield page.say("open.changed", deals=page.counted(share.deals, "deals"), value=page.value(share))
    else:
        yield page.say("open.nothing")
    yield from _open_aside(deals, page)
    if changed and page.limit:
        yield ""
        shown = changed[: page.limit]
        if len(shown) < len(changed):
            yield page.say("open.list.part", shown=page.number(len(shown)), all=page.number(len(changed)))
        for each in shown:
            yield from _open_deal(each, page)


def open_json(deals: list[OpenDeal], page: Page) -> dict[str, Any]:
    """Tell the same to a program."""
    changed = _changed(deals)
    return {
        "policy": page.file,
        "examined": len(deals),
        "changed": _share_json(_share(changed)),
        "undecided": len(_undecided(deals)),
        "stale": sum(each.is_stale for each in deals),
        "deals": [
            {
                "deal": each.deal.id,
                "title": each.deal.title,
                "client": each.client,
                "amount": str(each.deal.amount.amount),
                "currency": each.deal.amount.currency,
                "change": each.change.value if each.change is not None else None,
                "now": _verdict_json(each.now, page.language),
                "then": _verdict_json(each.then, page.language),
            }
            for each in changed[: page.limit]
        ],
    }


def _changed(deals: Iterable[OpenDeal]) -> list[OpenDeal]:
    return [each for each in deals if each.change is not None]


def _undecided(deals: Iterable[OpenDeal]) -> list[OpenDeal]:
    return [each for each in deals if each.change is None and each.then.outcome is Outcome.TECHNICAL]


def _share(deals: Iterable[OpenDeal]) -> Share:
    share = Share()
    for each in deals:
        share.add(each.deal.id, each.deal.amount)
    return share


def _open_aside(deals: list[OpenDeal], page: Page) -> Iterator[str]:
    """Tell of the deals that could not be decided, and of those whose figures have moved on."""
    undecided = _undecided(deals)
    if undecided:
        causes = {reason_line(each.then.reasons[0], page.language): None for each in undecided}
        why = "; ".join(list(causes)[:CAUSES_TOLD])
        yield page.say("open.unknown", deals=page.counted(len(undecided), "deals"), why=why)
    stale = sum(each.is_stale and each.change is None and each not in undecided for each in deals)
    if stale:
        yield page.say("open.stale", deals=page.counted(stale, "deals"))


def _open_deal(each: OpenDeal, page: Page) -> Iterator[str]:
    yield page.say(
        "open.deal",
        deal=each.deal.id,
        title=escape_bb(each.deal.title),
        client=escape_bb(each.client),
        amount=money(each.deal.amount, page.language),
    )
    turn = page.say("open.reasons")
    if each.change is not Change.REASONS:
        now, then = (decision.outcome.value for decision in (each.now, each.then))
        turn = page.say("open.turn", now=page.say(f"open.now.{now}"), then=page.say(f"open.then.{then}"))
    why = list(_why(each.then, page.language))
    why = why or [page.say("was", reason=line) for line in _why(each.now, page.language)]
    yield f"    {turn}{':' if why else ''}"
    for line in why:
        yield f"      • {line}"


def _why(decision: Decision, language: str) -> Iterator[str]:
    """Say why a decision holds, warns or was not asked for."""
    if decision.skipped is not None:
        yield skip_line(decision.skipped, language)
    for reason in (*decision.reasons, *decision.warnings):
        yield reason_line(reason, language)
