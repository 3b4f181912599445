//! Files and folders, each file read by one thread.

use std::cell::Cell;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use rayon::prelude::*;

use super::found::{Found, STANDARD_INPUT, find};
use super::scan::KnownValues;
use super::unpack::{Counted, Unpacking};
use super::{shapes, stream, unpack};
use crate::error::Error;
use crate::{FileProblem, Record, RecordSink, SkipReason, UnreadFiles};

/// What such a text begins with, in either order of bytes.
const UTF_16_MARKS: [&[u8]; 2] = [&[0xff, 0xfe], &[0xfe, 0xff]];

/// Larger files are unpacked in pieces, and so are those with more text than that, both in bytes.
const MOST_PACKED_AT_ONCE: u64 = 4 << 20;
const MOST_TEXT_AT_ONCE: usize = 16 << 20;
/// How much of a large file is asked for at a time, in bytes.
const BUFFER: usize = 1 << 16;

/// What was read of all files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FilesRead {
    /// How many were opened.
    pub files: u64,
    /// Those that could not be read to their ends, sorted by path.
    pub files_unreadable: Vec<FileProblem>,
    /// Those that an earlier run could not read to their ends and this one has, as they were called then.
    pub files_mended: Vec<String>,
    /// Those that were read to their ends, with records in them.
    pub files_whole: u64,
    /// Those that are whole and hold something, but nothing that CloudTrail writes.
    pub files_of_another_kind: u64,
    /// Those that were not opened, since they are not called like logs.
    pub files_of_other_names: u64,
    /// Their size in bytes.
    pub bytes_compressed: u64,
    /// Their size in bytes, unpacked.
    pub bytes_json: u64,
}

impl FilesRead {
    pub(crate) fn add(&mut self, other: Self) {
        self.files += other.files;
        self.files_whole += other.files_whole;
        self.files_of_another_kind += other.files_of_another_kind;
        self.files_of_other_names += other.files_of_other_names;
        self.files_unreadable.extend(other.files_unreadable);
        self.files_mended.extend(other.files_mended);
        self.bytes_compressed += other.bytes_compressed;
        self.bytes_json += other.bytes_json;
    }
}

/// Reads files, folders with all below them, and with `-` standard input, on all threads. Each thread has a sink, which
/// `make_sink` makes, and which takes the records of some files; which ones differs from run to run.
///
/// # Errors
/// [`Error::Read`] and [`Error::NoFiles`] for what was named. A damaged file, or a folder that cannot be listed, is no error:
/// it is in [`FilesRead::files_unreadable`].
pub fn read_logs<S: RecordSink + Send>(
    paths: &[PathBuf],
    unread: &UnreadFiles,
    make_sink: impl Fn() -> S + Sync,
    on_progress: impl Fn(u64, u64) + Sync,
) -> Result<(Vec<S>, FilesRead), Error> {
    let Found {
        files,
        problems,
        others,
        ..
    } = find(paths)?;
    let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
    let (next, done) = (AtomicUsize::new(0), AtomicU64::new(0));
    // One sink a thread: each holds rows of its own. `rayon`'s own splitting would make many.
    let threads = rayon::current_num_threads().min(files.len()).max(1);
    let parts: Vec<(S, FilesRead)> = (0..threads)
        .into_par_iter()
        .with_max_len(1)
        .map(|_| {
            let (mut sink, mut read) = (make_sink(), FilesRead::default());
            let mut buffers = Buffers::default();
            while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                let mut file = read_file(path, &mut buffers, &mut sink);
                // What was missing is in it only if there are records, all of them.
                if file.files_whole > 0 {
                    file.files_mended = unread.at_path(path);
                }
                read.add(file);
                on_progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
            (sink, read)
        })
        .collect();
    let mut sinks = Vec::with_capacity(parts.len());
    let mut all = FilesRead {
        files_unreadable: problems,
        files_of_other_names: u64::try_from(others.len()).unwrap_or(u64::MAX),
        ..FilesRead::default()
    };
    for (sink, read) in parts {
        sinks.push(sink);
        all.add(read);
    }
    all.files_unreadable.sort();
    Ok((sinks, all))
}

