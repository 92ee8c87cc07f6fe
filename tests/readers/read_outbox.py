#!/usr/bin/env python3
"""Reads an outbox with tools that share nothing with the program, and holds what they say against one another.

    read_outbox.py OUTBOX SCHEMAS [--parquet]

SCHEMAS is schemas/out of the repository. With --parquet each year must have a Parquet file. Every check is tried on a copy with
a planted fault, too, and must see it. Ends with 1 where anything does not hold.
"""

import csv
import hashlib
import importlib.metadata
import json
import shutil
import sys
import tempfile
from pathlib import Path

import duckdb
import frictionless
import jsonschema
import pandas
import pyarrow.parquet

NUMBERS = ("value", "numerator", "denominator")
# Part of the key: an empty text there is a value.
NEVER_NULL = ("table", "breakdown")


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def document(path):
    return json.loads(path.read_text(encoding="utf-8"))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


# --- frictionless: the descriptor and the table it describes ---


def package(year):
    report = frictionless.validate(str(year / "data/datapackage.json"))
    return [f"{error.type}: {error.message}" for task in report.tasks for error in task.errors] + [
        f"{error.type}: {error.message}" for error in report.errors
    ]


# --- DuckDB: types, and every figure and sum as in the section documents ---


def figures(node, schema, at=()):
    """The numbers of a section document by their place, in capitals; a row of a list by its key."""
    if isinstance(node, dict):
        for key, child in node.items():
            below = schema.get("properties", {}).get(key, schema.get("additionalProperties")) or {}
            yield from figures(child, below, at + (key.upper(),))
    elif isinstance(node, list) and schema.get("x-key"):
        for row in node:
            yield from figures(row, schema.get("items", {}), at + (str(row.get(schema["x-key"])).upper(),))
    elif isinstance(node, (int, float)) and not isinstance(node, bool):
        yield at, node


def place(record):
    """The place of a record in its section document, in capitals."""
    parts = [part.split("=", 1) for part in record["breakdown"].split(";")] if record["breakdown"] else []
    row = [code for name, code in parts if name != "column"]
    column = [code for name, code in parts if name == "column"]
    names = [record["table"]] * bool(record["table"]) + row + [record["measure"]] + column
    return tuple(name.upper() for name in names)


def sums(year):
    faults = []
    table = duckdb.connect()
    source = str(year / "data/records.csv").replace("'", "''")
    table.execute(f"create table records as select * from read_csv('{source}', header = true, sample_size = -1)")
    types = dict(table.execute("select column_name, data_type from information_schema.columns").fetchall())
    for name, kind in types.items():
        if name in NUMBERS and kind not in ("DOUBLE", "BIGINT"):
            faults.append(f"DuckDB takes {name} for {kind}")
        if name in ("year", "body", "source_file", "source_cells") and kind != "VARCHAR":
            faults.append(f"DuckDB takes {name} for {kind}")
    if faults:
        return faults, 0
    by_duckdb = {
        (body, section): (count, total)
        for body, section, count, total in table.execute(
            "select body, section, count(value), sum(value) from records where origin = 'returned' group by all"
        ).fetchall()
    }
    kinds = {body: kind for body, kind in table.execute("select distinct body, kind from records").fetchall()}
    records = {}
    for record in rows(year / "data/records.csv"):
        records.setdefault((record["body"], record["section"]), {})[place(record)] = record
    compared = 0
    for path in sorted(year.glob("returns/*/*.json")):
        if path.name.endswith(".queried.json"):
            continue
        told = document(path)
        key = (told["body"], told["section"])
        of = records.pop(key, {})
        derived = {at for at, record in of.items() if record["origin"] == "derived"}
        schemas = [year / "schemas" / kinds.get(told["body"], "*") / f"{told['section']}.json"]
        schemas = [path for path in schemas if path.is_file()] or sorted(year.glob(f"schemas/*/{told['section']}.json"))
        numbers = {at: n for at, n in figures(told["figures"], document(schemas[0])) if at not in derived}
        for at in sorted(set(numbers) | {at for at, r in of.items() if at not in derived and r["value"]}):
            record = of.get(at, {}).get("value") or None
            if record is None or at not in numbers or float(record) != numbers[at]:
                faults.append(f"{path.relative_to(year)} {'/'.join(at)}: {numbers.get(at)} there, {record} among the records")
            compared += 1
        count, total = by_duckdb.get(key, (0, None))
        if count != len(numbers) or abs((total or 0) - sum(numbers.values())) > 1e-6 * max(1, abs(total or 0)):
            faults.append(f"{path.relative_to(year)}: DuckDB counts {count} and sums {total}; the document has {len(numbers)}")
        abouts = {pointer.upper(): about for pointer, about in told["about"].items()}
        for at in derived:
            value, about = of[at]["value"], abouts.get("/" + "/".join((told["section"].upper(),) + at), {})
            if "worked_out" in about:
                half = 0.5 * 10 ** -len(value.partition(".")[2])
                if abs(about["worked_out"] - float(value)) > half + 1e-9:
                    faults.append(f"{path.relative_to(year)} {'/'.join(at)}: worked out {about['worked_out']}, recorded {value}")
    faults += [f"records of {body} {section}, of which there is no document" for body, section in records]
    return faults, compared


