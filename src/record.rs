//! One normalised figure, ready for the report and metrics tools, with the cell it came from.
