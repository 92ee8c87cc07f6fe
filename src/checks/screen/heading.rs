//! Headings that belong over a list of people: told by the whole cell, so that a sentence about surnames is let pass.
//! What stands below such a heading is left to `sheet`.

/// What a short cell says about the cells below it or beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Heading {
    /// A column of names of people.
    Names,
    /// A column of references, each of one person.
    References,
    /// A column of dates of birth.
    Births,
    /// Found over lists of people, but over tables of totals too.
    Weak,
    /// The word “name” by itself: over people only where other such words stand beside it.
    Name,
}

/// Words for one person.
const PERSON: [&str; 22] = [
    "child",
    "childs",
    "client",
    "clients",
    "young person",
    "young persons",
    "yp",
    "yps",
    "pupil",
    "pupils",
    "patient",
    "patients",
    "student",
    "students",
    "person",
    "persons",
    "service user",
    "service users",
    "baby",
    "babys",
    "sibling",
    "siblings",
];
/// Groups of children: “LAC number” may be a count, “LAC ID” cannot.
const GROUP: [&str; 6] = ["lac", "cla", "cin", "cp", "cpp", "uasc"];
/// Adults around a child: their names are personal, “carer number” is nothing.
const ADULT: [&str; 8] = ["mother", "mothers", "father", "fathers", "parent", "parents", "carer", "carers"];
/// Systems in which each child has a number.
const SYSTEM: [&str; 9] = ["mosaic", "lcs", "ics", "liquidlogic", "carefirst", "emis", "rio", "nhs", "pnc"];
/// Names and numbers that only a person has.
const NAMES: [&str; 18] = [
    "forename",
    "forenames",
    "first name",
    "first names",
    "given name",
    "given names",
    "christian name",
    "middle name",
    "middle names",
    "surname",
    "surnames",
    "last name",
    "family name",
    "maiden name",
    "preferred name",
    "known as",
    "alias name",
    "full name of child",
];
const REFERENCES: [&str; 10] = [
    "upn",
    "unique pupil number",
    "uln",
    "unique learner number",
    "ni number",
    "nino",
    "national insurance number",
    "passport number",
    "passport no",
    "chi number",
];
const BIRTHS: [&str; 12] = [
    "date of birth",
    "dob",
    "d o b",
    "birth date",
    "birthdate",
    "birthday",
    "date born",
    "d of b",
    "expected date of birth",
    "dob edd",
    "month of birth",
    "month and year of birth",
];
const WEAK: [&str; 18] = [
    "sex",
    "gender",
    "age",
    "ethnicity",
    "ethnic origin",
    "initials",
    "address",
    "home address",
    "school",
    "gp",
    "social worker",
    "allocated worker",
    "key worker",
    "legal status",
    "religion",
    "nationality",
    "first language",
    "placement address",
];

/// What a cell says as a heading, if it is one that is found over people.
pub(super) fn heading(text: &str) -> Option<Heading> {
    if text.len() > 60 {
        return None;
    }
    let words = normalise(text);
    let words = words.as_str();
    if words.is_empty() || words.len() > 40 {
        return None;
    }
    if words == "name" || words == "names" {
        return Some(Heading::Name);
    }
    if are_names(words) {
        return Some(Heading::Names);
    }
    if REFERENCES.contains(&words) {
        return Some(Heading::References);
    }
    if BIRTHS.contains(&words) {
        return Some(Heading::Births);
    }
    if WEAK.contains(&words) {
        return Some(Heading::Weak);
    }
    if let Some(of) = words.strip_prefix("name of ").map(|w| w.strip_prefix("the ").unwrap_or(w)) {
        return (PERSON.contains(&of) || ADULT.contains(&of)).then_some(Heading::Names);
    }
    of_a_person(words)
}

/// `child id`, `pupil surname`, `lac reference`: a word for a person and what is told of them.
fn of_a_person(words: &str) -> Option<Heading> {
    let starts = |list: &[&str]| {
        list.iter()
            .filter_map(|p| words.strip_prefix(p).and_then(|rest| rest.strip_prefix(' ')))
            .map(str::to_owned)
            .next()
    };
    let person = starts(&PERSON);
    if let Some(what) = &person {
        let what = what.as_str();
        if BIRTHS.contains(&what) {
            return Some(Heading::Births);
        }
        if are_names(what) || matches!(what, "name" | "names" | "initials" | "full name") {
            return Some(Heading::Names);
        }
        if is_reference(what) || matches!(what, "number" | "no" | "address" | "postcode" | "upn") {
            return Some(Heading::References);
        }
    }
    if let Some(what) = starts(&ADULT) {
        return (NAMES.contains(&what.as_str()) || what == "name").then_some(Heading::Names);
    }
    let group = starts(&GROUP).is_some_and(|what| is_reference(&what));
    let system = starts(&SYSTEM).is_some_and(|what| is_reference(&what) || matches!(what.as_str(), "number" | "no"));
    (group || system).then_some(Heading::References)
}

