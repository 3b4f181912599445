//! From bytes to text: gzip is told by its first bytes, never by the name.

use std::cell::Cell;
use std::io::{BufRead, Read};

use flate2::bufread::GzDecoder;
use memchr::memmem;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
/// A member's first bytes, with the only way of packing that there is.
const GZIP_MEMBER: &[u8] = &[0x1f, 0x8b, 0x08];
/// DEFLATE packs at most 1,032 to one; a trailer that promises more is not believed.
const MOST_PACKED: usize = 1032;
/// A file that is no larger, unpacked, may be packed however well if it has records.
const MOST_BYTES: u64 = 64 << 20;
/// A larger one that is packed better is none of CloudTrail's, whose files are packed some ten to one: ids of events alone, which
/// nothing packs, are more than a two-hundredth of records of 4 KB.
const MOST_OF_LOGS: u64 = 200;
/// Where there is no record in so many bytes that are packed so well, nobody needs to see more.
const MOST_WITHOUT_RECORD: u64 = 4 << 20;
/// However little they are packed, such as those of a device that never ends.
const MOST_WITHOUT_OBJECT: u64 = 1 << 30;

pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(GZIP_MAGIC)
}

/// The fast way, for one whole member in memory: its size and checksum are those that the file ends with, and nothing in the file
/// looks like the beginning of another one. What is unpacked is in the buffer's beginning.
pub(super) fn at_once<'b>(
    packed: &[u8],
    buffer: &'b mut Vec<u8>,
    decompressor: &mut libdeflater::Decompressor,
    most: usize,
) -> Option<&'b [u8]> {
    let [a, b, c, d, size @ ..] = *packed.last_chunk::<8>()?;
    let size = usize::try_from(u32::from_le_bytes(size)).ok()?;
    if has_another_member(packed)?
        || size > most
        || size / MOST_PACKED > packed.len()
        || may_be_bomb(size, packed)
    {
        return None;
    }
    if buffer.len() < size {
        buffer.resize(size, 0);
    }
    let text = buffer.get_mut(..size)?;
    let written = match packed.get(..10)? {
        // Without a name or the like in its head, so that the sum is made once, here below.
        [_, _, _, 0, ..] => decompressor
            .deflate_decompress(packed.get(10..packed.len() - 8)?, text)
            .ok()?,
        _ => decompressor.gzip_decompress(packed, text).ok()?,
    };
    let is_whole = written == size && libdeflater::crc32(text) == u32::from_le_bytes([a, b, c, d]);
    is_whole.then_some(text)
}

/// Whether another member may follow the first one in a file whose only member, if it has one, ends with these eight bytes. Before another
/// one stands how the first one ends, which is taken for the file's only if it is the same, with or without zeros behind it.
fn has_another_member(packed: &[u8]) -> Option<bool> {
    let end = packed.last_chunk::<8>()?;
    let begins = memmem::find_iter(packed.get(1..)?, GZIP_MEMBER);
    Some(begins.into_iter().any(|place| {
        let mut before = packed.get(..=place).unwrap_or_default();
        loop {
            match before {
                before if before.ends_with(end) => return true,
                [rest @ .., 0] => before = rest,
                _ => return false,
            }
        }
    }))
}

/// What is packed so well is looked at piece by piece.
fn may_be_bomb(size: usize, packed: &[u8]) -> bool {
    let [size, packed] = [size, packed.len()].map(|bytes| u64::try_from(bytes).unwrap_or(u64::MAX));
    size > MOST_WITHOUT_RECORD && size / MOST_OF_LOGS > packed
}

/// Counts what is read of a source.
pub(super) struct Counted<'c, R> {
    pub(super) source: R,
    pub(super) bytes: &'c Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.source.read(buffer)?;
        let counted = u64::try_from(count).unwrap_or_default();
        self.bytes.set(self.bytes.get().saturating_add(counted));
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<'_, R> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.source.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.source.consume(count);
        let counted = u64::try_from(count).unwrap_or_default();
        self.bytes.set(self.bytes.get().saturating_add(counted));
    }
}

/// The patient way: files of any size, several members, padding, and whatever is left of a damaged file.
pub(super) struct Unpacking<'c, R> {
    is_gzip: bool,
    state: State<R>,
    problem: Option<String>,
    unpacked: u64,
    /// How much of the file was unpacked.
    packed: &'c Cell<u64>,
    most: u64,
    /// What had been unpacked, and read, when there was a record last; and what had been unpacked when there was an object.
    at_record: (u64, u64),
    at_object: u64,
}

