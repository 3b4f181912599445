//! `expand`: the actions of all AWS managed policies, against policy_sentry on the same lists; and how long the catalogue loads.
//!
//! Either catalogue is loaded before its clock starts. Ours also reads the patterns within its time.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::ActionPattern;
use serde_json::Value;

use crate::environment;
use crate::measure::median;
use crate::shell::{self, cargo, corpus, say, target_folder, words};

const ROUNDS: usize = 5;
/// Ours is too fast for one pass.
const PASSES: u32 = 20;
const PROMISED: u128 = 100;
const LONGEST_LOAD: Duration = Duration::from_millis(10);

pub(super) fn run() -> anyhow::Result<()> {
    let Some(policies) = corpus("policies/aws-managed-latest.json.gz") else {
        return Ok(());
    };
    let Some(python) = environment::peer_python() else {
        return Ok(());
    };
    let policies: Value = serde_json::from_reader(GzDecoder::new(std::fs::File::open(policies)?))?;
    let mut lists: Vec<Vec<&str>> = Vec::new();
    let policies = policies.as_object().context("no object of policies")?;
    for policy in policies.values() {
        let statements = policy.pointer("/document/Statement");
        for statement in items(statements) {
            for member in ["Action", "NotAction"] {
                let actions: Vec<&str> = items(statement.get(member))
                    .filter_map(Value::as_str)
                    .collect();
                if !actions.is_empty() {
                    lists.push(actions);
                }
            }
        }
    }
    let folder = target_folder().join("bench");
    std::fs::create_dir_all(&folder)?;
    let (file, script) = (folder.join("actions.json"), folder.join("expand.py"));
    std::fs::write(&file, serde_json::to_vec(&lists)?)?;
    std::fs::write(&script, include_str!("expand.py"))?;
    shell::run(&mut cargo(&[
        "build",
        "--release",
        "--quiet",
        "--package",
        "xtask",
    ]))?;
    let optimised = target_folder().join("release/xtask");
    let (mut ours, mut loads, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let own = numbers(
            Command::new(&optimised)
                .args(["measure", "expand"])
                .arg(&file),
        )?;
        let peer = numbers(Command::new(&python).arg(&script).arg(&file))?;
        let (Some([load, all]), Some([all_of_peer])) = (own.first_chunk(), peer.first_chunk())
        else {
            bail!("a measurement did not say its time");
        };
        if round > 0 {
            loads.push(Duration::from_nanos(*load));
            ours.push(Duration::from_nanos(*all));
            theirs.push(Duration::from_nanos(*all_of_peer));
        }
    }
    let (load, own, peer) = (median(loads), median(ours), median(theirs));
    let times = peer.as_nanos() / own.as_nanos().max(1);
    say(&format!(
        "medians of {ROUNDS} rounds, {} policies, {} lists of actions: ours {own:?}, policy_sentry {peer:?}: {times} times as fast (promised: at least {PROMISED}); the catalogue loads in {load:?} (promised: under {LONGEST_LOAD:?})",
        policies.len(),
        lists.len()
    ));
    if times < PROMISED || load >= LONGEST_LOAD {
        bail!("expansion or loading is slower than promised");
    }
    Ok(())
}

/// Prints the nanoseconds of loading the catalogue, and of expanding all lists of the file.
#[expect(clippy::print_stdout, reason = "the bench reads it from there")]
pub(super) fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    let [file] = arguments else {
        bail!("the file of the lists is needed");
    };
    let lists: Vec<Vec<String>> = serde_json::from_slice(&std::fs::read(file)?)?;
    let begun = Instant::now();
    let catalog = black_box(Catalog::get());
    let load = begun.elapsed();
    let begun = Instant::now();
    for _ in 0..PASSES {
        for list in &lists {
            let mut set = ActionSet::new();
            for pattern in list {
                catalog.expand_into(&ActionPattern::parse(pattern), &mut set);
            }
            black_box(&set);
        }
    }
    let all = begun.elapsed() / PASSES;
    println!("{} {}", load.as_nanos(), all.as_nanos());
    Ok(())
}

/// The members of a list, or a single one.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let list = match value {
        Some(Value::Array(list)) => list.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    list.iter()
}

fn numbers(command: &mut Command) -> anyhow::Result<Vec<u64>> {
    let output = command
        .output()
        .with_context(|| format!("cannot start `{}`", words(command)))?;
    if !output.status.success() {
        bail!(
            "`{}` failed: {}",
            words(command),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let text = String::from_utf8(output.stdout)?;
    let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
    numbers.context("no number")
}
