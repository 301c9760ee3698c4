"""The deliver lane: owed effects leave in batches, are written down, and are looked for before a repeat."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from b24app.ports.errors import GatewayError
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Priority
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import NewEffect
from b24app.services.patience import pause

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import Action
    from b24app.ports.portal import Portal
    from b24app.ports.records import EffectRecord
    from b24app.services.office import Office

log = structlog.get_logger(__name__)

BATCH_COMMANDS = 50
BATCH_SECONDS = 25.0
LOOKED_AT_ONCE = 25
CONSIDERED = 200
GROUP_SIZE = 10
ENDED = frozenset({Result.DONE, Result.REFUSED, Result.GONE})
ACTS = (MoveDeal, AddTask, AddComment, Notify)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One action of a request and the effects it settles: one, or several notifications merged into it."""

    action: Action
    effects: tuple[EffectRecord, ...]
    group: str | None = None


class Delivery:
    """Delivers effects. One instance serves all portals; the deliver lane of a portal calls `work`."""

    def __init__(self, office: Office) -> None:
        self._book = office.book
        self._portals = office.portals
        self._clock = office.clock
        self._settings_of = office.settings_of
        self._wording = office.wording
        self._echoes = office.echoes

    def load(self, member_id: str) -> int:
        """Count the commands the next batch would carry; a full one when waiting for more gains nothing.

        That is when something is urgent, or more is due than goes into one batch.
        """
        with self._book.read() as unit:
            due = unit.effects.due(member_id, now=self._clock.now(), limit=CONSIDERED)
        portal = self._portals.open(member_id)
        parcels = self._pack(portal, due)
        left_over = len(due) - sum(len(parcel.effects) for parcel in parcels)
        if left_over or any(row.effect.urgent for row in due):
            return BATCH_COMMANDS
        return sum(portal.cost(parcel.action).commands for parcel in parcels)

    def work(self, member_id: str) -> int:
        """Send one batch of due effects; return how many effects were touched.

        1. effects adrift from an earlier life are looked for; 2. what is due is packed, up to 50 commands or
        25 s; 3. marked as being sent (commit), sent, and settled (commit).
        """
        with self._book.read() as unit:
            record = unit.portals.get(member_id)
        if record is None or not record.installed:
            return 0
        portal = self._portals.open(member_id)
        touched = self._recover(member_id, portal)
        with self._book.read() as unit:
            due = unit.effects.due(member_id, now=self._clock.now(), limit=CONSIDERED)
        if record.mode is Mode.OBSERVE:
            due = self._without_acts(due)
        parcels = self._pack(portal, due)
        if not parcels:
            return touched
        self._send(portal, parcels)
        return touched + sum(len(parcel.effects) for parcel in parcels)

    # -- uncertain outcomes

    def _recover(self, member_id: str, portal: Portal) -> int:
        """Look for effects whose fate is unknown, but not before their request could have ended."""
        now = self._clock.now()
        before = now - self._settings_of(member_id).settle
        with self._book.read() as unit:
            adrift = _first(unit.effects.adrift(member_id, sent_before=before), LOOKED_AT_ONCE)
        if not adrift:
            return 0
        try:
            found = portal.look([row.effect.action for row in adrift])
        except GatewayError as error:
            log.warning("delivery.look_failed", portal=member_id, why=type(error).__name__)
            return 0
        with self._book.write() as unit:
            for row, outcome in zip(adrift, found, strict=True):
                self._settle(
                    unit,
                    row,
                    outcome or Outcome(Result.RETRY, note="not found after the fact", after=now),
                    now,
                )
        log.info(
            "delivery.recovered",
            portal=member_id,
            effects=len(adrift),
            done=sum(f is not None for f in found),
        )
        return len(adrift)

    def _without_acts(self, due: Sequence[EffectRecord]) -> list[EffectRecord]:
        """Call off all but fields, answers and closings: who only observes does not do what is still owed.

        A move ends as one that found its deal changed, so that the sweep has the deal decided anew.
        """
        acts = [row for row in due if isinstance(row.effect.action, ACTS)]
        if acts:
            now = self._clock.now()
            with self._book.write() as unit:
                for row in acts:
                    moves = isinstance(row.effect.action, MoveDeal)
                    unit.effects.settle(
                        row.id, Outcome(Result.GUARD_FAILED if moves else Result.GONE), now=now
                    )
            log.info("delivery.called_off", portal=acts[0].effect.member_id, effects=len(acts))
        return [row for row in due if row not in acts]

    # -- packing

    def _pack(self, portal: Portal, due: Sequence[EffectRecord]) -> list[Parcel]:
        """Choose the next request: urgent first, no robot answer beside a write of the same deal."""
        parcels: list[Parcel] = []
        commands, seconds = 0, 0.0
        moved: set[int | None] = set()
        answered: set[int | None] = set()
        for parcel in self._merged(due):
            first = parcel.effects[0].effect
            if isinstance(parcel.action, AnswerRobot) and first.deal_id in moved:
                continue
            if isinstance(parcel.action, MoveDeal | WriteDealFields) and first.deal_id in answered:
                continue
            cost = portal.cost(parcel.action)
            if commands + cost.commands > BATCH_COMMANDS or (
                parcels and seconds + cost.seconds > BATCH_SECONDS
            ):
                break
            commands, seconds = commands + cost.commands, seconds + cost.seconds
            parcels.append(parcel)
            if isinstance(parcel.action, AnswerRobot):
                answered.add(first.deal_id)
            elif isinstance(parcel.action, MoveDeal | WriteDealFields):
                moved.add(first.deal_id)
        return parcels

    def _merged(self, due: Sequence[EffectRecord]) -> list[Parcel]:
        """Merge notifications to one person that are due together; a repeated group stays the same group."""
        notes: dict[tuple[int, str | None], list[EffectRecord]] = {}
        parcels: list[Parcel | tuple[int, str | None]] = []
        for row in _whole_groups(due):
            action = row.effect.action
            if not isinstance(action, Notify):
                parcels.append(Parcel(action, (row,)))
                continue
            key = (action.user_id, row.group)
            if key not in notes:
                parcels.append(key)
            notes.setdefault(key, []).append(row)
        result: list[Parcel] = []
        for item in parcels:
            if isinstance(item, Parcel):
                result.append(item)
                continue
            rows = notes[item]
            size = len(rows) if item[1] else GROUP_SIZE
            result.extend(self._note(rows[start : start + size]) for start in range(0, len(rows), size))
        return result

    def _note(self, rows: list[EffectRecord]) -> Parcel:
        """Make one message of notifications; its tag is kept with them, so that a repeat replaces it."""
        actions = [row.effect.action for row in rows if isinstance(row.effect.action, Notify)]
        fresh = actions[0].tag if len(rows) == 1 else f"cc:group:{rows[0].id}"
        tag = rows[0].group or fresh
        text = self._wording.several_notices([action.text for action in actions])
        return Parcel(Notify(actions[0].user_id, tag, text), tuple(rows), tag)

    # -- sending

    def _send(self, portal: Portal, parcels: list[Parcel]) -> None:
        now = self._clock.now()
        with self._book.write() as unit:
            for parcel in parcels:
                unit.effects.sending([row.id for row in parcel.effects], now=now, group=parcel.group)
        urgent = any(row.effect.urgent for parcel in parcels for row in parcel.effects)
        bulk = all(isinstance(parcel.action, WriteCompany) for parcel in parcels)
        priority = Priority.URGENT if urgent else Priority.BULK if bulk else Priority.NORMAL
        self._note_writes(parcels, now, now)
        outcomes = portal.perform([parcel.action for parcel in parcels], priority=priority)
        began, now = now, self._clock.now()
        self._note_writes(parcels, began, now)
        with self._book.write() as unit:
            for parcel, outcome in zip(parcels, outcomes, strict=True):
                for row in parcel.effects:
                    self._settle(unit, row, outcome, now)

    def _note_writes(self, parcels: list[Parcel], began: datetime, ended: datetime) -> None:
        """Note which deals are being written: their echoes may come before our answer does."""
        for parcel in parcels:
            effect = parcel.effects[0].effect
            if effect.deal_id is not None and isinstance(parcel.action, MoveDeal | WriteDealFields):
                self._echoes.wrote(effect.member_id, [effect.deal_id], began, ended)

    def _settle(self, unit: UnitOfWork, row: EffectRecord, outcome: Outcome, now: datetime) -> None:
        """Write an outcome down, and what follows from it in our own rows."""
        effect = row.effect
        if outcome.result is Result.RETRY and outcome.after is None:
            outcome = replace(outcome, after=now + pause(row.attempts))
        unit.effects.settle(row.id, outcome, now=now)
        if outcome.result is Result.DONE and isinstance(effect.action, WriteCompany) and effect.action.terms:
            card = unit.cards.get(effect.member_id, effect.action.company_id)
            if card is not None:
                unit.cards.save(replace(card, mirrored=effect.action.terms))
        if isinstance(effect.action, AnswerRobot) and outcome.result in ENDED:
            unit.inbox.answered([effect.action.event_token])
        if outcome.result is Result.GUARD_FAILED and effect.deal_id is not None:
            unit.inbox.add([Message(effect.member_id, MessageKind.RECHECK, effect.deal_id, now)])
        if outcome.result is Result.REFUSED and isinstance(effect.action, MoveDeal):
            self._tell_refusal(unit, effect, outcome)
        if outcome.result in {Result.REFUSED, Result.GONE}:
            log.warning(
                "delivery.refused",
                portal=effect.member_id,
                deal=effect.deal_id,
                action=type(effect.action).__name__,
                why=outcome.note,
            )

    def _tell_refusal(self, unit: UnitOfWork, effect: NewEffect, outcome: Outcome) -> None:
        """Tell the administrator of a move the portal refuses: the deal stands where it must not stay."""
        portal = unit.portals.get(effect.member_id)
        if portal is None or effect.deal_id is None:
            return
        user = portal.people.administrator
        text = self._wording.move_refused(portal, effect.deal_id, outcome.note or "")
        note = Notify(user, f"cc:refused:{effect.deal_id}:{user}", text)
        unit.effects.add([NewEffect(effect.member_id, f"{effect.key}:refused", note)])


def _first(rows: Sequence[EffectRecord], number: int) -> list[EffectRecord]:
    """Return the first rows, and those merged with them: a message is repeated whole or it loses its rest."""
    groups = {row.group for row in rows[:number]} - {None}
    return [*rows[:number], *(row for row in rows[number:] if row.group in groups)]


def _whole_groups(due: Sequence[EffectRecord]) -> Sequence[EffectRecord]:
    """Leave out merged messages that the end of a full list may have cut, unless nothing else is due."""
    if len(due) < CONSIDERED:
        return due
    cut = {row.group for row in due[CONSIDERED // 2 :]} - {None}
    return [row for row in due if row.group not in cut] or due
