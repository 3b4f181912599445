//! `cargo xtask bench held-out`: policies made from some days of a made-up organisation, asked with the 30 days after them.
//!
//! The inventory is dated to the end of the window: last-accessed data say what they would have said then, with 400 days of memory.

mod bundle;
mod judge;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::shell::{self, say, target_folder};
use judge::Verdict;

/// When the demo was collected, and 30 days before that.
const END: &str = "2026-11-01";
const CUT: &str = "2026-10-02";
/// The windows, by their first days.
const WINDOWS: &[(u32, &str)] = &[
    (30, "2026-09-02"),
    (90, "2026-07-04"),
    (180, "2026-04-05"),
    (365, "2025-10-02"),
];
/// Last-accessed data remember 400 days; 30 come after the window.
const DAYS: &str = "430";
const PRINCIPALS: &str = "150";
/// The first is asked in all windows, the others in the one that is the least that proves anything.
const SEEDS: &[&str] = &["1", "2", "3"];
const LEAST_WINDOW: u32 = 90;

pub(super) fn run() -> anyhow::Result<()> {
    let binary = super::release_binary()?;
    let mut broken = Vec::new();
    for (place, seed) in SEEDS.iter().enumerate() {
        let folder = target_folder().join("bench/held-out").join(seed);
        let bundle = folder.join("bundle");
        shell::run(
            Command::new(&binary)
                .args([
                    "demo",
                    "--quiet",
                    "--seed",
                    seed,
                    "--days",
                    DAYS,
                    "--principals",
                    PRINCIPALS,
                    "--out",
                ])
                .arg(&bundle),
        )?;
        let logs = bundle::logs(&bundle)?;
        let before = bundle::usage(&binary, &logs, &["--until", CUT])?;
        let after = bundle::usage(&binary, &logs, &["--since", CUT])?;
        bundle::date_to_the_cut(&bundle, &before, &after)?;
        for (days, since) in WINDOWS {
            if place > 0 && *days != LEAST_WINDOW {
                continue;
            }
            let made = Made {
                binary: &binary,
                folder: &folder,
                bundle: &bundle,
                logs: &logs,
            };
            let document = made.minimized(since)?;
            let verdict = Verdict::of(&document, [&before, &after], &bundle)?;
            say(&format!("seed {seed}, {days} days: {verdict}"));
            if *days >= LEAST_WINDOW {
                broken.extend(
                    verdict
                        .broken()
                        .map(|what| format!("seed {seed}, {days} days: {what}")),
                );
            }
        }
    }
    say(
        "promised: nothing observed denied; of the 30 days after, at most 0.10 % of events and 2.00 % of needs, and none that is not logged; 70 % fewer actions of broad roles",
    );
    if broken.is_empty() {
        Ok(())
    } else {
        bail!("{}", broken.join("; "))
    }
}

struct Made<'a> {
    binary: &'a Path,
    folder: &'a Path,
    bundle: &'a Path,
    logs: &'a [PathBuf],
}

impl Made<'_> {
    /// `minimize.json` of the window's days.
    fn minimized(&self, since: &str) -> anyhow::Result<PathBuf> {
        let inventory = self.folder.join("inventory");
        let smaller = self.folder.join("smaller");
        shell::run(
            Command::new(self.binary)
                .args(["collect", "--quiet", "--from"])
                .arg(self.bundle)
                .arg("--out")
                .arg(&inventory),
        )?;
        shell::run(
            Command::new(self.binary)
                .args(["usage", "--quiet"])
                .arg(&inventory)
                .args(["--since", since, "--until", CUT, "--logs"])
                .args(self.logs),
        )?;
        shell::run(
            Command::new(self.binary)
                .args(["minimize", "--quiet", "--as-of"])
                .arg(format!("{CUT}T00:00:00Z"))
                .arg(&inventory)
                .arg("--out")
                .arg(&smaller),
        )?;
        Ok(smaller.join("minimize.json"))
    }
}
