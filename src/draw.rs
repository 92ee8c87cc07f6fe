//! Draws the piece of a sheet that a finding is about, as text and spans, with its true rows and columns.
//! Knows no printer; `render::human` hands the spans to miette.
