"""Policy files of a bad form: each is refused on the line and the field it is about.

In a case the line that is wrong ends with `# !`; the field is as people read it, rows counted from 1.
"""

from __future__ import annotations

import pytest

from tests.unit.files.sheets import CLIENT
from tests.unit.files.sheets import GOOD
from tests.unit.files.sheets import INN
from tests.unit.files.sheets import POOL
from tests.unit.files.sheets import RULE
from tests.unit.files.sheets import added
from tests.unit.files.sheets import changed
from tests.unit.files.sheets import marked
from tests.unit.files.sheets import only
from tests.unit.files.sheets import read


def test_the_good_file_is_good() -> None:
    assert read(GOOD).problems == ()
    assert read("\ufeff" + GOOD.replace("\n", "\r\n")).problems == ()


BROKEN = [
    pytest.param("[limits\n", "toml_header", id="a header not closed"),
    pytest.param('a = "x\n', "toml_character", id="a quote not closed"),
    pytest.param("a = 5 000 RUB\n", "toml_after", id="a sum without quotes"),
    pytest.param("a = \n", "toml_value", id="no value"),
    pytest.param("a = 2026-02-30\n", "toml_date", id="no such day"),
    pytest.param("a 1\n", "toml_equals", id="no equals sign"),
    pytest.param("a = 1\na = 2\n", "toml_twice", id="a key twice"),
    pytest.param("[a]\nb = 1\n[a]\n", "toml_twice", id="a section twice"),
    pytest.param("a = [1\n", "toml_unclosed", id="a bracket not closed"),
    pytest.param('a = """x\n', "toml_string", id="a long text not closed"),
    pytest.param('a = "\\q"\n', "toml_escape", id="a backslash"),
    pytest.param("= 1\n", "toml_statement", id="no key"),
]


@pytest.mark.parametrize(("text", "key"), BROKEN)
def test_what_is_no_toml_keeps_its_line(text: str, key: str) -> None:
    lead = "# первая строка\n# вторая строка\n"
    reading = read(lead + text)
    problem = only(reading.problems)
    assert reading.policy is None
    assert (problem.key, problem.field) == (key, "")
    assert problem.line is not None
    assert 3 <= problem.line <= 2 + text.count("\n") + 1


