//! A batch of requests: JSON Lines in, JSON Lines out, in the same order.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

use anyhow::Context;
use leastgrant_access::batch::{self, Judged, MAX_LINE_BYTES, PolicyCache};
use leastgrant_report::text::json_safe;
use rayon::prelude::*;

use crate::exit::Outcome;
use crate::printer::Printer;

/// Lines are taken in until there are so many bytes of them, then answered on all threads.
const CHUNK_BYTES: usize = 8 << 20;

pub(super) fn run(path: &Path, printer: &Printer) -> anyhow::Result<Outcome> {
    let is_standard_input = path.as_os_str() == "-";
    let input: Box<dyn Read> = if is_standard_input {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        Box::new(file)
    };
    let mut reader = BufReader::with_capacity(1 << 20, input);
    // One cache a thread: each answers its own part of every chunk.
    let mut workers: Vec<Worker> = Vec::new();
    workers.resize_with(rayon::current_num_threads().max(1), Worker::default);
    let (mut answered, mut refused) = (0_u64, 0_u64);
    let mut chunk = Chunk::default();
    let mut output = std::io::stdout().lock();
    while chunk
        .fill(&mut reader)
        .with_context(|| format!("cannot read `{}`", path.display()))?
    {
        let share = chunk.lines.len().div_ceil(workers.len()).max(1);
        workers
            .par_iter_mut()
            .zip(chunk.lines.par_chunks(share))
            .for_each(|(worker, lines)| worker.answer(lines, &chunk.bytes));
        for worker in &mut workers {
            output
                .write_all(worker.take_output().as_bytes())
                .context("cannot write to standard output")?;
            answered += std::mem::take(&mut worker.answered);
            refused += std::mem::take(&mut worker.refused);
        }
    }
    output.flush().context("cannot write to standard output")?;
    if refused > 0 {
        printer.note(&format!(
            "{refused} of {} lines could not be judged; their answers say why",
            answered + refused
        ));
        return Ok(Outcome::CannotAnswer);
    }
    Ok(Outcome::Done)
}

/// Whole lines of the input.
#[derive(Default)]
struct Chunk {
    bytes: Vec<u8>,
    lines: Vec<Line>,
}

/// A line of a chunk, without its line break.
enum Line {
    Of { start: usize, end: usize },
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
            let line = self.bytes.get(start..).unwrap_or_default();
            let is_whole = line.ends_with(b"\n");
            let length = line.trim_ascii_end().len();
            if !is_whole && line.len() > MAX_LINE_BYTES {
                self.bytes.truncate(start);
                self.lines.push(Line::TooLong);
                skip_line(reader)?;
            } else if length > 0 {
                let end = start + length;
                self.lines.push(Line::Of { start, end });
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
struct Worker {
    cache: PolicyCache,
    output: Vec<u8>,
    answered: u64,
    refused: u64,
}

impl Worker {
    fn answer(&mut self, lines: &[Line], bytes: &[u8]) {
        for line in lines {
            let judged = match line {
                Line::TooLong => batch::refuse_long_line(&mut self.output),
                Line::Of { start, end } => {
                    let line = bytes.get(*start..*end).unwrap_or_default();
                    batch::answer(line, &mut self.cache, &mut self.output)
                }
            };
            match judged {
                Judged::Yes => self.answered += 1,
                Judged::No => self.refused += 1,
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
