"""What the configuration seeds into a portal's record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from b24app.config import load_config
from b24app.ports.admin import StageRole
from b24app.ports.records import Mode
from install.settings import settings_of
from tests.unit.install.portal import run_installer
from tests.unit.install.test_service import NOW
from tests.unit.install.test_service import PAGE
from tests.unit.install.test_service import SETTINGS
from tests.unit.install.test_service import House
from tests.unit.install.test_service import write_config


def test_switching_to_enforce_stamps_the_moment_once(tmp_path: Path) -> None:
    house = House()
    run_installer(house.service, PAGE)
    enforce = settings_of(load_config(write_config(tmp_path, mode="enforce"), environ={}))
    assert house.service.apply_settings(enforce)
    house.clock.moment = datetime(2026, 12, 1, tzinfo=UTC)
    assert not house.service.apply_settings(enforce)
    record = house.record()
    assert record is not None
    assert (record.mode, record.enforce_since, record.people.cfo) == (Mode.ENFORCE, NOW, 17)
    assert record.installed


def test_going_back_to_observe_forgets_the_stamp(tmp_path: Path) -> None:
    house = House(settings=replace(SETTINGS, mode=Mode.ENFORCE))
    run_installer(house.service, PAGE)
    house.service.apply_settings(settings_of(load_config(write_config(tmp_path), environ={})))
    record = house.record()
    assert record is not None
    assert (record.mode, record.enforce_since) == (Mode.OBSERVE, None)


@pytest.mark.parametrize(
    ("pipeline", "stages", "installed"),
    [
        pytest.param("", ("CC_PREPARE", "CC_ALLOWED", "CC_APPROVAL"), True, id="found ones stay"),
        pytest.param('check = "NEW"', ("NEW", "CC_ALLOWED", "CC_APPROVAL"), True, id="one is chosen"),
        pytest.param("category = 5", None, False, id="another funnel has to be installed"),
    ],
)
def test_the_configuration_seeds_the_stages(
    tmp_path: Path, pipeline: str, stages: tuple[str, ...] | None, *, installed: bool
) -> None:
    house = House()
    run_installer(house.service, PAGE)
    house.service.apply_settings(
        settings_of(load_config(write_config(tmp_path, pipeline=pipeline), environ={}))
    )
    record = house.record()
    assert record is not None
    found = record.stages
    assert (None if found is None else (found.check, found.allowed, found.approval)) == stages
    assert record.installed is installed


def test_the_configuration_of_an_unknown_portal_seeds_nothing(tmp_path: Path) -> None:
    house = House()
    assert not house.service.apply_settings(settings_of(load_config(write_config(tmp_path), environ={})))
    assert house.rows() == 0


def test_settings_are_taken_from_the_configuration(tmp_path: Path) -> None:
    settings = settings_of(load_config(write_config(tmp_path, pipeline='check = "NEW"'), environ={}))
    assert (settings.portal, settings.chosen) == ("https://demo.bitrix24.ru", {StageRole.CHECK: "NEW"})
    assert settings.server_endpoint.startswith("https://oauth.")
