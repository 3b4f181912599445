//! A kind of event.

use crate::calls::Call;

/// A kind of event.
pub(super) struct Event<'a> {
    pub(super) prefix: &'a str,
    pub(super) name: &'a str,
    pub(super) call: &'a Call,
}
