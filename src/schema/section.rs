//! A section's file for one kind of agency and one year: the model that extraction and checks walk, and the JSON Schema
//! that conformance and other tools use. Both are made in one walk, so that they cannot disagree.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::model::{Carried, Item, Kind, List, Measure, PublishFrom, Section, Table};
use super::register::{CodeLists, Span, texts, valid};
use super::source::{SchemaError, Source, join};
use super::wording::worded;

/// For whom and when a section is wanted, and what it may refer to.
pub(crate) struct Scope<'a> {
    pub(crate) kind: &'a str,
    pub(crate) year: &'a str,
    pub(crate) common: &'a Value,
    pub(crate) codes: &'a CodeLists,
    pub(crate) parameters: &'a BTreeMap<String, f64>,
}

/// The section as owed by a kind in a year, with its JSON Schema.
pub(crate) fn effective(key: &str, source: &Source, scope: &Scope, errors: &mut Vec<SchemaError>) -> (Section, Value) {
    let mut walk = Walk { source, scope, errors };
    let mut items = Vec::new();
    let mut properties = Map::new();
    let mut required = Vec::new();
    let asked = texts(&source.json["required"]);
    for (name, property) in source.json["properties"].as_object().into_iter().flatten() {
        if !Span::of(property).covers(scope.kind, scope.year) {
            continue;
        }
        let property = &*worded(property, scope.year);
        let here = join("/properties", name);
        let wanted = asked.contains(name) && walk.asked_now(property);
        let (item, document) = if property.get("x-rows").is_some() {
            walk.table(name, property, &here, wanted)
        } else if property.get("x-key").is_some() {
            walk.list(name, property, &here)
        } else {
            let Some((measure, document)) = walk.measure(vec![name.clone()], None, property, &here, wanted) else {
                continue;
            };
            (Some(Item::Measure(measure)), document)
        };
        items.extend(item);
        if wanted {
            required.push(Value::String(name.clone()));
        }
        properties.insert(name.clone(), document);
    }
    let alone: Vec<&Measure> =
        items.iter().filter_map(|i| if let Item::Measure(m) = i { Some(m) } else { None }).collect();
    walk.counts_beside(&alone, "/properties");
    for name in &asked {
        if source.json["properties"].get(name).is_none() {
            let message = format!("`{name}` is required but is not a measure of this section");
            walk.errors.push(source.wrong("/required", message));
        }
    }
    let text = |name: &str| source.json.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let section = Section {
        key: key.to_owned(),
        title: text("title"),
        aliases: source.json.get("x-aliases").map(texts).unwrap_or_default(),
        description: text("description"),
        aims: source.json.get("x-aims").map(texts).unwrap_or_default(),
        items,
    };
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("https://safereturn.org/schemas/{}/{}/{key}.json", scope.year, scope.kind),
        "title": section.title, "description": section.description,
        "type": "object", "additionalProperties": false, "required": required, "properties": properties,
    });
    (section, document)
}

struct Walk<'a, 'b> {
    source: &'a Source,
    scope: &'a Scope<'a>,
    errors: &'b mut Vec<SchemaError>,
}

impl Walk<'_, '_> {
    fn wrong(&mut self, place: &str, message: String) {
        let error = self.source.wrong(place, message);
        self.errors.push(error);
    }

    /// Whether the mark `required` counts in this year.
    fn asked_now(&self, property: &Value) -> bool {
        let bound = |key| property.get(key).and_then(Value::as_str);
        bound("x-required-since").is_none_or(|since| since <= self.scope.year)
            && bound("x-required-until").is_none_or(|until| self.scope.year <= until)
    }

