"""Titles nobody wrote down for us: the same acts in other words, and other acts in the same words.

All of them are *constructed*: what an official, a register, a mirror page or the press might write, and the acts of
other kinds that name martial law or mobilisation.
"""

from __future__ import annotations

import pytest

from tests.watchers.rada.unrelated_titles import OTHERS
from watchers.rada.titles import TitleKind, classify

EXTENSIONS = (
    "Про подальше продовження строку дії воєнного стану в Україні",
    "Про чергове продовження строку дії воєнного стану в Україні",
    "Про затвердження Указу Президента України 'Про продовження строку дії воєнного стану в Україні'",
    "Про затвердження Указу Президента України ‘Про продовження строку дії воєнного стану в Україні’",
    "Про затвердження Указу Президента України ``Про продовження строку дії воєнного стану в Україні''",
    "Про продовження дії воєнного стану",
    "Про продовження дії воєнного стану в Україні на 90 діб",
    "Про продовження воєнного стану в Україні з 3 лютого 2026 року",
    "Про продовження строку дії воєнного стану в Україні з 5 години 30 хвилин 4 травня 2026 року на 90 діб",
    "Про продовження строку дії воєнного стану в Україні (№ 793/2025)",
    "Указ № 793/2025 Про продовження строку дії воєнного стану в Україні",
    "Указ Президента України №40/2026 від 12 січня 2026 року «Про продовження строку дії воєнного стану в Україні»",
    "УКАЗ ПРЕЗИДЕНТА УКРАЇНИ № 793/2025. Про продовження строку дії воєнного стану в Україні",
    "Указ Президента України N 793/2025 - Про продовження строку дії воєнного стану в Україні",
    (
        'Проект Закону про затвердження Указу Президента України від 20.10.2025 № 793/2025 "Про '
        'продовження строку дії воєнного стану в Україні"'
    ),
    "Проєкт Закону про затвердження Указу Президента України „Про продовження строку дії воєнного стану в Україні”",
    'Про схвалення Указу Президента України "Про продовження строку дії воєнного стану в Україні"',
    (
        'Закон України Про затвердження Указу Президента України "Про продовження строку дії '
        'воєнного стану в Україні" від 21.10.2025 № 4643-IX'
    ),
    "Закон про затвердження указу про продовження воєнного стану",
    "Законопроект про продовження воєнного стану в Україні",
    "On the Extension of Martial Law in Ukraine",
    "On extension of the term of martial law in Ukraine",
    "On prolongation of martial law in Ukraine",
    "On the extension of the period of martial law in Ukraine",
    "On Continuation of Martial Law in Ukraine",
    'On approval of the Decree of the President of Ukraine "On extension of the term of martial law in Ukraine"',
    'On Approving the Decree of the President of Ukraine "On Extending the Term of Martial Law in Ukraine"',
    'Decree of the President of Ukraine No. 793/2025 "On the extension of martial law in Ukraine"',
    "Decree of the President of Ukraine №793/2025 On extending martial law",
    'Draft Law on Approval of the Decree of the President of Ukraine "On Extension of Martial Law in Ukraine"',
    'Об утверждении Указа Президента Украины "О продлении срока действия военного положения в Украине"',
    "О продлении военного положения в Украине на 90 суток",
    "Про продовження строку дії воєнного стану в окремих областях України",
    "Про продовження строку дії воєнного стану в Харківській області",
    "Про продовження строку дії воєнного стану у Харківській, Сумській та Донецькій областях",
    'Про затвердження указів Президента України "Про продовження строку дії воєнного стану в Україні"',
    "Про подовження строку дії воєнного стану в Україні ще на 90 днів",
    "Про продовження строку дії воєнного стану в Україні до 3 лютого 2026 року",
    "Про продовження строку воєнного стану",
    "Про продовження в Україні строку дії правового режиму воєнного стану",
    "On extending the validity of martial law in Ukraine",
    "On the extension of the validity period of martial law in Ukraine",
    "On the prolongation of the term of martial law in Ukraine",
    "On extending the duration of martial law in Ukraine for 90 days",
    "On Extending Martial Law in Ukraine from 05:30 on November 5, 2025 for 90 days",
    "On extending martial law in Ukraine until 3 February 2026",
    "On extension of martial law regime in Ukraine",
    "On extending the legal regime of martial law in Ukraine",
    "On extending the martial law in Ukraine",
    "On the extension of the martial law in Ukraine",
    (
        'On approval of the Decree of the President of Ukraine No. 793/2025 of October 20, 2025 "On '
        'the extension of martial law in Ukraine"'
    ),
    (
        'Law of Ukraine "On Approval of the Decree of the President of Ukraine "On Extending the '
        'Period of Martial Law in Ukraine""'
    ),
    "On approval of the Decree of the President of Ukraine dated 20 October 2025 No. 793 On extending martial law",
    "О продлении срока действия правового режима военного положения в Украине",
    "О продлении военного положения в Украине с 5 ноября 2025 года на 90 суток",
    ('Проект Закона об утверждении Указа Президента Украины "О продлении срока действия военного положения в Украине"'),
    "Про продовження строку дії воєнного стану в Україні (реєстр. № 14128)",
    "Про продовження строку дії воєнного стану в Україні (р.№14128)",
    (
        'Проект Закону 14128 від 20.10.2025 Про затвердження Указу Президента України "Про '
        'продовження строку дії воєнного стану в Україні"'
    ),
    (
        '14128 Проект Закону про затвердження Указу Президента України "Про продовження строку дії '
        'воєнного стану в Україні"'
    ),
    "№ 793/2025 Про продовження строку дії воєнного стану в Україні",
    "793/2025 Про продовження строку дії воєнного стану в Україні",
    "Про продовження строку дії воєннoго cтану в Укрaїні",
    "Про  продовження  строку  дії  воєнного  стану  в  Україні;",
    "Про продовження строку дії воєнного стану в Україні*",
    "Про продовження строку дії воєнного стану в Україні – Офіційне інтернет-представництво Президента України",
    "Про продовження строку дії воєнного стану в Україні | від 20.10.2025 № 793/2025",
    "Про продовження строку дії воєнного стану в Україні від 20.10.2025",
    (
        'Закон № 4643-IX від 21.10.2025 Про затвердження Указу Президента України "Про продовження '
        'строку дії воєнного стану в Україні"'
    ),
    "Про продовження строку дії воєнного стану в Україні (документ № 793/2025)",
    "On extension of the martial law in Ukraine for another 90 days",
    "On the extension of the legal regime of martial law in Ukraine",
    "On Extension of Period of Martial Law in Ukraine",
    "On Extending the Term for Martial Law in Ukraine",
    "On Extension of the Term of Martial Law in Ukraine (as amended)",
    'On approval of the President\'s Decree "On extension of martial law in Ukraine"',
    "On the Approval of Decree of the President of Ukraine On the Extension of the Term of Martial Law in Ukraine",
    "Bill on Approval of the Presidential Decree on Extending Martial Law in Ukraine",
    "Про затвердження Указу Президента України ''Про продовження строку дії воєнного стану в Україні''",
    'ПРОЄКТ ЗАКОНУ ПРО ЗАТВЕРДЖЕННЯ УКАЗУ ПРЕЗИДЕНТА УКРАЇНИ "ПРО ПРОДОВЖЕННЯ СТРОКУ ДІЇ ВОЄННОГО СТАНУ В УКРАЇНІ"',
    "О продлении действия военного положения в Украине",
)
INTRODUCTIONS = (
    "On Introduction of Martial Law in Ukraine",
    "On imposing martial law in Ukraine",
    "On the imposition of martial law in Ukraine",
    "Law of Ukraine On Approval of the Presidential Decree On the Imposition of Martial Law in Ukraine",
    "О введении военного положения в Украине",
    'Об утверждении Указа Президента Украины "О введении военного положения в Украине"',
    "Про введення воєнного стану на території України",
    "Про введення в Україні воєнного стану",
    "Про запровадження воєнного стану в Україні",
    "Про оголошення воєнного стану",
    "Про введення воєнного стану на всій території України",
    "Про введення правового режиму воєнного стану",
    "Про введення воєнного стану в Донецькій та Луганській областях",
    "Про введення воєнного стану в Автономній Республіці Крим та місті Севастополі",
    "Про введення воєнного стану у місті Києві",
    (
        "Про введення воєнного стану у Вінницькій, Луганській, Миколаївській, Одеській, Сумській, "
        "Харківській, Чернігівській, Донецькій, Запорізькій, Херсонській областях та внутрішніх "
        "водах України Азово-Керченської акваторії"
    ),
    "On the introduction of the martial law in Ukraine",
    (
        'Про затвердження Указу Президента України від 24 лютого 2022 року №64/2022 "Про введення '
        'воєнного стану в Україні"'
    ),
    "Про запровадження режиму воєнного стану в Україні",
    "Про введення військового стану в Україні",
    "Про введення воєнного стану на території окремих областей України",
    "Про введення воєнного стану в Україні строком на 60 діб",
    "Про введення воєнного стану в Україні з 24 лютого 2022 року",
    "Про введення в Україні воєнного стану строком на 30 діб",
    'Проект Указу Президента України "Про введення воєнного стану в Україні"',
    'Про затвердження Указу Президента України "Про введення воєнного стану в Україні" (із застереженням)',
    "On declaring martial law in Ukraine",
    "On the declaration of martial law in Ukraine",
    "On Imposing Martial Law in Ukraine for 30 days",
    "On the introduction of martial law in certain regions of Ukraine",
    "О введении военного положения на территории Украины",
    "О введении в Украине военного положения",
)
MOBILISATIONS = (
    "О продлении срока проведения всеобщей мобилизации",
    "О всеобщей мобилизации",
    "Об общей мобилизации в Украине",
    "Про загальну мобілізацію в Україні",
    "Про проведення загальної мобілізації",
    "Про оголошення та проведення загальної мобілізації",
    "Про продовження строку проведення загальної мобілізації в Україні",
    "Про продовження терміну проведення загальної мобілізації",
    "Про продовження строку проведення мобілізації на 90 діб",
    "Про подовження строку загальної мобілізації",
    "Про чергову часткову мобілізацію",
    "Про загальну демобілізацію",
    'Про затвердження Указу Президента України "Про загальну мобілізацію"',
    'Про затвердження Указу Президента України "Про часткову мобілізацію"',
    "On extending the period of general mobilization",
    "On the extension of the period of general mobilization in Ukraine",
    "On general mobilization",
    "On the general mobilisation",
    "On partial mobilisation",
    "On prolonging the term of general mobilization",
    (
        'Проект Закону про затвердження Указу Президента України "Про продовження строку проведення '
        'загальної мобілізації"'
    ),
    'Про затвердження Указу Президента України "Про демобілізацію"',
    "Про скасування загальної мобілізації",
    "Про припинення загальної мобілізації",
    "Про завершення мобілізації та демобілізацію",
    "Про припинення проведення загальної мобілізації та демобілізацію в Україні",
    "Про мобілізацію",
    "Про мобілізацію в Україні",
    "On extending the period for general mobilization",
    "On the prolongation of the period of general mobilization in Ukraine for 90 days",
    "On extending general mobilization in Ukraine",
    "On the conduct of general mobilization",
    "On demobilization",
    'On Approval of Decree of the President of Ukraine "On General Mobilization"',
    "О продлении срока проведения общей мобилизации в Украине",
    "Про часткову демобілізацію",
    "Про проведення мобілізації",
    "Про продовження загальної мобілізації",
    "Про продовження мобілізації",
    "Про продовження строку проведення загальної мобілізації на території України",
    "Про продовження строку проведення загальної мобілізації з 5 листопада 2025 року на 90 діб",
    "Про продовження строку загальної мобілізації в Україні",
    "Про подовження термінів проведення загальної мобілізації",
    "Про завершення загальної мобілізації",
)
ENDS = (
    "Про скасування воєнного стану",
    "Про дострокове припинення воєнного стану в Україні",
    "Про завершення дії воєнного стану",
    "Про припинення дії правового режиму воєнного стану в Україні",
    "Про скасування Указу Президента України від 24 лютого 2022 року № 64/2022",
    "Про скасування воєнного стану в Закарпатській області",
    "Про скасування воєнного стану на території Львівської області",
    'Про визнання таким, що втратив чинність, Указу Президента України "Про введення воєнного стану в Україні"',
    (
        "Про визнання таким, що втратив чинність, Указу Президента України від 24 лютого 2022 року "
        '№ 64/2022 "Про введення воєнного стану в Україні"'
    ),
    'Про затвердження Указу Президента України "Про скасування воєнного стану в Україні"',
    "On lifting martial law in Ukraine",
    "On the termination of martial law in Ukraine",
    "On cancellation of martial law",
    "Об отмене военного положения в Украине",
    "Про скасування воєнного стану на деокупованих територіях",
    "Про припинення воєнного стану на частині території України",
    "Про часткове скасування воєнного стану в Україні",
    "Про зняття режиму воєнного стану в Україні",
    "Про закінчення строку дії воєнного стану в Україні",
    "Про закінчення воєнного стану",
    "Про завершення воєнного стану в Україні",
    "Про відміну воєнного стану в Україні",
    "Про припинення строку дії воєнного стану в Україні",
    "Про скасування режиму воєнного стану на всій території України",
    "Про зняття воєнного стану",
    "Про скасування воєнного стану в окремих областях України",
    'Про скасування дії Указу Президента України "Про введення воєнного стану в Україні"',
    'Про втрату чинності Указу Президента України "Про введення воєнного стану в Україні"',
    "On the end of martial law in Ukraine",
    "On ending martial law in Ukraine",
    "On abolition of martial law in Ukraine",
)

KINDS = {
    TitleKind.EXTENSION: EXTENSIONS,
    TitleKind.INTRODUCTION: INTRODUCTIONS,
    TitleKind.MOBILISATION: MOBILISATIONS,
    TitleKind.TERMINATION: ENDS,
    TitleKind.UNRELATED: OTHERS,
}


@pytest.mark.parametrize(
    ("title", "label"),
    [pytest.param(title, label, id=f"{label} - {title[:70]}") for label, titles in KINDS.items() for title in titles],
)
def test_a_title_is_what_it_says(title: str, label: TitleKind) -> None:
    meaning = classify(title)
    assert meaning.label is label, meaning.reason
    assert (meaning.regime is None) == (label is TitleKind.UNRELATED)
    assert meaning.reason
