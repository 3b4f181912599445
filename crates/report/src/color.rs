//! Colours on a terminal.

use leastgrant_audit::Severity;

/// How a piece of terminal text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paint {
    Bold,
    Dim,
    Good,
    Warning,
    Bad,
    Severity(Severity),
}

impl Paint {
    /// The text with the escape codes around it, or as it is without `color`.
    pub(crate) fn on(self, text: &str, color: bool) -> String {
        if color {
            format!("\u{1b}[{}m{text}\u{1b}[0m", self.code())
        } else {
            text.to_owned()
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "1;32",
            Self::Warning => "1;33",
            Self::Bad | Self::Severity(Severity::Critical) => "1;31",
            Self::Severity(Severity::High) => "31",
            Self::Severity(Severity::Medium) => "33",
            Self::Severity(Severity::Low) => "36",
        }
    }
}
