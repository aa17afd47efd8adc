# SPDX-License-Identifier: Apache-2.0
"""Which department or category a complaint is for: from guides alone, then from labels, then from each correction.

Four judges, each scaled to mean 0 and deviation 1 over the categories, and added:

* complement naive Bayes of the category over content morphemes and pairs of neighbours,
* the same of its topics, of which the best counts,
* the votes of the 20 nearest guides, each with the square of its score, which count twice,
* the votes of the 10 nearest labelled texts (``neighbours``).

Once two categories have more than 30 labelled texts a fifth joins, a linear support vector machine, with the weight
that does best on labelled texts it has not learned from. Probabilities, and the margin under which nothing is
decided, come from texts that are left out of the counts and of the neighbours while they are asked about: labelled
texts where there are a hundred, else sentences of the guides. Nothing is fitted to the texts that are classified.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from . import folders, linear
from .bayes import Counts, Evidence
from .documents import Document
from .folders import About, LanguageFileError
from .linear import LinearModel
from .neighbours import Neighbour, Neighbours, votes
from .postings import Array, Postings, mapped
from .search import Hit, Index, Weights
from .tokens import Tokenizer, pairs_of

ABOUT = About("model.json", "language model", 2, "분류 모형", "model")
NEIGHBOURS = 20
NEAR = Weights(phrases=0.0, category=0.0)
"""How guides are near for the votes: phrases and categories have their say as naive Bayes."""

VOTES = 2.0
TITLE_WEIGHT = 3
LABEL_WEIGHT = 3.0
"""A labelled complaint says more about complaints than a guide of the same length."""

ENOUGH_LABELS = 30
BLENDS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 32.0)
ASKED = 300
"""Texts left out one by one for calibration, at most."""

RIGHT_ON_LABELS, RIGHT_ON_GUIDES = 0.97, 0.95
"""Share of right answers above the margin on texts left out, so that of questions at least 0.96 are right: a sentence
of a guide that is left out whole is harder to place than a citizen's question that the guide was written for."""

LEAST_STRENGTH = 0.1
TEMPERATURES = np.geomspace(0.05, 3.0, 40)


@dataclass(frozen=True)
class Label:
    """A candidate and its calibrated probability."""

    label: str
    p: float


@dataclass(frozen=True)
class Decision:
    """The three best candidates, best first, and whether the first is sure enough to act on without asking."""

    labels: list[Label]
    decided: bool


@dataclass(frozen=True)
class Reasons:
    """Which words spoke most for the first candidate against the second, and which known texts of it are nearest,
    labelled ones before guides."""

    words: list[tuple[str, float]]
    texts: list[Neighbour | Hit]


