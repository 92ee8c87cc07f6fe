//! A case: one or more whole returns as text, with their context, run through `check`. Shown by `explain`, run by the tests.
