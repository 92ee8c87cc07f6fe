//! The bodies whose files show no mess of their own: clean for 2020-21; for 2021-22 each differs from another body in one
//! figure, so that every kind of disagreement between agencies is seen. What each shows is said in `inbox/README.md`.

use serde_json::{Value as Json, json};

use crate::{Maker, write};

/// Body, and the names of its two files.
const FILES: [(&str, &str, &str); 11] = [
    ("eh", "Early Help 2020-21.xlsx", "Early Help 2021-22.xlsx"),
    ("yjs", "YJS return 2020-21.xlsx", "YJS return 2021-22.xlsx"),
    ("ph", "Public Health 2020-21.xlsx", "Public Health 2021-22.xlsx"),
    ("hsg", "Housing 2020-21.xlsx", "Housing 2021-22.xlsx"),
    ("cst", "Community safety 2020-21.xlsx", "Community safety 2021-22.xlsx"),
    ("icb", "ICB 2020-21.xlsx", "ICB 2021-22.xlsx"),
    ("nhsc-moorfields", "Moorfields 2020-21.xlsx", "Moorfields 2021-22.xlsx"),
    ("nhsm", "Mental health trust 2020-21.xlsx", "Mental health trust 2021-22.xlsx"),
    ("prob", "Probation 2020-21.xlsx", "Probation 2021-22.xlsx"),
    ("vcs", "Voluntary sector 2020-21.xlsx", "Voluntary sector 2021-22.xlsx"),
    ("iscp", "Partnership 2020-21.xlsx", "Partnership 2021-22.xlsx"),
];

impl Maker {
    pub(crate) fn others(&self) {
        for (body, first, second) in FILES {
            let laid = self.laid(&format!("{body}-2020-21"), |_| {});
            self.keep(&format!("{body}/{first}"), &write::xlsx(&laid.workbook, 2021));
            let mut laid = self.laid(&format!("{body}-2021-22"), |values| differ(body, values));
            if let Some(row) = answer(body) {
                laid.explain(&self.schemas, &[row]);
            }
            self.keep(&format!("{body}/{second}"), &write::xlsx(&laid.workbook, 2022));
            let received = format!("file,date\n{first},2021-05-20\n{second},2022-05-19\n");
            self.keep(&format!("{body}/received.csv"), received.as_bytes());
        }
    }
}

/// The one figure in which a body's second return differs from what another body says.
fn differ(body: &str, values: &mut Json) {
    match body {
        "eh" => values["early-help"]["stepdown_received"] = json!(22),
        "cst" => values["youth-violence-exploitation"]["kci_victims_quoted"] = json!(83),
        "prob" => values["partner-activity"]["referrals_counted_as"] = json!("family"),
        "nhsm" => values["training"]["staff_trained_multi_agency"] = json!(39),
        "icb" => {
            let waiting = &mut values["semh-waiting-times"]["commissioned_waiting_end"];
            *waiting = json!(waiting.as_f64().unwrap() + 140.0);
        }
        _ => {}
    }
}

/// What two of them have answered already.
fn answer(body: &str) -> Option<Json> {
    let (rule, section, about, given_for, reason, words) = match body {
        "eh" => (
            "XAG-06",
            "Early help",
            "Families received from social care",
            "22",
            "Other agency data",
            "We count families from the day our worker first visits; those passed on in March are in next year’s figure.",
        ),
        "prob" => (
            "XAG-15",
            "Partner activity",
            "What one referral is counted for",
            "Each family",
            "Recording change",
            "Our system keeps one referral for each household and cannot say how many children are meant.",
        ),
        _ => return None,
    };
    Some(json!({
        "explanation_no": 1, "rule_id": rule, "section": section, "measure_or_record": about, "given_for": given_for,
        "reason_code": reason, "explanation": words, "role": "Performance analyst", "date": "2022-05-18",
    }))
}
