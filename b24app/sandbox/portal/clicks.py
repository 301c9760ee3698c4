"""What people do in the portal with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from b24app.sandbox.portal import browser
from b24app.sandbox.portal import changes
from b24app.sandbox.portal import events
from b24app.sandbox.portal import fields
from b24app.sandbox.portal import tasks
from b24app.sandbox.portal.automation import Move
from b24app.sandbox.portal.automation import Placed
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.requestlog import Faults
from b24app.sandbox.portal.requestlog import Hook
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.workflow.tasks import AnswerRefusedError
from b24app.sandbox.portal.workflow.tasks import UserStatus


class Clicks:
    """People's actions and a tester's switches; every method may be called from any thread."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self._base = ""

    @property
    def faults(self) -> Faults:
        """Planned failures of REST requests."""
        return self.core.faults

    def before_answer(self, hook: Hook) -> None:
        """Call `hook(n, method)` before each REST request is executed."""
        self.core.journal.before(hook)

    def after_answer(self, hook: Hook) -> None:
        """Call `hook(n, method)` after each REST answer's bytes are written."""
        self.core.journal.after(hook)

    @contextmanager
    def hit(self, user_id: int) -> Iterator[Hit]:
        """One click of a user: changes inside it leave together and merge their events."""
        hit = Hit(user_id)
        with self.core.store.lock:
            yield hit
            events.finish(self.core, hit)

    def install_post(self, base_url: str, user_id: int) -> browser.PagePost:
        """The post that opens `<base_url>/install` for an administrator."""
        self._base = base_url.rstrip("/")
        with self.core.store.lock:
            self.core.require_admin(user_id)
            self.core.app.installed = True
            self.core.app.installed_by = user_id
            return browser.page_post(self.core, f"{self._base}/install", user_id, "DEFAULT", None)

    def install_app(self, base_url: str, user_id: int) -> browser.Page:
        """Open `<base_url>/install` as an administrator; `finish_install` ends the installation."""
        return browser.perform(self.install_post(base_url, user_id))

    def finish_install(self) -> None:
        """`BX24.installFinish()`: from now on events, robots and placements work."""
        with self.core.store.lock:
            self.core.app.install_finished = self.core.app.installed

    def install_app_by_event(self, base_url: str, user_id: int) -> None:
        """Install as an API-only app: `ONAPPINSTALL` goes to `<base_url>/install`, nothing else is needed."""
        self._base = base_url.rstrip("/")
        with self.core.store.lock:
            app = self.core.app
            app.installed = app.install_finished = True
            app.installed_by = user_id
            data = {"VERSION": str(app.version), "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "ru"}
            events.send_app_event(self.core, "ONAPPINSTALL", data, f"{self._base}/install", user_id)

    def update_app(self, user_id: int) -> None:
        """Save the app anew: `ONAPPUPDATE` with tokens; what it registered is gone (bitrix24 1.2)."""
        with self.core.store.lock:
            app = self.core.app
            app.version += 1
            data = {
                "VERSION": str(app.version),
                "PREVIOUS_VERSION": str(app.version - 1),
                "LANGUAGE_ID": "ru",
            }
            self._tell("ONAPPUPDATE", data, user_id)
            app.robots.clear()
            app.bindings.clear()
            app.placements.clear()

    def uninstall_app(self, *, clean: bool = True) -> None:
        """Remove the app: `ONAPPUNINSTALL` without tokens, then no token works any more."""
        with self.core.store.lock:
            self._tell("ONAPPUNINSTALL", {"LANGUAGE_ID": "ru", "CLEAN": "1" if clean else "0"}, None)
            self.core.app.forget()

    def _tell(self, event: str, data: Record, user_id: int | None) -> None:
        for binding in list(self.core.app.bindings):
            if binding.event == event:
                events.send_app_event(self.core, event, data, binding.handler, user_id)

    def placement_post(
        self, code: str, user_id: int, options: dict[str, Any] | None = None
    ) -> browser.PagePost:
        """The post that opens a placement, or the app's own page for `DEFAULT`.

        Raises:
            LookupError: if the placement is not bound, or `finish_install` has not run.
        """
        with self.core.store.lock:
            url = f"{self._base}/"
            if code != "DEFAULT":
                rows = [row for row in self.core.app.placements if row["placement"] == code]
                if not rows or not self.core.app.install_finished:
                    raise LookupError(f"{code} is not shown")
                url = rows[0]["handler"]
            return browser.page_post(self.core, url, user_id, code, options)

    def open_placement(self, code: str, user_id: int, options: dict[str, Any] | None = None) -> browser.Page:
        """Open a placement and get the app's page; deal tabs want `{"ID": "<deal>"}`."""
        return browser.perform(self.placement_post(code, user_id, options))

    def place_robot(  # noqa: PLR0913 - the settings form of a robot
        self,
        stage_id: str,
        code: str,
        properties: Record | None = None,
        *,
        category: int = 0,
        wait: bool = True,
        timeout: int = 0,
        auth_user: int | None = None,
    ) -> None:
        """Put the app's robot last on a stage. `wait` counts only if the robot leaves the choice.

        `timeout` in seconds of the sandbox clock, 0: for ever.
        """
        with self.core.store.lock:
            step = Placed(code, properties or {}, wait, timeout, auth_user)
            self.core.automation.place(category, stage_id, step)

    def place_move_robot(
        self, stage_id: str, target: str, *, category: int = 0, when: tuple[str, str, str] | None = None
    ) -> None:
        """Put the portal's robot «change stage» last on a stage.

        `when` is (robot code, key of its result, value), for a timeout (code, "IsTimeout", "1").
        """
        with self.core.store.lock:
            self.core.automation.place(category, stage_id, Move(target, when))

    def clear_robots(self, stage_id: str, *, category: int = 0) -> None:
        """Take all robots off a stage."""
        with self.core.store.lock:
            self.core.automation.clear(category, stage_id)

    def _typed(self, entity_type: int, values: Record) -> Record:
        known = fields.fields_of(self.core.store, entity_type)
        return {known[name].name: fields.parse(known[name], value) for name, value in values.items()}

    def add_deal(self, user_id: int, values: Record) -> int:
        """Create a deal; `values` as in `crm.item.add`, unknown names raise KeyError."""
        with self.hit(user_id) as hit:
            return int(changes.create(self.core, hit, DEAL, self._typed(DEAL, values))["id"])

    def edit_deal(self, deal_id: int, user_id: int, values: Record) -> None:
        """Change fields of a deal."""
        with self.hit(user_id) as hit:
            record = self.core.store.items[DEAL][deal_id]
            changes.update(self.core, hit, DEAL, record, self._typed(DEAL, values))

    def move_deal(self, deal_id: int, stage_id: str, user_id: int, *, category: int | None = None) -> None:
        """Drag a deal to a stage, of another funnel with `category`."""
        values: Record = {"stageId": stage_id}
        if category is not None:
            values["categoryId"] = category
        self.edit_deal(deal_id, user_id, values)

    def delete_deal(self, deal_id: int, user_id: int) -> None:
        """Delete a deal."""
        with self.hit(user_id) as hit:
            changes.delete(self.core, hit, DEAL, deal_id)

    def add_company(self, user_id: int, values: Record) -> int:
        """Create a company without requisites."""
        with self.hit(user_id) as hit:
            return int(changes.create(self.core, hit, COMPANY, self._typed(COMPANY, values))["id"])

    def edit_company(self, company_id: int, user_id: int, values: Record) -> None:
        """Change fields of a company."""
        with self.hit(user_id) as hit:
            record = self.core.store.items[COMPANY][company_id]
            changes.update(self.core, hit, COMPANY, record, self._typed(COMPANY, values))

    def merge_companies(self, keep: int, drop: int, user_id: int) -> None:
        """Merge two cards: deals and requisites go to `keep`, `drop` is deleted."""
        with self.hit(user_id) as hit:
            store = self.core.store
            for deal in store.items[DEAL].values():
                if deal["companyId"] == drop:
                    changes.update(self.core, hit, DEAL, deal, {"companyId": keep})
            for requisite in store.requisites.values():
                if requisite["ENTITY_ID"] == drop:
                    requisite["ENTITY_ID"] = keep
            changes.delete(self.core, hit, COMPANY, drop)
            hit.raise_event("ONCRMCOMPANYUPDATE", {"FIELDS": {"ID": str(keep)}})

    def complete_task(self, task_id: int, user_id: int) -> None:
        """Close a task."""
        with self.core.store.lock:
            tasks.close_task(self.core.store.tasks[task_id], user_id, self.core.now())

    def start_process(self, template_id: int, deal_id: int, user_id: int, parameters: Record) -> str:
        """Start a business process from a deal's card; the number of the run."""
        with self.hit(user_id) as hit:
            template = self.core.processes.templates[template_id]
            return self.core.processes.start(hit, template, deal_id, parameters).id

    def answer_task(self, task_id: int, user_id: int, answer: UserStatus, comment: str = "") -> None:
        """Answer a task of a business process.

        Raises:
            AnswerRefusedError: for an answer the task does not take, or a person it does not wait for.
        """
        with self.hit(user_id) as hit:
            task = self.core.processes.tasks[task_id]
            if not task.waits_for(user_id):
                raise AnswerRefusedError("На это задание уже ответили, или оно не ваше.")
            self.core.processes.complete(hit, task, answer, comment)

    def dismiss(self, user_id: int) -> None:
        """Dismiss a user: the tokens stop working."""
        with self.core.store.lock:
            self.core.store.users[user_id].active = False

    def deny(self, user_id: int, entity_type: int, number: int) -> None:
        """Hide one deal (2) or company (4) from a user."""
        with self.core.store.lock:
            self.core.store.denied.add((user_id, entity_type, number))

    def expire_tokens(self) -> None:
        """Let every access token be past its hour; refresh tokens live on."""
        with self.core.store.lock:
            self.core.tokens.expire_all(self.core.now())

    def revoke_tokens(self) -> None:
        """Forget every token, refresh tokens too."""
        with self.core.store.lock:
            self.core.tokens.revoke_all()

    def tokens_for(self, user_id: int) -> tuple[str, str]:
        """A fresh (access, refresh) pair of a user, as a page would get; marks the app installed."""
        with self.core.store.lock:
            self.core.app.installed = True
            pair = self.core.tokens.issue(user_id, self.core.now())
        return pair.access, pair.refresh