/// `surname`, and several such in one heading: `surname, forename`, `first name and surname`.
fn are_names(words: &str) -> bool {
    if words.is_empty() || NAMES.contains(&words) {
        return !words.is_empty();
    }
    let after = |word: &&str| words.strip_prefix(*word).and_then(|rest| rest.strip_prefix(' '));
    let rest = NAMES.iter().find_map(after);
    rest.is_some_and(|rest| are_names(["and ", "or "].iter().find_map(|w| rest.strip_prefix(w)).unwrap_or(rest)))
}

/// Words that cannot mean a count.
fn is_reference(what: &str) -> bool {
    matches!(
        what,
        "id" | "ids"
            | "ref"
            | "reference"
            | "identifier"
            | "unique id"
            | "unique identifier"
            | "system id"
            | "ref no"
            | "reference number"
            | "reference no"
            | "id number"
            | "id no"
            | "unique reference"
            | "unique reference number"
    )
}

/// Lower-case words: apostrophes taken out, what stands in brackets left out, other punctuation a space.
fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            '\'' | '’' | '‘' => {}
            _ if depth > 0 => {}
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            _ => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Whether a tab's name says that the sheet lists children.
pub(super) fn names_a_list(sheet: &str) -> bool {
    let words = normalise(sheet);
    let Some((who, what)) = words.rsplit_once(' ') else { return false };
    let who = who.strip_suffix(" level").unwrap_or(who);
    let who_is_many = PERSON.contains(&who) || GROUP.contains(&who) || matches!(who, "children" | "young people");
    let level = words.contains(" level ") && matches!(what, "data" | "rows" | "records" | "detail" | "details");
    who_is_many && (matches!(what, "list" | "listing" | "names" | "roll" | "register") || level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_over_people_are_known() {
        for (text, expected) in [
            ("Forename", Heading::Names),
            ("SURNAME ", Heading::Names),
            ("Surname, forename", Heading::Names),
            ("Child’s first name & surname", Heading::Names),
            ("Child’s name", Heading::Names),
            ("Name of child", Heading::Names),
            ("Name of the young person", Heading::Names),
            ("Mother's name", Heading::Names),
            ("Child ID", Heading::References),
            ("child_id", Heading::References),
            ("LAC id", Heading::References),
            ("Mosaic no.", Heading::References),
            ("NHS number", Heading::References),
            ("UPN", Heading::References),
            ("D.O.B.", Heading::Births),
            ("Date of Birth (dd/mm/yyyy)", Heading::Births),
            ("Child DOB", Heading::Births),
            ("Name", Heading::Name),
            ("Gender", Heading::Weak),
        ] {
            assert_eq!(heading(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn words_of_a_template_are_no_headings_over_people() {
        for text in [
            "Name of service",
            "Children",
            "Children with a contact",
            "LAC number",
            "CLA number",
            "Number of children",
            "Pupil numbers",
            "Child protection",
            "Child",
            "Agency",
            "Agency name",
            "Prepared by (role)",
            "Owner (role)",
            "Recommendation",
            "Rec ID",
            "Age band",
            "Ethnic group",
            "Source reference",
            "Date of birth not recorded",
            "Due date",
            "NHS",
            "NHS Whittington Health",
            "Case",
            "",
            "()",
            "Sheet name",
            "The surname of a child must never be sent to the partnership",
        ] {
            assert_eq!(heading(text), None, "{text}");
        }
    }

    #[test]
    fn a_tab_may_say_that_it_lists_children() {
        for yes in ["Child list", "CLA list", "Child-level data", "Children list", "Pupil level records"] {
            assert!(names_a_list(yes), "{yes}");
        }
        for no in
            ["Front door", "Child protection", "Children in need", "Lists", "List", "Recommendations list", "Data"]
        {
            assert!(!names_a_list(no), "{no}");
        }
    }
}
