//! What is told of resources.

use super::parameters::MOST_VALUES;

/// What parameters say of the resources of one type or more.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) arns: Vec<String>,
    /// Whether something is meant that cannot be told.
    pub(super) is_unclear: bool,
}

impl Told {
    pub(super) fn push(&mut self, arn: Option<String>) {
        match arn {
            Some(arn) if self.arns.len() < MOST_VALUES => self.arns.push(arn),
            _ => self.is_unclear = true,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.arns.is_empty() && !self.is_unclear
    }
}
