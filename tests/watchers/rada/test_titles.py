"""Which titles renew, introduce or end a regime, and which only speak of it."""

from __future__ import annotations

import csv
import json
import time
import unicodedata

import pytest

from tests.helpers.paths import CORPUS
from tests.watchers.rada.published_titles import NEAR_PUBLISHED, PUBLISHED
from tests.watchers.rada.quoted_titles import NEAR, QUOTED
from watchers.rada.text import shown
from watchers.rada.titles import END, PARTIAL_END, TitleMeaning, classify

FOLDER = CORPUS / "ukraine"

EXTENSION = "Про продовження строку дії воєнного стану в Україні"
APPROVING = "Про затвердження Указу Президента України "

FORMS = {
    "the official title": EXTENSION,
    "in capitals": EXTENSION.upper(),
    "with no-break spaces and a final full stop": EXTENSION.replace(" ", "\u00a0") + ". ",
    "with soft hyphens and zero-width spaces": EXTENSION.replace("воєн", "во\u00adєн\u200b"),
    "in decomposed letters": unicodedata.normalize("NFD", EXTENSION),
    "with Latin i, o, a and e inside the words": EXTENSION.translate(str.maketrans("іоае", "ioae")),
    "with a stress mark": EXTENSION.replace("воє", "воє\u0301"),
    "with entities": EXTENSION.replace(" ", "&nbsp;"),
    "the words of the press": "Про продовження терміну дії військового стану в Україні",
    "prolongation in other words": "Про подовження дії правового режиму воєнного стану на всій території України",
    "the country first": "Про продовження в Україні строку дії воєнного стану",
    "with its length": EXTENSION + " строком на 90 діб",
    "with start and length": EXTENSION + " з 05 години 30 хвилин 5 листопада 2025 року строком на 90 діб",
    "under a heading with its number": f"УКАЗ ПРЕЗИДЕНТА УКРАЇНИ №793/2025 “{EXTENSION}”",
    "with day and number": f"Указ Президента України від 20.10.2025 № 793/2025 {EXTENSION}",
    "as amended": EXTENSION + " (із змінами)",
    "a law that approves it": f'{APPROVING}"{EXTENSION}"',
    "low quotes": f"{APPROVING}„{EXTENSION}“",
    "angle quotes": f"{APPROVING}«{EXTENSION}»",
    "a quote never closed": f'{APPROVING}"{EXTENSION}',
    "an approval that names day and number": f"{APPROVING}від 20 жовтня 2025 року № 793/2025 “{EXTENSION}”",
    "a draft, older spelling": f'Проект Закону про затвердження Указу Президента України "{EXTENSION}"',
    "a draft, newer spelling": f"Проєкт Закону України про затвердження Указу Президента України “{EXTENSION}”",
    "a draft with its number": f'Законопроєкт № 14128 про затвердження Указу Президента України "{EXTENSION}"',
    "English": "On extending the term of martial law in Ukraine",
    "English, another mirror": "On the extension of martial law in Ukraine",
    "English, prolongation": "On prolongation of the period of martial law in Ukraine for 90 days",
    "English, the law": 'On Approval of the Decree of the President of Ukraine "On Extending the Term of Martial Law"',
    "Russian": "О продлении срока действия военного положения в Украине",
}


def title_kind(meaning: TitleMeaning) -> str:
    """Name what a title is about as the corpus does."""
    if meaning.regime is None or meaning.act is None:
        return "unrelated"
    ends = "termination" if meaning.act in (END, PARTIAL_END) else meaning.act
    return "mobilisation" if meaning.regime == "mobilisation" else ends


@pytest.mark.parametrize("title", FORMS.values(), ids=FORMS)
def test_an_extension_is_one_in_every_form(title: str) -> None:
    meaning = classify(title)
    assert (meaning.regime, meaning.act) == ("martial-law", "extension")
    assert meaning.approves == ("атвердження" in title or "Approval" in title)


