//! Records of one text, gathered for the sink, which takes several at once faster than one by one.

use crate::{Record, RecordSink};

/// As many as a processor's nearest cache holds with room to spare: some 10 KB.
const AT_ONCE: usize = if cfg!(test) { 2 } else { 16 };

/// Records that the sink has not been told yet.
#[derive(Default)]
pub(super) struct Gathered<'a>(Vec<Record<'a>>);

impl<'a> Gathered<'a> {
    /// An empty record to be read into.
    #[expect(clippy::indexing_slicing, reason = "the record was just put there")]
    pub(super) fn begin(&mut self) -> &mut Record<'a> {
        // In its place, where `push` would copy it to.
        let number = self.0.len();
        self.0.resize_with(number + 1, Record::default);
        &mut self.0[number]
    }

    /// The record that was begun, which is not gathered.
    pub(super) fn take_back(&mut self) -> Record<'a> {
        self.0.pop().unwrap_or_default()
    }

    /// Whether there is no room for another one.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= AT_ONCE
    }

    /// Tells the sink all of them.
    pub(super) fn hand_over(&mut self, sink: &mut impl RecordSink) {
        if !self.0.is_empty() {
            sink.records(&self.0);
            self.0.clear();
        }
    }
}
