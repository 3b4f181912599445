//! The events that were seen, however many: sorted in pieces, spilled to a temporary file, and given back in order.

use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use rayon::slice::ParallelSliceMut as _;

/// So many stay in memory, all threads together, each of which has a list of its own: 24 MB of them.
const MOST_OF_ALL: usize = 1 << 20;
/// So many are one thread's at least, however many threads there are.
const LEAST_IN_MEMORY: usize = 1 << 16;
/// From so many on, a thread has room for all that stay in memory.
const FEW: usize = 1 << 12;
/// So many are read back at a time, 6 MB, of all pieces together.
const READ_BACK: usize = if cfg!(test) { 4 } else { 1 << 18 };
/// The least that is read of one piece, so that a disk is not asked for single events.
const LEAST_READ_BACK: usize = if cfg!(test) { 1 } else { 64 };

/// The size of an event in the file, in bytes.
const SIZE: usize = 24;

/// An event, remembered to be told from its duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SeenEvent {
    /// A hash of the event id, or of what tells the record from others where there is none.
    pub(crate) id: u64,
    /// A hash of the shared event id; zero without one.
    pub(crate) shared_id: u64,
    /// The number of the set of rows that it added to.
    pub(crate) rows: u32,
    /// Whether the record has an event id.
    pub(crate) has_id: bool,
    /// Whether the caller's own account received the record.
    pub(crate) is_callers_account: bool,
    /// Whether an earlier run has counted it.
    pub(crate) is_known: bool,
}

impl SeenEvent {
    /// The same in two records exactly if they are of one event.
    pub(crate) fn key(&self) -> (bool, u64) {
        (self.has_id, self.id)
    }

    fn to_bytes(self) -> [u8; SIZE] {
        let mut bytes = [0; SIZE];
        let flags = u8::from(self.has_id)
            | u8::from(self.is_callers_account) << 1
            | u8::from(self.is_known) << 2;
        let (ids, rest) = bytes.split_at_mut(16);
        let (id, shared_id) = ids.split_at_mut(8);
        let (rows, rest) = rest.split_at_mut(4);
        id.copy_from_slice(&self.id.to_le_bytes());
        shared_id.copy_from_slice(&self.shared_id.to_le_bytes());
        rows.copy_from_slice(&self.rows.to_le_bytes());
        rest.copy_from_slice(&[flags, 0, 0, 0]);
        bytes
    }

    fn of_bytes(bytes: &[u8; SIZE]) -> Self {
        let [
            a0,
            a1,
            a2,
            a3,
            a4,
            a5,
            a6,
            a7,
            b0,
            b1,
            b2,
            b3,
            b4,
            b5,
            b6,
            b7,
            r0,
            r1,
            r2,
            r3,
            flags,
            ..,
        ] = *bytes;
        Self {
            id: u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]),
            shared_id: u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]),
            rows: u32::from_le_bytes([r0, r1, r2, r3]),
            has_id: flags & 1 != 0,
            is_callers_account: flags & 2 != 0,
            is_known: flags & 4 != 0,
        }
    }
}

/// Events in any order, of which only so many are in memory.
#[derive(Debug)]
pub(crate) struct SeenEvents {
    buffer: Vec<SeenEvent>,
    /// So many stay in memory.
    most_in_memory: usize,
    /// Has no name, so that nothing is left of it when the process ends, however it ends.
    file: Option<File>,
    /// How many events each sorted piece in the file has, in the order of the file.
    pieces: Vec<u64>,
    /// Without room on the disk, events stay in memory.
    has_no_file: bool,
}

impl Default for SeenEvents {
    fn default() -> Self {
        Self {
            buffer: Vec::new(),
            most_in_memory: most_in_memory(),
            file: None,
            pieces: Vec::new(),
            has_no_file: false,
        }
    }
}

/// How many events of a thread stay in memory; few in tests, so that they spill.
fn most_in_memory() -> usize {
    if cfg!(test) {
        return 3;
    }
    (MOST_OF_ALL / rayon::current_num_threads().max(1)).max(LEAST_IN_MEMORY)
}

impl SeenEvents {
    pub(crate) fn push(&mut self, event: SeenEvent) {
        if self.buffer.len() >= self.most_in_memory && !self.has_no_file {
            self.has_no_file = self.spill().is_err();
        }
        // What is never used of it costs no memory, and to copy it again and again while it grows costs time.
        if self.buffer.len() == FEW {
            let more = self.most_in_memory.saturating_sub(FEW);
            self.buffer.reserve_exact(more);
        }
        self.buffer.push(event);
    }

    /// Sorts what is in memory, as [`in_order`] needs it.
    pub(crate) fn sort(&mut self) {
        self.buffer.par_sort_unstable_by_key(SeenEvent::key);
    }

    fn spill(&mut self) -> std::io::Result<()> {
        self.buffer.sort_unstable_by_key(SeenEvent::key);
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        // Where an earlier attempt failed half-way is written over.
        file.seek(SeekFrom::Start(place(&self.pieces)))?;
        let mut writer = BufWriter::with_capacity(1 << 16, file);
        for event in &self.buffer {
            writer.write_all(&event.to_bytes())?;
        }
        writer.flush()?;
        self.pieces
            .push(u64::try_from(self.buffer.len()).unwrap_or(u64::MAX));
        self.buffer.clear();
        Ok(())
    }
}

