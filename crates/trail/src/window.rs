//! The time that events are taken from.

use jiff::Timestamp;

/// A half-open span of event times: `[since, until)`. A side that is missing is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The first instant inside.
    pub since: Option<Timestamp>,
    /// The first instant past it.
    pub until: Option<Timestamp>,
}

impl Window {
    /// Whether an event of this time is inside.
    #[must_use]
    pub fn contains(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| since <= time) && self.until.is_none_or(|until| time < until)
    }
}
