//! `who-can`: questions to an inventory of 10,000 principals, after it was loaded.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use crate::measure::median;
use crate::shell::{self, say, target_folder};

const ROUNDS: usize = 5;
const PRINCIPALS: &str = "10000";
const PROMISED: Duration = Duration::from_secs(1);
/// Asked of many, asked of few, asked on one resource, a role, an action that hides behind wildcards.
const QUESTIONS: &[&[&str]] = &[
    &["--action", "s3:GetObject"],
    &["--action", "iam:CreateUser"],
    &[
        "--action",
        "s3:PutObject",
        "--resource",
        "arn:aws:s3:::some-bucket/key",
    ],
    &["--action", "sts:AssumeRole"],
    &["--action", "dynamodb:GetItem"],
];

pub(super) fn run() -> anyhow::Result<()> {
    let binary = super::release_binary()?;
    let folder = target_folder().join("bench");
    let (bundle, inventory) = (
        folder.join("who-can-bundle"),
        folder.join("who-can-inventory"),
    );
    shell::run(
        Command::new(&binary)
            .args([
                "demo",
                "--accounts",
                "1",
                "--days",
                "0",
                "--principals",
                PRINCIPALS,
                "--out",
            ])
            .arg(&bundle),
    )?;
    shell::run(
        Command::new(&binary)
            .args(["collect", "--quiet", "--from"])
            .arg(&bundle)
            .arg("--out")
            .arg(&inventory),
    )?;
    let mut slowest = Duration::ZERO;
    for question in QUESTIONS {
        let mut loads = Vec::new();
        let mut answers = Vec::new();
        for _ in 0..ROUNDS {
            let (load, answer) = ask(&binary, &inventory, question)?;
            loads.push(load);
            answers.push(answer);
        }
        let (load, answer) = (median(loads), median(answers));
        slowest = slowest.max(answer);
        say(&format!(
            "{}: {answer:?} after {load:?} of loading",
            question.join(" ")
        ));
    }
    say(&format!(
        "the slowest of {} questions takes {slowest:?} over {PRINCIPALS} principals, the median of {ROUNDS} rounds (promised: under {PROMISED:?})",
        QUESTIONS.len()
    ));
    if slowest >= PROMISED {
        bail!("`who-can` is slower than promised");
    }
    Ok(())
}

/// How long the policies took to load, and the question to be answered, as `-v` says.
fn ask(binary: &Path, inventory: &Path, question: &[&str]) -> anyhow::Result<(Duration, Duration)> {
    let output = Command::new(binary)
        .args(["-v", "who-can"])
        .arg(inventory)
        .args(question)
        .output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let microseconds = |before: &str| {
        let after = said.split(before).nth(1)?;
        let number = after.split(' ').next()?;
        number.parse().ok().map(Duration::from_micros)
    };
    Ok((
        microseconds("read the policies in ").context("`-v` does not say how long loading took")?,
        microseconds("asked in ").context("`-v` does not say how long asking took")?,
    ))
}
