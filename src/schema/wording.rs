//! Words that changed with a year: `x-wording` gives a measure, table or list another title or description from a year
//! on. The file keeps the words first used; whoever still types an older title is understood.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

/// A property in the words of a year: of its wordings the latest that has begun, key by key. Every title it had before
/// is an alias, so that last year's template is still read.
pub(super) fn worded<'v>(property: &'v Value, year: &str) -> Cow<'v, Value> {
    let Some(wordings) = property.get("x-wording").and_then(Value::as_array) else { return Cow::Borrowed(property) };
    let Some(mut worded) = property.as_object().cloned() else { return Cow::Borrowed(property) };
    worded.shift_remove("x-wording");
    let mut begun: Vec<&Map<String, Value>> = wordings.iter().filter_map(Value::as_object).collect();
    begun.retain(|wording| since(wording) <= year);
    begun.sort_by_key(|wording| since(wording).to_owned());
    for wording in begun {
        for key in ["title", "description"] {
            let Some(words) = wording.get(key) else { continue };
            let before = worded.insert(key.to_owned(), words.clone());
            if let Some(before) = before.filter(|before| key == "title" && before != words) {
                remember(&mut worded, before);
            }
        }
    }
    Cow::Owned(Value::Object(worded))
}

fn since(wording: &Map<String, Value>) -> &str {
    wording.get("since").and_then(Value::as_str).unwrap_or_default()
}

fn remember(worded: &mut Map<String, Value>, title: Value) {
    let aliases = worded.entry("x-aliases").or_insert_with(|| json!([]));
    if let Some(aliases) = aliases.as_array_mut()
        && !aliases.contains(&title)
    {
        aliases.push(title);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_wording_that_has_begun_counts_and_older_titles_stay_known() {
        let property = json!({ "title": "Progress", "description": "What was done.", "x-aliases": ["Headway"], "x-wording": [
            { "since": "2023-24", "title": "Difference made" },
            { "since": "2022-23", "title": "Impact", "description": "What came of it." },
        ] });
        let title = |year: &str| worded(&property, year)["title"].as_str().unwrap_or_default().to_owned();
        assert_eq!(["2021-22", "2022-23", "2023-24"].map(title), ["Progress", "Impact", "Difference made"]);
        let last = worded(&property, "2024-25");
        assert_eq!(last["description"], "What came of it.");
        assert_eq!(last["x-aliases"], json!(["Headway", "Progress", "Impact"]));
        assert!(last.get("x-wording").is_none());
        let first = worded(&property, "2021-22");
        assert_eq!((&first["description"], &first["x-aliases"]), (&json!("What was done."), &json!(["Headway"])));
    }
}