    /// A property with the definition that it refers to; what it says itself wins, so that no title is lost.
    fn merged(&mut self, property: &Value, place: &str) -> Option<(Map<String, Value>, String)> {
        let Some(reference) = property.get("$ref").and_then(Value::as_str) else {
            self.wrong(place, "a measure refers to a definition in common.json by `$ref`".to_owned());
            return None;
        };
        let name = reference.rsplit('/').next().unwrap_or_default();
        let Some(definition) = self.scope.common["$defs"].get(name).and_then(Value::as_object) else {
            self.wrong(&join(place, "$ref"), format!("common.json has no definition `{name}`"));
            return None;
        };
        let mut merged = definition.clone();
        for (key, value) in property.as_object().into_iter().flatten().filter(|(key, _)| *key != "$ref") {
            merged.insert(key.clone(), value.clone());
        }
        Some((merged, name.to_owned()))
    }

    fn codes(&mut self, key: Option<&Value>, place: &str) -> Option<Arc<super::model::CodeList>> {
        let key = key?.as_str()?;
        let list = valid(self.scope.codes, key, self.scope.kind, self.scope.year);
        if list.is_none() {
            self.wrong(place, format!("there is no code list `{key}`"));
        }
        list
    }

    fn measure(
        &mut self,
        path: Vec<String>,
        group_title: Option<String>,
        property: &Value,
        place: &str,
        required: bool,
    ) -> Option<(Measure, Value)> {
        let (mut document, definition) = self.merged(property, place)?;
        let kind = match definition.as_str() {
            "count" => Kind::Count,
            // A share may be more than all: those who came without a place.
            "percentage" | "share" => Kind::Percentage,
            "points" => Kind::Points,
            "rate" => Kind::Rate,
            "number" | "amount" => Kind::Number,
            "money" => Kind::Money,
            "date" => Kind::Date,
            "year" => Kind::Year,
            "month" => Kind::Month,
            "code" => Kind::Code,
            "codes" => Kind::Codes,
            "text" => Kind::Text,
            "email" => Kind::Email,
            _ => {
                self.wrong(&join(place, "$ref"), format!("`{definition}` is not a kind of measure"));
                return None;
            }
        };
        let text = |key: &str| property.get(key).and_then(Value::as_str).map(str::to_owned);
        let size = |key: &str| property.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let title = text("title").unwrap_or_default();
        if title.is_empty() {
            self.wrong(place, "a measure needs a `title`: the words on the template".to_owned());
        }
        if kind == Kind::Count && property.get("x-unit-of-count").is_none() {
            self.wrong(place, "a count says what it counts: `x-unit-of-count`".to_owned());
        }
        let codes = self.codes(property.get("x-codes"), &join(place, "x-codes"));
        if matches!(kind, Kind::Code | Kind::Codes) && property.get("x-codes").is_none() {
            self.wrong(place, "a code names its list: `x-codes`".to_owned());
        }
        if let Some(list) = &codes {
            let mut options: Vec<Value> = list.codes.iter().map(|c| Value::String(c.code.clone())).collect();
            if kind == Kind::Codes {
                document.insert("items".to_owned(), json!({ "enum": options }));
            } else {
                if !required {
                    options.extend(["z", "x"].map(|m| Value::String(m.to_owned())));
                }
                document.insert("enum".to_owned(), Value::Array(options));
            }
        }
        let plausible = property.get("x-plausible").and_then(Value::as_array);
        let plausible = plausible.and_then(|range| Some((range.first()?.as_f64()?, range.get(1)?.as_f64()?)));
        let unit_of_count = text("x-unit-of-count");
        let default_decimals = match kind {
            Kind::Percentage | Kind::Points | Kind::Rate => 1,
            Kind::Count | Kind::Number | Kind::Money | Kind::Date | Kind::Year | Kind::Month => 0,
            Kind::Code | Kind::Codes | Kind::Text | Kind::Email => 0,
        };
        let unit = text("x-unit").or_else(|| unit_of_count.clone()).unwrap_or_else(|| {
            match kind {
                Kind::Percentage => "%",
                Kind::Points => "percentage points",
                Kind::Money => "£",
                Kind::Count | Kind::Rate | Kind::Number | Kind::Date | Kind::Year | Kind::Month => "",
                Kind::Code | Kind::Codes | Kind::Text | Kind::Email => "",
            }
            .to_owned()
        });
        let decimals = size("x-decimals").and_then(|d| u8::try_from(d).ok()).unwrap_or(default_decimals);
        let measure = Measure {
            path,
            title,
            group_title,
            aliases: property.get("x-aliases").map(texts).unwrap_or_default(),
            description: text("description").unwrap_or_default(),
            kind,
            unit,
            unit_of_count,
            required,
            derived: property.get("x-derived").is_some(),
            decimals,
            plausible,
            codes,
            never: property.get("x-not-markers").map(texts).unwrap_or_default(),
            breaks: property.get("x-break").is_some_and(|years| texts(years).iter().any(|y| y == self.scope.year)),
            publish_from: self.publish_from(property, place),
            longest: size("maxLength"),
            shortest: size("minLength"),
            source: text("x-source").unwrap_or_default(),
            carried: property.get("x-carried").map(|carried| Carried {
                from: carried["from"].as_str().unwrap_or_default().to_owned(),
                locked: carried["locked"].as_bool().unwrap_or(true),
            }),
        };
        Some((measure, Value::Object(document)))
    }

