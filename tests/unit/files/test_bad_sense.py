"""Policy files that say what cannot be: refused, or warned of where it may be meant."""

from __future__ import annotations

import pytest

from b24app.files.policy_file import read_policy
from b24app.files.problems import Severity
from tests.unit.files.sheets import CLIENT
from tests.unit.files.sheets import INN
from tests.unit.files.sheets import OTHER
from tests.unit.files.sheets import POOL
from tests.unit.files.sheets import RULE
from tests.unit.files.sheets import added
from tests.unit.files.sheets import changed
from tests.unit.files.sheets import marked
from tests.unit.files.sheets import only
from tests.unit.files.sheets import read

COVER = 'amount = "1.00 RUB"\nvalid_from = 2026-01-01\nvalid_to = 2026-12-31\n'
GROUP_RULE = RULE + 'type = "overdue_days"\nlevel = "group"\nkey = "dealers"\n'

SCORED = '[[risks]]\ncode = "scored"\nscore_from = 10\nscore_to = 19.99\n'
LOWER = '[[risks]]\ncode = "lower"\nscore_to = 10\n'

SENSE = [
    pytest.param(
        added(f'{SCORED}[[risks]]\ncode = "upper"\nscore_from = 19.99 # !'),
        "risks[3].score_from",
        "score_overlap",
        id="D8: ranges that overlap, both ends being included",
    ),
    pytest.param(
        added(SCORED.replace("_from = 10", "_from = 10 # !") + LOWER),
        "risks[2].score_from",
        "score_overlap",
        id="D8: ranges that overlap, the lower one given later",
    ),
    pytest.param(
        added(f'{SCORED}[[risks]]\ncode = "upper"\nscore_from = 20.01 # !'),
        "risks[3].score_from",
        "score_gap",
        id="D8: a score between two ranges",
    ),
    pytest.param(
        added('[[risks]]\ncode = "x"\nscore_from = 10\nscore_to = 9.99 # !'),
        "risks[2].score_to",
        "score_backwards",
        id="D8: a range that ends before it begins",
    ),
    pytest.param(
        added('[[risks]]\ncode = "x"\nscore_from = 9.999 # !'),
        "risks[2].score_from",
        "places",
        id="D8: a score of three places",
    ),
    pytest.param(
        added('[terms]\ndefault_risk = "hihg" # !'),
        "terms.default_risk",
        "unknown_near",
        id="D8: default risk group unknown",
    ),
    pytest.param(added('[[risks]]\ncode = "high" # !'), "risks[2].code", "repeated", id="a code twice"),
    pytest.param(
        added(CLIENT + f'[[clients]]\ninn = "{INN}" # !'), "clients[2].inn", "repeated", id="a client twice"
    ),
    pytest.param(
        added("[[deals]]\ndeal_id = 5\n[[deals]]\ndeal_id = 5 # !"),
        "deals[2].deal_id",
        "repeated",
        id="a deal twice",
    ),
    pytest.param(
        added('[terms]\ndefault_term = "net15" # !'),
        "terms.default_term",
        "unknown_near",
        id="default term unknown",
    ),
    pytest.param(
        added('[terms]\ndefault_discount = "x" # !'),
        "terms.default_discount",
        "unknown",
        id="discount unknown",
    ),
    pytest.param(
        changed('code = "large"', 'code = "large"\nterms = "net30" # !'),
        "categories[1].terms",
        "unknown_near",
        id="terms of a category unknown",
    ),
    pytest.param(
        added(CLIENT + 'category = "larg" # !'), "clients[1].category", "unknown_near", id="category unknown"
    ),
    pytest.param(
        added(CLIENT + 'group = "dealer" # !'), "clients[1].group", "unknown_near", id="group unknown"
    ),
    pytest.param(added(CLIENT + 'risk = "zzz" # !'), "clients[1].risk", "unknown", id="risk group unknown"),
    pytest.param(added(CLIENT + 'terms = "zzz" # !'), "clients[1].terms", "unknown", id="terms unknown"),
    pytest.param(
        added(CLIENT + 'status = "stop" # !\nstatus_reason = "late"'),
        "clients[1].status",
        "unknown_near",
        id="status unknown",
    ),
    pytest.param(
        added(CLIENT + 'status = "ship" # !'),
        "clients[1].status",
        "no_status_reason",
        id="D6: a status without a reason",
    ),
    pytest.param(
        added(CLIENT + 'status = "ship"\nstatus_reason = "paid" # !'),
        "clients[1].status_reason",
        "reason_kind",
        id="D4: a status with a reason of another kind",
    ),
    pytest.param(
        added(CLIENT + 'forced_hold = "zzz" # !'),
        "clients[1].forced_hold",
        "unknown",
        id="D26: a forced hold with an unknown reason",
    ),
    pytest.param(
        added(CLIENT + 'forced_hold = "paid" # !'),
        "clients[1].forced_hold",
        "reason_kind",
        id="D26: a forced hold with a reason to release",
    ),
    pytest.param(
        added('[[deals]]\ndeal_id = 5\nforced_hold = "late" # !'),
        "deals[1].forced_hold",
        "reason_kind",
        id="D26: a deal stopped with a reason of a status",
    ),
    pytest.param(
        added(CLIENT + '[[clients.covers]]\nkind = "guarantee"\ncoverage = "late" # !\n' + COVER),
        "clients[1].covers[1].coverage",
        "coverage_of_guarantee",
        id="D10: a type of cover on a guarantee",
    ),
    pytest.param(
        added(CLIENT + '[[clients.covers]]\nkind = "insurance"\ncoverage = "x" # !\n' + COVER),
        "clients[1].covers[1].coverage",
        "unknown",
        id="D10: type of cover unknown",
    ),
    pytest.param(
        added(CLIENT + '[[clients.covers]]\nkind = "insurance"\ntype = "bonk" # !\n' + COVER),
        "clients[1].covers[1].type",
        "unknown_near",
        id="D9: guarantor unknown",
    ),
    pytest.param(
        added(CLIENT + '[[clients.covers]]\nkind = "insurance"\npercent = 101 # !\n' + COVER),
        "clients[1].covers[1].percent",
        "most",
        id="D20: cover of more than 100 percent",
    ),
    pytest.param(
        added(
            CLIENT
            + '[[clients.covers]]\nkind = "insurance"\n'
            + COVER.replace("2026-12-31", "2025-12-31 # !")
        ),
        "clients[1].covers[1].valid_to",
        "ends_early",
        id="a cover that ends before it begins",
    ),
    pytest.param(
        added(
            CLIENT + "temporary_limits = [\n  "
            '{amount = "5.00 RUB", valid_from = 2026-01-02, valid_to = 2026-01-01}, # !\n]'
        ),
        "clients[1].temporary_limits[1].valid_to",
        "ends_early",
        id="a temporary limit, inline, ends early",
    ),
    pytest.param(
        added(
            f'{POOL}until = 2027-01-01\n[[credit_groups]]\ncode = "g"\nname = "Г"\nlimit = "1.00 RUB"\n'
            f'until = 2027-01-01\nmembers = ["{OTHER}", "{INN}"] # !'
        ),
        "credit_groups[2].members[2]",
        "two_groups",
        id="D19: a client in two credit groups",
    ),
    pytest.param(
        added('[overdue]\ntolerance = "5.00 USD" # !'),
        "overdue.tolerance",
        "tolerance_currency",
        id="a tolerance in another currency",
    ),
    pytest.param(
        added(RULE + 'type = "order_amount"\namount = "5.00 EUR" # !'),
        "rules[1].amount",
        "no_rate",
        id="D14: a rule in a currency without a rate",
    ),
    pytest.param(
        changed('code = "large"', 'code = "large"\nlimit = "5.00 EUR" # !'),
        "categories[1].limit",
        "no_rate",
        id="a limit in a currency without a rate",
    ),
]


