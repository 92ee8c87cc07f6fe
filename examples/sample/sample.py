"""The half of the sample inbox that openpyxl writes: `cargo run --example sample` starts it with the inbox's path.

It lays sheets out its own way, from the same schemas and bases, so that nothing in the reader can lean on one layout.
"""

import datetime
import io
import json
import pathlib
import re
import sys
import zipfile

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font

ROOT = pathlib.Path(__file__).resolve().parents[2]
INBOX = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "inbox"
NUMBERS = ("count", "percentage", "points", "rate", "number", "money")


def read(path):
    return json.loads((ROOT / path).read_text(encoding="utf-8"))


def kind(prop):
    return prop.get("$ref", "").rsplit("/", 1)[-1]


def cell_value(prop, value):
    if isinstance(value, list):
        return "; ".join(value)
    if kind(prop) == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return datetime.date.fromisoformat(value)
    return value


def labels(key):
    return {code["code"]: code["label"] for code in read(f"schemas/codes/{key}.json")["codes"]}


def asked(prop, body, year):
    """Whether a measure is asked of a body in a year."""
    kind_of = read("schemas/agencies.json")["bodies"][body]["kind"]
    return (
        prop.get("x-since", year) <= year <= prop.get("x-until", year)
        and kind_of in prop.get("x-for", [kind_of])
    )


def flat(properties, body, year):
    """Columns with their keys; those of a breakdown inside a row stand under its title."""
    for name, prop in properties.items():
        if not asked(prop, body, year):
            continue
        if "properties" in prop:
            for part, column in prop["properties"].items():
                yield (name, part), {**column, "title": f"{prop['title']}: {column['title']}"}
        else:
            yield (name,), prop


def dig(row, path):
    for key in path:
        row = (row or {}).get(key)
    return row


class Sheet:
    """One sheet, and where each figure stands on it."""

    def __init__(self, book, schema, values, whose, top=(), indent=0):
        self.whose = whose
        self.page = book.create_sheet(schema["title"])
        self.page.column_dimensions["A" if indent == 0 else "B"].width = 56
        self.at = {}
        self.left = 1 + indent
        row = 1
        for line in top:
            self.put(row, self.left, line)
            self.page.cell(row, self.left).font = Font(bold=True, size=14)
            row += 1
        row += 1
        in_form = False
        for key, prop in schema["properties"].items():
            if not asked(prop, *whose):
                continue
            if prop.get("type") == "object":
                in_form, row = False, self.table(row + 2, key, prop, values.get(key))
            elif prop.get("type") == "array" and prop["items"].get("type") == "object":
                in_form, row = False, self.list(row + 2, key, prop, values.get(key))
            else:
                if not in_form:
                    self.put(row, self.left, "Measure")
                    self.put(row, self.left + 1, "Figure")
                    in_form, row = True, row + 1
                self.put(row, self.left, prop["title"])
                self.figure(row, self.left + 1, key, prop, values.get(key))
                row += 1

    def put(self, row, column, value):
        self.page.cell(row, column).value = value

    def figure(self, row, column, name, prop, value):
        self.at[name] = (row, column)
        if value is not None:
            self.put(row, column, cell_value(prop, value))
            if kind(prop) == "date":
                self.page.cell(row, column).number_format = "dd/mm/yyyy"

    def table(self, row, key, prop, rows):
        if rows is None:
            return row - 2
        words = labels(prop["x-rows"])
        columns = list(flat(prop["additionalProperties"]["properties"], *self.whose))
        self.at[key] = (row, self.left)
        self.put(row, self.left, prop["title"])
        self.put(row + 1, self.left, prop["x-row-title"])
        for i, (_, column) in enumerate(columns, 1):
            self.put(row + 1, self.left + i, column["title"])
        row += 2
        for code, figures in rows.items():
            self.at[f"{key}.{code}"] = (row, self.left)
            self.put(row, self.left, words[code])
            for i, (path, column) in enumerate(columns, 1):
                self.figure(row, self.left + i, ".".join((key, code, *path)), column, dig(figures, path))
            row += 1
        return row

    def list(self, row, key, prop, rows):
        fields = list(flat(prop["items"]["properties"], *self.whose))
        order = ORDER.get(key)
        if order:
            fields.sort(key=lambda field: order.index(field[0][0]) if field[0][0] in order else len(order))
        self.put(row, self.left, prop["title"])
        for i, (path, field) in enumerate(fields):
            self.at[".".join((key, *path))] = (row + 1, self.left + i)
            self.put(row + 1, self.left + i, field["title"])
        row += 2
        for one in rows or []:
            for i, (path, field) in enumerate(fields):
                self.figure(row, self.left + i, ".".join((key, str(one[prop["x-key"]]), *path)), field, dig(one, path))
            row += 1
        return row

    def set(self, name, value, number_format=None):
        """Another value, as somebody typed it."""
        row, column = self.at[name]
        self.put(row, column, value)
        if number_format:
            self.page.cell(row, column).number_format = number_format
        return self.page.cell(row, column)


