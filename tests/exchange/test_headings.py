"""What headings mean, in several languages and wordings; what is remembered of them; and names in one cell."""

import json

import pytest
from django.core.exceptions import ValidationError

from mentorpro_plugin.access.reach import reach_of, scope_of
from mentorpro_plugin.access.roles import Role
from mentorpro_plugin.exchange.cells import read_number, read_role
from mentorpro_plugin.exchange.headings import Column, headings_of, split_name
from mentorpro_plugin.exchange.mapping import Mapping, guess, remember, remembered_by
from mentorpro_plugin.exchange.reading import FileRefused, SourceRow, Table
from mentorpro_plugin.exchange.wordings import HEADINGS, ROLES

_NAMES_AND_MORE = (Column.FIRST_NAME, Column.LAST_NAME, Column.PHONE, Column.ID, Column.EMAIL, Column.ROLE)


def meanings(text: str) -> tuple[str, ...]:
    return guess(text.split(";")).meanings


@pytest.mark.parametrize(
    "headings",
    [
        "First Name;Last Name;Phone Number;ID;E-mail;Role",
        "Given name;Surname;Mobile;Student ID;Email address;User type",
        "Vorname;Nachname;Telefon;Kennung;E-Mail;Rolle",
        "Vorname;Name;Handy-Nr.;Matrikelnummer;E-Mail-Adresse;Funktion",
        "Nombre;Apellidos;Teléfono móvil;Nº de matrícula;Correo electrónico;Rol",
        "NOMBRE;APELLIDOS;CELULAR;MATRICULA;CORREO ELECTRONICO;TIPO DE USUARIO",
        "Prénom;Nom;Téléphone portable;N° étudiant;Courriel;Rôle",
        "Prénom;Nom de famille;Portable;Matricule;Adresse e-mail;Fonction",
        "Nome;Sobrenome;Celular;Número do aluno;Endereço de e-mail;Função",
        "Nome;Apelido;Telemóvel;Matrícula;E-mail;Perfil",
        "Nome;Cognome;Cellulare;Matricola;Indirizzo e-mail;Ruolo",
        "Voornaam;Achternaam;Mobiel nummer;Studentnummer;E-mailadres;Rol",
    ],
)
def test_headings_are_known_in_seven_languages(headings):
    assert meanings(headings) == _NAMES_AND_MORE


@pytest.mark.parametrize("wordings", [HEADINGS, ROLES])
def test_no_wording_means_two_things(wordings):
    several = [
        wording.strip() for text in wordings.values() for wording in set(text.replace("\n", " ").split(","))
    ]

    assert sorted({wording for wording in several if several.count(wording) > 1}) == []


def test_every_column_and_role_is_worded():
    assert set(HEADINGS) == set(Column.values)
    assert set(ROLES) == set(Role.values)


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("Name;Phone", ("full_name", "phone")),
        ("Name;Vorname", ("last_name", "first_name")),
        ("Apellidos;Nombre", ("last_name", "first_name")),
        ("Name;First name;Last name", ("", "first_name", "last_name")),
    ],
)
def test_a_name_is_what_the_columns_beside_it_leave_over(headings, expected):
    assert meanings(headings) == expected


def test_identifiers_are_known_by_name_and_what_was_remembered_comes_first():
    mapping = guess(
        ["Campus", "Grade", "ID", "T-Shirt", "Handy"],
        identifiers=["Campus", "Year"],
        remembered={"grade": "identifier:Year", "id": "", "tshirt": "identifier:Gone", "handy": "phone"},
    )

    assert mapping.meanings == ("identifier:Campus", "identifier:Year", "", "", "phone")


@pytest.mark.django_db
def test_meanings_are_remembered_by_organization(world):
    engineering, nursing = (world.organizations[name] for name in ("engineering", "nursing"))
    headings = ["Ausweis", "Kürzel", "Notiz"]

    with scope_of(reach_of(world.user("super_admin"))):
        remember(Mapping(("id_number", "identifier:Grade", "")), headings, organization=engineering)
        remember(Mapping(("id_number", "phone", "")), headings, organization=engineering)

        assert remembered_by(engineering) == {"ausweis": "id_number", "kurzel": "phone", "notiz": ""}
        assert remembered_by(nursing) == {}