@pytest.mark.parametrize(("text", "field", "key"), SENSE)
def test_a_bad_file_is_refused_on_its_line(text: str, field: str, key: str) -> None:
    reading = read(text)
    problem = only(reading.errors)
    assert (problem.line, problem.field, problem.key) == (marked(text), field, key)
    assert reading.policy is None
    assert problem.text("ru") != problem.text("en")


WARNED = [
    pytest.param(
        changed("rank = 10", "").replace("[[payment_terms]]", "[[payment_terms]] # !"),
        "payment_terms[1]",
        "no_rank",
        id="D2: a payment term without a rank",
    ),
    pytest.param(
        added('[[discounts]] # !\ncode = "d"'), "discounts[1]", "no_rank", id="D3: a discount without a rank"
    ),
    pytest.param(
        added('[[clients]]\ninn = "7707083894" # !'),
        "clients[1].inn",
        "inn_digits",
        id="check digits that do not fit",
    ),
    pytest.param(
        added(
            CLIENT + '[[clients.temporary_limits]]\namount = "1.00 RUB"\nvalid_from = 2026-01-01\n'
            'valid_to = 2026-02-01\n[[clients.temporary_limits]]\namount = "2.00 RUB"\n'
            "valid_from = 2026-02-01 # !\nvalid_to = 2026-03-01"
        ),
        "clients[1].temporary_limits[2].valid_from",
        "overlap",
        id="D22: temporary limits that overlap",
    ),
    pytest.param(
        added(CLIENT + 'status_reason = "late" # !'),
        "clients[1].status_reason",
        "no_status",
        id="a reason of a status without the status",
    ),
    pytest.param(
        changed('kind = "release"', 'kind = "hold"'),
        "reasons",
        "no_release_reason",
        id="D4: nothing to release with",
    ),
    pytest.param(
        changed('"0.00 RUB"', '"0.00 RUB"\ncomponents = ["shipped"] # !'),
        "limits.components",
        "no_receivables",
        id="debt that does not count",
    ),
    pytest.param(
        added(POOL.replace(f'["{INN}"]', "[] # !") + "until = 2027-01-01"),
        "credit_groups[1].members",
        "no_members",
        id="a credit group of nobody",
    ),
    pytest.param(
        added(POOL + "until = 2026-11-24 # !"),
        "credit_groups[1].until",
        "group_over",
        id="D19: a credit group whose time is over",
    ),
    pytest.param(
        added(POOL + "until = 2027-01-01\n" + CLIENT + "limit_until = 2026-12-01 # !"),
        "clients[1].limit_until",
        "until_of_group",
        id="D19: the group's expiry replaces the client's",
    ),
    pytest.param(
        added("[checks]\nlimit_used = false\n" + RULE + 'type = "limit_used" # !\npercent = 5'),
        "rules[1].type",
        "limit_used_off",
        id="D12: a rule switched off by a parameter",
    ),
]


