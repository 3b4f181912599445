//! Exit codes: one meaning each, in every command.

use std::process::ExitCode;

/// The code of a run that was interrupted. What was finished is kept.
pub(crate) const INTERRUPTED: u8 = 130;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// 0: done; the gate passes.
    Done,
    /// 1: done, and the answer is no: the gate fails, findings at or above `--fail-on`.
    No,
    /// 2: the arguments are wrong, or nothing usable was found in the input.
    CannotAnswer,
    /// 3: done, but something could not be read or judged.
    Incomplete,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::No => 1,
            Outcome::CannotAnswer => 2,
            Outcome::Incomplete => 3,
        })
    }
}