enum State<R> {
    Plain(R),
    Member(Box<GzDecoder<R>>),
    Done,
}

impl<'c, R: BufRead> Unpacking<'c, R> {
    pub(super) fn new(source: R, is_gzip: bool, packed: &'c Cell<u64>) -> Self {
        Self::at_most(source, is_gzip, packed, MOST_BYTES)
    }

    fn at_most(source: R, is_gzip: bool, packed: &'c Cell<u64>, most: u64) -> Self {
        let state = match is_gzip {
            true => State::Member(Box::new(GzDecoder::new(source))),
            false => State::Plain(source),
        };
        Self {
            is_gzip,
            state,
            problem: None,
            unpacked: 0,
            packed,
            most,
            at_record: (0, 0),
            at_object: 0,
        }
    }

    /// How much was unpacked, in bytes.
    pub(super) fn unpacked(&self) -> u64 {
        self.unpacked
    }

    /// Why the file could not be read to its end.
    pub(super) fn into_problem(self) -> Option<String> {
        self.problem
    }

    /// Adds so many bytes; false: the file ends with them.
    pub(super) fn read(&mut self, to: &mut Vec<u8>, count: usize) -> bool {
        let wanted = to.len() + count;
        while to.len() < wanted {
            let before = to.len();
            let before_all = self.unpacked;
            let left = u64::try_from(wanted - before).unwrap_or_default();
            let read = match &mut self.state {
                State::Plain(source) => source.take(left).read_to_end(to),
                State::Member(member) => member.by_ref().take(left).read_to_end(to),
                State::Done => return false,
            };
            self.unpacked += u64::try_from(to.len() - before).unwrap_or_default();
            let is_of_gzip = matches!(self.state, State::Member(_));
            if let Err(error) = read {
                self.state = State::Done;
                self.problem = Some(match is_of_gzip {
                    true => format!(
                        "is a damaged gzip file ({error}); what lies before the damage was read"
                    ),
                    false => format!("cannot be read: {error}; what lies before was read"),
                });
            } else if is_of_gzip && before_all == 0 && is_gzip(to) {
                self.state = State::Done;
                self.problem = Some("is packed twice: unpack it once, as `gunzip` does".to_owned());
                to.clear();
            } else if self.is_bomb() {
                self.state = State::Done;
                self.problem = Some(format!(
                    "has more than {} MB of text, packed more than {MOST_OF_LOGS} to one, which no log is; the beginning was read",
                    self.most >> 20
                ));
            } else if to.len() < wanted {
                self.next_member();
            }
        }
        !matches!(self.state, State::Done)
    }

    /// Told after each piece what it had; false: there is nothing for so long that the rest is not worth while.
    pub(super) fn is_worth_while(&mut self, has_records: bool, has_objects: bool) -> bool {
        let now = (self.unpacked, self.packed.get());
        if has_records {
            self.at_record = now;
        }
        if has_records || has_objects {
            self.at_object = self.unpacked;
        }
        let unpacked = now.0 - self.at_record.0;
        let of_a_log = (now.1 - self.at_record.1).saturating_mul(MOST_OF_LOGS);
        let is_bomb = self.is_gzip && unpacked > MOST_WITHOUT_RECORD && unpacked > of_a_log;
        let is_noise = self.unpacked - self.at_object > MOST_WITHOUT_OBJECT;
        if is_bomb {
            self.problem.get_or_insert_with(|| {
                format!(
                    "has {} MB without a record, packed more than {MOST_OF_LOGS} to one, which no log is; the rest was left out",
                    MOST_WITHOUT_RECORD >> 20
                )
            });
        } else if is_noise {
            self.problem.get_or_insert_with(|| {
                format!(
                    "has {} MB without anything that could be read; the rest was left out",
                    MOST_WITHOUT_OBJECT >> 20
                )
            });
        }
        !is_bomb && !is_noise
    }

    fn is_bomb(&self) -> bool {
        let of_a_log = self.packed.get().saturating_mul(MOST_OF_LOGS);
        self.is_gzip && self.unpacked > self.most && self.unpacked > of_a_log
    }

