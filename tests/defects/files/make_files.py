"""Makes the files of tests/defects/files: what agencies really send, as the programs they use really write it.

    pip install openpyxl msoffcrypto-tool && python3 tests/defects/files/make_files.py [GROUP…]

(a group is a function below: unseen, merged, passwords, formats, macros, broken, looks; LibreOffice and the encryption
write other bytes each time).
Each file is the return of tests/defects/base/csc-cin-2020-21.txt with one thing done to it. openpyxl writes it, or
LibreOffice (`soffice` on the path) opens and saves it again. Where no program can be made to do a thing (a value under a
merged cell, a thread of comments), the parts of the file are edited. All figures and people are invented for testing.
"""

import datetime
import io
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

import msoffcrypto
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

HERE = pathlib.Path(__file__).resolve().parent
BASE = HERE.parent / "base" / "csc-cin-2020-21.txt"
DAY = datetime.datetime(2021, 6, 1, 9, 0, 0)
CIN, RECS = "Children in need", "Recommendations"


# The return, as openpyxl writes it


def value(text):
    text = re.sub(r" \{format [^}]*\}", "", text)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return datetime.date.fromisoformat(text)
    if re.fullmatch(r"-?\d{1,3}(,\d{3})*(\.\d+)?", text):
        number = float(text.replace(",", ""))
        return int(number) if number.is_integer() else number
    return text.removeprefix("'")


def book(text=BASE.read_text(encoding="utf-8")):
    made = Workbook()
    made.remove(made.active)
    sheet, letters = None, []
    for line in text.splitlines():
        if line.startswith("-- "):
            sheet = made.create_sheet(line[3:].strip())
            sheet.column_dimensions["A"].width = 56
        elif "│" in line and sheet is not None:
            head, *cells = [part.strip() for part in line.split("│")]
            if not head:
                letters = cells
                continue
            for letter, cell in zip(letters, cells):
                if cell:
                    sheet[f"{letter}{head}"] = value(cell)
    for sheet in made:
        sheet["A1"].font = Font(bold=True, size=14)
    made.properties.created = made.properties.modified = DAY
    made.properties.creator = "Invented for testing"
    return made


def packed(made):
    out = io.BytesIO()
    made.save(out)
    return edited(out.getvalue(), {})


def edited(content, changes):
    """The zip again with some parts changed (bytes, or a function of the old bytes) or added; the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        parts = {name: old.read(name) for name in old.namelist()}
        for name, change in changes.items():
            parts[name] = change(parts[name]) if callable(change) else change
        for name, part in parts.items():
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2021-06-01T09:00:00Z", part)
            new.writestr(zipfile.ZipInfo(name, (2021, 6, 1, 9, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def save(name, content):
    (HERE / name).write_bytes(content)
    print(f"{len(content):7,}  {name}")


# The same, by LibreOffice


def soffice(*arguments):
    profile = pathlib.Path(tempfile.gettempdir()) / "lo-defects"
    command = ["soffice", "--headless", f"-env:UserInstallation={profile.as_uri()}", *arguments]
    subprocess.run(command, check=True, timeout=180, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return profile


def resaved(content, end, before="xlsx"):
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / f"a.{before}").write_bytes(content)
        out = pathlib.Path(folder) / "out"
        soffice("--convert-to", end, "--outdir", str(out), f"{folder}/a.{before}")
        return (out / f"a.{end.split(':')[0]}").read_bytes()


MACRO = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script:module PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "module.dtd">
<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">
Sub Locked(from As String, into As String, filter As String)
  Dim opened(0) As New com.sun.star.beans.PropertyValue
  opened(0).Name = "Hidden" : opened(0).Value = True
  Dim book As Object
  book = StarDesktop.loadComponentFromURL(ConvertToURL(from), "_blank", 0, opened())
  Dim saved(1) As New com.sun.star.beans.PropertyValue
  saved(0).Name = "FilterName" : saved(0).Value = filter
  saved(1).Name = "Password" : saved(1).Value = "islington"
  book.storeToURL(ConvertToURL(into), saved())
  book.close(True)
  StarDesktop.terminate()
End Sub
</script:module>
"""


