//! Lines of text for e-mail and screen readers, none wider than was asked for.

use super::words;

/// A text that grows line by line.
pub(super) struct Page {
    pub(super) out: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self { out: String::new(), width }
    }

    /// A paragraph; the lines after its first begin with `hang`.
    pub(super) fn say(&mut self, text: &str, hang: &str) {
        for (i, line) in words::wrap(text, self.width.saturating_sub(hang.len())).into_iter().enumerate() {
            if i > 0 {
                self.out.push_str(hang);
            }
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    /// A paragraph that stands further in.
    pub(super) fn inside(&mut self, text: &str, by: &str) {
        for line in words::wrap(text, self.width.saturating_sub(by.len())) {
            self.out.push_str(by);
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    /// An empty line, unless there is one.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}
