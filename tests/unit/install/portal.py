"""A portal in memory that carries out the installer's steps, and an authorization server beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from b24app.ports.admin import AddOptions
from b24app.ports.admin import AddRobot
from b24app.ports.admin import AddStage
from b24app.ports.admin import AddUserField
from b24app.ports.admin import BindEvent
from b24app.ports.admin import BindPlacement
from b24app.ports.admin import PortalStage
from b24app.ports.admin import PortalState
from b24app.ports.admin import PresentField
from b24app.ports.admin import StageKind
from b24app.ports.admin import Step
from b24app.ports.admin import StepResult
from b24app.ports.admin import UnbindEvent
from b24app.ports.admin import UnbindPlacement
from b24app.ports.admin import UpdateRobot
from b24app.ports.errors import AuthLost
from b24app.ports.errors import GatewayError
from b24app.ports.errors import Rejected
from b24app.ports.identity import ConfirmedInstall
from b24app.ports.identity import PageUser
from b24app.ports.records import Stages
from b24app.protocol.pages import PageOpening
from b24app.services.pagetokens import InstallPass
from b24app.services.views import InstallView
from install.manifest import Wanted
from install.manifest import build_manifest
from install.service import InstallService

BASE = "https://credit.example.com"
MEMBER = "a223c6b3710f85df22e9377d6c4f7553"
FUNNEL = (
    PortalStage("NEW", "Новая", 10, StageKind.PROCESS),
    PortalStage("EXECUTING", "В работе", 40, StageKind.PROCESS),
    PortalStage("WON", "Успех", 70, StageKind.SUCCESS),
    PortalStage("LOSE", "Провал", 80, StageKind.FAILURE),
)
EMPTY = PortalState(administrator=True, finished=False, stages=FUNNEL)


def wanted(
    *,
    base_url: str = BASE,
    category: int = 0,
    chosen: dict | None = None,  # type: ignore[type-arg]  # rows of tables
    remembered: Stages | None = None,
    registered: dict[str, int] | None = None,
) -> Wanted:
    """The manifest with the arguments a test is about."""
    return build_manifest(
        base_url=base_url,
        language="ru",
        category=category,
        chosen=chosen or {},
        remembered=remembered,
        registered=registered or {},
    )


class MemoryPortal:
    """`PortalAdmin` and `PortalAdmins` over a state; steps whose type is in `broken` are refused."""

    def __init__(self, state: PortalState = EMPTY, *, broken: Iterable[type] = ()) -> None:
        self.state = state
        self.broken = set(broken)
        self.silent: GatewayError | None = None
        self.carried_out: list[Step] = []
        self.opened: list[str] = []
        self._next_id = 100

    def open(self, member_id: str) -> MemoryPortal:
        self.opened.append(member_id)
        return self

    def read_state(self, category: int) -> PortalState:
        del category
        if self.silent is not None:
            raise self.silent
        return self.state

    def carry_out(self, step: Step) -> StepResult:
        if type(step) in self.broken:
            raise Rejected("ERROR_CORE", "not today")
        self.carried_out.append(step)
        self.state = self._after(step)
        return StepResult.DONE

    def _after(self, step: Step) -> PortalState:
        state = self.state
        match step:
            case AddStage():
                prefix = f"C{step.category}:" if step.category else ""
                stage = PortalStage(prefix + step.code, step.name, step.sort, StageKind.PROCESS)
                return replace(state, stages=(*state.stages, stage))
            case AddUserField() | AddOptions():
                known = state.fields.get(step.subject)
                options = dict(known.options) if known else {}
                options |= {option.xml_id: self._id() for option in step.options}
                kind = step.kind.value if isinstance(step, AddUserField) else "enumeration"
                field = PresentField(kind, multiple=False, options=options)
                return replace(state, fields={**state.fields, step.subject: field})
            case AddRobot(robot) | UpdateRobot(robot):
                return replace(state, robots=state.robots | {robot.code})
            case BindEvent(binding):
                return replace(state, events=(*state.events, binding))
            case UnbindEvent(binding):
                return replace(state, events=tuple(row for row in state.events if row != binding))
            case BindPlacement(place, _):
                return replace(state, placements=(*state.placements, place))
            case UnbindPlacement(place):
                return replace(state, placements=tuple(row for row in state.placements if row != place))

    def _id(self) -> int:
        self._next_id += 1
        return self._next_id


CONFIRMED = ConfirmedInstall(
    member_id=MEMBER,
    domain="demo.bitrix24.ru",
    client_endpoint="https://demo.bitrix24.ru/rest/",
    server_endpoint="https://oauth.bitrix24.tech/rest/",
    user_id=1,
    client_id="local.abc.123",
    status="L",
    installed=False,
    scope=("crm", "bizproc"),
)


class MadeUpIdentity:
    """`Identity` that knows one good access token and what its owner is."""

    def __init__(self, *, admin: bool = True) -> None:
        self.confirmed = CONFIRMED
        self.user = PageUser(1, admin=admin, name="Анна")
        self.failure: GatewayError | None = None

    def confirm(self, *, server_endpoint: str, access_token: str) -> ConfirmedInstall:
        del server_endpoint
        if self.failure is not None:
            raise self.failure
        if access_token != "good":
            raise AuthLost("app.info: invalid_token")
        return self.confirmed

    def whoami(self, *, client_endpoint: str, access_token: str) -> PageUser:
        assert client_endpoint == self.confirmed.client_endpoint
        assert access_token == "good"
        return self.user


def run_installer(service: InstallService, page: PageOpening, *, language: str = "ru") -> InstallView:
    """Open the install page and press its button, if it has one, as the administrator does."""
    view = service.opened(page)
    if not view.startable:
        return view
    *_, last = service.proceed(InstallPass(page.member_id, language))
    assert isinstance(last, InstallView)
    return last
