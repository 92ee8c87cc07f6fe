//! The checks, in the order of the pipeline: screen, conform, within, since, explain. Checks speak pointers, never cells.

pub mod screen;
