//! `cargo xtask bench rules`: all rules, and the graph of who can become whom, over accounts of several sizes: those of the
//! demo, where thousands share a few policies, and those where each has others.

mod many_policies;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::bail;

use super::{mega, ratio};
use crate::measure::{self, Measured, median};
use crate::shell::{self, say, target_folder};

const ROUNDS: usize = 3;
const SIZES: &[usize] = &[1_000, 3_000, 10_000];
const PROMISED: Duration = Duration::from_secs(10);
const PROMISED_GRAPH: Duration = Duration::from_secs(5);
const PROMISED_BYTES: u64 = 1_000_000_000;

#[derive(Clone, Copy)]
enum Kind {
    Demo,
    ManyPolicies,
}

pub(super) fn run() -> anyhow::Result<()> {
    let binary = super::release_binary()?;
    let mut broken = Vec::new();
    for kind in [Kind::Demo, Kind::ManyPolicies] {
        let mut last: Option<Duration> = None;
        for size in SIZES {
            let (name, inventory) = inventory(&binary, kind, *size)?;
            let audit = of(
                &binary,
                &["audit", "--quiet", "--format", "json"],
                &inventory,
            )?;
            let graph = of(
                &binary,
                &["graph", "--quiet", "--format", "dot"],
                &inventory,
            )?;
            let growth = last.map_or_else(String::new, |before| {
                let times = ratio(audit.0.as_millis(), before.as_millis());
                format!(", {times} times the size before")
            });
            say(&format!(
                "{name}: all rules {:?}{growth}, {} MB at the peak; the graph {:?}, {} MB",
                audit.0,
                mega(audit.1),
                graph.0,
                mega(graph.1)
            ));
            last = Some(audit.0);
            if audit.0 >= PROMISED || graph.0 >= PROMISED_GRAPH {
                broken.push(format!("{name} take too long"));
            }
            if audit.1.max(graph.1) >= PROMISED_BYTES {
                broken.push(format!("{name} take too much memory"));
            }
        }
    }
    say(&format!(
        "promised of 10,000: all rules under {PROMISED:?}, the graph under {PROMISED_GRAPH:?}, under 1 GB, growth close to linear"
    ));
    if !broken.is_empty() {
        bail!("{}", broken.join("; "));
    }
    Ok(())
}

/// Makes an inventory of so many principals, and says what it has.
fn inventory(binary: &Path, kind: Kind, size: usize) -> anyhow::Result<(String, PathBuf)> {
    let (folder, name) = match kind {
        Kind::Demo => ("rules", format!("{size} principals of the demo")),
        Kind::ManyPolicies => (
            "rules-many-policies",
            format!("{size} principals with {} managed policies", size * 3 / 10),
        ),
    };
    let folder = target_folder()
        .join("bench")
        .join(folder)
        .join(size.to_string());
    let (bundle, inventory) = (folder.join("bundle"), folder.join("inventory"));
    match kind {
        Kind::Demo => shell::run(
            Command::new(binary)
                .args(["demo", "--quiet", "--accounts", "1", "--days", "0"])
                .args(["--principals", &size.to_string(), "--out"])
                .arg(&bundle),
        )?,
        Kind::ManyPolicies => many_policies::write(&bundle, size)?,
    }
    shell::run(
        Command::new(binary)
            .args(["collect", "--quiet", "--from"])
            .arg(&bundle)
            .arg("--out")
            .arg(&inventory),
    )?;
    Ok((name, inventory))
}

/// Median time and peak memory.
fn of(binary: &Path, arguments: &[&str], inventory: &Path) -> anyhow::Result<(Duration, u64)> {
    let runs: Vec<Measured> = (0..ROUNDS)
        .map(|_| measure::run(Command::new(binary).args(arguments).arg(inventory)))
        .collect::<anyhow::Result<_>>()?;
    let peak = runs.iter().filter_map(|run| run.peak_memory).max();
    let time = median(runs.iter().map(|run| run.wall).collect());
    Ok((time, peak.unwrap_or_default()))
}
