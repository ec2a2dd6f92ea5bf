"""Two hundred rule files with one mistake each: named with its place and a way out, exit code 2."""

from collections import defaultdict
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from itertools import product

import pytest

from netbot.cli.main import run

# § stands where the mistake is; what follows must be told there.
CONDITIONS = {
    "{§wrds: x}": "Did you mean “words”?",
    "{§frase: x}": "Did you mean “phrase”?",
    "{§Regex: x}": "Did you mean “regex”?",
    "{words: §7}": 'write "7" in quotes',
    "{words: §[]}": "at least one entry",
    "{words: §'!?'}": "letter or digit",
    "{words: §a b c d e}": "take “phrase”",
    "{phrase: §' - '}": "besides spaces",
    "{regex: §'('}": "RE2",
    "{regex: §'(?=a)'}": "RE2",
    "{regex: [x, §'a\\bc']}": "list the words with “words”",
    "{regex: §'x*'}": "say what has to stand there",
    "{capitals: §'> 1.5'}": "take another number",
    "{length: §'>= 0'}": "leave it out",
    "{links: §many}": "write it like",
    "{age: §'< 3'}": "minutes, hours, days or weeks",
    "{kind: §repli}": "Did you mean “reply”?",
    "{words: x, in: §titel}": "Did you mean “title”?",
    "{words: x, near: §0}": "at least 1",
    "{words: x, compounds: §yes}": "true or false",
    "{duplicate: §maybe}": "true or false",
    "{score: {§spamm: '> 0.5'}}": "Did you mean “spam”?",
    "{score: {bait: §'> 2'}}": "take another number",
    "{score: §{}}": "needs kindness",
    "{about: §gold}": "Did you mean “golf”?",
    "{about: §birds}": "Describe it under “topics”",
    "{about: [golf, §opra]}": "Describe it under “topics”",
    "{all: §[]}": "at least one entry",
    "{none: §x}": "a list",
    "§{}": "such as words or phrase",
    "{words: §$gerden}": "Did you mean “garden”?",
    "{phrase: [x, §$sea]}": "Write it under “lists”",
    "{exact: §$Garden}": "Did you mean “garden”?",
    "§{kind: reply, near: 3}": "no words",
}
PLACES = (
    "when: {}",
    "when: {{all: [{{words: fine}}, {}]}}",
    "when: {{any: [{{none: [{}]}}]}}",
    "when: {{words: fine}}, unless: {}",
)
RULES = {
    "{§nam: a, when: {words: x}, because: b}": "Did you mean “name”?",
    "{name: §Own Success, when: {words: x}, because: b}": "hyphens",
    "{name: a, §wenn: {words: x}, because: b}": "Did you mean “when”?",
    "§{name: a, because: b}": "“when” is missing",
    "{name: a, when: {words: x}, because: b, for: {§client: c}}": "Did you mean “clients”?",
    "{name: a, when: {words: x}, because: b, suggest: [§lik]}": "Did you mean “like”?",
    "{name: a, when: {words: x}, because: b, expires: §tomorrow}": "date",
    "{name: a, when: {words: x}, because: b, conviction: §[c]}": "needs text",
    "{name: a, when: {words: x}, because: b, examples: {§refused: [c]}}": "Did you mean “refuse”?",
    "{name: a, when: {words: x}, because: b, examples: {ask: §c}}": "write it as [c]",
    "{name: a, §name: b, when: {words: x}, because: b}": "a second time",
    "{name: a, when: {kind: reply}, unless: {words: x, near: 2}, because: b}": "to be near to",
}
SECTIONS = ("never", "hesitate", "champion", "nonsense", "moment")
TOPICS = "lists: {garden: [Beet]}\ntopics: {golf: {like: [Ein Loch in eins.]}}\n"
FILES = {
    "§nevr: []\n": "Did you mean “never”?",
    "never: §x\n": "a list",
    "never: §[\n": "never closed",
    "never:\n§\t- a\n": "indent with spaces",
    "never: §&a []\n": "",
    "never: §!x []\n": "",
    "lists: {garden: §Beet}\n": "write it as [Beet]",
    "lists: {garden: §[]}\n": "at least one entry",
    "lists: {garden: [§7]}\n": 'write "7" in quotes',
    "lists: {garden: [x], §garden: [y]}\n": "a second time",
    "lists: {§My Garden: [x]}\n": "hyphens",
    "lists: {garden: [§$shed]}\n": "no other list",
    "lists: {a: [x, §'!?']}\nnever: [{name: b, when: {words: $a}, because: c}]\n": "“words”",
    "lists: {a: [§a b c d e]}\nnever: [{name: b, when: {words: [x, $a]}, because: c}]\n": "phrase",
    "lists: {a: [§'(x']}\nnever: [{name: b, when: {regex: $a}, because: c}]\n": "RE2",
    "topics: {golf: {§lik: [x]}}\n": "Did you mean “like”?",
    "topics: {golf: §{}}\n": "“like” is missing",
    "topics: {golf: {like: §[]}}\n": "at least one entry",
    "never:\n  - {name: a, when: {§about: x}, because: b}\n": "take it to hesitate",
    "moment:\n  - {name: a, when: {§score: {spam: '> 0.5'}}, because: b}\n": "take it to hesitate",
    "never: [{name: a, when: {words: x}, because: b}, {name: §a, when: {words: y}, because: c}]": (
        "choose another name"
    ),
}
IN_CONDITIONS = [
    (f"{TOPICS}{section}:\n  - {{name: a, {place.format(condition)}, because: b}}\n", says)
    for (condition, says), place, section in product(
        CONDITIONS.items(), PLACES, ("hesitate", "champion")
    )
]
IN_RULES = [
    (f"{section}:\n  - {rule if '§' in rule else '§' + rule}\n", says)
    for (rule, says), section in product(RULES.items(), SECTIONS)
]
BROKEN = [*IN_CONDITIONS, *IN_RULES, *FILES.items()]


def test_there_are_two_hundred():
    assert len({marked for marked, _ in BROKEN}) >= 200


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What one run says of all of them, by file."""
    home = tmp_path_factory.mktemp("home")
    (home / "rules").mkdir()
    for number, (marked, _) in enumerate(BROKEN):
        text = marked.replace("§", "")
        (home / "rules" / f"{number}.yaml").write_text(text, encoding="utf-8")
    with redirect_stderr(StringIO()) as err, redirect_stdout(StringIO()) as out:
        code = run(["rules", "test", "--home", str(home)])
    assert (code, out.getvalue()) == (2, "")
    found = defaultdict(list)
    for line in err.getvalue().splitlines():
        file, _, rest = line.partition("rules/")[2].partition(".yaml:")
        found[file].append(rest)
    return found


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[marked for marked, _ in BROKEN])
def test_mistake_is_told_at_its_place_with_a_way_out(told, number):
    marked, says = BROKEN[number]
    before = marked.partition("§")[0]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    at_place = [each for each in told[str(number)] if each.startswith(f"{line}:{column}: ")]
    assert any(says in each for each in at_place), told[str(number)]