fn read_file(path: &Path, buffers: &mut Buffers, sink: &mut impl RecordSink) -> FilesRead {
    let mut read = FilesRead {
        files: 1,
        ..FilesRead::default()
    };
    let name = path.display().to_string();
    let bytes = Cell::new(0);
    let object = if path.as_os_str() == STANDARD_INPUT {
        Ok(read_source(
            &name,
            std::io::stdin().lock(),
            &bytes,
            buffers,
            sink,
        ))
    } else {
        std::fs::File::open(path).map(|file| read_source(&name, file, &bytes, buffers, sink))
    };
    read.bytes_compressed = bytes.get();
    let problem = match object {
        Err(error) => Some(format!("cannot be read: {error}")),
        Ok(object) => {
            read.bytes_json = object.bytes_json;
            read.files_whole = u64::from(object.is_whole);
            read.files_of_another_kind = u64::from(object.is_of_another_kind);
            object.problem
        }
    };
    read.files_unreadable
        .extend(problem.map(|reason| FileProblem { path: name, reason }));
    read
}

/// What was read of one object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ObjectRead {
    /// Its size in bytes, unpacked.
    pub bytes_json: u64,
    /// Why it could not be read to its end.
    pub problem: Option<String>,
    /// Whether it was read to its end, with records in it.
    pub is_whole: bool,
    /// Whether it is whole and holds something, but nothing that CloudTrail writes.
    pub is_of_another_kind: bool,
}

/// Passes on what it gets, and remembers of which kind it was.
struct Kinds<'s, S> {
    sink: &'s mut S,
    has_records: bool,
    has_cloudtrail: bool,
    has_others: bool,
}

impl<'s, S: RecordSink> Kinds<'s, S> {
    fn of(sink: &'s mut S, read: impl FnOnce(&mut Self) -> ObjectRead) -> ObjectRead {
        let mut kinds = Self {
            sink,
            has_records: false,
            has_cloudtrail: false,
            has_others: false,
        };
        let object = read(&mut kinds);
        ObjectRead {
            is_whole: kinds.has_records && object.problem.is_none(),
            is_of_another_kind: kinds.has_others
                && !kinds.has_cloudtrail
                && object.problem.is_none(),
            ..object
        }
    }
}

impl<S: RecordSink> RecordSink for Kinds<'_, S> {
    fn record(&mut self, record: &Record<'_>) {
        (self.has_records, self.has_cloudtrail) = (true, true);
        self.sink.record(record);
    }

    fn records(&mut self, records: &[Record<'_>]) {
        (self.has_records, self.has_cloudtrail) = (true, true);
        self.sink.records(records);
    }

    fn skipped(&mut self, reason: SkipReason) {
        match reason {
            SkipReason::NotCloudTrail => self.has_others = true,
            _ => self.has_cloudtrail = true,
        }
        self.sink.skipped(reason);
    }
}

/// What a thread needs for its files, made once. Small files are unpacked as a whole, which is fastest; of others there is only a
/// window in memory.
#[derive(Default)]
struct Buffers {
    packed: Vec<u8>,
    text: Vec<u8>,
    decompressor: Decompressor,
    known: KnownValues,
}

struct Decompressor(libdeflater::Decompressor);

impl Default for Decompressor {
    fn default() -> Self {
        Self(libdeflater::Decompressor::new())
    }
}

/// Hands the records of an object to a sink, packed or not and in whatever layout. The name only tells an empty gzip file.
pub(crate) fn read_bytes(name: &str, bytes: Vec<u8>, sink: &mut impl RecordSink) -> ObjectRead {
    whole(name, &bytes, &mut Buffers::default(), sink)
}

