//! One account's answers in their file: a line of JSON an answer, found by its call and parameters.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::calls::LIST_ACCOUNTS;
use super::read::is_of_no_use;
use crate::answers::says_that_there_is_none;
use crate::file::NOT_READABLE;

/// Writes the file anew with that alone which is not asked for anew: answers that can be read, and errors that are answers, for they say
/// that there is nothing. A process that is killed leaves the old file or the new one.
pub(super) fn forget_what_is_asked_anew(path: &Path) -> io::Result<()> {
    let new_path = path.with_extension("new");
    let new_file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new_path)?;
    let mut new_file = BufWriter::new(new_file);
    let answers = AccountAnswers::open(path)?;
    let mut not_readable = HashSet::new();
    let mut texts = Vec::new();
    for place in answers.places() {
        let text = answers.read(place)?;
        if let Ok(line) = serde_json::from_str::<Line<'_>>(&text) {
            let is_kept = match line.code() {
                Some(code) if code == NOT_READABLE => {
                    not_readable.insert(key(line.call, line.parameters.get()));
                    continue;
                }
                Some(code) => says_that_there_is_none(line.call, &code),
                None => line.answer.is_some() && line.call != LIST_ACCOUNTS.name,
            };
            if is_kept {
                texts.push((key(line.call, line.parameters.get()), place));
            }
        }
    }
    for (key, place) in texts {
        let text = answers.read(place)?;
        if !not_readable.contains(&key) && !is_of_no_use(&text) {
            new_file.write_all(text.as_bytes())?;
        }
    }
    new_file.flush()?;
    std::fs::rename(&new_path, path)
}

/// The members of a line. The parameters are its key as they are written, for they are always written alike.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Line<'a> {
    call: &'a str,
    #[serde(borrow)]
    parameters: &'a RawValue,
    #[serde(borrow)]
    answer: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
    #[serde(default)]
    forgotten: bool,
}

impl Line<'_> {
    /// The code of an error.
    fn code(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Error {
            code: String,
        }
        let error: Error = serde_json::from_str(self.error?.get()).ok()?;
        Some(error.code)
    }
}

/// Where a line is in its file.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    length: usize,
}

/// One account's answers: those of earlier runs and of this one.
#[derive(Debug)]
pub(super) struct AccountAnswers {
    file: File,
    lines: Mutex<Lines>,
}

#[derive(Debug, Default)]
struct Lines {
    places: HashMap<String, Place>,
    end: u64,
}

impl AccountAnswers {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        let mut lines = Lines::default();
        let mut reader = BufReader::new(File::open(path)?);
        let mut text = Vec::new();
        loop {
            text.clear();
            let length = reader.read_until(b'\n', &mut text)?;
            if length == 0 {
                break;
            }
            if text.last() != Some(&b'\n') {
                file.set_len(lines.end)?;
                break;
            }
            let line = serde_json::from_slice::<Line<'_>>(&text).map_err(io::Error::from)?;
            let place = Place {
                offset: lines.end,
                length,
            };
            let parameters = line.parameters.get();
            if line.forgotten {
                lines.places.remove(&key(line.call, parameters));
            } else if line.answer.is_some() {
                lines.places.insert(key(line.call, parameters), place);
            } else {
                lines
                    .places
                    .insert(key_of_error(line.call, parameters), place);
            }
            lines.end += u64::try_from(length).unwrap_or(u64::MAX);
        }
        Ok(Self {
            file,
            lines: Mutex::new(lines),
        })
    }

    /// The answer to a call as JSON, if there is one. An error is none.
    pub(super) fn get(&self, call: &str, parameters: &str) -> Option<String> {
        let place = {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            *lines.places.get(&key(call, parameters))?
        };
        let text = self.read(place).ok()?;
        let line: Line<'_> = serde_json::from_str(&text).ok()?;
        Some(line.answer?.get().to_owned())
    }

    /// Whether an earlier run was told that there is nothing.
    pub(super) fn is_known_to_be_none(&self, call: &str, parameters: &str) -> bool {
        let place = {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.places.get(&key_of_error(call, parameters)).copied()
        };
        let text = place.and_then(|place| self.read(place).ok());
        text.is_some_and(|text| {
            serde_json::from_str::<Line<'_>>(&text)
                .ok()
                .and_then(|line| line.code())
                .is_some_and(|code| says_that_there_is_none(call, &code))
        })
    }

    /// Adds a line, of which `member` is `"Answer":…`, `"Error":…` or `"Forgotten":true`.
    pub(super) fn put(&self, call: &str, parameters: &str, member: &Member<'_>) -> io::Result<()> {
        let (name, value) = match member {
            Member::Answer(value) => ("Answer", *value),
            Member::Error(value) => ("Error", *value),
            Member::Forgotten => ("Forgotten", "true"),
        };
        let mut text =
            format!("{{\"Call\":\"{call}\",\"Parameters\":{parameters},\"{name}\":{value}}}")
                .into_bytes();
        // In JSON, these are only between members: inside of texts they are written otherwise.
        for byte in &mut text {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        text.push(b'\n');
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        (&self.file).write_all(&text)?;
        let place = Place {
            offset: lines.end,
            length: text.len(),
        };
        lines.end += u64::try_from(text.len()).unwrap_or(u64::MAX);
        match member {
            Member::Answer(_) => lines.places.insert(key(call, parameters), place),
            Member::Error(_) => lines.places.insert(key_of_error(call, parameters), place),
            Member::Forgotten => lines.places.remove(&key(call, parameters)),
        };
        Ok(())
    }

    /// All lines that hold, in the order in which they came.
    pub(super) fn lines(&self) -> io::Result<Vec<String>> {
        let places = self.places().into_iter();
        places.map(|place| self.read(place)).collect()
    }

    fn places(&self) -> Vec<Place> {
        let mut places: Vec<Place> = {
            let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.places.values().copied().collect()
        };
        places.sort_by_key(|place| place.offset);
        places
    }

    fn read(&self, place: Place) -> io::Result<String> {
        let mut bytes = vec![0; place.length];
        self.file.read_exact_at(&mut bytes, place.offset)?;
        String::from_utf8(bytes).map_err(io::Error::other)
    }
}

/// What a line says of its call.
#[derive(Debug)]
pub(super) enum Member<'a> {
    /// The answer's JSON.
    Answer(&'a str),
    /// The error's JSON, with `Code` and `Message`.
    Error(&'a str),
    /// The answer that was kept does not hold any more.
    Forgotten,
}

fn key(call: &str, parameters: &str) -> String {
    format!("{call}{parameters}")
}

/// An error replaces no answer: it may be that of the operation as a whole, or say that the answer cannot be read.
fn key_of_error(call: &str, parameters: &str) -> String {
    format!("!{call}{parameters}")
}
