//! The bound on the work of a comparison.

/// Steps that are left. A step is about one machine word of state looked at.
#[derive(Debug)]
pub(super) struct Work {
    left: u64,
}

/// The steps are used up; the answer is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exhausted;

impl Work {
    pub(super) fn new(steps: u64) -> Self {
        Self { left: steps }
    }

    /// A bound of its own for a part of the work; what the part uses is not taken from the whole.
    pub(super) fn part(&self, steps: u64) -> Self {
        Self {
            left: steps.min(self.left),
        }
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        let steps = u64::try_from(steps).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(steps).ok_or(Exhausted)?;
        Ok(())
    }
}
