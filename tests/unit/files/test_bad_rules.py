"""Rules a policy file may not hold (D12, D13): each is refused on the line and the field it is about."""

from __future__ import annotations

import pytest

from b24app.domain.rules import RULE_TYPES
from b24app.messages.policy_labels import choice
from tests.unit.files.sheets import INN
from tests.unit.files.sheets import RULE
from tests.unit.files.sheets import added
from tests.unit.files.sheets import marked
from tests.unit.files.sheets import only
from tests.unit.files.sheets import read

GROUP_RULE = RULE + 'type = "overdue_days"\nlevel = "group"\nkey = "dealers"\n'

RULES = [
    pytest.param(
        added(RULE + 'type = "overdue_day" # !\ndays = 5'),
        "rules[1].type",
        "rule_type",
        id="D12: unknown type",
    ),
    pytest.param(
        added('[[rules]] # !\nid = "r"\ntype = "overdue_days"'),
        "rules[1]",
        "threshold_missing",
        id="D12: no threshold",
    ),
    pytest.param(
        added(RULE + 'type = "overdue_days"\namount = "5.00 RUB" # !'),
        "rules[1].amount",
        "threshold_foreign",
        id="D12: a block of days by amount",
    ),
    pytest.param(
        added(RULE + 'type = "order_amount"\namount = "5.00 RUB"\npercent = 5 # !'),
        "rules[1].percent",
        "threshold_foreign",
        id="D12: an order by percent",
    ),
    pytest.param(
        added('[[rules]] # !\nid = "r"\ntype = "overdue_amount"\npercent = 5'),
        "rules[1]",
        "threshold_sets",
        id="D12: an overdue amount without the amount",
    ),
    pytest.param(
        added(
            GROUP_RULE.replace("[[rules]]", "[[rules]] # !")
            + 'act = "exclude"\ndays = 5\namount = "5.00 RUB"'
        ),
        "rules[1]",
        "threshold_sets",
        id="D12: an exclusion by days and by amount",
    ),
    pytest.param(
        added(GROUP_RULE + "days = -1 # !"), "rules[1].days", "least", id="D12: negative threshold, days"
    ),
    pytest.param(
        added(RULE + 'type = "order_amount"\namount = "-5.00 RUB" # !'),
        "rules[1].amount",
        "money_negative",
        id="D12: negative threshold, money",
    ),
    pytest.param(
        added(RULE + 'type = "limit_used"\npercent = -5 # !'),
        "rules[1].percent",
        "least",
        id="D12: negative threshold, percent",
    ),
    pytest.param(
        added(RULE + f'type = "account_status"\nvalue = "ship"\nlevel = "client" # !\nkey = "{INN}"'),
        "rules[1].level",
        "not_scoped",
        id="D12: a status rule for one client",
    ),
    pytest.param(
        added(RULE + 'type = "terms_of_payment"\nvalue = "net14"\nrisk = "high" # !'),
        "rules[1].risk",
        "not_narrowed",
        id="D12: a terms rule for a risk group",
    ),
    pytest.param(
        added(RULE + 'type = "overdue_days"\ndays = 5\nrisk = "high" # !'),
        "rules[1].risk",
        "risk_without_group",
        id="D12: a risk group without a group",
    ),
    pytest.param(
        added(GROUP_RULE + 'days = 5\nrisk = "hogh" # !'),
        "rules[1].risk",
        "unknown_near",
        id="a rule for a risk group unknown",
    ),
    pytest.param(
        added(RULE + 'type = "account_status"\nvalue = "shop" # !'),
        "rules[1].value",
        "unknown_near",
        id="a rule for a status unknown",
    ),
    pytest.param(
        added(RULE + 'type = "terms_of_payment"\nvalue = "x" # !'),
        "rules[1].value",
        "unknown",
        id="a rule for terms unknown",
    ),
    pytest.param(
        added(GROUP_RULE.replace('"dealers"', '"dealer" # !') + "days = 5"),
        "rules[1].key",
        "unknown_near",
        id="a rule for a group unknown",
    ),
    pytest.param(
        added(RULE + 'type = "overdue_days"\ndays = 5\nkey = "dealers" # !'),
        "rules[1].key",
        "key_for_all",
        id="a rule for all with a key",
    ),
    pytest.param(
        added('[[rules]] # !\nid = "r"\ntype = "overdue_days"\ndays = 5\nlevel = "group"'),
        "rules[1].key",
        "key_missing_group",
        id="a rule for a group without its code",
    ),
    pytest.param(
        added('[[rules]] # !\nid = "r"\ntype = "overdue_days"\ndays = 5\nlevel = "client"'),
        "rules[1].key",
        "key_missing_client",
        id="a rule for a client without his number",
    ),
    pytest.param(
        added(RULE + 'type = "overdue_days"\ndays = 5\nlevel = "client"\nkey = "dealers" # !'),
        "rules[1].key",
        "inn",
        id="a rule for a client by another code",
    ),
    pytest.param(
        added('[[rules]] # !\nid = "r"\ntype = "overdue_days"\nact = "exclude"\ndays = 5'),
        "rules[1]",
        "exclusion_for_all",
        id="D13.4: an exclusion for all without the release tick",
    ),
    pytest.param(
        added(RULE + 'type = "overdue_days"\ndays = 5\nrelease = true # !'),
        "rules[1].release",
        "release_of_block",
        id="D13: a block with the release tick",
    ),
    pytest.param(
        added(RULE + 'type = "overdue_days"\ndays = 5\nvalid_from = 2026-02-01\nvalid_to = 2026-01-01 # !'),
        "rules[1].valid_to",
        "ends_early",
        id="a rule that ends before it begins",
    ),
    pytest.param(
        added(
            RULE
            + 'type = "limit_used"\npercent = 5\n[[rules]]\nid = "r" # !\ntype = "limit_used"\npercent = 6'
        ),
        "rules[2].id",
        "repeated",
        id="a rule's id twice",
    ),
]


@pytest.mark.parametrize(("text", "field", "key"), RULES)
def test_a_bad_file_is_refused_on_its_line(text: str, field: str, key: str) -> None:
    reading = read(text)
    problem = only(reading.errors)
    assert (problem.line, problem.field, problem.key) == (marked(text), field, key)
    assert reading.policy is None
    assert problem.text("ru") != problem.text("en")


THRESHOLDS = {"days": "5", "amount": '"5.00 RUB"', "percent": "80"}
VALUES = {"account_status": '"ship"', "terms_of_payment": '"net14"'}
GOOD_RULES = [
    pytest.param(name, act, fields, id=f"{name} {act} {'+'.join(sorted(fields))}")
    for name, kind in RULE_TYPES.items()
    for act, sets in (("block", kind.blocking), ("exclude", kind.excluding))
    for fields in sets
]


@pytest.mark.parametrize(("name", "act", "fields"), GOOD_RULES)
def test_whatever_the_registry_of_types_allows_is_taken(name: str, act: str, fields: frozenset[str]) -> None:
    """A new type of rule needs nothing here, but its words."""
    given = {field: THRESHOLDS.get(field) or VALUES.get(name, '"x"') for field in fields}
    lines = "".join(f"{field} = {value}\n" for field, value in given.items())
    release = "release = true\n" if act == "exclude" else ""
    reading = read(added(f'{RULE}type = "{name}"\nact = "{act}"\n{release}{lines}'))
    assert reading.problems == ()
    assert reading.policy is not None
    [rule] = reading.policy.rules.rules
    assert (rule.type, rule.act.value) == (name, act)
    for language in ("ru", "en"):
        assert choice("type", name, language) != name