def locked(content, end, filter_name):
    """Saved with a password by LibreOffice, which only a macro can ask of it."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder) / "a.xlsx", pathlib.Path(folder) / f"b.{end}"
        source.write_bytes(content)
        basic = soffice("--convert-to", "csv", "--outdir", folder, str(source)) / "user" / "basic" / "Standard"
        (basic / "Module1.xba").write_text(MACRO, encoding="utf-8")
        soffice(f'macro:///Standard.Module1.Locked("{source}","{target}","{filter_name}")')
        return target.read_bytes()


def encrypted(content):
    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(content)).encrypt("islington", out)
    return out.getvalue()


# D49 to D51: what is not seen


def unseen():
    made = book()
    made[CIN].row_dimensions[7].hidden = True
    made[CIN].row_dimensions[12].hidden = True
    made[CIN].row_dimensions[13].hidden = True
    save("hidden-rows.xlsx", packed(made))
    save("hidden-rows-libreoffice.ods", resaved(packed(made), "ods"))
    save("hidden-rows-libreoffice.xls", resaved(packed(made), "xls"))
    save("hidden-rows-libreoffice.xlsx", resaved(packed(made), "xlsx"))

    made = book()
    made[CIN].column_dimensions["B"].hidden = True
    save("hidden-column.xlsx", packed(made))

    made = book()
    people = made.create_sheet("Working")
    people.append(["First name", "Surname", "Date of birth"])
    for row in (["Ada", "Sample", "03/05/2014"], ["Ben", "Sample", "17/11/2010"], ["Cy", "Example", "29/02/2008"]):
        people.append(row)
    people.sheet_state = "veryHidden"
    save("list-of-people-on-very-hidden-sheet.xlsx", packed(made))

    made = book()
    made.create_sheet("Old workings").append(["Open at 31 March, first count", 2051])
    made["Old workings"].sheet_state = "hidden"
    made.create_sheet("Pivot").append(["Sum", 2019])
    made["Pivot"].sheet_state = "veryHidden"
    save("hidden-sheets.xlsx", packed(made))

    made = book()
    made[RECS].auto_filter.ref = "A7:P9"
    made[RECS].auto_filter.add_filter_column(8, ["in-progress"])
    made[RECS].row_dimensions[9].hidden = True
    save("filter-left-on.xlsx", packed(made))


def merged():
    made = book()
    made[CIN]["D8"] = "as in the census"
    content = packed(made)
    # openpyxl empties what it merges; Excel keeps it in files that other programs wrote.
    merge = rb'\g<0><mergeCells count="2"><mergeCell ref="A7:B7"/><mergeCell ref="C8:D8"/></mergeCells>'
    save("figure-under-merged-cell.xlsx", edited(content, {"xl/worksheets/sheet2.xml": lambda s: re.sub(rb"</sheetData>", merge, s)}))


# D58: passwords


def passwords():
    content = packed(book())
    save("password.xlsx", encrypted(content))
    save("password-libreoffice.xls", locked(content, "xls", "MS Excel 97"))
    save("password-libreoffice.ods", locked(content, "ods", "calc8"))
    made = book()
    for sheet in made:
        sheet.protection.sheet = True
        sheet.protection.password = "islington"
    save("sheets-protected.xlsx", packed(made))


# D59, D60: extensions that lie, and other formats


def csv(made, sheet):
    rows = []
    for row in made[sheet].iter_rows(values_only=True):
        cells = ["" if cell is None else str(cell) for cell in row]
        rows.append(",".join(f'"{cell}"' if "," in cell else cell for cell in cells).rstrip(","))
    return ("\r\n".join(rows) + "\r\n").encode("utf-8")


def html(made, sheet):
    rows = "".join(
        "<tr>" + "".join(f"<td>{'' if cell is None else cell}</td>" for cell in row) + "</tr>\r\n"
        for row in made[sheet].iter_rows(values_only=True, max_row=20)
    )
    start = '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel">'
    return f"{start}\r\n<body><table border=1>\r\n{rows}</table></body></html>\r\n".encode("cp1252")


XML_2003 = """<?xml version="1.0"?>
<?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
 <Worksheet ss:Name="Children in need"><Table><Row><Cell><Data ss:Type="String">Children in need</Data></Cell></Row></Table></Worksheet>
