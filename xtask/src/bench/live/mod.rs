//! `cargo xtask bench live`: a large account collected over HTTP from a server of our own that takes 50 ms for each call.
//!
//! The calls that are made are those of `--plan`; what they take is measured against what they would take if nothing but the server
//! took time.

mod answers;
mod server;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use super::{mega, milliseconds, ratio};
use crate::measure;
use crate::shell::{say, target_folder};
use server::Server;

const LATENCY: Duration = Duration::from_millis(50);
/// Calls of one account at a time: `CALLS_AT_A_TIME` of the collection.
const AT_A_TIME: u32 = 10;
const PROMISED_BYTES: u64 = 500_000_000;

pub(super) fn run() -> anyhow::Result<()> {
    let binary = super::release_binary()?;
    let folder = target_folder().join("bench/live");
    std::fs::create_dir_all(&folder)?;
    let server = Server::start(LATENCY)?;
    let plan = asking(&binary, &server)
        .args(["collect", "--quiet", "--plan"])
        .output()?;
    if !plan.status.success() {
        bail!("the plan failed: {}", String::from_utf8_lossy(&plan.stderr));
    }
    let planned = planned(&String::from_utf8(plan.stdout)?)?;
    server.calls();
    let collected = measure::run(
        asking(&binary, &server)
            .args(["collect", "--quiet", "--out"])
            .arg(folder.join("inventory")),
    )?;
    let made = server.calls();
    let (expected, calls): (u64, u64) = (planned.values().sum(), made.values().sum());
    let least = LATENCY * u32::try_from(calls)? / AT_A_TIME;
    say(&format!(
        "{} users with two keys each and {} roles: {calls} calls, {expected} by `--plan`",
        answers::USERS,
        answers::ROLES
    ));
    say(&format!(
        "time: {}, {} of calls × latency ÷ {AT_A_TIME} (promised: at most 1.30); {} of CPU time",
        milliseconds(collected.wall),
        ratio(collected.wall.as_micros(), least.as_micros()),
        milliseconds(collected.cpu)
    ));
    if let Some(peak) = collected.peak_memory {
        say(&format!(
            "memory: {} MB at the peak (promised: under 500)",
            mega(peak)
        ));
    }
    let others: Vec<String> = planned
        .keys()
        .chain(made.keys())
        .filter(|call| planned.get(*call) != made.get(*call))
        .map(|call| {
            format!(
                "`{call}` {:?} by plan, {:?} made",
                planned.get(call),
                made.get(call)
            )
        })
        .collect();
    if !others.is_empty() {
        bail!("the plan tells other calls: {}", others.join("; "));
    }
    if collected.wall * 10 > least * 13 {
        bail!("the collection takes more than 1.3 times what its calls take");
    }
    if collected
        .peak_memory
        .is_some_and(|peak| peak >= PROMISED_BYTES)
    {
        bail!("the collection takes 500 MB of memory or more");
    }
    Ok(())
}

fn asking(binary: &Path, server: &Server) -> Command {
    let mut command = Command::new(binary);
    command
        .env("AWS_ENDPOINT_URL", server.url())
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env_remove("AWS_PROFILE")
        .env_remove("AWS_SESSION_TOKEN");
    command
}

/// Calls and their numbers, without those that are told as none.
fn planned(plan: &str) -> anyhow::Result<BTreeMap<String, u64>> {
    let lines = plan.lines().take_while(|line| !line.is_empty());
    let mut calls = BTreeMap::new();
    for line in lines {
        let (call, count) = line.split_once(' ').context("a call and its number")?;
        let count: u64 = count.split(' ').next_back().unwrap_or_default().parse()?;
        if count > 0 {
            calls.insert(call.to_owned(), count);
        }
    }
    Ok(calls)
}
