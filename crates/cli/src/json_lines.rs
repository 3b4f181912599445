//! Batches: JSON Lines in, JSON Lines out in the same order, worked on by all cores.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use rayon::prelude::*;
use serde::Serialize;

use crate::exit::Outcome;
use crate::printer::Printer;

/// Whether a line could be judged; if not, its answer says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judged {
    Yes,
    No,
}

/// What is longer is no request but a mistake.
const MAX_LINE_BYTES: usize = 16 << 20;
/// So much is read before it is worked on: enough for all cores, little for the memory.
const CHUNK_BYTES: usize = 4 << 20;

/// Answers each line that is not blank. `state` makes what one worker keeps from line to line, a cache for example.
///
/// 0 if every line was judged, else 2.
pub(crate) fn answer_all<S>(
    path: &Path,
    printer: &Printer,
    state: impl Fn() -> S + Sync + Send,
    answer: impl Fn(&mut S, &str, &mut Vec<u8>) -> Judged + Sync + Send,
) -> anyhow::Result<Outcome> {
    let mut input: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin().lock())
    } else {
        let file = File::open(path)
            .with_context(|| format!("`{}` cannot be opened; check the path", path.display()))?;
        Box::new(BufReader::with_capacity(CHUNK_BYTES, file))
    };
    let mut output = BufWriter::new(std::io::stdout().lock());
    let mut lines_read = 0_u64;
    let mut first_failed = None;
    let mut failed = 0_u64;
    loop {
        let chunk = Chunk::read(&mut input)
            .with_context(|| format!("`{}` cannot be read", path.display()))?;
        if chunk.lines.is_empty() {
            break;
        }
        let workers = rayon::current_num_threads().max(1);
        let part = chunk.lines.len().div_ceil(workers * 4).max(1);
        let answers: Vec<(Vec<u8>, Vec<u64>)> = chunk
            .lines
            .par_chunks(part)
            .map_init(&state, |state, lines| {
                let mut output = Vec::new();
                let mut failed = Vec::new();
                for (number, line) in lines {
                    if line.trim_ascii().is_empty() {
                        continue;
                    }
                    let judged = match std::str::from_utf8(line) {
                        _ if line.len() > MAX_LINE_BYTES => {
                            refuse(&mut output, "the line is longer than 16 MiB")
                        }
                        Ok(text) => answer(state, text, &mut output),
                        Err(_) => refuse(&mut output, "the line is not UTF-8"),
                    };
                    if judged == Judged::No {
                        failed.push(*number);
                    }
                }
                (output, failed)
            })
            .collect();
        for (text, numbers) in answers {
            output
                .write_all(&text)
                .context("cannot write to standard output")?;
            if first_failed.is_none() {
                first_failed = numbers.first().map(|number| lines_read + number);
            }
            failed += u64::try_from(numbers.len()).unwrap_or(u64::MAX);
        }
        lines_read += chunk.count;
    }
    output.flush().context("cannot write to standard output")?;
    match first_failed {
        None => Ok(Outcome::Done),
        Some(line) => {
            printer.note(&format!(
                "{failed} {} could not be judged, the first is `{}:{line}`; its answer says why",
                if failed == 1 { "line" } else { "lines" },
                path.display(),
            ));
            Ok(Outcome::CannotAnswer)
        }
    }
}

/// Lines with their numbers in the chunk, from 1.
struct Chunk {
    lines: Vec<(u64, Vec<u8>)>,
    count: u64,
}

impl Chunk {
    fn read(input: &mut dyn BufRead) -> std::io::Result<Self> {
        let mut lines = Vec::new();
        let mut count = 0;
        let mut bytes = 0;
        while bytes < CHUNK_BYTES {
            let Some(line) = bounded_line(input)? else {
                break;
            };
            count += 1;
            bytes += line.len() + 1;
            lines.push((count, line));
        }
        Ok(Self { lines, count })
    }
}

/// A line without its end. Of a line that is too long only so much is kept that it is seen to be.
fn bounded_line(input: &mut dyn BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let mut has_begun = false;
    loop {
        let available = input.fill_buf()?;
        if available.is_empty() {
            return Ok(has_begun.then_some(line));
        }
        has_begun = true;
        let end = available.iter().position(|byte| *byte == b'\n');
        let part = available
            .get(..end.unwrap_or(available.len()))
            .unwrap_or_default();
        let room = (MAX_LINE_BYTES + 1).saturating_sub(line.len());
        line.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(line));
        }
    }
}

fn refuse(output: &mut Vec<u8>, error: &str) -> Judged {
    #[derive(Serialize)]
    struct Refused<'a> {
        id: Option<()>,
        error: &'a str,
    }
    push(output, &Refused { id: None, error });
    Judged::No
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

/// serde_json names the line, which is always the first one here.
pub(crate) fn without_line(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => format!(
            "{} at column {}",
            message.get(..end).unwrap_or(&message),
            error.column()
        ),
        None => message,
    }
}