# Bodies by the names that they give themselves on their covers.
BODIES = {"Whittington Health": "nhsc-whittington"}
# The order in which an agency keeps its own columns; others follow in the template's order.
ORDER = {}


def book_of(values, tops, indent=None):
    book = Workbook()
    book.remove(book.active)
    whose = (BODIES.get(values["cover"]["agency"], values["cover"]["agency"]), values["cover"]["reporting_year"].replace("2020-2021", "2020-21"))
    sheets = {}
    for key in values:
        file = key if key in ("cover", "explanations") else f"sections/{key}"
        sheets[key] = Sheet(book, read(f"schemas/{file}.json"), values[key], whose, tops.get(key, ()), (indent or {}).get(key, 0))
    return book, sheets


def keep(book, path, day):
    """Saves without the time of saving: parts in a fixed order, all of one date."""
    book.properties.creator = "sample"
    book.properties.created = datetime.datetime(*day)
    raw = io.BytesIO()
    book.save(raw)
    stamp = datetime.datetime(*day).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for name in parts.namelist():
            data = parts.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, data)
            entry = zipfile.ZipInfo(name, (*day, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            copy.writestr(entry, data)
    target = INBOX / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(out.getvalue())


def base(name):
    folder = f"examples/bases/{name}"
    there = {path.stem for path in (ROOT / folder).glob("*.json")}
    order = [key for key in ["cover", *read("schemas/pack.json")["sections"]] if key in there]
    values = {key: read(f"{folder}/{key}.json") for key in order}
    values["cover"]["sections_returned"] = order[1:]
    return values


def hide(values):
    """The figures as an agency sends them that hides numbers of 1 to 5: c in their place, where they are of people."""
    nobody = read("schemas/reference/names.json")["units_of_no_people"]

    def hidden(prop, value):
        small = isinstance(value, int) and 1 <= value <= 5
        return "c" if small and kind(prop) == "count" and prop.get("x-unit-of-count") not in nobody else value

    def row(properties, figures):
        for name, prop in properties.items():
            if "properties" in prop:
                row(prop["properties"], figures.get(name, {}))
            elif name in figures:
                figures[name] = hidden(prop, figures[name])

    for key, section in values.items():
        if key in ("cover", "explanations"):
            continue
        for name, prop in read(f"schemas/sections/{key}.json")["properties"].items():
            if name not in section:
                continue
            if prop.get("type") == "object":
                for figures in section[name].values():
                    row(prop["additionalProperties"]["properties"], figures)
            elif prop.get("type") == "array" and prop["items"].get("type") == "object":
                for figures in section[name]:
                    row(prop["items"]["properties"], figures)
            else:
                section[name] = hidden(prop, section[name])


def explanation(no, rule, section, about, given_for, reason, words, role, date):
    return {
        "explanation_no": no, "rule_id": rule, "section": section, "measure_or_record": about, "given_for": given_for,
        "reason_code": reason, "explanation": words, "role": role, "date": date,
    }


def children_2021():
    """One section of each kind: accepted, a query answered, a query open, and plans that do not balance."""
    values = base("csc-2021-22")
    values["cover"].update(suppression_regime="1-5", secondary_suppression="y")
    front, need, plans = values["front-door"], values["children-in-need"], values["child-protection"]
    # More than twice last year's 50: asked about, and answered below.
    front["referrals_nfa"] = 131
    # The partnership has six.
    values["learning-reviews"]["sin_notified"] = 7
    # Recorded late, and nobody has said so yet.
    need["cin_by_sex"] = {"M": {"children": 1000}, "F": {"children": 842}, "U": {"children": 130}}
    # 194 + 198 - 222 is not 160.
    plans["cpp_started"] = 198
    # As published: the two longest are hidden.
    plans["cpp_by_duration"]["y1_2"]["children"] = "c"
    plans["cpp_by_duration"]["y2_plus"]["children"] = "c"
    plans["cpp_2y_plus"] = "c"
    plans["cpp_by_ethnicity"]["WIRI"]["children"] = "<5"
    plans["cpp_by_ethnicity"]["MWAS"]["children"] = "[c]"
    hide(values)
    values["explanations"] = {"explanations": [explanation(
        1, "XPE-05", "Front door", "Referrals closed with no further action", "131", "Definition changed",
        "From April 2021 referrals that were closed after one telephone call are counted here too.",
        "Performance analyst", "2022-05-16",
    )]}
    title = "Children’s services: figures for the partnership 2021-22"
    book, sheets = book_of(values, {key: (title,) for key in values}, {"child-protection": 1})
    front = sheets["front-door"]
    front.set("contacts_da_pct", "15.4 %")
    front.set("rereferrals_pct", 401 / 2211, "0.0%")
    front.set("contacts_total", "11,902")
    row, column = front.at["contacts_by_reason.not-recorded"]
    front.put(row + 1, column, "Total")
    front.put(row + 1, column + 1, 11902)
    need = sheets["children-in-need"]
    need.page.cell(1, 8).value = "Draft for the director: figures checked on 4 May"
    for row in range(*(need.at[f"assessment_factors.{code}"][0] for code in ("1A", "2A"))):
        need.page.row_dimensions[row].hidden = True
    plans = sheets["child-protection"]
    plans.set("cpp_rate_10k", "43.7")
    plans.set("cpp_started", 198).comment = Comment("Includes those who moved in during March.", "sample")
    plans.put(plans.page.max_row + 2, 2, "c: hidden because the figure is small, or to protect one that is.")
    keep(book, "csc/Safeguarding data 2021-22 FINAL.xlsx", (2022, 5, 16))


def police_2021():
    """A heading misspelt and a date passed: two queries that nobody has answered."""
    values = base("mps-2021-22")
    late = values["recommendations"]["recommendations"][0]
    late.update(due_date="2021-12-31", status="in-progress", rag="A", update_text="Reports are sent for two conferences in three; a new mailbox is being set up.", impact="partly")
    for gone in ("evidence", "completed_date"):
        late.pop(gone, None)
    # Three figures of which the council has others.
    police = values["police-safeguarding"]
    police.update(merlin_shared_la=4700, police_protection=47, missing_children=290)
    for level, reports in {"blue": 1644, "green": 1952, "amber": 779, "red": 241, "not-rated": 84}.items():
        police["merlin_by_level"][level]["reports"] = reports
    book, sheets = book_of(values, {"recommendations": ("Metropolitan Police: return to the partnership",)})
    sheets["recommendations"].set("recommendations.owner_role", "Ownr (role)")
    book.create_sheet("Notes")["A1"] = "Please ring the safeguarding desk with any questions."
    keep(book, "mps/MPS return 2021-22.xlsx", (2022, 5, 20))


def schools_2021():
    """Last year's open recommendation without a word on what became of it."""
    values = base("edu-2021-22")
    old = values["recommendations"]["recommendations"][0]
    old.pop("update_text")
    # Two figures of which the council and the police have others.
    schools = values["education-safeguarding"]
    schools.update(referrals_to_csc=2500, referrals_by_schools=2224, encompass_received=720)
    book, sheets = book_of(values, {})
    keep(book, "edu/edu-2021-22.xlsx", (2022, 5, 24))


def trust_2020():
    """Columns in an order of its own, words for codes, dates as text; a date passed, and explained."""
    values = base("nhsc-whittington-2020-21")
    rows = values["recommendations"]["recommendations"]
    rows[0].update(due_date="2020-12-31", status="Ongoing", rag="Amber", source_type="Section 11")
    rows[1].update(status="Completed", completed_date="12 March 2021", rag="Blue", cost="n/a")
    values["cover"].update(agency="Whittington Health", reporting_year="2020-2021")
    values["explanations"] = {"explanations": [explanation(
        1, "ROW-08", "Recommendations", rows[0]["rec_id"], "", "Effect of the pandemic",
        "Training stopped from April to September 2020; it is now planned to be done by March 2022.",
        "Named nurse", "2021-05-18",
    )]}
    ORDER["recommendations"] = ["rec_id", "text", "status", "rag", "due_date", "owner_role", "agency"]
    top = ("Whittington Health NHS Trust", "Action plan, as reported to the trust’s safeguarding committee")
    book, sheets = book_of(values, {"recommendations": top})
    ORDER.clear()
    page = sheets["recommendations"]
    page.put(page.page.max_row + 2, 1, "RAG: red, amber, green; blue is complete.")
    page.page.auto_filter.ref = f"A{page.at['recommendations.rec_id'][0]}:P{page.page.max_row - 2}"
    keep(book, "nhsc-whittington/Whittington 2020-21.xlsx", (2021, 5, 20))


children_2021()
police_2021()
schools_2021()
trust_2020()