@pytest.mark.parametrize(
    "title",
    [
        EXTENSION.replace("воєнного стану", "<b>воєнного</b> стану"),
        EXTENSION.replace(" дії", "<br/>дії"),
        EXTENSION.replace("воєнного", "воєн&lt;i&gt;ного&lt;/i&gt;"),
    ],
    ids=["a tag", "a line break", "tags as entities"],
)
def test_a_title_is_shown_and_known_without_its_tags(title: str) -> None:
    assert shown(title) == EXTENSION


OTHERS = {
    "introduction": ("Про введення воєнного стану в Україні", "introduction", "introduction"),
    "introduction in parts": (
        "Про введення воєнного стану в окремих місцевостях України",
        "introduction",
        "introduction",
    ),
    "introduction in named oblasts": (
        "Про введення воєнного стану у Вінницькій, Луганській та Миколаївській областях",
        "introduction",
        "introduction",
    ),
    "end": ("Про скасування воєнного стану в Україні", "termination", "end"),
    "end in other words": ("Про припинення дії воєнного стану", "termination", "end"),
    "end in parts": ("Про скасування воєнного стану в окремих місцевостях України", "termination", "partial_end"),
    "repeal by number": (
        "Про визнання таким, що втратив чинність, Указу Президента України від 24 лютого 2022 року № 64/2022",
        "termination",
        "end",
    ),
    "repeal by title": ('Про скасування Указу Президента України "Про введення воєнного стану"', "termination", "end"),
    "general mobilisation": ("Про загальну мобілізацію", "mobilisation", "introduction"),
    "partial mobilisation": ("Про часткову мобілізацію", "mobilisation", "introduction"),
    "mobilisation extended": ("Про продовження строку проведення загальної мобілізації", "mobilisation", "extension"),
    "mobilisation in English": ("On extension of the term of general mobilization", "mobilisation", "extension"),
    "mobilisation ended": ("Про демобілізацію", "mobilisation", "end"),
}


@pytest.mark.parametrize(("title", "label", "act"), OTHERS.values(), ids=OTHERS)
def test_other_acts_are_reported_apart(title: str, label: str, act: str) -> None:
    meaning = classify(title)
    assert (title_kind(meaning), meaning.act) == (label, act)


UNRELATED = {
    "service during martial law": (
        'Про внесення зміни до глави XII "Прикінцеві положення" Закону України "Про військовий обов’язок і військову '
        'службу" щодо умов продовження військової служби під час дії воєнного стану'
    ),
    "the law on martial law itself": "Про правовий режим воєнного стану",
    "an amendment of the decree": 'Про внесення змін до Указу Президента України "Про введення воєнного стану"',
    "something else extended because of it": "Про продовження строку дії договорів оренди на період воєнного стану",
    "the order of extending it": "Про порядок продовження строку дії воєнного стану в Україні",
    "measures under it": "Питання запровадження та забезпечення здійснення заходів правового режиму воєнного стану",
    "one that says more": EXTENSION + " та внесення змін до деяких законів України",
    "a state of emergency": "Про введення надзвичайного стану в окремих регіонах України",
    "its approval": f'{APPROVING}"Про введення надзвичайного стану в окремих регіонах України"',
    "an NSDC decision": 'Про рішення Ради національної безпеки і оборони України "Щодо введення воєнного стану"',
    "an appeal": "Про звернення Верховної Ради України до парламентів щодо продовження воєнного стану",
    "a petition": "Електронна петиція: не продовжувати воєнний стан в Україні",
    "a vote on the draft": (
        f'Про прийняття за основу проекту Закону України про затвердження Указу Президента України "{EXTENSION}"'
    ),
    "preparation of mobilisation": "Про мобілізаційну підготовку та мобілізацію",
    "Russia's decree": (
        "О введении военного положения на территориях Донецкой Народной Республики, Луганской Народной Республики, "
        "Запорожской и Херсонской областей"
    ),
    "Russia's decree in Ukrainian": (
        "Про введення воєнного стану на територіях Донецької Народної Республіки, Запорізької та Херсонської областей"
    ),
    "Russian that names no country": "О продлении срока действия военного положения",
    "Russia's mobilisation": "Об объявлении частичной мобилизации в Российской Федерации",
    "another state": "On introducing martial law in South Korea",
    "nothing": "",
}


