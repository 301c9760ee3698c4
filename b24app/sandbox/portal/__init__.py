"""Lives here: a strict offline Bitrix24 portal with its authorization server, robots and events.

Only the demo command and the tests may import it.
"""

from b24app.sandbox.portal.portal import SandboxPortal
from b24app.sandbox.portal.requestlog import Fault

__all__ = ["Fault", "SandboxPortal"]
