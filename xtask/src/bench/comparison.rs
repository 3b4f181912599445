//! `comparison`: every pair of consecutive documents of the corpus, in both directions.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use leastgrant_policy::Policy;
use leastgrant_policy::compare::{DEFAULT_WORK, Kind, Verdict, compare};
use leastgrant_testing::corpus;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::shell::{self, cargo, say};

const MEDIAN: Duration = Duration::from_micros(100);
const HIGHEST_OF_99_PERCENT: Duration = Duration::from_millis(5);
/// Each pair is compared so often, and its fastest time counts: what else the machine does is not the comparison's time.
const ROUNDS: usize = 3;

#[derive(Deserialize)]
struct Pair<'a> {
    #[serde(borrow)]
    old: &'a RawValue,
    #[serde(borrow)]
    new: &'a RawValue,
    kind: String,
}

pub(super) fn run() -> anyhow::Result<()> {
    let Some(folder) = corpus("containment") else {
        return Ok(());
    };
    let folder = folder.to_string_lossy().into_owned();
    shell::run(&mut cargo(&[
        "run",
        "--release",
        "--quiet",
        "--package",
        "xtask",
        "--",
        "measure",
        "comparison",
        &folder,
    ]))
}

pub(super) fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    let [folder] = arguments else {
        bail!("the folder of the pairs is needed");
    };
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read `{folder}`"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"))
        .collect();
    files.sort();
    let mut times = Vec::new();
    let mut unknown = 0_usize;
    for file in files {
        let documents = documents(&file)?;
        for (one, other) in documents.iter().zip(documents.iter().skip(1)) {
            for ((_, old), (kind, new)) in [(one, other), (other, one)] {
                let mut fastest = Duration::MAX;
                for _ in 0..ROUNDS {
                    let begun = Instant::now();
                    let verdict = compare(&[old], &[new], *kind, DEFAULT_WORK);
                    fastest = fastest.min(begun.elapsed());
                    unknown += usize::from(matches!(verdict, Verdict::Unknown(_)));
                }
                times.push(fastest);
            }
        }
    }
    times.sort();
    let at = |hundredths: usize| {
        let index = (times.len() * hundredths / 100).min(times.len().saturating_sub(1));
        times.get(index).copied().unwrap_or_default()
    };
    let (median, highest) = (at(50), at(99));
    say(&format!(
        "{} comparisons, {} unknown: median {median:?} (promised: under {MEDIAN:?}), 99 % within {highest:?} (promised: under {HIGHEST_OF_99_PERCENT:?}), the slowest {:?}",
        times.len(),
        unknown / ROUNDS,
        at(100)
    ));
    if times.is_empty() || median >= MEDIAN || highest >= HIGHEST_OF_99_PERCENT {
        bail!("comparisons are slower than promised");
    }
    Ok(())
}

fn documents(path: &Path) -> anyhow::Result<Vec<(Kind, Policy)>> {
    let text = std::fs::read_to_string(path)?;
    let mut documents = Vec::new();
    for line in text.lines() {
        let pair: Pair<'_> = serde_json::from_str(line)?;
        let kind = match pair.kind.as_str() {
            "resource" => Kind::Resource,
            _ => Kind::Identity,
        };
        for document in [pair.old, pair.new] {
            documents.push((kind, Policy::parse(document.get())?));
        }
    }
    Ok(documents)
}
