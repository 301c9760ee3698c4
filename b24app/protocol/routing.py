"""Which function hears which event: small routers, one a file, joined into one (after gidgethub)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic
from typing import TypeVar

from b24app.protocol.calls import UnknownAddress
from b24app.protocol.events import EventCall

Service = TypeVar("Service")
Handler = Callable[[EventCall, Service], None]


class Router(Generic[Service]):
    """Event names and the one function that hears each."""

    def __init__(self, *others: Router[Service]) -> None:
        """Start with the routes of others. Raises `ValueError` when two of them hear the same event."""
        self._handlers: dict[str, Handler[Service]] = {}
        for other in others:
            for name, handler in other.routes:
                self._register(name, handler)

    @property
    def routes(self) -> tuple[tuple[str, Handler[Service]], ...]:
        """Every event heard, with its function."""
        return tuple(self._handlers.items())

    @property
    def names(self) -> tuple[str, ...]:
        """The events heard, in the order they were registered."""
        return tuple(self._handlers)

    def on(self, *names: str) -> Callable[[Handler[Service]], Handler[Service]]:
        """Register the decorated function for events; names in upper case."""

        def register(handler: Handler[Service]) -> Handler[Service]:
            for name in names:
                self._register(name, handler)
            return handler

        return register

    def dispatch(self, event: EventCall, service: Service) -> None:
        """Hand the event to its function. Raises `UnknownAddress` when none hears it."""
        handler = self._handlers.get(event.name)
        if handler is None:
            raise UnknownAddress(f"event {event.name}")
        handler(event, service)

    def _register(self, name: str, handler: Handler[Service]) -> None:
        if name in self._handlers or name != name.upper():
            raise ValueError(f"{name}: heard twice, or not in upper case")
        self._handlers[name] = handler
