//! What of their parameters told calls of a kind apart so far, so that the next one is looked up by that first.
//!
//! Only hints: whatever they say, calls go where they would go without them.

use crate::known_rows::Deciding;

/// Of so many kinds it is remembered; another kind may have the place of one.
const KINDS: usize = 1 << 12;

/// What of the parameters decides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Decides {
    /// All of them, as far as is known.
    #[default]
    Whole,
    /// Some members.
    Parts,
    /// Nothing.
    Nothing,
}

impl From<Deciding<'_>> for Decides {
    fn from(deciding: Deciding<'_>) -> Self {
        match deciding {
            Deciding::Whole(_) => Self::Whole,
            Deciding::Parts(_) => Self::Parts,
            Deciding::Nothing => Self::Nothing,
        }
    }
}

/// By the numbers of kinds.
#[derive(Debug, Default)]
pub(crate) struct Decided(Vec<Decides>);

impl Decided {
    pub(crate) fn of(&self, kind: u32) -> Decides {
        self.0.get(place(kind)).copied().unwrap_or_default()
    }

    pub(crate) fn put(&mut self, kind: u32, decides: Decides) {
        if self.0.is_empty() {
            self.0.resize(KINDS, Decides::default());
        }
        if let Some(own) = self.0.get_mut(place(kind)) {
            *own = decides;
        }
    }
}

fn place(kind: u32) -> usize {
    usize::try_from(kind).unwrap_or_default() % KINDS
}
