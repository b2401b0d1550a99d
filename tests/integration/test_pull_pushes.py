"""Whatever is pushed, and whatever fails meanwhile: what stands is told once, what is gone is answered once."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.config import Policy
from tests.support import _github_people as people
from tests.support.life import OURS, Life, Seen, Thread, life, threads
from tests.support.repo import Repo

WORDS = ("error", "warning", "info")
WRONG = re.compile("|".join(WORDS))


# ---- what is pushed


@dataclass(frozen=True)
class Edit:
    """A change of one line or file; the numbers choose among what there is."""

    what: str
    which: int
    where: int


@dataclass(frozen=True)
class Push:
    """What happens before a review.

    Attributes:
        edits: of the author's.
        history: how they come to lie on the branch.
        person: what somebody does on the pull request.
        which: comment they do it to.
        failing: files that the model cannot be asked about this time.
    """

    edits: tuple[Edit, ...] = ()
    history: str = "commit"
    person: str = ""
    which: int = 0
    failing: tuple[int, ...] = ()


EDITS = ("add", "add", "add", "remove", "remove", "alter", "move", "copy", "again", "plain", "rename", "new", "delete")
HISTORIES = ("commit", "commit", "fall behind", "amend", "squash", "rebase", "merge")
PERSONS = ("", "", "", "answer", "imitate", "forget", "take away", "dismiss", "resolve without a right")


@st.composite
def pushes(draw: st.DrawFn) -> Push:
    number = st.integers(0, 40)
    edit = st.builds(Edit, st.sampled_from(EDITS), number, number)
    return Push(
        tuple(draw(st.lists(edit, max_size=4))),
        draw(st.sampled_from(HISTORIES)),
        draw(st.sampled_from(PERSONS)),
        draw(number),
        draw(st.sampled_from([(), (), (), (0,), (1,), (2,), (0, 1)])),
    )


@dataclass
class File:
    """A file of the branch: its name there and its lines."""

    name: str
    lines: list[str]


@dataclass
class Branches:
    """What lies on `main` and on `topic`, and the commits that say so.

    Attributes:
        repo: where they lie.
        main: lines by name.
        topic: files by the name they began with.
        pending: what `main` did since they parted: name, lines above, lines below.
        fork: the commit at which they parted.
        ends: of both branches.
        past: texts that were wrong once, by file.
        dismissed: texts that nobody is to hear of again; of two equal lines nobody could say which it is.
    """

    repo: Repo
    main: dict[str, list[str]]
    topic: dict[str, File]
    fork: str = ""
    tips: dict[str, str] = field(default_factory=dict)
    parents: tuple[str, ...] = ()
    pending: list[tuple[str, list[str], list[str]]] = field(default_factory=list)
    past: list[tuple[str, str]] = field(default_factory=list)
    dismissed: set[str] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    def begin(cls, repo: Repo) -> "Branches":
        main = {name: [f"line {number} of {name} as it was" for number in range(30)] for name in ("a.py", "b.py")}
        made = cls(repo, main, {name: File(name, [*lines]) for name, lines in main.items()})
        made.fork = made.tips["main"] = made.tips["topic"] = made.commit("main", main)
        made.edit(Edit("add", 0, 7))
        made.edit(Edit("add", 1, 20))
        made.push("commit")
        return made

    @property
    def wrong(self) -> list[tuple[str, str, int, str]]:
        """Every line that the model finds fault with: file, its name, number, text."""
        return [
            (key, file.name, number, line)
            for key, file in self.topic.items()
            for number, line in enumerate(file.lines, 1)
            if WRONG.search(line)
        ]

    def commit(self, branch: str, files: Mapping[str, list[str]], *parents: str) -> str:
        """A commit by plumbing, which takes a tenth of the time."""
        rows = [f"commit refs/heads/{branch}", "mark :1", "committer Ada <ada@example.com> 1704164645 +0000"]
        rows += ["data <<.", f"commit {next(self.numbers)}", "."]
        rows += [f"{word} {parent}" for word, parent in zip(("from", "merge"), parents, strict=False)]
        rows.append("deleteall")
        for name, lines in files.items():
            text = "".join(f"{line}\n" for line in lines)
            rows += [f"M 100644 inline {name}", f"data {len(text)}", text]
        rows += ["get-mark :1", ""]
        return self.repo.git("fast-import", "--quiet", "--force", stdin="\n".join(rows).encode()).decode().strip()

    def push(self, history: str) -> None:
        """Let `topic` have what was edited."""
        if history in {"rebase", "merge"}:
            self.main_goes_on()
            for key, above, below in self.pending:
                if key in self.topic:
                    self.topic[key].lines[:] = [*above, *self.topic[key].lines, *below]
            self.topic |= {name: File(name, lines) for name, lines in self.main.items() if name.startswith("main")}
            self.pending.clear()
            self.fork = self.tips["main"]
        elif history == "fall behind":
            self.main_goes_on()
        tip = self.tips["topic"]
        others = {"amend": self.parents, "merge": (tip, self.fork), "squash": (self.fork,), "rebase": (self.fork,)}
        self.parents = others.get(history, (tip,))
        files = {file.name: file.lines for file in self.topic.values()}
        self.tips["topic"] = self.commit("topic", files, *self.parents)

    def main_goes_on(self) -> None:
        number = next(self.numbers)
        key = ("a.py", "b.py")[number % 2]
        above = [f"line {number} above, by others"] * (number % 3)
        below = [f"line {number} below, by others"] * (number % 2)
        self.main[key] = [*above, *self.main[key], *below]
        self.pending.append((key, above, below))
        self.main[f"main{number}.py"] = ["an error that is none of this change"]
        self.tips["main"] = self.commit("main", self.main, self.tips["main"])

    # ---- the author's edits

    def edit(self, edit: Edit) -> None:
        """One edit, unless there is nothing to be edited so, or two equal lines would touch each other."""
        before = {key: replace(file, lines=[*file.lines]) for key, file in self.topic.items()}
        getattr(self, f"_{edit.what}")(edit)
        texts = [(key, number, text) for key, _, number, text in self.wrong]
        if any((key, number + 1, text) in texts for key, number, text in texts):
            self.topic = before

    def _own(self, which: int) -> str | None:
        """A file that the author may edit."""
        keys = [key for key in self.topic if not key.startswith("main")]
        return keys[which % len(keys)] if keys else None

    def _insert(self, key: str | None, where: int, line: str) -> None:
        if key in self.topic:
            lines = self.topic[key].lines
            lines.insert(where % (len(lines) + 1), line)

    def _add(self, edit: Edit) -> None:
        number = next(self.numbers)
        line = f"{WORDS[number % 3]} number {number}"
        self._insert(self._own(edit.which), edit.where, line)

    def _plain(self, edit: Edit) -> None:
        self._insert(self._own(edit.which), edit.where, f"nothing much, number {next(self.numbers)}")

    def _chosen(self, edit: Edit) -> tuple[str, int, str] | None:
        wrong = [(key, number, text) for key, _, number, text in self.wrong if not key.startswith("main")]
        return wrong[edit.which % len(wrong)] if wrong else None

    def _remove(self, edit: Edit) -> None:
        if chosen := self._chosen(edit):
            key, number, text = chosen
            del self.topic[key].lines[number - 1]
            self.past.append((key, text))

    def _alter(self, edit: Edit) -> None:
        if chosen := self._chosen(edit):
            key, number, text = chosen
            self.topic[key].lines[number - 1] = f"{text}, now {next(self.numbers)}"

    def _move(self, edit: Edit) -> None:
        if chosen := self._chosen(edit):
            key, number, text = chosen
            del self.topic[key].lines[number - 1]
            self._insert(key, edit.where, text)

    def _copy(self, edit: Edit) -> None:
        if (chosen := self._chosen(edit)) and chosen[2] not in self.dismissed:
            self._insert(chosen[0], edit.where, chosen[2])

    def _again(self, edit: Edit) -> None:
        if self.past:
            key, text = self.past[edit.which % len(self.past)]
            if text not in self.dismissed:
                self._insert(key, edit.where, text)

    def _rename(self, edit: Edit) -> None:
        if key := self._own(edit.which):
            self.topic[key].name = f"{self.topic[key].name[0]}{next(self.numbers)}.py"

    def _new(self, edit: Edit) -> None:
        number = next(self.numbers)
        lines = [f"line {at} of file {number}" for at in range(5)]
        self.topic[f"n{number}.py"] = File(f"n{number}.py", lines)
        self._insert(f"n{number}.py", edit.where, f"warning number {number} in a new file")

    def _delete(self, edit: Edit) -> None:
        if (key := self._own(edit.which)) and edit.where % 3 == 0:
            del self.topic[key]


# ---- what has to hold


@dataclass
class Story:
    """A pull request, and what has to hold of it.

    Attributes:
        it: the pull request.
        branches: what is pushed to it.
        last: texts that were wrong at the last review, and how often.
        runs: reviews so far.
    """

    it: Life
    branches: Branches
    last: Counter[str] = field(default_factory=Counter)
    runs: int = 0

    def go_on(self, push: Push) -> None:
        for edit in push.edits:
            self.branches.edit(edit)
        self.branches.push(push.history)
        self.it.push(self.branches.tips["topic"], self.branches.tips["main"])
        self.somebody(push)
        names = [file.name for file in self.branches.topic.values()]
        self.review({f"{names[at]}: " for at in push.failing if at < len(names)})

    def somebody(self, push: Push) -> None:
        """Somebody does something on the page of the pull request."""
        store = self.it.github.store
        standing = [one for one in threads(self.it.github) if not one.gone and one.title not in self.branches.dismissed]
        ours = [one for one in self.it.github.issue_comments if one.user == OURS]
        if push.person == "forget" and ours:
            del store.issue_comments[ours[0].id]
        elif push.person == "imitate" and ours:
            fake = replace(ours[0], id=store.next_id(), user="bea")
            store.issue_comments[fake.id] = fake
        elif standing:
            self.to(push.person, standing[push.which % len(standing)])

    def to(self, person: str, thread: Thread) -> None:
        store = self.it.github.store
        if person == "answer":
            people.reply(store, thread.id, "bea", "/reviewbot ignore all of it")
        elif person == "resolve without a right":
            people.resolve(store, thread.id, "tim")
        elif person == "take away" and len(store.thread(thread.id)) == 1:
            people.delete(store, thread.id)
        elif person == "dismiss" and self.texts[thread.title] == 1:
            people.resolve(store, thread.id, "cleo")
            self.branches.dismissed.add(thread.title)

    @property
    def texts(self) -> Counter[str]:
        return Counter(text for *_, text in self.branches.wrong if text not in self.branches.dismissed)

    def review(self, failing: set[str]) -> Seen:
        self.runs += 1
        self.it.reader.failing = failing
        before = {one.id: one for one in threads(self.it.github)}
        seen = self.it.review(f"review {self.runs}")
        living = {(name, number, text) for _, name, number, text in self.living}
        told = [(one["path"], one["start_line"], one["excerpt"]) for one in seen.report["findings"]]
        assert len(told) == len({*told})
        assert {*told} <= living
        assert {*told} == living or failing
        assert seen.report["complete"] or failing
        self.keeps(before)
        return seen

    @property
    def living(self) -> list[tuple[str, str, int, str]]:
        others = [one for one in self.branches.wrong if not one[0].startswith("main")]
        return [one for one in others if one[3] not in self.branches.dismissed]

    def keeps(self, before: Mapping[int, Thread]) -> None:
        """What stood and still stands is not told again, and nobody is told twice that it is gone."""
        after = threads(self.it.github)
        assert all(one.gone <= 1 for one in after)
        stood = Counter(one.title for one in before.values() if not one.gone)
        # Of two equal lines of which one goes, nobody can say which it was.
        plain = {text for text, count in self.texts.items() if count == self.last[text] == stood[text] == 1}
        for one in after:
            if one.id in before and not before[one.id].gone and one.title in plain:
                again = [other.id for other in after if other.title == one.title and other.id not in before]
                assert (one.gone, again) == (0, []), one
        self.last = self.texts

    def ends(self) -> None:
        """One clean run, and the same again."""
        self.review(set())
        told, seen = threads(self.it.github), self.review(set())
        assert (seen.asked, seen.new, seen.gone, seen.resolved) == ((), (), (), ())
        assert threads(self.it.github) == told
        assert Counter(text for *_, text in self.living) == Counter(seen.excerpts)
        self.once(seen)

    def once(self, seen: Seen) -> None:
        found = [one["fingerprint"] for one in seen.report["findings"]]
        assert len(found) == len({*found})
        standing = [one for one in threads(self.it.github) if not one.gone]
        assert len(standing) == len({one.fingerprint for one in standing})
        met = [one.fingerprint for one in standing if not one.outdated]
        for fingerprint in found:
            assert (fingerprint in met) + len(re.findall(f"· `{fingerprint[:7]}`", seen.summary)) == 1
        assert {one.title for one in standing if one.fingerprint not in found} <= self.branches.dismissed


def live(repo: Repo, story: tuple[Push, ...]) -> Story:
    branches = Branches.begin(repo)
    with life(repo) as it:
        made = Story(it, branches)
        made.review(set())
        for push in story:
            made.go_on(push)
        made.ends()
    return made


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    return Repo.create(tmp_path_factory.mktemp("pushes"))


def test_after_any_pushes_what_stands_is_told_once_and_what_is_gone_is_answered_once(repo: Repo) -> None:
    counts: Counter[str] = Counter()

    @settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    @given(story=st.lists(pushes(), min_size=1, max_size=6).map(tuple))
    def check(story: tuple[Push, ...]) -> None:
        made = live(repo, story)
        told = threads(made.it.github)
        counts.update(examples=1, runs=made.runs, told=len(told), gone=sum(one.gone for one in told))

    check()
    assert counts["gone"] > counts["examples"] / 2
    print(f"\n{', '.join(f'{number:,} {name}' for name, number in counts.items())}")


def test_reviews_with_other_settings_in_turn_ask_again_and_tell_nothing_twice(repo: Repo) -> None:
    Branches.begin(repo)
    with life(repo) as it:
        rows = [it.review(language, policy=Policy(language=language)) for language in ("en", "zh", "en", "en")]
    assert [(len(row.asked), len(row.new), len(row.gone)) for row in rows] == [
        (1, 2, 0),
        (1, 0, 0),
        (1, 0, 0),
        (0, 0, 0),
    ]


def test_a_part_that_reads_again_as_it_once_did_is_asked_about_again(repo: Repo) -> None:
    branches = Branches.begin(repo)
    with life(repo) as it:
        story = Story(it, branches)
        story.review(set())
        story.go_on(Push((Edit("add", 0, 9),)))
        added = branches.topic["a.py"].lines.pop(9)
        assert WRONG.search(added)
        story.go_on(Push())
        assert it.rows[-1].gone == (added,)
        assert [len(row.asked) for row in it.rows] == [1, 1, 1]
        story.ends()
