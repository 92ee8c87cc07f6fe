//! Submission ─read─▶ Workbook ─extract─▶ Return ─┬─▶ Records   (for report and metrics tools)
//!   bytes            cells               figures └─▶ Findings  (for the agency)
//!
//! The core takes bytes and gives values: no path, clock, thread, print or environment. Layers run downwards, in the
//! order of the blocks below; a test keeps them so.

pub mod cell;
pub mod figure;

pub mod finding;

pub mod workbook;

pub mod draw;
pub mod rules;

pub mod schema;

pub mod extract;

pub mod checks;

pub mod record;

pub mod report;

pub mod case;

pub mod export;
pub mod render;

#[cfg(feature = "cli")]
pub mod template;

#[cfg(feature = "cli")]
pub mod batch;
