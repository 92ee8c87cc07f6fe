//! The nightly batch: inbox to outbox. All file access is in this folder.