def test_a_mapping_is_kept_as_json():
    mapping = Mapping(
        ("id_number", "identifier:Grade", ""), {Column.ROLE: "Mentee", Column.PROGRAM: "Transfer"}
    )

    assert Mapping.from_json(json.loads(json.dumps(mapping.as_json()))) == mapping


def test_what_is_said_for_all_rows_stands_in_for_columns_that_are_missing():
    table = Table(("Ausweis", "Notes", "Year"), [SourceRow(2, ("N1", "x", "Junior"))])
    mapping = Mapping(("id_number", "", "identifier:Grade"), {Column.ROLE: "Mentee", Column.ID: "ignored"})

    headings = headings_of(table, mapping)

    (row,) = table.rows
    assert (headings.text(row, Column.ID), headings.text(row, Column.ROLE)) == ("N1", "Mentee")
    assert (headings.name(Column.ID), headings.name(Column.ROLE)) == ("Ausweis", "Role")
    assert headings.others == {"Grade": 2}


@pytest.mark.parametrize(
    ("texts", "chosen", "sentence"),
    [
        (("ID", "Kennung"), ("id_number", "id_number"), "The columns “ID” and “Kennung” mean the same."),
        (("ID", "ID"), ("id_number", "id_number"), "Two columns are called “ID”."),
        (
            ("ID", "A", "B"),
            ("id_number", "identifier:Grade", "identifier:Grade"),
            "The columns “A” and “B” mean the same.",
        ),
        (
            ("ID", "Name", "Vorname"),
            ("id_number", "full_name", "first_name"),
            "The columns “Name” and “Vorname” mean the same.",
        ),
        (
            ("Email",),
            ("email",),
            "One of the columns has to be “ID” or “Phone Number”: they tell people apart.",
        ),
        (("ID",), (), "The columns of the file aren't those that were chosen."),
    ],
)
def test_columns_that_make_no_roster_are_refused(texts, chosen, sentence):
    with pytest.raises(FileRefused) as refused:
        headings_of(Table(texts, []), Mapping(chosen))

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ana Ruiz", ("Ana", "Ruiz")),
        ("Ruiz Pérez, Ana María", ("Ana María", "Ruiz Pérez")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("Juana de la Cruz", ("Juana", "de la Cruz")),
        ("Ana", ("Ana", "")),
        ("曾秀華", ("曾秀華", "")),
        ("ana ruiz", ("ana", "ruiz")),
        ("", ("", "")),
        ("Ruiz,", ("", "Ruiz")),
    ],
)
def test_full_names_are_split(text, names):
    assert split_name(text) == names


def test_a_full_name_is_read_as_both():
    table = Table(("ID", "Name"), [SourceRow(2, ("N1", "Ruiz, Ana"))])

    headings = headings_of(table)

    (row,) = table.rows
    assert [headings.text(row, column) for column in (Column.FIRST_NAME, Column.LAST_NAME)] == ["Ana", "Ruiz"]
    assert headings.name(Column.LAST_NAME) == "Name"


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("MENTEES", Role.MENTEE),
        ("Aprendiz", Role.MENTEE),
        ("mentoré", Role.MENTEE),
        ("Mentorin", Role.MENTOR),
        ("Mentor/a", Role.MENTOR),
        ("Programmleitung", Role.PROGRAM_MANAGER),
        ("Responsable de programa", Role.PROGRAM_MANAGER),
        ("Coordinatrice de la réussite", Role.SUCCESS_COORDINATOR),
    ],
)
def test_roles_are_known_in_seven_languages(text, role):
    assert read_role(text) == role


def test_numbers_that_went_through_a_column_of_numbers_are_what_they_were():
    assert read_number("12125550141.0", region="US") == read_number("(212) 555-0141", region="US")
    with pytest.raises(ValidationError):
        read_number("12125550141.5", region="US")
