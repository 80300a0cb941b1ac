"""How people word the headings and roles of a roster, in seven languages. Knows nothing of Django: what reads files does.

English, Spanish, German, French, Portuguese, Italian, Dutch. What two columns may be called stands under neither.
"""

import re
import unicodedata

#: Headings by the value of `headings.Column`. Case, accents, spaces and punctuation don't matter.
HEADINGS = {
    "role": """
        role, user role, user type, account type, rol, tipo de usuario, rolle, benutzerrolle, funktion, rôle,
        type d'utilisateur, fonction, papel, função, perfil, ruolo, tipo di utente, functie, gebruikersrol
    """,
    "first_name": """
        first name, first, given name, given names, forename, christian name, preferred name, fname,
        nombre de pila, nombres, primer nombre, vorname, vornamen, rufname, prénom, prénoms,
        primeiro nome, nome próprio, prenome, nome di battesimo, voornaam, voornamen, roepnaam
    """,
    "last_name": """
        last name, last, surname, family name, lname, second name, apellido, apellidos, primer apellido,
        nachname, familienname, zuname, nom de famille, sobrenome, apelido, apelidos, último nome,
        cognome, achternaam, familienaam
    """,
    "full_name": """
        full name, complete name, display name, name and surname, first and last name, student name, last name first name,
        nombre completo, nombre y apellido, nombre y apellidos, apellidos y nombre, nombre del estudiante,
        vollständiger name, vor- und nachname, vorname nachname, name vorname, nachname vorname, nom complet,
        nome completo, nome e sobrenome, nome e apelido, nome e cognome, nominativo, volledige naam
    """,
    "phone": """
        phone, phone number, phone no, telephone, telephone number, tel, tel no, mobile, mobile phone, mobile number,
        mobile no, cell, cell phone, cellphone, cell number, cell phone number, cellular, contact number,
        teléfono, número de teléfono, nº de teléfono, teléfono móvil, móvil, número de móvil, celular,
        teléfono celular, número de celular, telefon, telefonnummer, telefonnr, tel nr, handy, handynummer, handynr,
        mobil, mobilnummer, mobiltelefon, mobilfunknummer, rufnummer, téléphone, numéro de téléphone,
        n° de téléphone, téléphone portable, téléphone mobile, portable, numéro de portable, telefone,
        número de telefone, telemóvel, número de telemóvel, telefone celular, número de celular, telefono,
        numero di telefono, cellulare, numero di cellulare, telefono cellulare, recapito telefonico, telefoon,
        telefoonnummer, telefoonnr, mobiel, mobiele telefoon, mobiel nummer, gsm, gsm nummer
    """,
    "id_number": """
        id, id number, id no, identification, identification number, unique id, external id, person id,
        student id, student id number, student number, student no, university id, school id, campus id, member id,
        member number, employee id, employee number, staff id, mentee id,
        identificación, número de identificación, id de estudiante, id del estudiante, número de estudiante, matrícula,
        número de matrícula, nº de matrícula, código de estudiante, carné, número de carné, expediente, legajo,
        kennung, kennnummer, matrikel, matrikelnummer, matrikelnr, studierendennummer, schülernummer, personalnummer,
        personalnr, mitgliedsnummer, teilnehmernummer, identifiant, numéro étudiant, n° étudiant,
        numéro d'étudiant, matricule, numéro de matricule, identificação, número de identificação, número de aluno,
        número do aluno, nº de aluno, registro acadêmico, número de estudante, identificativo, matricola,
        numero di matricola, n. matricola, codice studente, identificatie, identificatienummer, studentnummer,
        studentnr, leerlingnummer, personeelsnummer
    """,
    "email": """
        email, e-mail, mail, email address, e-mail address, mail address, school email, student email, work email,
        correo, correo electrónico, dirección de correo, dirección de correo electrónico, email-adresse,
        mailadresse, e-mail-adresse, courriel, adresse courriel, adresse e-mail, adresse mail, adresse électronique, mél,
        correio eletrônico, correio electrónico, endereço de e-mail, endereço eletrônico, posta elettronica,
        indirizzo e-mail, indirizzo di posta elettronica, indirizzo mail, e-mailadres, mailadres
    """,
    "organization": """
        organization, organisation, organization name, school, school name, faculty, institution,
        organización, escuela, facultad, institución, centro, schule, fakultät, einrichtung, institution, école,
        faculté, établissement, organização, escola, faculdade, instituição, organizzazione, scuola, facoltà,
        istituto, organisatie, faculteit, instelling
    """,
    "program": """
        program, programs, programme, programmes, program name, mentoring program, mentoring programme,
        assigned program, assigned programs, programa, programas, nombre del programa, programa de mentoría,
        programm, programme, programmname, mentoringprogramm, mentoring-programm, programme de mentorat,
        programa de mentoria, programma, programma di mentoring, mentoringprogramma
    """,
    "program_manager": """
        program manager, program managers, programme manager, assigned program manager, responsable de programa,
        responsable del programa, gestor del programa, gestor de programa, programmleitung, programmleiter,
        programmleiterin, programmmanager, programmverantwortliche, responsable de programme,
        responsable du programme, gestionnaire de programme, gestor do programa, gerente do programa,
        responsável pelo programa, responsabile del programma, responsabile di programma, programmamanager,
        programmaleider, programmaverantwoordelijke
    """,
    "mentor": """
        mentor, mentors, mentor id, mentor ids, mentor email, mentor e-mail, mentor phone, assigned mentor,
        assigned mentors, mentora, mentores, mentor asignado, mentor/a, id del mentor, mentorin, mentoren, mentor/in,
        mentor(in), zugewiesener mentor, mentrice, mentor(a), mentori, mentor assigné, toegewezen mentor
    """,
    "primary_mentor": """
        primary mentor, main mentor, lead mentor, mentor principal, mentora principal, mentor/a principal,
        mentoría principal, hauptmentor, hauptmentorin, erstmentor, hauptmentor/in, mentor principale,
        mentore principale, hoofdmentor, primaire mentor, eerste mentor
    """,
    "end": "end, end assignment, end program, fin, terminar, ende, beenden, terminer, fim, encerrar, fine, einde",
    "reason": """
        reason, reasons, reason for refusal, motivo, motivos, razón, grund, gründe, ablehnungsgrund, raison, motif,
        razão, ragione, reden
    """,
}

