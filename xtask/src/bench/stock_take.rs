//! `cargo xtask bench stock-take`: collect and audit of a large account against `json.load` of its authorization details alone.
//!
//! Both run in turns in one session, so that a busy machine slows both; only the ratio is a result.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::{mega, milliseconds, ratio};
use crate::measure::{self, Measured, median};
use crate::shell::{self, say, target_folder};

const ROUNDS: usize = 7;
/// 10,000 users with keys and 5,000 roles in one account.
const PRINCIPALS: &str = "15000";
/// Those that judge users, roles and credentials.
const RULES: &str = "root-access-key,root-without-mfa,root-used,user-without-mfa,stale-user,unused-access-key,unrotated-access-key,unused-password,weak-password-policy,expired-exemption,inactive-access-key,two-active-access-keys,user-without-credentials,long-lived-service-credential,stale-role";

pub(super) fn run() -> anyhow::Result<()> {
    let binary = super::release_binary()?;
    let folder = target_folder().join("bench");
    let bundle = folder.join("bundle");
    shell::run(
        Command::new(&binary)
            .args([
                "demo",
                "--accounts",
                "1",
                "--principals",
                PRINCIPALS,
                "--days",
                "0",
                "--out",
            ])
            .arg(&bundle),
    )?;
    let details = find(&bundle, "authorization-details.json")
        .context("the demo wrote no authorization details")?;
    let details_bytes = std::fs::metadata(&details)?.len();
    let bundle_bytes = size_of(&bundle)?;
    say(&format!(
        "bundle: {} MB, of which authorization details {} MB",
        mega(bundle_bytes),
        mega(details_bytes)
    ));

    let mut ours: Vec<(Measured, Measured)> = Vec::new();
    let mut python: Vec<Measured> = Vec::new();
    for round in 0..=ROUNDS {
        let loaded = measure::run(
            Command::new("python3")
                .args(["-c", "import json,sys; json.load(open(sys.argv[1]))"])
                .arg(&details),
        )?;
        let inventory = folder.join("inventory");
        let collected = measure::run(
            Command::new(&binary)
                .args(["collect", "--quiet", "--from"])
                .arg(&bundle)
                .arg("--out")
                .arg(&inventory),
        )?;
        let audited = measure::run(
            Command::new(&binary)
                // The rules of a stock-take; what policies allow has a bench of its own.
                .args(["audit", "--quiet", "--rules", RULES, "--out"])
                .arg(folder.join("report"))
                .arg(&inventory),
        )?;
        // The first round fills the page cache.
        if round > 0 {
            python.push(loaded);
            ours.push((collected, audited));
        }
    }
    let both = median(
        ours.iter()
            .map(|(collected, audited)| collected.wall + audited.wall)
            .collect(),
    );
    let collect = median(ours.iter().map(|(collected, _)| collected.wall).collect());
    let audit = median(ours.iter().map(|(_, audited)| audited.wall).collect());
    let load = median(python.iter().map(|loaded| loaded.wall).collect());
    let peak = ours
        .iter()
        .flat_map(|(collected, audited)| [collected.peak_memory, audited.peak_memory])
        .flatten()
        .max();
    say(&format!(
        "medians of {ROUNDS} rounds: collect {} + audit {} = {}; python3 json.load of the authorization details {}",
        milliseconds(collect),
        milliseconds(audit),
        milliseconds(both),
        milliseconds(load)
    ));
    say(&format!(
        "time: {} of json.load (promised: under 1.00)",
        ratio(both.as_micros(), load.as_micros())
    ));
    match peak {
        Some(peak) => say(&format!(
            "memory: {} MB at the peak, {} of the authorization details, {} of the bundle (promised: at most 3.00)",
            mega(peak),
            ratio(peak.into(), details_bytes.into()),
            ratio(peak.into(), bundle_bytes.into())
        )),
        None => say("memory: not known on this system"),
    }
    if both >= load {
        bail!("the stock-take takes as long as `json.load` or longer");
    }
    if peak.is_some_and(|peak| peak > 3 * details_bytes) {
        bail!(
            "the stock-take takes more than three times the authorization details' size in memory"
        );
    }
    Ok(())
}

fn find(folder: &Path, name: &str) -> Option<PathBuf> {
    files(folder)
        .ok()?
        .into_iter()
        .find(|path| path.file_name().is_some_and(|found| found == name))
}

fn size_of(folder: &Path) -> anyhow::Result<u64> {
    files(folder)?
        .iter()
        .map(|path| Ok(std::fs::metadata(path)?.len()))
        .sum()
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