@pytest.mark.parametrize(("text", "field", "key"), WARNED)
def test_a_doubtful_file_is_taken_with_a_warning(text: str, field: str, key: str) -> None:
    reading = read(text)
    problem = only(reading.warnings)
    line = marked(text) if key != "no_release_reason" else 17
    assert (problem.line, problem.field, problem.key) == (line, field, key)
    assert problem.severity is Severity.WARNING
    assert reading.errors == ()
    assert reading.policy is not None


def test_where_no_rates_are_known_another_currency_is_warned_of_once() -> None:
    rules = "".join(f'[[rules]]\nid = "{n}"\ntype = "order_amount"\namount = "{n}.00 EUR"\n' for n in (1, 2))
    reading = read_policy(added(rules))
    assert [(each.key, each.field) for each in reading.problems] == [("rate_not_known", "rules[1].amount")]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """A bad value hides nothing else, of its own row or of others, and is no second problem anywhere."""
    text = added(
        f'[overdue]\ngrace_days = "x"\n[[clients]]\ninn = "{INN}"\nlimit_until = 5\nstatus = "ship"\n'
        '[[rules]]\nid = "a"\ntype = "limit_used"\npercent = -1\n'
        "valid_from = 2026-02-01\nvalid_to = 2026-01-01\n"
        '[[categories]]\ncode = "new"\nfull_block = "no"\n'
        f'[[clients]]\ninn = "{OTHER}"\ncategory = "new"\nstatus_reason = 7\nstatus = "ship"\n'
        '[[rules]]\nid = "b"\ntype = "overdue_days"\nlevel = "group"\nkey = 5\ndays = 3\n'
    )
    found = read(text).problems
    assert [(each.field, each.key) for each in found] == [
        ("overdue.grace_days", "integer"),
        ("clients[1].limit_until", "date"),
        ("clients[1].status", "no_status_reason"),
        ("rules[1].percent", "least"),
        ("rules[1].valid_to", "ends_early"),
        ("categories[2].full_block", "boolean"),
        ("clients[2].status_reason", "string"),
        ("rules[2].key", "string"),
    ]


def test_a_problem_is_said_with_its_place() -> None:
    said = only(read(added("[overdue]\ngrace_day = 1")).errors).told("policy.toml")
    assert said == "policy.toml:45  overdue.grace_day: неизвестный ключ; ближайший: grace_days"
    assert only(read("a = \n").errors).told("p.toml").startswith("p.toml:1  значение")
    warning = only(read(changed('kind = "release"', 'kind = "hold"')).warnings)
    assert warning.told("p.toml", "en").startswith("p.toml:17  reasons: warning: there is no reason")
    assert (
        only(read("[[rules]]\n" * 0).errors).told("p.toml")
        == "p.toml  limits.default_limit: не задано, а нужно"
    )