    /// From which size of a count on the measure is shown outside; its threshold is a parameter of the pack.
    fn publish_from(&mut self, property: &Value, place: &str) -> Option<PublishFrom> {
        let declared = property.get("x-publish-from")?;
        let text = |key: &str| declared.get(key).and_then(Value::as_str).unwrap_or_default();
        let least = self.scope.parameters.get(text("least")).copied();
        if least.is_none() {
            let message = format!("there is no parameter `{}`", text("least"));
            self.wrong(&join(&join(place, "x-publish-from"), "least"), message);
        }
        Some(PublishFrom { of: text("of").to_owned(), least: least? })
    }

    /// A figure held back for the size of a count that is not beside it would never be held back, or always.
    fn counts_beside(&mut self, measures: &[&Measure], place: &str) {
        let wrong: Vec<(String, String)> = measures
            .iter()
            .filter_map(|m| Some((m.path.join("/properties/"), m.publish_from.as_ref()?.of.clone())))
            .filter(|(_, of)| !measures.iter().any(|m| m.kind == Kind::Count && m.path == [of.clone()]))
            .collect();
        for (path, of) in wrong {
            self.wrong(&format!("{place}/{path}/x-publish-from/of"), format!("`{of}` is not a count beside this"));
        }
    }

    /// The measures of a row (a table's or a list's), nested ones flattened, and the row's JSON Schema.
    fn row(&mut self, row: &Value, place: &str) -> (Vec<Measure>, Value) {
        let mut measures = Vec::new();
        let mut properties = Map::new();
        let mut required = Vec::new();
        let asked = row.get("required").map(texts).unwrap_or_default();
        for (name, property) in row["properties"].as_object().into_iter().flatten() {
            if !Span::of(property).covers(self.scope.kind, self.scope.year) {
                continue;
            }
            let property = &*worded(property, self.scope.year);
            let here = join(&join(place, "properties"), name);
            let wanted = asked.contains(name) && self.asked_now(property);
            if let Some(parts) = property.get("properties").and_then(Value::as_object) {
                let title = property.get("title").and_then(Value::as_str).map(str::to_owned);
                let inner_asked = property.get("required").map(texts).unwrap_or_default();
                let mut inner = Map::new();
                for (part, schema) in parts {
                    let schema = &*worded(schema, self.scope.year);
                    let at = join(&join(&here, "properties"), part);
                    let path = vec![name.clone(), part.clone()];
                    let found = self.measure(path, title.clone(), schema, &at, inner_asked.contains(part));
                    if let Some((measure, document)) = found {
                        measures.push(measure);
                        inner.insert(part.clone(), document);
                    }
                }
                let document = json!({ "type": "object", "title": title, "additionalProperties": false,
                    "required": inner_asked, "properties": inner });
                properties.insert(name.clone(), document);
            } else if let Some((measure, document)) = self.measure(vec![name.clone()], None, property, &here, wanted) {
                measures.push(measure);
                properties.insert(name.clone(), document);
            }
            if wanted {
                required.push(name.clone());
            }
        }
        for name in &asked {
            if row["properties"].get(name).is_none() {
                self.wrong(&join(place, "required"), format!("`{name}` is required but is not a column here"));
            }
        }
        self.counts_beside(&measures.iter().collect::<Vec<_>>(), &join(place, "properties"));
        let document =
            json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties });
        (measures, document)
    }

    fn table(&mut self, name: &str, property: &Value, place: &str, required: bool) -> (Option<Item>, Value) {
        let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let Some(rows) = self.codes(property.get("x-rows"), &join(place, "x-rows")) else { return (None, Value::Null) };
        let bands = self.codes(property.get("x-bands"), &join(place, "x-bands"));
        let (columns, row) = self.row(&property["additionalProperties"], &join(place, "additionalProperties"));
        if columns.is_empty() {
            self.wrong(place, "a table needs at least one column".to_owned());
        }
        if let Some(bands) = bands.as_ref().filter(|bands| bands.key != rows.key)
            && let Some(code) = bands.codes.iter().find(|b| !columns.iter().any(|c| c.key() == b.code))
        {
            let message = format!("`{}` is a band of `{}`, but neither a row nor a column here", code.code, bands.key);
            self.wrong(&join(place, "x-bands"), message);
        }
        let properties: Map<String, Value> =
            rows.codes.iter().map(|code| (code.code.clone(), row_titled(&row, &code.label))).collect();
        let keys: Vec<&String> = rows.codes.iter().map(|code| &code.code).collect();
        let document = json!({ "title": text("title"), "description": text("description"), "type": "object",
            "additionalProperties": false, "required": keys, "properties": properties });
        let table = Table {
            key: name.to_owned(),
            title: text("title"),
            aliases: property.get("x-aliases").map(texts).unwrap_or_default(),
            description: text("description"),
            row_title: text("x-row-title"),
            rows,
            columns,
            bands,
            required,
        };
        (Some(Item::Table(table)), document)
    }

    fn list(&mut self, name: &str, property: &Value, place: &str) -> (Option<Item>, Value) {
        let text = |key: &str| property.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (fields, row) = self.row(&property["items"], &join(place, "items"));
        let key_field = text("x-key");
        if !fields.iter().any(|f| f.key() == key_field) {
            self.wrong(&join(place, "x-key"), format!("`{key_field}` is not a field of this list"));
        }
        for carried in fields.iter().filter_map(|f| f.carried.as_ref()) {
            if !fields.iter().any(|f| f.key() == carried.from) {
                self.wrong(
                    &join(place, "items"),
                    format!("`{}` is carried over but is not a field here", carried.from),
                );
            }
        }
        let telling = property.get("x-quasi").map(texts).unwrap_or_default();
        for (index, field) in telling.iter().enumerate() {
            // A field of another year or kind may be named, too; one of no list is a mistake.
            if property["items"]["properties"].get(field).is_none() {
                let place = join(place, &format!("x-quasi/{index}"));
                self.wrong(&place, format!("`{field}` is not a field of this list"));
            }
        }
        let document = json!({ "title": text("title"), "description": text("description"), "type": "array",
            "x-key": key_field, "items": row });
        let list = List {
            key: name.to_owned(),
            title: text("title"),
            aliases: property.get("x-aliases").map(texts).unwrap_or_default(),
            description: text("description"),
            key_field,
            telling,
            fields,
        };
        (Some(Item::List(list)), document)
    }
}

fn row_titled(row: &Value, title: &str) -> Value {
    let mut row = row.clone();
    if let Some(object) = row.as_object_mut() {
        object.insert("title".to_owned(), Value::String(title.to_owned()));
    }
    row
}
