//! `expand`: the actions of all AWS managed policies, against policy_sentry; and how long the catalogue loads.
//!
//! On either side the catalogue is loaded before the clock starts, and reading a policy is not timed.

use std::hint::black_box;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use leastgrant_catalog::{ActionSet, Catalog};
use leastgrant_policy::Policy;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::environment;
use crate::measure::median;
use crate::shell::{self, cargo, corpus, say, target_folder, words};

const ROUNDS: usize = 5;
/// Ours is too fast for one pass.
const PASSES: u32 = 5;
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
    let documents: Vec<&Value> = policies
        .as_object()
        .context("no object of policies")?
        .values()
        .filter_map(|policy| policy.get("document"))
        .collect();
    let folder = target_folder().join("bench");
    std::fs::create_dir_all(&folder)?;
    let (file, script) = (folder.join("policies.json"), folder.join("expand.py"));
    std::fs::write(&file, serde_json::to_vec(&documents)?)?;
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
        "medians of {ROUNDS} rounds, {} policies: ours {own:?}, policy_sentry {peer:?}: {times} times as fast (promised: at least {PROMISED}); the catalogue loads in {load:?} (promised: under {LONGEST_LOAD:?})",
        documents.len()
    ));
    if times < PROMISED || load >= LONGEST_LOAD {
        bail!("expansion or loading is slower than promised");
    }
    Ok(())
}

/// Prints the nanoseconds of loading the catalogue, and of expanding all policies of the file.
#[expect(clippy::print_stdout, reason = "the bench reads it from there")]
pub(super) fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    let [file] = arguments else {
        bail!("the file of the policies is needed");
    };
    let text = std::fs::read_to_string(file)?;
    let documents: Vec<&RawValue> = serde_json::from_str(&text)?;
    let begun = Instant::now();
    let catalog = black_box(Catalog::get());
    let load = begun.elapsed();
    // What is made once, at the first question, is made before the clock starts, as the peer's is.
    let _ = catalog.action("s3:GetObject");
    let mut all = Duration::ZERO;
    for _ in 0..PASSES {
        for document in &documents {
            let policy = Policy::parse(document.get())?;
            let begun = Instant::now();
            let mut set = ActionSet::new();
            for statement in &policy.statements {
                let patterns = statement.action.entries.iter();
                catalog.expand_all_into(patterns.map(|entry| &entry.value), &mut set);
            }
            black_box(&set);
            all += begun.elapsed();
        }
    }
    let all = all / PASSES;
    println!("{} {}", load.as_nanos(), all.as_nanos());
    Ok(())
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
