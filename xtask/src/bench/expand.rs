//! `expand`: the actions of all AWS managed policies, against policy_sentry; and how long the catalogue loads.
//!
//! On either side the catalogue is loaded before the clock starts, and reading a policy is not timed.

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use flate2::read::GzDecoder;
use leastgrant_catalog::{ActionSet, Catalog, Expansion};
use leastgrant_policy::Policy;
use leastgrant_testing::corpus;
use rayon::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::environment;
use crate::measure::median;
use crate::shell::{say, target_folder, words};

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
    let whole: Vec<Value> = policies
        .as_object()
        .context("no object of policies")?
        .values()
        .filter_map(|policy| policy.get("document").cloned())
        .collect();
    let patterns: Vec<Value> = whole.iter().filter_map(only_patterns).collect();
    compare("all entries", How::AsPeer, &whole, &python, Some(PROMISED))?;
    compare(
        "entries with wildcards",
        How::AsPeer,
        &patterns,
        &python,
        Some(PROMISED),
    )?;
    // The peer only copies a plain name. To look it up is more, and is told without a promise.
    compare(
        "all entries, names looked up",
        How::LookedUp,
        &whole,
        &python,
        None,
    )
}

/// What is made of an entry without wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It is kept as it is, as the peer does.
    AsPeer,
    /// It is looked up.
    LookedUp,
}

impl How {
    fn name(self) -> &'static str {
        match self {
            Self::AsPeer => "as-peer",
            Self::LookedUp => "looked-up",
        }
    }
}

/// The policy with those statements and entries that have wildcards; none where there are none.
fn only_patterns(policy: &Value) -> Option<Value> {
    let statements = match policy.get("Statement")? {
        Value::Array(statements) => statements.clone(),
        single => vec![single.clone()],
    };
    let kept: Vec<Value> = statements.into_iter().filter_map(with_patterns).collect();
    (!kept.is_empty()).then(|| json!({ "Version": "2012-10-17", "Statement": kept }))
}

fn with_patterns(mut statement: Value) -> Option<Value> {
    let is_pattern = |entry: &Value| entry.as_str().is_some_and(|text| text.contains('*'));
    for member in ["Action", "NotAction"] {
        match statement.get_mut(member) {
            Some(Value::Array(entries)) => {
                entries.retain(is_pattern);
                return (!entries.is_empty()).then_some(statement);
            }
            Some(single) if is_pattern(single) => return Some(statement),
            _ => {}
        }
    }
    None
}

fn compare(
    what: &str,
    how: How,
    policies: &[Value],
    python: &Path,
    promised: Option<u128>,
) -> anyhow::Result<()> {
    let folder = target_folder().join("bench");
    std::fs::create_dir_all(&folder)?;
    let (file, script) = (folder.join("policies.json"), folder.join("expand.py"));
    std::fs::write(&file, serde_json::to_vec(policies)?)?;
    std::fs::write(&script, include_str!("expand.py"))?;
    let optimised = super::optimised("xtask")?;
    let (mut ours, mut loads, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let own = numbers(
            Command::new(&optimised)
                .args(["measure", "expand", how.name()])
                .arg(&file),
        )?;
        let peer = numbers(Command::new(python).arg(&script).arg(&file))?;
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
    let (own, peer) = (median(ours), median(theirs));
    // What else the machine does is not the catalogue's time, and each process loads it once only.
    let load = loads.into_iter().min().context("nothing was measured")?;
    let times = peer.as_nanos() / own.as_nanos().max(1);
    let promise = promised.map_or(String::new(), |least| {
        format!(" (promised: at least {least})")
    });
    say(&format!(
        "medians of {ROUNDS} rounds, {what} of {} policies: ours {own:?}, policy_sentry {peer:?}: {times} times as fast{promise}; the fastest load of the catalogue {load:?} (promised: under {LONGEST_LOAD:?})",
        policies.len()
    ));
    if promised.is_some_and(|least| times < least) || load >= LONGEST_LOAD {
        bail!("expansion or loading is slower than promised");
    }
    Ok(())
}

/// Prints the nanoseconds of loading the catalogue, and of expanding all policies of the file.
#[expect(clippy::print_stdout, reason = "the bench reads it from there")]
pub(super) fn measure(arguments: &[&str]) -> anyhow::Result<()> {
    let [how, file] = arguments else {
        bail!("what to make of names, and the file of the policies are needed");
    };
    let text = std::fs::read_to_string(file)?;
    let documents: Vec<&RawValue> = serde_json::from_str(&text)?;
    let begun = Instant::now();
    let catalog = black_box(Catalog::get());
    let load = begun.elapsed();
    // What is made once, at the first question, is made before the clock starts, as the peer's is.
    let _ = catalog.action("s3:GetObject");
    let policies = documents
        .iter()
        .map(|document| Policy::parse(document.get()))
        .collect::<Result<Vec<_>, _>>()?;
    let begun = Instant::now();
    for _ in 0..PASSES {
        // On all cores, as every analysis of an inventory does it.
        policies.par_iter().for_each(|policy| {
            let statements = policy.statements.iter();
            let lists = statements.map(|statement| statement.action.entries.iter());
            let lists = lists.map(|entries| entries.map(|entry| &entry.value));
            if *how == How::LookedUp.name() {
                let mut set = ActionSet::new();
                catalog.expand_all_into(lists.flatten(), &mut set);
                black_box(&set);
            } else {
                let mut expansion = Expansion::default();
                lists.for_each(|entries| catalog.expand_entries_into(entries, &mut expansion));
                black_box(&expansion);
            }
        });
    }
    let all = begun.elapsed() / PASSES;
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
