//! What several tests share.

pub mod oracle;
