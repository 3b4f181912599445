//! Tests of the whole bundle.

mod agreement;
mod determinism;
mod form;
mod scenarios;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::{Options, Summary, write};

/// A bundle in a temporary folder, which goes with the value.
struct Bundle {
    root: PathBuf,
    summary: Summary,
}

impl Bundle {
    fn write(options: &Options) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let root = std::env::temp_dir().join(format!(
            "leastgrant-demo-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&root).unwrap();
        let summary = write(options, &root).unwrap();
        Self { root, summary }
    }

    /// Every file's bytes by its path.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&self.root).unwrap();
                    files.insert(name.to_str().unwrap().to_owned(), fs::read(&path).unwrap());
                }
            }
        }
        files
    }

    /// The names of the account folders.
    fn accounts(&self) -> Vec<String> {
        let mut accounts: Vec<String> = fs::read_dir(&self.root)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        accounts.sort();
        accounts
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_slice(&fs::read(self.root.join(path)).unwrap()).unwrap()
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.root.join(path)).unwrap()
    }

    /// All CloudTrail records of an account.
    fn records(&self, account: &str) -> Vec<Value> {
        let prefix = format!("{account}/cloudtrail/");
        self.files()
            .into_iter()
            .filter(|(path, _)| path.starts_with(&prefix))
            .flat_map(|(_, bytes)| {
                let file: Value = serde_json::from_str(&decompress(&bytes)).unwrap();
                file["Records"].as_array().unwrap().clone()
            })
            .collect()
    }
}

impl Drop for Bundle {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn decompress(bytes: &[u8]) -> String {
    let mut text = String::new();
    GzDecoder::new(bytes).read_to_string(&mut text).unwrap();
    text
}

/// The default organisation without CloudTrail files.
fn without_cloudtrail() -> Options {
    Options {
        cloudtrail: false,
        ..Options::default()
    }
}

/// The default organisation with a few days of CloudTrail files.
fn with_days(days: u32) -> Options {
    Options {
        days,
        ..Options::default()
    }
}

/// Splits a line of CSV, in which only commas are quoted.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    assert!(!quoted, "{line}");
    cells
}

/// The credential report's rows, each by column.
fn report(bundle: &Bundle, account: &str) -> Vec<BTreeMap<String, String>> {
    let text = bundle.text(&format!("{account}/credential-report.csv"));
    let mut lines = text.split('\n').map(cells);
    let header = lines.next().unwrap();
    lines
        .map(|row| header.iter().cloned().zip(row).collect())
        .collect()
}

fn exists(path: &Path) -> bool {
    path.try_exists().unwrap()
}