/// Reads a source to its end; counts what is read of it.
fn read_source(
    name: &str,
    mut source: impl Read,
    bytes: &Cell<u64>,
    buffers: &mut Buffers,
    sink: &mut impl RecordSink,
) -> ObjectRead {
    let mut packed = std::mem::take(&mut buffers.packed);
    packed.clear();
    let first = source
        .by_ref()
        .take(MOST_PACKED_AT_ONCE)
        .read_to_end(&mut packed);
    let length = u64::try_from(packed.len()).unwrap_or(u64::MAX);
    bytes.set(bytes.get().saturating_add(length));
    let is_all = length < MOST_PACKED_AT_ONCE;
    let object = match first {
        Err(error) => ObjectRead {
            problem: Some(format!("cannot be read: {error}")),
            ..ObjectRead::default()
        },
        Ok(_) if is_all => whole(name, &packed, buffers, sink),
        Ok(_) => {
            let is_gzip = unpack::is_gzip(&packed);
            let rest = Counted { source, bytes };
            let all = BufReader::with_capacity(BUFFER, packed.chain(rest));
            of_stream(all, is_gzip, &mut buffers.known, sink)
        }
    };
    buffers.packed = packed;
    object
}

/// Reads an object that is in memory.
fn whole(
    name: &str,
    packed: &[u8],
    buffers: &mut Buffers,
    sink: &mut impl RecordSink,
) -> ObjectRead {
    if UTF_16_MARKS.iter().any(|mark| packed.starts_with(mark)) {
        return ObjectRead {
            problem: Some("is UTF-16, as PowerShell writes it: make it UTF-8".to_owned()),
            ..ObjectRead::default()
        };
    }
    let is_gzip = unpack::is_gzip(packed);
    let Buffers {
        text,
        decompressor,
        known,
        ..
    } = buffers;
    let text = match is_gzip {
        true => unpack::at_once(packed, text, &mut decompressor.0, MOST_TEXT_AT_ONCE),
        false => Some(packed),
    };
    let mut object = match text.and_then(|text| simdutf8::basic::from_utf8(text).ok()) {
        Some(text) => Kinds::of(sink, |kinds| ObjectRead {
            bytes_json: u64::try_from(text.len()).unwrap_or(u64::MAX),
            problem: shapes::read(text, known, kinds),
            ..ObjectRead::default()
        }),
        None => of_stream(packed, is_gzip, known, sink),
    };
    if object.bytes_json == 0 && object.problem.is_none() {
        object.problem = never_empty(name, packed).map(str::to_owned);
    }
    object
}

/// Why a file that is empty is none that was written whole. JSON Lines may have no lines.
fn never_empty(name: &str, packed: &[u8]) -> Option<&'static str> {
    if name == STANDARD_INPUT {
        return Some(
            "(standard input) is empty; the command before the pipe failed, or had nothing to say",
        );
    }
    let name = name.to_ascii_lowercase();
    let unpacked = name.strip_suffix(".gz");
    if unpacked.unwrap_or(&name).ends_with(".json") {
        return Some("is empty, which no file of CloudTrail's is; fetch it again");
    }
    let is_cut = unpacked.is_some() && packed.is_empty();
    is_cut.then_some("is empty, which no gzip file is; fetch it again")
}

fn of_stream(
    source: impl BufRead,
    is_gzip: bool,
    known: &mut KnownValues,
    sink: &mut impl RecordSink,
) -> ObjectRead {
    let bytes = Cell::new(0);
    let bytes = &bytes;
    let unpacking = Unpacking::new(Counted { source, bytes }, is_gzip, bytes);
    Kinds::of(sink, |kinds| {
        let streamed = stream::read(unpacking, known, kinds);
        ObjectRead {
            bytes_json: streamed.bytes,
            problem: streamed.problem,
            ..ObjectRead::default()
        }
    })
}