@pytest.mark.parametrize("title", UNRELATED.values(), ids=UNRELATED)
def test_a_title_that_only_speaks_of_it_is_unrelated(title: str) -> None:
    meaning = classify(title)
    assert meaning == TitleMeaning()


ISSUERS = {
    "the President of Ukraine": ("Указ Президента України від 20.10.2025 № 793/2025", True),
    "a law": ("Закон України від 21.10.2025 № 4643-IX", True),
    "a draft": ("Проект Закону від 20.10.2025 № 14128", True),
    "the President of Russia": ("Указ Президента Российской Федерации", False),
    "the cabinet": ("Розпорядження Кабінету Міністрів України", False),
    "a resolution of the parliament": ("Постанова Верховної Ради України", False),
    "a petition": ("Петиція", False),
}


@pytest.mark.parametrize(("issuer", "ours"), ISSUERS.values(), ids=ISSUERS)
def test_the_issuer_has_a_say(issuer: str, ours: bool) -> None:
    assert (classify(EXTENSION, issuer=issuer).act == "extension") == ours


BAITS = {
    "places": "Про введення воєнного стану в " + "а, " * 1500,
    "numbers": "Про затвердження Указу Президента України" + " № 1/1 від 1 січня 2025" * 200,
    "quotes": "Проект Закону " + '"«“' * 3000,
    "articles": "On extending " + "the term of " * 700 + "martial law",
}


@pytest.mark.parametrize("title", BAITS.values(), ids=BAITS)
def test_bait_for_patterns_costs_little(title: str) -> None:
    began = time.process_time()
    classify(title)
    assert time.process_time() - began < 5


@pytest.mark.corpus
def test_every_title_of_the_corpus_is_right() -> None:
    with (FOLDER / "titles-dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    assert [(row["id"], title_kind(classify(row["title"]))) for row in rows] == [
        (row["id"], row["label"]) for row in rows
    ]


@pytest.mark.corpus
def test_approving_laws_and_mentions_of_the_corpus_are_reported_apart() -> None:
    files = [f for f in json.loads((FOLDER / "MANIFEST.json").read_text())["files"] if "laws-" in f.get("file", "")]
    approvals = {f["file"]: classify(f["title"]) for f in files if "approval" in f["file"]}
    mentions = {f["file"]: classify(f["title"]) for f in files if "mention" in f["file"]}
    assert (len(approvals), len(mentions)) == (29, 25)
    others = {file for file, meaning in approvals.items() if meaning.regime is None}
    assert others == {"laws-approval/2101-20.json", "laws-approval/4596-20.json"}, "emergency, and seized property"
    assert all(meaning.approves for file, meaning in approvals.items() if file not in others)
    assert {meaning.regime for meaning in mentions.values()} == {None}


@pytest.mark.parametrize("quoted", QUOTED + PUBLISHED, ids=[quoted[0][:90] for quoted in QUOTED + PUBLISHED])
def test_ua_15_an_act_is_known_by_whatever_people_quote_it(quoted: tuple[str, str, str, bool, bool]) -> None:
    title, regime, act, approves, draft = quoted
    meaning = classify(title)
    assert (meaning.regime, meaning.act, meaning.approves, meaning.draft) == (regime, act, approves, draft)


@pytest.mark.parametrize("title", NEAR + NEAR_PUBLISHED)
def test_ua_15_headlines_and_other_acts_are_none(title: str) -> None:
    assert classify(title).regime is None


def test_ua_15_the_lists_are_long_enough_to_measure_with() -> None:
    assert len({title for title, *_ in QUOTED}) >= 80
    assert len(set(NEAR)) >= 60


BAIT = (
    "№ 1 ",
    "№1, 2, 3",
    "№ 1/2020 ",
    "від 1 липня 2020 року ",
    "законопроєкт ",
    "про затвердження указу ",
    "та ",
    '"',
)


@pytest.mark.parametrize("bait", BAIT)
def test_ua_15_wrappers_without_end_cost_little(bait: str) -> None:
    began = time.process_time()
    for title in (bait * 500, f"Указ {bait * 500}", "Про продовження воєнного стану " + bait * 500):
        classify(title)
    assert time.process_time() - began < 1
