//! What the founding documents name, and where in the pack it is at home.

use maud::{Markup, html};

use super::Book;
use super::page::{self, codes_file, frame, table};
use crate::schema::SeedKind;

pub(super) fn page(book: &Book<'_>) -> Markup {
    let source = book.json.get("seeds.json").map(|file| super::text(file, "source")).unwrap_or_default();
    let body = html! {
        p.lead { "Every figure, topic, obligation and aim that the founding documents name, and where it is returned, checked or kept." }
        p { (source) }
        @for kind in SeedKind::ALL {
            @let seeds = book.schemas.seeds.iter().filter(|seed| seed.kind == kind);
            @let rows = seeds.map(|seed| html! {
                th scope="row" id=(seed.id) { (seed.id) }
                td.wide { "“" (seed.quote) "”" br; span.small { (seed.place) } }
                td.wide {
                    ul.plain { @for home in &seed.homes { li { (home_of(book, home)) } } }
                    @if let Some(why) = &seed.none { "Nowhere. " (why) }
                }
            }).collect::<Vec<_>>();
            h2 { (heading(kind)) " (" (rows.len()) ")" }
            (table(heading(kind), &["No", "In the words of the document", "At home in"], &rows))
        }
    };
    frame(book, "What the founding documents name", &body)
}

const fn heading(kind: SeedKind) -> &'static str {
    match kind {
        SeedKind::Figure => "Figures",
        SeedKind::Topic => "Topics",
        SeedKind::Obligation => "Obligations",
        SeedKind::Aim => "Aims of the report",
    }
}

fn home_of(book: &Book<'_>, home: &str) -> Markup {
    if book.schemas.catalogue.contains_key(home) {
        return page::rule(book, home);
    }
    if let Some(name) = home.strip_prefix("param.") {
        return html! { a href={ "parameters.html#" (name) } { (name) } };
    }
    if let Some(name) = home.strip_prefix("reference.") {
        return html! { a href={ "reference-data.html#" (name) } { "Reference figure " (name) } };
    }
    if let Some((list, code)) = home.strip_prefix("codes/").and_then(|rest| rest.split_once('.')) {
        let titled = book.json.get(format!("codes/{list}.json").as_str());
        let title = titled.map(|file| super::text(file, "title")).unwrap_or(list);
        return html! { a href={ (codes_file(list)) "#" (code) } { (title) ": " (code) } };
    }
    if let Some(name) = home.strip_prefix("out/") {
        return html! { "The outbox: " code { (name) } };
    }
    if home == "agencies.json" {
        return html! { a href="who.html" { "Who returns what" } };
    }
    match home.split_once('.') {
        None => page::section(book, home),
        Some((key, inside)) => {
            let spot = (key.to_owned(), inside.split('.').map(str::to_owned).collect());
            html! { (page::section(book, key)) ": " (page::spot(book, &spot)) }
        }
    }
}