# --- pandas and pyarrow: the Parquet file against the csv, row by row ---


def parquet(year):
    faults = []
    path = year / "data/records.parquet"
    told = rows(year / "data/records.csv")
    table = pyarrow.parquet.read_table(path)
    for field in table.schema:
        kind = "double" if field.name in NUMBERS else "string"
        if str(field.type) != kind:
            faults.append(f"{field.name} is {field.type}")
    about = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    schema = json.loads(about.get("table_schema", "{}"))
    if [field["name"] for field in schema.get("fields", [])] != table.column_names:
        faults.append("the metadata do not describe the columns")
    frame = pandas.read_parquet(path)
    if len(frame) != len(told) or list(frame.columns) != list(told[0]):
        return faults + [f"{len(frame)} rows and the columns {list(frame.columns)}"], 0
    for name in frame.columns:
        for i, (value, text) in enumerate(zip(frame[name], (row[name] for row in told))):
            null = pandas.isna(value)
            same = null != (name in NEVER_NULL) if text == "" else not null
            if same and text != "":
                same = float(text) == value if name in NUMBERS else text == value
            if not same:
                faults.append(f"row {i + 2}, {name}: {value!r} in Parquet, {text!r} in the csv")
    source = str(path).replace("'", "''")
    both = duckdb.sql(f"select count(*), sum(value), count(value), count(note) from '{source}'").fetchall()[0]
    values = [float(row["value"]) for row in told if row["value"]]
    notes = sum(row["note"] != "" for row in told)
    if (both[0], both[2], both[3]) != (len(told), len(values), notes) or abs((both[1] or 0) - sum(values)) > 1e-6 * max(1, sum(values)):
        faults.append(f"DuckDB reads {both} from Parquet")
    return faults, frame.size


# --- jsonschema: every document, and every accepted figure against the schema it was checked with ---


def documents(outbox, schemas):
    faults, counts = [], {}
    check = {
        path.stem: jsonschema.Draft202012Validator(document(path), format_checker=jsonschema.FormatChecker())
        for path in schemas.glob("*.json")
        if "fields" not in document(path)
    }

    def hold(name, path, told):
        counts[name] = counts.get(name, 0) + 1
        faults.extend(f"{path.relative_to(outbox)}: {error.json_path}: {error.message}" for error in check[name].iter_errors(told))

    kinds = {
        "*/manifest.json": "manifest",
        "*/status.json": "status",
        "*/data/datapackage.json": "datapackage",
        "*/returns/*/*.json": "section",
        "*/receipts/*/*.json": "receipt",
        "unplaced/*/*/receipt.json": "receipt",
        "*/feedback/*/report.json": "report",
        "unplaced/*/*/report.json": "report",
    }
    for pattern, name in kinds.items():
        for path in sorted(outbox.glob(pattern)):
            hold(name, path, document(path))
    ledger = outbox / "ledger.jsonl"
    before = "0" * 64
    for line in ledger.read_bytes().split(b"\n")[:-1]:
        told = json.loads(line)
        hold("ledger", ledger, told)
        if told["before"] != before:
            faults.append("ledger.jsonl: a line does not follow from the one before")
        before = sha256(line)
    for manifest in sorted(outbox.glob("*/manifest.json")):
        folder, files = manifest.parent, document(manifest)["files"]
        there = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()} - {"manifest.json"}
        if there != set(files):
            faults.append(f"{manifest.relative_to(outbox)}: lists other files than there are")
        for name in there & set(files):
            if sha256((folder / name).read_bytes()) != files[name]["sha256"]:
                faults.append(f"{manifest.relative_to(outbox)}: another hash than that of {name}")
    return faults, counts


def again(year):
    """Any tool can repeat the check: the accepted figures against the schemas beside them."""
    faults, count = [], 0
    kinds = {record["body"]: record["kind"] for record in rows(year / "data/records.csv")}
    for path in sorted(year.glob("returns/*/*.json")):
        told = document(path)
        schema = year / "schemas" / kinds.get(told["body"], "") / f"{told['section']}.json"
        if told["nil"] or path.name.endswith(".queried.json") or not schema.is_file():
            continue
        count += 1
        validator = jsonschema.Draft202012Validator(document(schema))
        faults += [f"{path.relative_to(year)}: {error.json_path}: {error.message}" for error in validator.iter_errors(told["figures"])]
    return faults, count