    /// Goes on behind the end of a member.
    fn next_member(&mut self) {
        let State::Member(member) = std::mem::replace(&mut self.state, State::Done) else {
            return;
        };
        let mut rest = member.into_inner();
        while let Ok(bytes @ [first, ..]) = rest.fill_buf() {
            if *first == 0x1f {
                self.state = State::Member(Box::new(GzDecoder::new(rest)));
                return;
            }
            if *first != 0 {
                let problem = "goes on behind the end of its gzip data; what lies before was read";
                self.problem = Some(problem.to_owned());
                return;
            }
            let padding = bytes.iter().take_while(|byte| **byte == 0).count();
            rest.consume(padding);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// At once where that can be, and patiently.
    fn unpacked(packed: &[u8], most: u64) -> (Vec<u8>, Option<String>) {
        let (mut buffer, mut text) = (Vec::new(), Vec::new());
        let mut decompressor = libdeflater::Decompressor::new();
        let at_once = at_once(packed, &mut buffer, &mut decompressor, 1 << 30).map(<[u8]>::to_vec);
        let bytes = Cell::new(0);
        let source = std::io::BufReader::new(Counted {
            source: packed,
            bytes: &bytes,
        });
        let mut unpacking = Unpacking::at_most(source, is_gzip(packed), &bytes, most);
        while unpacking.read(&mut text, 1000) {}
        let problem = unpacking.into_problem();
        if problem.is_none() {
            assert!(at_once.is_none_or(|at_once| at_once == text));
        }
        (text, problem)
    }

    #[test]
    fn all_members_count_even_those_that_are_alike() {
        let member = packed(b"{\"a\":1}\n");
        for padding in [0, 7] {
            let file = [
                member.clone(),
                vec![0; padding],
                member.clone(),
                vec![0; padding],
            ]
            .concat();
            let (text, problem) = unpacked(&file, 1 << 20);
            assert_eq!(text, b"{\"a\":1}\n{\"a\":1}\n");
            assert_eq!(problem, None);
        }
        let (_, problem) = unpacked(&[&*member, b"junk"].concat(), 1 << 20);
        assert!(problem.unwrap().contains("goes on behind"));
    }

    #[test]
    fn a_member_with_a_name_is_unpacked_at_once_too() {
        let mut encoder = flate2::GzBuilder::new()
            .filename("x.json")
            .write(Vec::new(), Compression::best());
        encoder.write_all(b"{}").unwrap();
        let file = encoder.finish().unwrap();
        let mut buffer = Vec::new();
        let mut decompressor = libdeflater::Decompressor::new();
        let text = at_once(&file, &mut buffer, &mut decompressor, 1 << 20);
        assert_eq!(text, Some(&b"{}"[..]));
    }

    #[test]
    fn what_only_looks_like_another_member_is_unpacked_at_once() {
        // Not packed, so that the text's bytes stand in the file as they are.
        let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
        encoder.write_all(GZIP_MEMBER).unwrap();
        let file = encoder.finish().unwrap();
        assert!(memmem::find(&file[1..], GZIP_MEMBER).is_some());
        let mut buffer = Vec::new();
        let mut decompressor = libdeflater::Decompressor::new();
        let text = at_once(&file, &mut buffer, &mut decompressor, 1 << 20);
        assert_eq!(text, Some(GZIP_MEMBER));
        // Two that are alike end alike.
        let two = [&file[..], &[0, 0], &file].concat();
        let text = at_once(&two, &mut buffer, &mut decompressor, 1 << 20);
        assert_eq!(text, None);
    }

    #[test]
    fn a_bomb_ends_at_the_most() {
        let most = 2 << 20;
        let whole = vec![b' '; most];
        let (text, problem) = unpacked(&packed(&whole), most as u64);
        assert_eq!((text.len(), problem), (most, None));
        for bomb in [
            packed(&whole.repeat(2)),
            packed(&whole[..1 << 20]).repeat(3),
        ] {
            let (text, problem) = unpacked(&bomb, most as u64);
            assert!((most..most + 1001).contains(&text.len()));
            assert!(problem.unwrap().contains("more than 2 MB"));
        }
        // What is not packed, or packed as logs are, may have any size.
        let (text, problem) = unpacked(&whole.repeat(2), most as u64);
        assert_eq!((text.len(), problem), (2 * most, None));
    }

    #[test]
    fn a_trailer_that_lies_is_not_believed() {
        let mut lying = packed(b"{}");
        let end = lying.len();
        lying[end - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        let (_, problem) = unpacked(&lying, 1 << 20);
        assert!(problem.unwrap().contains("damaged gzip"));
    }
}
