"""The policy file and the policy: what is written is read back as the same, and every line can be found."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from b24app.domain.policy import Policy
from b24app.files.locator import Locator
from b24app.files.locator import Path
from b24app.files.policy_data import data_of
from b24app.files.policy_diff import compare
from b24app.files.policy_file import UnreadablePolicyError
from b24app.files.policy_file import load_policy
from b24app.files.policy_file import read_policy
from b24app.files.policy_file import write_policy
from b24app.files.policy_sheet import SECTIONS
from b24app.messages.policy_labels import comment
from b24app.messages.policy_labels import label
from tests.builders import rub
from tests.unit.files.policies import policies


@settings(max_examples=25, deadline=None)
@given(policies(), st.sampled_from(["ru", "en"]))
def test_what_is_written_is_read_back_as_the_same(policy: Policy, language: str) -> None:
    text = write_policy(policy, language)
    reading = read_policy(text, version=policy.version)
    assert reading.errors == ()
    assert reading.policy == policy
    assert load_policy(text, version=policy.version) == policy
    assert compare(policy, load_policy(text, version="another")) == ()


@settings(max_examples=10, deadline=None)
@given(policies())
def test_every_key_is_found_on_its_line(policy: Policy) -> None:
    text = write_policy(policy)
    locator, lines = Locator(text), text.split("\n")
    for path in paths(tomllib.loads(text, parse_float=Decimal)):
        line = locator.line(path)
        assert line is not None
        wanted = f"{path[-1]} =" if isinstance(path[-1], str) else "[["
        assert wanted in lines[line - 1]


def paths(table: dict[str, object], above: Path = ()) -> Iterator[Path]:
    """Name everything a document holds, but the sections and the lists themselves."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from paths(value, (*above, key))
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for number, row in enumerate(value):
                yield (*above, key, number)
                yield from paths(row, (*above, key, number))
        else:
            yield (*above, key)


SPELLED = '''# комментарий
"a b".c = 1 # строка 2
x = [
  1, # строка 4
  "]", 'y', # строка 5
  """три
строки""", # строки 6 и 7
  { k = 1, "l.m" = [2,
 3] },
]
[t]
d = 1979-05-27 07:32:00
e.f.g = \'\'\'
[не заголовок]
\'\'\'
[[r]]
[r.s]
u = ""
[[r]]
[[r.v]]
w = "\\"#" # строка 21
[[r.v]]
'z' = +1
"\\U0001F600" = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a b", "c"), 2),
        (("x",), 3),
        (("x", 0), 4),
        (("x", 2), 5),
        (("x", 3), 6),
        (("x", 4), 8),
        (("x", 4, "l.m", 1), 9),
        (("t",), 11),
        (("t", "d"), 12),
        (("t", "e", "f", "g"), 13),
        (("t", "missing"), 11),
        (("r", 0), 16),
        (("r", 0, "s"), 17),
        (("r", 0, "s", "u"), 18),
        (("r", 1), 19),
        (("r", 1, "v", 0, "w"), 21),
        (("r", 1, "v", 1), 22),
        (("r", 1, "v", 1, "z"), 23),
        (("r", 1, "v", 1, "\U0001f600"), 24),
        (("missing",), None),
    ],
    ids=str,
)
def test_however_it_is_spelled_it_is_found(path: Path, line: int | None) -> None:
    tomllib.loads(SPELLED)
    assert Locator(SPELLED).line(path) == line


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_section_and_parameter_is_explained(language: str) -> None:
    for section in SECTIONS:
        assert comment(section, language)
    data = data_of(Policy(rub(0)))
    for section, table in data.tables.items():
        assert [key for key in table if label(section, key, language) == key] == []


LIMITS = '[limits]\ndefault_limit = "0.00 RUB"\n'


@pytest.mark.parametrize(
    "text",
    [
        "[limits",
        "[limits]\n",
        f"{LIMITS}new = 1\n",
        f'{LIMITS}[[rules]]\nid = "r"\ntype = "of_the_future"\ndays = 1\n',
    ],
)
def test_a_stored_policy_of_an_unknown_form_is_no_policy(text: str) -> None:
    with pytest.raises(UnreadablePolicyError, match="version 7"):
        load_policy(text, version="7")


def test_a_stored_policy_is_not_refused_for_what_later_checks_find() -> None:
    text = '[limits]\ndefault_limit = "0.00 RUB"\n[terms]\ndefault_term = "gone"\n'
    assert read_policy(text).policy is None
    assert load_policy(text, version="7").default_terms == "gone"