/// Where in the file the next piece begins, in bytes.
fn place(pieces: &[u64]) -> u64 {
    let size = u64::try_from(SIZE).unwrap_or(u64::MAX);
    pieces.iter().sum::<u64>().saturating_mul(size)
}

/// A sorted piece while it is read back.
struct Piece {
    /// The places in the list of all and in the list of files.
    source: usize,
    /// What was read and not given back yet, sorted.
    chunk: Vec<SeenEvent>,
    given: usize,
    /// Where the rest begins in the file, in bytes, and how many events that is.
    place: u64,
    left: u64,
}

/// Gives back the events of several sorted lists, those of one key one after the other. The numbers of their sets of rows are looked
/// up in the list's own numbers, where it has any.
///
/// # Errors
/// Where the temporary file cannot be read back.
pub(crate) fn in_order(
    lists: Vec<(SeenEvents, Option<Vec<u32>>)>,
    mut each: impl FnMut(SeenEvent),
) -> std::io::Result<()> {
    let mut files = Vec::with_capacity(lists.len());
    let mut pieces = Vec::new();
    for (source, (list, numbers)) in lists.into_iter().enumerate() {
        let mut place = 0;
        for count in &list.pieces {
            pieces.push(Piece {
                source,
                chunk: Vec::new(),
                given: 0,
                place,
                left: *count,
            });
            place += self::place(&[*count]);
        }
        debug_assert!(list.buffer.is_sorted_by_key(SeenEvent::key));
        let mut chunk = list.buffer;
        renumber(&mut chunk, numbers.as_deref());
        pieces.push(Piece {
            source,
            chunk,
            given: 0,
            place: 0,
            left: 0,
        });
        files.push((list.file, numbers));
    }
    let at_a_time = (READ_BACK / pieces.len().max(1)).max(LEAST_READ_BACK);
    let mut batch: Vec<SeenEvent> = Vec::new();
    loop {
        for piece in &mut pieces {
            if let Some((Some(file), numbers)) = files.get_mut(piece.source) {
                piece.read_on(file, numbers.as_deref(), at_a_time)?;
            }
        }
        // Up to the smallest end of what was read of pieces that go on, nothing is missing.
        let end = pieces
            .iter()
            .filter(|piece| piece.left > 0)
            .filter_map(|piece| piece.chunk.last().map(SeenEvent::key))
            .min();
        batch.clear();
        for piece in &mut pieces {
            let rest = piece.rest();
            let count = end.map_or(rest.len(), |end| {
                rest.partition_point(|event| event.key() <= end)
            });
            batch.extend(rest.iter().take(count));
            piece.given += count;
        }
        if batch.is_empty() {
            return Ok(());
        }
        // Sorts what is sorted in pieces faster than the unstable one.
        batch.par_sort_by_key(SeenEvent::key);
        batch.iter().copied().for_each(&mut each);
    }
}

impl Piece {
    fn rest(&self) -> &[SeenEvent] {
        self.chunk.get(self.given..).unwrap_or_default()
    }

    /// Reads the next events, if all that were read were given back.
    fn read_on(
        &mut self,
        file: &mut File,
        numbers: Option<&[u32]>,
        at_a_time: usize,
    ) -> std::io::Result<()> {
        if self.given < self.chunk.len() || self.left == 0 {
            return Ok(());
        }
        let count = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(at_a_time);
        let mut bytes = vec![0; count * SIZE];
        file.seek(SeekFrom::Start(self.place))?;
        file.read_exact(&mut bytes)?;
        self.place += u64::try_from(bytes.len()).unwrap_or_default();
        self.left -= u64::try_from(count).unwrap_or_default();
        let (events, _) = bytes.as_chunks::<SIZE>();
        self.chunk.clear();
        self.chunk.extend(events.iter().map(SeenEvent::of_bytes));
        self.given = 0;
        renumber(&mut self.chunk, numbers);
        Ok(())
    }
}

fn renumber(events: &mut [SeenEvent], numbers: Option<&[u32]>) {
    if let Some(numbers) = numbers {
        for event in events {
            event.rows = crate::groups::renumber(numbers, event.rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(id: u64, rows: u32) -> SeenEvent {
        SeenEvent {
            id,
            shared_id: id.rotate_left(7),
            rows,
            has_id: !id.is_multiple_of(5),
            is_callers_account: !id.is_multiple_of(2),
            is_known: !id.is_multiple_of(3),
        }
    }

    proptest! {
        #[test]
        fn what_was_spilled_comes_back_in_order(lists in prop::collection::vec(prop::collection::vec(0..40_u64, 0..40), 0..4)) {
            let mut seen: Vec<(SeenEvents, Option<Vec<u32>>)> = Vec::new();
            let mut expected = Vec::new();
            for (place, ids) in (0..).zip(&lists) {
                let mut list = SeenEvents::default();
                for id in ids {
                    list.push(event(*id, 1));
                    expected.push(event(*id, place));
                }
                prop_assert_eq!(list.pieces.len(), ids.len().saturating_sub(1) / most_in_memory());
                list.sort();
                seen.push((list, Some(vec![7, place])));
            }
            let mut given = Vec::new();
            in_order(seen, |event| given.push(event)).unwrap();
            prop_assert!(given.is_sorted_by_key(SeenEvent::key));
            let whole = |event: &SeenEvent| (event.key(), event.rows);
            given.sort_by_key(whole);
            expected.sort_by_key(whole);
            prop_assert_eq!(given, expected);
        }
    }
}