def released(year):
    """What the receipts say is released is what the records hold."""
    faults, count = [], {}
    for record in rows(year / "data/records.csv"):
        key = (record["body"], record["section"], record["source_file"])
        count[key] = count.get(key, 0) + 1
    told = {}
    for path in sorted(year.glob("receipts/*/*.json")):
        receipt = document(path)
        for section in receipt["released"]:
            told[(receipt["body"], section["section"], section["file"])] = section["records"]
        if not receipt["statements"]["received"].startswith("Received on "):
            faults.append(f"{path.relative_to(year)}: {receipt['statements']['received']}")
        if receipt["statements"]["all_right"].startswith("Yes") != (receipt["outcome"] == "accepted"):
            faults.append(f"{path.relative_to(year)}: {receipt['statements']['all_right']}")
    for key in sorted(set(count) | {key for key, records in told.items() if records}):
        if count.get(key, 0) != told.get(key, 0):
            faults.append(f"{key}: {told.get(key)} records by the receipts, {count.get(key)} in the table")
    return faults, len(told)


# --- everything, and everything again with a fault in it ---


def main():
    arguments = [a for a in sys.argv[1:] if a != "--parquet"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    outbox, schemas = map(Path, arguments)
    years = sorted(path.parent.parent for path in outbox.glob("*/data/records.csv"))
    if not years:
        sys.exit(f"{outbox} holds no records")
    wrong = []

    def told(what, faults, more=""):
        print(f"{'holds' if not faults else 'FAILS'}: {what}{more}")
        for fault in faults[:10]:
            print(f"  {fault}")
        if faults:
            wrong.append(what)

    def planted(what, faults):
        print(f"{'seen' if faults else 'NOT SEEN'}: {what}" + (f" ({faults[0][:120]})" if faults else ""))
        if not faults:
            wrong.append(what)

    for year in years:
        name = year.name
        told(f"{name}: frictionless {frictionless.__version__} finds the data package valid", package(year))
        faults, count = sums(year)
        told(f"{name}: DuckDB {duckdb.__version__} reads types, counts and sums as in the section documents", faults, f"; {count} figures")
        faults, count = released(year)
        told(f"{name}: the receipts say what is released", faults, f"; {count} sections")
        faults, count = again(year)
        told(f"{name}: the accepted figures keep to the schemas beside them", faults, f"; {count} sections")
        if (year / "data/records.parquet").is_file():
            faults, count = parquet(year)
            told(f"{name}: pandas {pandas.__version__} and pyarrow {pyarrow.__version__} read Parquet as the csv", faults, f"; {count} cells")
        elif "--parquet" in sys.argv:
            told(f"{name}: there is a Parquet file", ["there is none"])
    faults, counts = documents(outbox, schemas)
    told(f"jsonschema {importlib.metadata.version('jsonschema')} finds every document as its schema says", faults, f"; {counts}")

    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "outbox"

        def fresh():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(outbox, copy)
            return copy / years[-1].name

        def table(year, change, honest=False):
            """Changes the csv; honest: the descriptor says the new length and hash."""
            path = year / "data/records.csv"
            data = change(path.read_bytes())
            path.write_bytes(data)
            if honest:
                descriptor = document(year / "data/datapackage.json")
                descriptor["resources"][0].update(bytes=len(data), hash="sha256:" + sha256(data))
                (year / "data/datapackage.json").write_text(json.dumps(descriptor))

        value = next(r["value"] for r in rows(years[-1] / "data/records.csv") if r["origin"] == "returned" and len(r["value"]) > 2)
        cell = f",{value},".encode()
        digit = f",{value[:-1]}{(int(value[-1]) + 1) % 10},".encode()

        year = fresh()
        table(year, lambda data: data.replace(cell, digit, 1))
        planted("another figure in the csv, by frictionless", package(year))
        planted("another figure in the csv, by DuckDB and the documents", sums(year)[0])
        if (year / "data/records.parquet").is_file():
            planted("another figure in the csv, by pandas and pyarrow", parquet(year)[0])
        year = fresh()
        table(year, lambda data: data.replace(cell, b",about " + value.encode() + b",", 1), honest=True)
        planted("a word for a number, by frictionless", package(year))
        planted("a word for a number, by DuckDB", sums(year)[0])
        year = fresh()
        table(year, lambda data: data + data.split(b"\n")[-2] + b"\n", honest=True)
        planted("a row that is there twice, by frictionless", package(year))
        planted("a row that is there twice, by the receipts", released(year)[0])
        year = fresh()
        path = sorted(year.glob("receipts/*/*.json"))[0]
        receipt = document(path)
        del receipt["statements"]["all_right"]
        path.write_text(json.dumps(receipt))
        planted("a receipt without a statement, by jsonschema", [f for f in documents(copy, schemas)[0] if "all_right" in f])
        year = fresh()
        path = next(p for p in sorted(year.glob("returns/*/*.json")) if not document(p)["nil"] and document(p)["figures"])
        section = document(path)
        section["figures"]["unheard_of"] = 1
        path.write_text(json.dumps(section))
        planted("a figure that no schema knows, by jsonschema", again(year)[0])
        planted("a figure that no record has, by the sums", sums(year)[0])
        fresh()
        ledger = copy / "ledger.jsonl"
        ledger.write_bytes(ledger.read_bytes().replace(b'"outcome":"accepted"', b'"outcome":"queried"', 1))
        planted("a ledger that was changed, by its hashes", [f for f in documents(copy, schemas)[0] if "follow" in f])

    print(f"{len(wrong)} failed" if wrong else "all of it holds")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
