"""Names as they come: several scripts, one word or many, marks and directions that software stumbles over."""

from functools import cache
from itertools import accumulate
from random import Random
from typing import NamedTuple

from anyascii import anyascii


class Tongue(NamedTuple):
    """Names that go together. `share` is how often they come, relative to the others."""

    share: int
    given: tuple[str, ...]
    family: tuple[str, ...]


class Name(NamedTuple):
    first: str
    last: str

    @property
    def address(self) -> str:
        """The name in the letters that an e-mail address allows."""
        return ".".join(filter(None, (_letters(self.first), _letters(self.last))))[:48].strip(".")


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


TONGUES = (
    Tongue(
        44,
        _words(
            "Abigail Adrian Alice Amara Andre Audrey Beatrice Bennett Bridget Caleb Camille Carter Cecily Clara"
            " Connor Daisy Darnell Dominic Edith Elena Eliot Ezra Fiona Flora Gideon Grace Harriet Hazel Hugo Imani"
            " Iris Isaac Jasmine Jerome Jonah Josephine Keisha Kendra Latoya Leo Lionel Lucille Lydia Malik Marcus"
            " Martha Maya Miles Nadia Naomi Nathaniel Nina Olive Oscar Owen Pearl Phoebe Quentin Rachel Reuben Rosa"
            " Ruth Samuel Sasha Simon Stella Sylvia Tamika Theo Tobias Tyrone Ursula Vera Victor Wanda Wesley Willa"
            " Xavier Yolanda Zoe Mary_Ellen J.P."
        ),
        _words(
            "Abbott Aldridge Ashworth Bancroft Barlow Beckett Blackwood Bowers Bradshaw Brewster Calloway Carver"
            " Chambers Colby Crawford Dalton Dawes Delaney Draper Eastman Ellery Fairchild Farrow Fletcher Garrison"
            " Goodwin Granger Hale Hargrove Hathaway Holloway Hutchins Ingram Jarvis Keating Kendrick Langley"
            " Lockhart Lowell Mabry Marlow McAllister Mercer Merritt Nash Norwood Oakley O’Dell Osborne Pemberton"
            " Pickett Prescott Quinn Radcliffe Ramsey Redding Rhodes Sadler Sawyer Shelby Sinclair Stanton Sutter"
            " Talbot Thackeray Thornton Tillman Underhill Vance Wainwright Walker Weatherby Whitaker Winslow Yates"
            " Smith-Jones Washington-Bell"
        ),
    ),
    Tongue(
        12,
        _words(
            "José María Sofía Ángel Lucía Andrés Ximena Íñigo Belén Raúl Inés Óscar Verónica Joaquín Mª_del_Carmen"
            " Zoraida Héctor Itzel"
        ),
        _words(
            "Muñoz Peña Ibáñez García_Márquez Núñez de_la_Cruz Gutiérrez Sáenz Vélez Ordóñez Quiñones Cárdenas"
            " Zúñiga Pérez_López Fariña Landívar"
        ),
    ),
    Tongue(
        7,
        _words(
            "Zoë Łukasz Jürgen Åsa François Žofia Søren Małgorzata Þóra Çağla Ștefan Noémi Jiří Birgül Anaïs Øyvind"
            " Siân Eñaut"
        ),
        _words(
            "Wójcik Nyström Müller-Böhm Lefèvre Černý Østergård Szczęsny Þorsteinsdóttir Yıldırım Ionescu-Țurcanu"
            " Győrffy Strauß d’Aubigné Šimůnek van_der_Heijden Jõgi Ó_Súilleabháin Brandão"
        ),
    ),
    Tongue(
        8,
        _words("Thị_Mai Minh Hương Đức Quỳnh_Như Bảo Ngọc_Ánh Thảo Văn_Hùng Khánh Tuyết Hữu_Phước"),
        _words("Nguyễn Trần Lê Phạm Huỳnh Vũ Đặng Bùi Đỗ Ngô Dương Lý"),
    ),
    Tongue(
        5,
        _words("فاطمة محمد ليلى عمر نور خالد مريم يوسف زينب عبد_الرحمن هالة طارق"),
        _words("الحسيني منصور الخوري بن_سالم حداد النجار العطار شاهين قاسم الزهراوي"),
    ),
    Tongue(
        4,
        _words("נועה איתן תמר יונתן שירה אורי מיכל גדעון יעל אלעזר"),
        _words("לוי בן-דוד מזרחי פרידמן אבוטבול שגיא כהן-צדק רוזן אלמוג ברק"),
    ),
    Tongue(
        6,
        _words("伟 芳 秀英 子涵 浩然 雨桐 建国 诗雨 明 欣怡 志强 若曦"),
        _words("王 李 张 刘 陈 欧阳 司马 林 黄 赵 吴 周"),
    ),
    Tongue(
        5,
        _words("민준 서연 지우 하은 도윤 예린 준호 수빈 현우 다은"),
        _words("김 이 박 최 정 강 조 윤 남궁 황보"),
    ),
    Tongue(
        4,
        _words("Анна Дмитрий Ольга Юрий Світлана Їжак Богдан Ксения Ґалина Пётр Љубица Мирослав"),
        _words("Иванова Шевченко Кузнецов Щербакова Ђорђевић Мельник Соловьёв Коваленко Тодоров Петровић"),
    ),
    Tongue(
        3,
        _words("Ελένη Γιώργος Αικατερίνη Νίκος Σοφία Ιωάννης Δέσποινα Θεόδωρος"),
        _words("Παπαδόπουλος Νικολάου Οικονόμου Βλάχος Αγγελίδης Καρράς Μαυρίδης Ζαφειρίου"),
    ),
    Tongue(
        6,
        _words("आरव प्रिया अनन्या रोहन दीक्षा विक्रम श्रुति कृष्ण मीनाक्षी ओम"),
        _words("शर्मा पटेल सिंह अय्यर जोशी मिश्रा चौधरी त्रिपाठी देशपांडे नायर"),
    ),
    # Those who have one name.
    Tongue(
        4,
        _words("Suharti Thandiwe Ikaika Tenzin Aung Bhavani Nilufar Wulandari Ózge နန်းမူ 明珠 സുധ ፀሐይ"),
        ("",),
    ),
)

LONGEST = Name(
    "Maximiliana Theodora Konstantina Seraphina Wilhelmina Clementina Araminta Evangeline",
    "Featherstonehaugh-Wetherington von und zu Hohenlindenberg-Schwarzenfels y Castellanos de la Vega",
)


class NameBook:
    """Draws names, the same ones for the same `rng`."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng

    def draw(self) -> Name:
        rng = self._rng
        tongue = rng.choices(TONGUES, cum_weights=_SHARES)[0]
        return Name(rng.choice(tongue.given), rng.choice(tongue.family))


_SHARES = tuple(accumulate(tongue.share for tongue in TONGUES))


@cache
def _letters(name: str) -> str:
    return "".join(char for char in anyascii(name).lower() if char.isascii() and char.isalnum())