#: What is the last name beside a first name, the first name beside a last name, and both where it stands alone.
NAMES = "name, names, nombre, nom, nome, naam"

#: Roles by the value of `access.roles.Role`. Accents matter: “mentore” is somebody else in Italian than in French, and
#: stands under neither.
ROLES = {
    "super_admin": """
        super admin, superadmin, super administrator, superadministrator, superadministrador, super administrateur,
        superadministrateur, superamministratore, superbeheerder
    """,
    "parent": """
        parent, parent account, cuenta matriz, cuenta principal, elternkonto, hauptkonto, compte parent, conta principal,
        account principale, hoofdaccount
    """,
    "child": """
        child, child account, cuenta filial, unterkonto, kindkonto, compte enfant, subconta, account secondario,
        subaccount
    """,
    "program_manager": """
        program manager, program managers, programme manager, pm, responsable de programa, responsable del programa,
        gestor de programa, gestora de programa, gestor del programa, gestora del programa, programmleitung,
        programmleiter, programmleiterin, programmmanager, programmmanagerin, responsable de programme,
        responsable du programme, gestionnaire de programme, gestor do programa, gestora do programa,
        gerente do programa, responsável pelo programa, responsabile del programma, responsabile di programma,
        programmamanager, programmaleider, programmaleidster
    """,
    "success_coordinator": """
        success coordinator, success coordinators, sc, coordinación de éxito, coordinador de éxito,
        coordinadora de éxito, coordinador/a de éxito, erfolgskoordination, erfolgskoordinator, erfolgskoordinatorin,
        coordinateur de la réussite, coordinatrice de la réussite, coordinador de sucesso, coordenador de sucesso,
        coordenadora de sucesso, coordinatore del successo, coordinatrice del successo, succescoördinator
    """,
    "mentor": """
        mentor, mentors, mentora, mentor/a, mentor(a), mentorin, mentor/in, mentor(in), mentor:in, mentor*in, mentoren,
        mentores, mentoras, mentrice, mentori, mentor·e, mentoresse
    """,
    "mentee": """
        mentee, mentees, mentee/in, mentee:in, aprendiz, aprendices, mentorado, mentorada, mentorado/a, mentorado(a),
        mentorizado, mentorizada, mentorizado/a, mentorando, mentoranda, mentoré, mentorée, mentoré(e), mentoré·e
    """,
}

_SIGNS = re.compile(r"[\W_]+")


def letters_of(text: str) -> str:
    """Return the letters and digits of `text`, without case and accents: what tells one heading from another."""
    if not text.isascii():
        text = "".join(
            char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)
        )
    return _SIGNS.sub("", text).casefold()


def known(wordings: dict[str, str]) -> dict[str, str]:
    """Return the keys of `wordings` by the letters of each of their wordings."""
    return {letters_of(wording): key for key, several in wordings.items() for wording in several.split(",")}


NAME_LETTERS = frozenset(map(letters_of, NAMES.split(",")))
#: Values of `headings.Column` by the letters of a heading.
COLUMNS_BY_LETTERS = known(HEADINGS)