</Workbook>
"""

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364600000000600023081d02f0000000049454e44ae426082"
)


def formats():
    content = packed(book())
    save("workbook-named.xls", content)
    save("workbook-named.csv", content)
    save("workbook.xls", resaved(content, "xls"))
    save("old-workbook-named.xlsx", (HERE / "workbook.xls").read_bytes())
    save("workbook.ods", resaved(content, "ods"))
    save("libreoffice.xlsx", resaved(content, "xlsx"))
    save("openpyxl.xlsx", content)
    second = book()
    second["Cover"]["B12"] = 2
    second[CIN]["C10"] = "r"
    save("second-submission.xlsx", packed(second))
    save("csv-named.xlsx", csv(book(), CIN))
    save("web-page-named.xls", html(book(), CIN))
    save("web-page-named.xlsx", html(book(), CIN))
    save("xml-2003-named.xls", XML_2003.encode("utf-8"))
    save("pdf-named.xlsx", PDF)
    save("picture-named.xlsx", PNG)
    document = io.BytesIO()
    with zipfile.ZipFile(document, "w") as parts:
        parts.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        parts.writestr("word/document.xml", '<?xml version="1.0"?><document><p>Figures to follow</p></document>')
    save("word-document-named.xlsx", edited(document.getvalue(), {}))
    sheets = io.BytesIO()
    with zipfile.ZipFile(sheets, "w") as parts:
        for sheet in book():
            parts.writestr(f"return/{sheet.title.lower().replace(' ', '-')}.csv", csv(book(), sheet.title))
    save("sheets-as-csv.zip", edited(sheets.getvalue(), {}))


def macros():
    """A workbook with a part for macros in it: it holds none, and no program of ours would run them."""
    types = lambda s: s.replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    ).replace(b"</Types>", b'<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>')
    link = (
        b'<Relationship Id="rIdV" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vbaProject.bin"/>'
    )
    changes = {
        "[Content_Types].xml": types,
        "xl/_rels/workbook.xml.rels": lambda s: s.replace(b"</Relationships>", link + b"</Relationships>"),
        "xl/vbaProject.bin": bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504),
    }
    content = edited(packed(book()), changes)
    save("macros.xlsm", content)
    save("macros-named.xlsx", content)


# D61: broken files


def broken():
    content = packed(book())
    save("half-copied.xlsx", content[: len(content) // 2])
    spoilt = bytearray(content)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheet = parts.getinfo("xl/worksheets/sheet2.xml")
    start = sheet.header_offset + 200
    spoilt[start : start + 200] = bytes(200)
    save("corrupt.xlsx", bytes(spoilt))
    save("empty.xlsx", b"")
    save("zeros-only.xlsx", bytes(8192))
    save("bomb.xlsx", edited(content, {"xl/worksheets/sheet2.xml": b"<worksheet><sheetData>" + b"<row/>" * 3_000_000 + b"</sheetData></worksheet>"}))


# D65, D73: colours and comments


def looks():
    made = book()
    for cell, colour in (("J8", "FFC000"), ("J9", "00B0F0")):
        made[RECS][cell] = None
        made[RECS][cell].fill = PatternFill("solid", fgColor=colour)
    save("colour-only.xlsx", packed(made))
    save("colour-only-libreoffice.ods", resaved(packed(made), "ods"))

    made = book()
    made[CIN]["B7"].font = Font(bold=True, color="FF0000")
    made[CIN]["B12"].fill = PatternFill("solid", fgColor="FFFF00")
    save("coloured-figures.xlsx", packed(made))

    made = book()
    made[CIN]["B7"].comment = Comment("should be 1,346, ask Jo", "J")
    save("note-on-a-figure.xlsx", packed(made))
    save("note-on-a-figure-libreoffice.ods", resaved(packed(made), "ods"))
    save("note-on-a-figure-libreoffice.xls", resaved(packed(made), "xls"))

    made = book()
    made[CIN]["A7"].comment = Comment("as in the census", "J")
    save("note-on-a-label.xlsx", packed(made))

    made = book()
    made[CIN]["B7"].comment = Comment("[Threaded comment]\n\nYour version of Excel allows you to read it.\n\nComment:\n    should be 1,346", "tc={1}")
    content = packed(made)
    save("thread-on-a-figure.xlsx", edited(content, thread(content)))
    # As some web programs write it: the thread alone, without the note that repeats it for older programs.
    alone = packed(book())
    save("thread-alone.xlsx", edited(alone, thread(alone)))


def thread(content):
    space = b'xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"'
    one = "{6C1B2C4E-0000-4000-8000-000000000001}".encode()
    two = "{6C1B2C4E-0000-4000-8000-000000000002}".encode()
    person = b"{6C1B2C4E-0000-4000-8000-00000000000A}"
    said = (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<ThreadedComments ' + space + b">"
        b'<threadedComment ref="B7" dT="2021-05-28T10:12:00.00" personId="' + person + b'" id="' + one + b'"><text>should be 1,346</text></threadedComment>'
        b'<threadedComment ref="B7" dT="2021-05-28T10:20:00.00" personId="' + person + b'" id="' + two + b'" parentId="' + one + b'"><text>ask Jo</text></threadedComment>'
        b"</ThreadedComments>"
    )
    people = (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<personList ' + space + b">"
        b'<person displayName="Analyst" id="' + person + b'" userId="Analyst" providerId="None"/></personList>'
    )
    rels = "xl/worksheets/_rels/sheet2.xml.rels"
    kinds = b"http://schemas.microsoft.com/office/2017/10/relationships/"
    link = b'<Relationship Id="rIdT" Type="' + kinds + b'threadedComment" Target="../threadedComments/threadedComment1.xml"/>'
    empty = b'<?xml version="1.0"?>\n<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        old = parts.read(rels) if rels in parts.namelist() else empty
    who = b'<Relationship Id="rIdP" Type="' + kinds + b'person" Target="persons/person.xml"/></Relationships>'
    return {
        rels: old.replace(b"</Relationships>", link + b"</Relationships>"),
        "xl/threadedComments/threadedComment1.xml": said,
        "xl/persons/person.xml": people,
        "xl/_rels/workbook.xml.rels": lambda s: s.replace(b"</Relationships>", who),
        "[Content_Types].xml": lambda s: s.replace(
            b"</Types>",
            b'<Override PartName="/xl/threadedComments/threadedComment1.xml" ContentType="application/vnd.ms-excel.threadedcomments+xml"/>'
            b'<Override PartName="/xl/persons/person.xml" ContentType="application/vnd.ms-excel.person+xml"/></Types>',
        ),
    }


if __name__ == "__main__":
    groups = (unseen, merged, passwords, formats, macros, broken, looks)
    for group in groups:
        if not sys.argv[1:] or group.__name__ in sys.argv[1:]:
            group()
