//! Files for other tools, made from values.
