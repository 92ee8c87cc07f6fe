//! Every section file against the pack's own meta-schema: no keyword that is neither JSON Schema's nor ours, none misspelt.

use jsonschema::error::ValidationErrorKind;
use serde_json::{Value, json};

use super::source::{SchemaError, Source};

/// Checks the shape of section files.
pub(super) fn check<'a>(vocabulary: &Source, files: impl Iterator<Item = &'a Source>, errors: &mut Vec<SchemaError>) {
    against(&vocabulary.json, vocabulary, files, errors);
}

/// Checks the shape of files that the vocabulary describes under `$defs`.
pub(super) fn check_as<'a>(
    name: &str,
    vocabulary: &Source,
    files: impl Iterator<Item = &'a Source>,
    errors: &mut Vec<SchemaError>,
) {
    let schema = json!({
        "$schema": vocabulary.json["$schema"], "$ref": format!("#/$defs/{name}"), "$defs": vocabulary.json["$defs"],
    });
    against(&schema, vocabulary, files, errors);
}

fn against<'a>(
    schema: &Value,
    vocabulary: &Source,
    files: impl Iterator<Item = &'a Source>,
    errors: &mut Vec<SchemaError>,
) {
    let validator = match super::compile::validator(schema) {
        Ok(validator) => validator,
        Err(message) => {
            return errors.push(vocabulary.wrong("", format!("the vocabulary is not a valid JSON Schema: {message}")));
        }
    };
    for source in files {
        for error in validator.iter_errors(&source.json) {
            explain(&error, source, errors);
        }
    }
}

/// One error of the meta-schema, in words for the pack's author. Of alternatives, the branch that came nearest speaks.
fn explain(error: &jsonschema::ValidationError<'_>, source: &Source, errors: &mut Vec<SchemaError>) {
    let place = error.instance_path().as_str().to_owned();
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            if let Some(nearest) = context.iter().filter(|branch| !branch.is_empty()).min_by_key(|branch| branch.len())
            {
                nearest.iter().for_each(|inner| explain(inner, source, errors));
            }
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for keyword in unexpected {
                let at = super::source::join(&place, keyword);
                errors
                    .push(source.wrong(&at, format!("`{keyword}` is not a keyword that a section file may use here")));
            }
        }
        ValidationErrorKind::Required { property } => {
            let property = property.as_str().unwrap_or_default();
            errors.push(source.wrong(&place, format!("`{property}` is missing here")));
        }
        // The words of the validator do: the reader of these knows JSON Schema.
        _ => errors.push(source.wrong(&place, error.to_string())),
    }
}
