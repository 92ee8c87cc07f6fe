//! Findings and reports as people and programs read them: functions from values to text.