FORM = [
    pytest.param(added("[limit] # !"), "limit", "section_near", id="unknown section, near a known one"),
    pytest.param(added("[zzz] # !"), "zzz", "section", id="unknown section"),
    pytest.param(added("[rules] # !"), "rules", "rows", id="rows written as one section"),
    pytest.param(added("[[overdue]] # !"), "overdue", "table", id="a section written as rows"),
    pytest.param(
        added("[overdue]\ngrace_day = 1 # !"),
        "overdue.grace_day",
        "key_near",
        id="unknown key, near a known one",
    ),
    pytest.param(added("[overdue]\nzzz = 1 # !"), "overdue.zzz", "key", id="unknown key"),
    pytest.param(
        added(
            CLIENT + '[[clients.covers]]\nkind = "guarantee"\namount = "1.00 RUB"\nvalid_from = 2026-01-01\n'
            "valid_to = 2026-02-01\nvalid_till = 2026-02-01 # !"
        ),
        "clients[1].covers[1].valid_till",
        "key_near",
        id="unknown key of a row inside a row",
    ),
    pytest.param(
        changed('default_limit = "0.00 RUB"', "").replace("[limits]", "[limits] # !"),
        "limits.default_limit",
        "missing",
        id="no default limit",
    ),
    pytest.param(
        added('[[rules]] # !\ntype = "limit_used"\npercent = 5'), "rules[1].id", "missing", id="no id"
    ),
    pytest.param(changed('"0.00 RUB"', "0.00 # !"), "limits.default_limit", "money", id="a sum as a number"),
    pytest.param(
        changed('"0.00 RUB"', '"5000" # !'), "limits.default_limit", "money", id="a sum without currency"
    ),
    pytest.param(
        changed('"0.00 RUB"', '"50 00 RUB" # !'), "limits.default_limit", "money", id="a group of two"
    ),
    pytest.param(
        changed('"0.00 RUB"', '"1 000,50 RUB" # !'), "limits.default_limit", "money_comma", id="a comma"
    ),
    pytest.param(
        changed('"0.00 RUB"', '"-5 RUB" # !'), "limits.default_limit", "money_negative", id="negative limit"
    ),
    pytest.param(
        changed('"0.00 RUB"', f'"{"9" * 14} RUB" # !'),
        "limits.default_limit",
        "money_large",
        id="too much money",
    ),
    pytest.param(
        changed('effect = "ship"', 'effect = "stop" # !'), "statuses[1].effect", "choice", id="unknown effect"
    ),
    pytest.param(
        added('[checks]\nterms_rank = "yes" # !'), "checks.terms_rank", "boolean", id="yes instead of true"
    ),
    pytest.param(added("[overdue]\ngrace_days = 1.5 # !"), "overdue.grace_days", "integer", id="half a day"),
    pytest.param(added("[overdue]\ngrace_days = -1 # !"), "overdue.grace_days", "least", id="negative days"),
    pytest.param(added("[overdue]\ngrace_days = 9999 # !"), "overdue.grace_days", "most", id="too many days"),
    pytest.param(
        added("[checks]\nmax_data_age_minutes = 0 # !"), "checks.max_data_age_minutes", "above", id="no age"
    ),
    pytest.param(added(CLIENT + "until = 1 # !"), "clients[1].until", "key_near", id="another section's key"),
    pytest.param(
        added(CLIENT + 'limit_until = "2026-12-31" # !'),
        "clients[1].limit_until",
        "date",
        id="a date in quotes",
    ),
    pytest.param(
        changed('code = "dealers"', 'code = "dealers-of-all" # !'),
        "groups[1].code",
        "too_long",
        id="D5: group code over 10 characters",
    ),
    pytest.param(
        changed('code = "dealers"', f'code = "dealers"\nname = "{"д" * 61}" # !'),
        "groups[1].name",
        "too_long",
        id="D5: group description over 60 characters",
    ),
    pytest.param(changed('code = "high"', 'code = "" # !'), "risks[1].code", "empty", id="an empty code"),
    pytest.param(
        changed('code = "high"', 'code = " high" # !'), "risks[1].code", "code", id="a space before"
    ),
    pytest.param(
        changed('code = "high"', 'code = "high"\nname = "a\\nb" # !'),
        "risks[1].name",
        "one_line",
        id="two lines",
    ),
    pytest.param(
        changed('code = "high"', "code = 5 # !"), "risks[1].code", "string", id="a code as a number"
    ),
    pytest.param(
        added('[[clients]]\ninn = "770708389" # !'), "clients[1].inn", "inn", id="ИНН of nine digits"
    ),
    pytest.param(
        added(POOL.replace(f'["{INN}"]', '"7707083893" # !') + "until = 2027-01-01"),
        "credit_groups[1].members",
        "list",
        id="members that are no list",
    ),
    pytest.param(
        added(
            POOL.replace("members", "# members").replace("[[credit_groups]]", "[[credit_groups]] # !")
            + "until = 2027-01-01"
        ),
        "credit_groups[1].members",
        "missing",
        id="a credit group without members",
    ),
    pytest.param(
        added(POOL.replace("[[credit_groups]]", "[[credit_groups]] # !")),
        "credit_groups[1].until",
        "missing",
        id="D19: a credit group without expiry",
    ),
    pytest.param(
        added(RULE + 'type = "limit_used"\npercent = 12.34567 # !'),
        "rules[1].percent",
        "places",
        id="five places",
    ),
    pytest.param(
        added(RULE + 'type = "limit_used"\npercent = "90" # !'),
        "rules[1].percent",
        "number",
        id="percent in quotes",
    ),
    pytest.param(
        added(RULE + 'type = "limit_used"\npercent = nan # !'),
        "rules[1].percent",
        "number",
        id="not a number",
    ),
]


@pytest.mark.parametrize(("text", "field", "key"), FORM)
def test_a_bad_file_is_refused_on_its_line(text: str, field: str, key: str) -> None:
    reading = read(text)
    problem = only(reading.errors)
    assert (problem.line, problem.field, problem.key) == (marked(text), field, key)
    assert reading.policy is None
    assert problem.text("ru") != problem.text("en")
