//! How much a figure may change on last year before it is asked about (XPE-05, domain C.0.6). The thresholds are
//! parameters of the pack; which of them counts depends on what kind of figure it is and how large it was.

use std::collections::BTreeMap;

use crate::schema::model::{Kind, Measure};

/// The most that a figure may change.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// What the limit is counted in.
    pub by: By,
    /// The limit.
    pub most: f64,
    /// The parameter that states it.
    pub parameter: String,
}

/// What a limit is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Percentage points.
    Points,
    /// The number itself: of a small count a percentage says nothing.
    Number,
    /// Per cent of last year's figure.
    Share,
}

impl Limit {
    /// The limit for a measure, given last year's figure; `None` where its changes are not asked about.
    #[must_use]
    pub fn of(measure: &Measure, then: f64, parameters: &BTreeMap<String, f64>) -> Option<Self> {
        let limit = |by, name: String| parameters.get(&name).map(|most| Self { by, most: *most, parameter: name });
        match measure.kind {
            Kind::Percentage => limit(By::Points, "change.percentage".to_owned()),
            Kind::Count => {
                let from =
                    |size: &str| parameters.get(&format!("change.{size}_from")).copied().unwrap_or(f64::INFINITY);
                match ["large", "medium", "small"].into_iter().find(|size| then >= from(size)) {
                    None => limit(By::Number, "change.tiny".to_owned()),
                    Some(size) => limit(By::Share, format!("change.of.{}", measure.key()))
                        .or_else(|| limit(By::Share, format!("change.{size}"))),
                }
            }
            Kind::Points | Kind::Rate | Kind::Number | Kind::Money | Kind::Date | Kind::Year | Kind::Month => None,
            Kind::Code | Kind::Codes | Kind::Text | Kind::Email => None,
        }
    }

    /// The least and the greatest figure that are not asked about.
    #[must_use]
    pub fn range(&self, then: f64) -> (f64, f64) {
        let change = match self.by {
            By::Points | By::Number => self.most,
            By::Share => then * self.most / 100.0,
        };
        ((then - change).max(0.0), then + change)
    }
}
