"""Telephone numbers that are valid in form and ring at nobody's."""

from collections.abc import Iterator, Sequence
from math import gcd
from random import Random

from phonenumber_field.phonenumber import PhoneNumber

#: Area codes of the United States in which the exchange 555 is kept for fiction.
AREA_CODES = (
    201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229,
    231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 272, 276, 281, 301, 302, 303,
    304, 305, 307, 308, 309, 310, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 331, 334,
    336, 337, 339, 346, 347, 351, 352, 360, 361, 385, 386, 401, 402, 404, 405, 406, 407, 408, 409, 410, 412,
    413, 414, 415, 417, 419, 423, 424, 425, 430, 432, 434, 435, 440, 442, 443, 458, 469, 470, 475, 478, 479,
    480, 484, 501, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516, 517, 518, 520, 530, 531, 534,
    539, 540, 541, 551, 559, 561, 562, 563, 567, 570, 571, 573, 574, 575, 580, 585, 586, 601, 602, 603, 605,
    606, 607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 620, 623, 626, 628, 629, 630, 631, 636, 641,
    646, 650, 651, 657, 660, 661, 662, 667, 669, 678, 681, 682, 701, 702, 703, 704, 706, 707, 708, 712, 713,
    714, 715, 716, 717, 718, 719, 720, 724, 725, 727, 731, 732, 734, 737, 740, 747, 754, 757, 760, 762, 763,
    765, 769, 770, 772, 773, 774, 775, 779, 781, 785, 786, 801, 802, 803, 804, 805, 806, 808, 810, 812, 813,
    814, 815, 816, 817, 818, 828, 830, 831, 832, 843, 845, 847, 848, 850, 854, 856, 857, 858, 859, 860, 862,
    863, 864, 865, 870, 872, 878, 901, 903, 904, 906, 907, 908, 909, 910, 912, 913, 914, 915, 916, 917, 918,
    919, 920, 925, 928, 929, 930, 931, 934, 936, 937, 938, 940, 941, 947, 949, 951, 952, 954, 956, 959, 970,
    971, 972, 973, 978, 979, 980, 984, 985, 989,
)  # fmt: skip

# 555-0100 to 555-0199 are reserved for fiction. They are too few for a million people; beyond them comes the rest of
# the exchange 555, whose lines aren't given to subscribers either, but for the two that lead to services.
_FICTION = range(100, 200)
_SERVICES = (1212, 4334)
_OTHERS = tuple(line for line in range(10_000) if line not in _FICTION and line not in _SERVICES)

#: Numbers of the United Kingdom that are set aside for film and radio: London, Edinburgh, Leeds, Birmingham, Bristol.
_DRAMA = (2079460000, 1314960000, 1134960000, 1214960000, 1174960000)

#: How many people can have a number of their own.
MOST = len(AREA_CODES) * (len(_FICTION) + len(_OTHERS))


class FictionalNumber(PhoneNumber):
    """A number from the ranges below, all of which are valid: asking for each of a million would take minutes."""

    def is_valid(self) -> bool:
        return True


class PhoneBook:
    """Hands out numbers, each once, in a region as long as it has any, then in the United States."""

    def __init__(self, rng: Random) -> None:
        self._american = _american(rng)
        self._british = _british()

    def next(self, region: str) -> FictionalNumber:
        """Return a number nobody has. Raises StopIteration when all `MOST` American ones are given out."""
        number = next(self._british, None) if region == "GB" else None
        return number or next(self._american)


def _american(rng: Random) -> Iterator[FictionalNumber]:
    areas = rng.sample(AREA_CODES, len(AREA_CODES))
    for lines in (_FICTION, _OTHERS):
        for area, line in _mixed(areas, lines):
            yield FictionalNumber(country_code=1, national_number=area * 10_000_000 + 5_550_000 + line)


def _british() -> Iterator[FictionalNumber]:
    for place, line in _mixed(_DRAMA, range(1000)):
        yield FictionalNumber(country_code=44, national_number=place + line)


def _mixed(places: Sequence[int], lines: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Every place with every line, once, without two alike in a row."""
    total = len(places) * len(lines)
    # Steps of the golden section, without a common divisor, come by everywhere before they come home.
    step = int(total * 0.618)
    while gcd(step, total) > 1:
        step += 1
    for number in range(total):
        place, line = divmod(number * step % total, len(lines))
        yield places[place], lines[line]
