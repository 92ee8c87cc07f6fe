//! What travels with a workbook where nobody looks, on real bytes: a pivot table's copy of its list, documents put into the
//! file (DIS-14); headers, footers and lists of choices, which are screened as the cells are.
#![expect(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "the crafted files are shared")]

mod crafted;

use std::fmt::Write as _;
use std::sync::LazyLock;

use chrono::NaiveDate;
use crafted::parts::{HEAD, KINDS, MAIN, Parts};
use safereturn::extract::Context;
use safereturn::finding::{Reach, Severity, Verdict};
use safereturn::render::{Format, Style, render};
use safereturn::report::{Outcome, Report};
use safereturn::schema::Schemas;
use safereturn::workbook::{Content, Submission};

static PACK: LazyLock<Schemas> = LazyLock::new(|| Schemas::built_in().unwrap());

/// The cover of a return; what else it lacks is not asked here.
const COVER: [(&str, &str); 4] = [
    ("Template", "iscp-return"),
    ("Agency", "nhsc-whittington"),
    ("Reporting year", "2020-21"),
    ("Number of this submission", "1"),
];

/// A worksheet with the cover's rows and this behind its cells.
fn sheet(behind: &str) -> String {
    let text = |cell: &str, text: &str| format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let mut rows = format!(r#"<row r="1">{}</row>"#, text("A1", "Cover"));
    for (row, (label, value)) in (4..).zip(COVER) {
        let cells = text(&format!("A{row}"), label) + &text(&format!("B{row}"), value);
        let _ = write!(rows, r#"<row r="{row}">{cells}</row>"#);
    }
    format!("{HEAD}<worksheet {MAIN}><sheetData>{rows}</sheetData>{behind}</worksheet>")
}

fn workbook(behind: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let mut parts = Parts::with_sheets(&["Cover"]);
    parts.set("xl/worksheets/sheet1.xml", sheet(behind));
    for (name, content) in more {
        parts.set(name, *content);
    }
    parts.zip()
}

fn check(bytes: Vec<u8>) -> Report {
    let submission = Submission { name: "nhsc-whittington-2020-21.xlsx".into(), content: Content::File(bytes) };
    safereturn::check(&submission, &Context::on(NaiveDate::from_ymd_opt(2021, 6, 1).unwrap()), &PACK)
}

/// The rules about personal data that spoke: rule, place and message.
fn found(report: &Report) -> Vec<(&str, &str, &str)> {
    let of = report.findings.iter().filter(|f| f.rule.as_str().starts_with("DIS-"));
    of.map(|f| (f.rule.as_str(), f.at.as_str(), f.message.as_str())).collect()
}

/// All that any format says of a report, and the report itself.
fn said(report: &Report) -> String {
    let mut all = format!("{report:?}");
    for format in [Format::Human, Format::Plain, Format::Json, Format::Html] {
        all += &render(report, format, &Style::default());
    }
    all
}

/// The parts of a pivot table over a list of children: what it keeps of each column, and its copy of the rows.
const DEFINITION: (&str, &str) = (
    "xl/pivotCache/pivotCacheDefinition1.xml",
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" recordCount="2"><cacheSource type="worksheet"><worksheetSource ref="A1:B3" sheet="List"/></cacheSource><cacheFields count="1"><cacheField name="Child" numFmtId="0"><sharedItems count="2"><s v="Zebedee Quux"/><s v="Xanthe Quux"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>"#,
);
const RECORDS: (&str, &str) = (
    "xl/pivotCache/pivotCacheRecords1.xml",
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><pivotCacheRecords xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="2"><r><s v="Zebedee Quux"/></r><r><s v="Xanthe Quux"/></r></pivotCacheRecords>"#,
);
/// The same pivot table told to keep no data and to be made anew when the file is opened.
const BARE_DEFINITION: (&str, &str) = (
    "xl/pivotCache/pivotCacheDefinition1.xml",
    r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?><pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" saveData="0" refreshOnLoad="1"><cacheFields count="1"><cacheField name="Team" numFmtId="0"><sharedItems/></cacheField><cacheField name="Plans" numFmtId="0"><sharedItems containsSemiMixedTypes="0" minValue="1" maxValue="9"></sharedItems></cacheField></cacheFields></pivotCacheDefinition>"#,
);

#[test]
fn a_workbook_that_carries_nothing_unseen_is_not_accused() {
    for (behind, more) in [
        ("", &[][..]),
        ("", &[BARE_DEFINITION][..]),
        // A folder without a document in it, and a picture.
        ("", &[("xl/embeddings/", ""), ("xl/media/image1.png", "PNG")][..]),
        (
            r#"<dataValidations count="1"><dataValidation type="list" sqref="B6" prompt="Choose the year." promptTitle="Year"><formula1>"2020-21,2021-22"</formula1></dataValidation></dataValidations><headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;10OFFICIAL - SENSITIVE&amp;RPage &amp;P of &amp;N</oddHeader><oddFooter>&amp;C&amp;KFF0000Safeguarding return 2020-21</oddFooter></headerFooter>"#,
            &[][..],
        ),
    ] {
        let report = check(workbook(behind, more));
        assert_eq!(found(&report), [], "{more:?}{behind}");
        assert!(!report.private);
        let verdict = report.checks.iter().find(|c| c.rule.as_str() == "DIS-14").map(|c| &c.verdict);
        assert_eq!(verdict, Some(&Verdict::Held), "{more:?}");
        assert_eq!(report.figures.body, "nhsc-whittington", "the cover is read");
    }
}

#[test]
fn a_pivot_tables_copy_and_an_embedded_document_refuse_every_section_and_are_not_quoted() {
    let ole = ("xl/embeddings/oleObject1.bin", "Zebedee Quux, 12/03/2015");
    let word = ("xl/embeddings/Microsoft_Word_Document.docx", "Zebedee Quux");
    let pivot = "a pivot table’s copy of the list it was made from";
    let document = "another document put into it";
    for (more, carried) in [
        (&[DEFINITION, RECORDS][..], pivot.to_owned()),
        // Without the rows the different values of each column are there all the same.
        (&[DEFINITION], pivot.to_owned()),
        (&[BARE_DEFINITION, RECORDS], pivot.to_owned()),
        // Names of parts are the same whatever their case.
        (&[("XL/PIVOTCACHE/PIVOTCACHERECORDS7.XML", RECORDS.1)], pivot.to_owned()),
        (&[ole], document.to_owned()),
        (&[word], document.to_owned()),
        (&[DEFINITION, RECORDS, word], format!("{pivot} and {document}")),
    ] {
        let report = check(workbook("", more));
        let message = format!("The workbook carries {carried}, which anybody who gets the file can open.");
        assert_eq!(found(&report), [("DIS-14", "/file/carried", message.as_str())], "{more:?}");
        let finding = report.findings.iter().find(|f| f.rule.as_str() == "DIS-14").unwrap();
        assert_eq!((finding.severity, &finding.reach), (Severity::Error, &Reach::section("cover")));
        assert!(!finding.help.is_empty());
        assert_eq!(report.outcome, Outcome::Refused);
        assert!(report.sections.iter().all(|s| s.outcome == Outcome::Refused), "{:?}", report.sections);
        let verdict = report.checks.iter().find(|c| c.rule.as_str() == "DIS-14").map(|c| &c.verdict);
        assert_eq!(verdict, Some(&Verdict::Failed));
        let said = said(&report);
        assert!(!said.contains("Quux") && !said.contains("12/03/2015"));
    }
}

/// A property of the document cannot take the place of what we found.
#[test]
fn a_document_cannot_say_of_itself_that_it_carries_something() {
    let custom = r#"<?xml version="1.0"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"><property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="embedded document"><vt:lpwstr>yes</vt:lpwstr></property></Properties>"#;
    assert_eq!(found(&check(workbook("", &[("docProps/custom.xml", custom)]))), []);
}

#[test]
fn headers_and_footers_are_screened() {
    let kinds = ["oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"];
    let texts = [
        ("DIS-01", "&amp;LNHS number 943 476 5919", "943 476 5919"),
        ("DIS-02", "&amp;C&amp;&quot;Arial,Bold&quot;&amp;8 H801200001001", "H801200001001"),
        ("DIS-03", "&amp;RPrinted for 14 Example Road, SW1A 1AA", "SW1A 1AA"),
        ("DIS-05", "&amp;L&amp;KFF000007700 900123", "07700 900123"),
        ("DIS-05", "&amp;L&amp;K01+000jo.bloggs@example.com&amp;R&amp;P", "jo.bloggs@example.com"),
    ];
    for (i, (rule, text, secret)) in texts.into_iter().enumerate() {
        let kind = kinds[i];
        let report = check(workbook(&format!("<headerFooter><{kind}>{text}</{kind}></headerFooter>"), &[]));
        refused_whole(&report, rule, secret);
    }
    // Each kind of header and footer.
    for kind in kinds {
        let behind = format!("<headerFooter><{kind}>&amp;LUPN H801200001001</{kind}></headerFooter>");
        refused_whole(&check(workbook(&behind, &[])), "DIS-02", "H801200001001");
    }
}

#[test]
fn lists_of_choices_and_what_is_said_beside_a_cell_are_screened() {
    let secret = "jo.bloggs@example.com";
    let ordinary = r#"type="list" sqref="B5""#;
    let in_list = format!(r#"<dataValidation {ordinary}><formula1>"csc,{secret},mps"</formula1></dataValidation>"#);
    let second = format!(
        r#"<dataValidation type="custom" sqref="B5"><formula1>1</formula1><formula2>"{secret}"</formula2></dataValidation>"#
    );
    let beside = ["prompt", "promptTitle", "error", "errorTitle"].map(|what| {
        format!(r#"<dataValidation {ordinary} {what}="Ask {secret}"><formula1>"a"</formula1></dataValidation>"#)
    });
    for one in [&in_list, &second].into_iter().chain(&beside) {
        let report = check(workbook(&format!(r#"<dataValidations count="1">{one}</dataValidations>"#), &[]));
        refused_whole(&report, "DIS-05", secret);
    }
    // As Excel writes lists that stand on another sheet.
    let newer = format!(
        r#"<extLst><ext xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main" count="1"><x14:dataValidation type="list"><x14:formula1><xm:f>"{secret}"</xm:f></x14:formula1><xm:sqref>B5</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"#
    );
    refused_whole(&check(workbook(&newer, &[])), "DIS-05", secret);
    // In a list `&` begins no code: what follows it is not passed over.
    let joined = r#"<dataValidations count="1"><dataValidation type="list" sqref="B5"><formula1>"x,R&amp;07700 900123"</formula1></dataValidation></dataValidations>"#;
    refused_whole(&check(workbook(joined, &[])), "DIS-05", "900123");
}

#[test]
fn text_boxes_charts_and_what_is_said_of_pictures_are_screened() {
    let rels = |inner: &str| {
        format!(
            r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#
        )
    };
    let spaces = r#"xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart""#;
    let of_sheet =
        rels(&format!(r#"<Relationship Id="rId1" Type="{KINDS}/drawing" Target="../drawings/drawing1.xml"/>"#));
    let of_drawing = rels(&format!(r#"<Relationship Id="rId1" Type="{KINDS}/chart" Target="../charts/chart1.xml"/>"#));
    let report = |shape: &str, chart: &str| {
        let shape = format!(
            "{HEAD}<xdr:wsDr {spaces}><xdr:twoCellAnchor><xdr:sp>{shape}</xdr:sp></xdr:twoCellAnchor></xdr:wsDr>"
        );
        let chart = format!("{HEAD}<c:chartSpace {spaces}>{chart}</c:chartSpace>");
        check(workbook(
            "",
            &[
                ("xl/worksheets/_rels/sheet1.xml.rels", &of_sheet),
                ("xl/drawings/drawing1.xml", &shape),
                ("xl/drawings/_rels/drawing1.xml.rels", &of_drawing),
                ("xl/charts/chart1.xml", &chart),
            ],
        ))
    };
    let cell = "<c:strCache><c:pt idx=\"0\"><c:v>Neglect</c:v></c:pt></c:strCache><c:numCache><c:pt idx=\"0\"><c:v>120</c:v></c:pt></c:numCache>";
    let plain = report(
        r#"<xdr:nvSpPr><xdr:cNvPr id="2" name="TextBox 1" descr="The logo"/></xdr:nvSpPr><xdr:txBody><a:p><a:r><a:t>Please type 0</a:t></a:r></a:p></xdr:txBody>"#,
        cell,
    );
    assert_eq!(found(&plain), []);
    // A word may stand in several runs, as where part of it is bold.
    let runs = "<a:p><a:r><a:t>UPN H8012000</a:t></a:r><a:r><a:rPr b=\"1\"/><a:t>01001</a:t></a:r></a:p>";
    refused_whole(&report(runs, ""), "DIS-02", "01001");
    refused_whole(
        &report(r#"<xdr:cNvPr id="2" name="Picture 1" descr="jo.bloggs@example.com"/>"#, ""),
        "DIS-05",
        "bloggs",
    );
    refused_whole(&report("", &cell.replace("Neglect", "jo.bloggs@example.com")), "DIS-05", "bloggs");
    refused_whole(
        &report("", "<c:title><a:p><a:r><a:t>NHS number 943 476 5919</a:t></a:r></a:p></c:title>"),
        "DIS-01",
        "5919",
    );
}

/// The submission is refused with that rule about what stands around the cells of the first sheet, and nothing is quoted.
fn refused_whole(report: &Report, rule: &str, secret: &str) {
    let found = found(report);
    let message = found.first().map(|(.., message)| *message).unwrap_or_default();
    assert_eq!(found, [(rule, "/screen/sheet-1/around", message)], "{secret}");
    assert!(message.contains(" or a list of choices of the sheet “Cover” holds what looks like "), "{message}");
    assert!(report.private && report.outcome == Outcome::Refused);
    assert!(report.findings.iter().all(|f| f.rule.as_str() != rule || f.reach == Reach::Submission));
    assert!(!said(report).contains(secret), "{secret}");
}

/// The parts are joined to the workbook as a program joins them, and it is the part that counts: one that nothing leads to
/// is in the file all the same.
#[test]
fn it_does_not_matter_whether_a_part_is_joined_to_the_workbook() {
    let links = format!(
        r#"{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="{KINDS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Type="{KINDS}/pivotCacheDefinition" Target="pivotCache/pivotCacheDefinition1.xml"/></Relationships>"#
    );
    let joined = workbook("", &[DEFINITION, RECORDS, ("xl/_rels/workbook.xml.rels", &links)]);
    assert_eq!(found(&check(joined)), found(&check(workbook("", &[DEFINITION, RECORDS]))));
}