class Classifier:
    """Learns from guides and labelled texts, and at once from a correction. Made by ``train`` or ``open``.

    ``index``: of the guides.
    """

    def __init__(
        self, index: Index, counts: Counts, leaves: list[tuple[str, str]], labels: Index | None = None
    ) -> None:
        self.index = index
        self.labels = Neighbours(index, labels)
        self.counts = counts
        self.machine: LinearModel | None = None
        self.blend = 0.0
        self.temperature = 1.0
        self.margin = float("inf")
        self._see(leaves)

    def _see(self, leaves: list[tuple[str, str]]) -> None:
        self.leaves = leaves
        self.categories = list(dict.fromkeys(category for category, _ in leaves))
        place = {category: at for at, category in enumerate(self.categories)}
        self._category_of = np.array([place[category] for category, _ in leaves])

    def classify(self, text: str) -> Decision:
        """The candidates for one text."""
        return self.classify_all([text])[0]

    def classify_all(self, texts: Sequence[str]) -> list[Decision]:
        """The candidates for each text."""
        machine = self._machine_scores(texts)
        return [self._decide(text, row) for text, row in zip(texts, machine, strict=True)]

    def _decide(self, text: str, machine: Array) -> Decision:
        evidence, hits, near = self._looked_up(text)
        scores = self._scores(evidence, hits, near) + self.blend * machine
        order = np.argsort(-scores, kind="stable")[:3]
        p = _softmax(scores / self.temperature)
        nearest = max(hits[0].strength if hits else 0.0, near[0].cosine if near else 0.0)
        return Decision(
            [Label(self.categories[at], float(p[at])) for at in order],
            (self.machine is not None or nearest >= LEAST_STRENGTH) and _margin(scores) >= self.margin,
        )

    def _looked_up(self, text: str) -> tuple[Evidence, list[Hit], list[Neighbour]]:
        tokens = self.index.tokenizer.content(text)
        return self._evidence(text), self.index.search(text, NEIGHBOURS, weights=NEAR), self.labels.nearest(tokens)

    def why(self, text: str, most: int = 5) -> Reasons:
        """What decided about ``text``."""
        evidence, hits, near = self._looked_up(text)
        scores = self._scores(evidence, hits, near) + self.blend * self._machine_scores([text])[0]
        first, *others = np.argsort(-scores, kind="stable")
        against = evidence.category[:, others[0]] if others else 0.0
        gained = evidence.category[:, first] - against
        known: list[Neighbour | Hit] = [*near, *hits]
        return Reasons(
            [(evidence.tokens[at], float(gained[at])) for at in np.argsort(-gained)[:most] if gained[at] > 0],
            [one for one in known if one.document.category == self.categories[first]][:most],
        )

    def correct(self, document: Document) -> None:
        """Learn at once that this text is of this category; of the same id, what is known of the neighbours changes.

        The support vector machine and the margin stay as they are until the next ``train``.
        """
        self._count([(document, LABEL_WEIGHT)])
        self.labels.add([replace(document, id=f"label:{document.id}")])

    def _count(self, weighed: Sequence[tuple[Document, float]]) -> None:
        leaves = {leaf: at for at, leaf in enumerate(self.leaves)}
        by_leaf: dict[int, Counter[str]] = {}
        tokens = self._tokens([document for document, _ in weighed])
        for (document, weight), found in zip(weighed, tokens, strict=True):
            leaf = leaves.setdefault((document.category, document.topic), len(leaves))
            counted = by_leaf.setdefault(leaf, Counter())
            for token, count in found.items():
                counted[token] += weight * count  # type: ignore[assignment]
        self._see(list(leaves))
        self.counts.add(by_leaf)

    def _tokens(self, documents: Sequence[Document]) -> list[Counter[str]]:
        texts = self.index.tokenizer.contents([document.text for document in documents])
        titles = self.index.tokenizer.contents([f"{document.topic} {document.title}" for document in documents])
        return [
            Counter(pairs_of(text) + pairs_of(title) * TITLE_WEIGHT) for text, title in zip(texts, titles, strict=True)
        ]

    def _evidence(self, text: str, without: tuple[int, Counter[str], float] | None = None) -> Evidence:
        tokens = Counter(pairs_of(self.index.tokenizer.content(text)))
        return self.counts.evidence(tokens, self._category_of, without)

    def _scores(self, evidence: Evidence, hits: Sequence[Hit], near: Sequence[Neighbour]) -> Array:
        best_topic = np.full(len(self.categories), -np.inf)
        np.maximum.at(best_topic, self._category_of, evidence.leaf.sum(axis=0))
        of_guides = np.zeros(len(self.categories))
        place = {category: at for at, category in enumerate(self.categories)}
        for hit in hits:
            of_guides[place[hit.category]] += hit.score**2
        of_labels, counts = votes(near, place)
        bayes = _scaled(evidence.category.sum(axis=0)) + _scaled(best_topic)
        scores: Array = bayes + VOTES * _scaled(of_guides) + counts * _scaled(of_labels)
        return scores

    def _machine_scores(self, texts: Sequence[str]) -> Array:
        """(texts, categories): what the machine says, scaled; of categories it has not learned, the least."""
        scores = np.zeros((len(texts), len(self.categories)))
        if self.machine:
            learned = self.machine.scores(texts)
            scores[:] = learned.min(axis=1, keepdims=True)
            scores[:, : learned.shape[1]] = learned
        return np.array([_scaled(row) for row in scores])

    def best_left_out(self, labelled: Sequence[Document]) -> list[list[str]]:
        """The three best candidates of each text of known labels, best first, as if it were not known."""
        scores = self._ask([_known(document) for document in labelled])
        return [[self.categories[at] for at in np.argsort(-row, kind="stable")[:3]] for row in scores]

    def calibrate(self, guides: Sequence[Document], labelled: Sequence[Document]) -> None:
        """Set blend, temperature and margin from texts that are left out while they are asked about."""
        if len(self.categories) < 2:
            return
        learn = sum(count > ENOUGH_LABELS for count in Counter(d.category for d in labelled).values()) > 1
        asked = _evenly(labelled, min(ASKED, len(labelled) // 5) if learn else ASKED)
        if learn:
            left_out = {document.id for document in asked}
            self._learn([document for document in labelled if document.id not in left_out])
        questions = [_known(document) for document in asked]
        enough = len(questions) >= ASKED // 3 or not guides
        if not enough:
            questions += [(f"guide:{d.id}", d, _sentence(d), 1.0) for d in _evenly(guides, ASKED)]
        place = {category: at for at, category in enumerate(self.categories)}
        right = np.array([place[document.category] for _, document, _, _ in questions])
        scores = self._ask(questions)
        if learn:
            machine = self._machine_scores([text for _, _, text, _ in questions])
            self.blend = max(BLENDS, key=lambda blend: ((scores + blend * machine).argmax(axis=1) == right).sum())
            scores += self.blend * machine
            self._learn(labelled)
        self.temperature = _best_temperature(scores, right)
        self.margin = _least_margin(scores, right, RIGHT_ON_LABELS if enough else RIGHT_ON_GUIDES)

    def _learn(self, labelled: Sequence[Document]) -> None:
        place = {category: at for at, category in enumerate(self.categories)}
        classes = np.array([place[document.category] for document in labelled])
        self.machine = linear.train([document.text for document in labelled], classes, len(self.categories))

    def _ask(self, questions: Sequence[tuple[str, Document, str, float]]) -> Array:
        """(questions, categories): the scores of each as if its text were new, the machine's not among them."""
        leaves = {leaf: at for at, leaf in enumerate(self.leaves)}
        own = self._tokens([document for _, document, _, _ in questions])
        rows = []
        for (key, document, text, weight), tokens in zip(questions, own, strict=True):
            hits = [hit for hit in self.index.search(text, NEIGHBOURS + 1, weights=NEAR) if hit.document.id != key]
            near = self.labels.nearest(self.index.tokenizer.content(text), without=key)
            evidence = self._evidence(text, (leaves[document.category, document.topic], tokens, weight))
            rows.append(self._scores(evidence, hits[:NEIGHBOURS], near))
        return np.array(rows)

    def save(self, folder: Path) -> None:
        """Write the model to ``folder``, in place of one that was there, all or nothing."""
        fresh = folders.begun(folder)
        self.index.save(fresh / "texts")
        self.labels.texts.save(fresh / "labels")
        self.counts.together().save(fresh, "counts")
        if self.machine:
            for name in ("hashes", "idf", "weights"):
                np.save(fresh / f"machine.{name}.npy", getattr(self.machine, name))
        about = {
            "leaves": self.leaves,
            "machine": self.machine is not None,
            "blend": self.blend,
            "temperature": self.temperature,
            "margin": self.margin if np.isfinite(self.margin) else None,
        }
        folders.ended(folder, fresh, ABOUT, about)

    @classmethod
    def open(cls, folder: Path) -> Classifier:
        """A model as it lies on disk.

        Raises
        ------
        LanguageFileError
            There is no model in ``folder``, or one of another version.
        """
        about = folders.about(folder, ABOUT)
        model = cls(
            Index.open(folder / "texts"),
            Counts([Postings.load(folder, "counts")]),
            [(category, topic) for category, topic in about["leaves"]],
            Index.open(folder / "labels"),
        )
        model.blend, model.temperature = about["blend"], about["temperature"]
        model.margin = float("inf") if about["margin"] is None else about["margin"]
        if about["machine"]:
            model.machine = LinearModel(*(mapped(folder / f"machine.{n}.npy") for n in ("hashes", "idf", "weights")))
        return model


def train(
    guides: Iterable[Document], labelled: Iterable[Document] = (), tokenizer: Tokenizer | None = None
) -> Classifier:
    """Learn categories from guides (manuals, the table of duties), and from labelled texts where there are some.

    Raises
    ------
    LanguageFileError
        There is no text, or one has no category.
    """
    guides, labelled = list(guides), list(labelled)
    if not guides and not labelled:
        raise LanguageFileError("배울 글이 없습니다 / there is nothing to learn from")
    for document in (*guides, *labelled):
        if not document.category:
            raise LanguageFileError(f"{document.id}: category가 없습니다 / has no category")
    model = Classifier(Index(tokenizer), Counts(), [])
    model.index.add(replace(document, id=f"guide:{document.id}") for document in guides)
    model.labels.add(replace(document, id=f"label:{document.id}") for document in labelled)
    model._count([*((document, 1.0) for document in guides), *((document, LABEL_WEIGHT) for document in labelled)])
    model.calibrate(guides, labelled)
    return model


def _known(document: Document) -> tuple[str, Document, str, float]:
    return f"label:{document.id}", document, document.text, LABEL_WEIGHT


def _scaled(scores: Array) -> Array:
    scaled: Array = (scores - scores.mean()) / max(float(scores.std()), 1e-9)
    return scaled


def _softmax(scores: Array) -> Array:
    grown = np.exp(scores - scores.max(axis=-1, keepdims=True))
    p: Array = grown / grown.sum(axis=-1, keepdims=True)
    return p


def _margin(scores: Array) -> float:
    if len(scores) < 2:
        return 0.0
    second, first = np.partition(scores, -2)[-2:]
    return float(first - second)


def _evenly(documents: Sequence[Document], most: int) -> list[Document]:
    """At most ``most`` of them from all over the list."""
    at = np.unique(np.linspace(0, max(len(documents) - 1, 0), min(most, len(documents))).astype(int))
    return [documents[one] for one in at]


def _sentence(document: Document) -> str:
    """What a citizen might have written about this guide: its title, and the line of about a question's length."""
    line = min(document.text.split("\n"), key=lambda line: abs(len(line) - 90))
    return f"{document.title} {line[:150]}"


def _best_temperature(scores: Array, right: Array) -> float:
    def surprise(temperature: float) -> float:
        p = _softmax(scores / temperature)[np.arange(len(right)), right]
        return float(-np.log(np.maximum(p, 1e-12)).mean())

    return float(min(TEMPERATURES, key=surprise))


def _least_margin(scores: Array, right: Array, least: float) -> float:
    """The smallest margin above which enough of the answers are right; none where there is no such margin."""
    margins = np.array([_margin(row) for row in scores])
    order = np.argsort(-margins)
    share = np.cumsum(scores.argmax(axis=1)[order] == right[order]) / np.arange(1, len(order) + 1)
    enough = np.flatnonzero(share >= least)
    return float(margins[order[enough[-1]]]) if len(enough) else float("inf")
