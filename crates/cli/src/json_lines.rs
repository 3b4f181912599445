//! Batches: JSON Lines in, JSON Lines out in the same order, worked on by all threads.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use anyhow::{Context, bail};
use leastgrant_access::batch::{Judged, MAX_LINE_BYTES, refuse_long_line};
use leastgrant_report::text::json_safe;
use rayon::prelude::*;
use serde::Serialize;

use crate::exit::Outcome;
use crate::printer::{Output, Printer};

/// Lines are taken in until there are so many bytes of them, then answered on all threads.
const CHUNK_BYTES: usize = 8 << 20;

/// Answers each line that is not blank; `-` is standard input. `S` is what one thread keeps from line to line, such as a
/// cache. 0 if every line was judged, else 2; 3 if the reader of the answers went away before the last.
pub(crate) fn answer_all<S: Default + Send>(
    path: &Path,
    printer: &Printer,
    answer: impl Fn(&mut S, &[u8], &mut Vec<u8>) -> Judged + Sync,
) -> anyhow::Result<Outcome> {
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path)
            .with_context(|| format!("cannot read `{}`; check the path", path.display()))?;
        Box::new(file)
    };
    let mut reader = BufReader::with_capacity(1 << 20, input);
    // Each thread answers its own part of every chunk.
    let mut workers: Vec<Worker<S>> = Vec::new();
    workers.resize_with(rayon::current_num_threads().max(1), Worker::default);
    let mut chunk = Chunk::default();
    let mut output = Output::new(std::io::stdout().lock());
    let mut is_cut_short = false;
    while chunk
        .fill(&mut reader)
        .with_context(|| format!("cannot read `{}`", path.display()))?
    {
        let share = chunk.lines.len().div_ceil(workers.len()).max(1);
        workers
            .par_iter_mut()
            .zip(chunk.lines.par_chunks(share))
            .for_each(|(worker, lines)| worker.answer(lines, &chunk.bytes, &answer));
        for worker in &mut workers {
            output
                .write_all(worker.take_output().as_bytes())
                .context("cannot write to standard output")?;
        }
        // There may be no end of lines, and nobody reads what would be answered.
        if output.is_closed() {
            is_cut_short = !reader.fill_buf().is_ok_and(<[u8]>::is_empty);
            break;
        }
    }
    output.flush().context("cannot write to standard output")?;
    if workers
        .iter()
        .all(|worker| worker.answered + worker.refused == 0)
    {
        // Nothing asked is more often a wrong path than an empty batch.
        let name = match path.as_os_str() == "-" {
            true => "standard input".to_owned(),
            false => format!("`{}`", path.display()),
        };
        bail!("{name} has no lines; give one JSON object a line");
    }
    let refused: u64 = workers.iter().map(|worker| worker.refused).sum();
    let answered: u64 = workers.iter().map(|worker| worker.answered).sum();
    let Some(first) = workers
        .iter()
        .filter_map(|worker| worker.first_refused)
        .min()
    else {
        return Ok(match is_cut_short {
            true => Outcome::Incomplete,
            false => Outcome::Done,
        });
    };
    printer.note(&format!(
        "{refused} of {} lines could not be judged, the first is `{}:{first}`; their answers say why",
        answered + refused,
        path.display(),
    ));
    Ok(Outcome::CannotAnswer)
}

/// Adds one line of output.
pub(crate) fn push(output: &mut Vec<u8>, value: &impl Serialize) {
    let start = output.len();
    // Writing structs of texts to memory cannot fail.
    if serde_json::to_writer(&mut *output, value).is_err() {
        output.truncate(start);
    }
    output.push(b'\n');
}

/// Whole lines of the input.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    lines: Vec<Line>,
    /// How many lines were read, blank ones too.
    lines_read: u64,
}

/// A line of a chunk with its number in the file, from 1.
struct Line {
    number: u64,
    place: Place,
}

enum Place {
    /// Without its line break.
    Of {
        start: usize,
        end: usize,
    },
    TooLong,
}

impl Chunk {
    /// Takes lines in. `false` at the end of the input.
    fn fill(&mut self, reader: &mut impl BufRead) -> std::io::Result<bool> {
        const LIMIT: u64 = MAX_LINE_BYTES as u64 + 1;
        self.bytes.clear();
        self.lines.clear();
        while self.bytes.len() < CHUNK_BYTES {
            let start = self.bytes.len();
            if reader.take(LIMIT).read_until(b'\n', &mut self.bytes)? == 0 {
                break;
            }
            // Windows editors write a byte order mark.
            if self.lines_read == 0 && self.bytes.starts_with(b"\xef\xbb\xbf") {
                self.bytes.drain(..3);
            }
            self.lines_read += 1;
            let number = self.lines_read;
            let line = self.bytes.get(start..).unwrap_or_default();
            let is_whole = line.ends_with(b"\n");
            let length = line.trim_ascii_end().len();
            if !is_whole && line.len() > MAX_LINE_BYTES {
                self.bytes.truncate(start);
                let place = Place::TooLong;
                self.lines.push(Line { number, place });
                skip_line(reader)?;
            } else if length > 0 {
                let end = start + length;
                let place = Place::Of { start, end };
                self.lines.push(Line { number, place });
            }
        }
        Ok(!self.lines.is_empty() || !self.bytes.is_empty())
    }
}

/// Passes over the rest of a line without keeping it.
fn skip_line(reader: &mut impl BufRead) -> std::io::Result<()> {
    loop {
        let buffer = reader.fill_buf()?;
        if buffer.is_empty() {
            return Ok(());
        }
        let (used, is_end) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(position) => (position + 1, true),
            None => (buffer.len(), false),
        };
        reader.consume(used);
        if is_end {
            return Ok(());
        }
    }
}

/// What one thread keeps from chunk to chunk.
#[derive(Default)]
struct Worker<S> {
    state: S,
    output: Vec<u8>,
    answered: u64,
    refused: u64,
    first_refused: Option<u64>,
}

impl<S> Worker<S> {
    fn answer(
        &mut self,
        lines: &[Line],
        bytes: &[u8],
        answer: impl Fn(&mut S, &[u8], &mut Vec<u8>) -> Judged,
    ) {
        for line in lines {
            let judged = match line.place {
                Place::TooLong => refuse_long_line(&mut self.output),
                Place::Of { start, end } => {
                    let line = bytes.get(start..end).unwrap_or_default();
                    answer(&mut self.state, line, &mut self.output)
                }
            };
            match judged {
                Judged::Yes => self.answered += 1,
                Judged::No => {
                    self.refused += 1;
                    self.first_refused.get_or_insert(line.number);
                }
            }
        }
    }

    /// The answers, in which nothing invisible is left as it is.
    fn take_output(&mut self) -> String {
        let bytes = std::mem::take(&mut self.output);
        // JSON that was written from texts is text.
        json_safe(String::from_utf8(bytes).unwrap_or_default())
    }
}
