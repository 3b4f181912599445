//! `decisions`: `leastgrant simulate --batch` against npm's `@cloud-copilot/iam-simulate` on the same requests.
//!
//! Ours is timed as a whole: start, reading and parsing of every line, decision, writing. The peer's policies are parsed and
//! its library is warm before its clock starts. The peer is AGPL: it is run, and nothing of it is part of the product.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, bail};

use super::ratio;
use crate::environment;
use crate::measure::{self, median};
use crate::shell::{say, target_folder};

const ROUNDS: usize = 5;
const LINES: u64 = 1_000_000;
const PROMISED: u128 = 100;

/// Requests that the peer's own catalogue accepts, on three policies: plain, with a condition, with variables and a Deny.
const REQUESTS: &[(&str, &str)] = &[
    ("s3:GetObject", "arn:aws:s3:::data/a/b"),
    ("s3:PutObject", "arn:aws:s3:::data/a/b"),
    ("s3:GetObject", "arn:aws:s3:::data/secret/x"),
    ("s3:GetObject", "arn:aws:s3:::home/someone/x"),
    (
        "dynamodb:GetItem",
        "arn:aws:dynamodb:eu-west-1:111122223333:table/orders-1",
    ),
    (
        "lambda:InvokeFunction",
        "arn:aws:lambda:eu-west-1:111122223333:function:f",
    ),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:q"),
];
const POLICIES: &[&str] = &[
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"]},{"Effect":"Allow","Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:111122223333:table/orders*"}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sqs:*","lambda:InvokeFunction"],"Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#,
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::home/${aws:username}/*"},{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::data/secret/*","Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"red"}}}]}"#,
];

pub(super) fn run() -> anyhow::Result<()> {
    let Some(node) = environment::node() else {
        return Ok(());
    };
    let binary = super::release_binary()?;
    let folder = target_folder().join("bench");
    std::fs::create_dir_all(&folder)?;
    let few = folder.join("decisions.jsonl");
    let many = folder.join("many-decisions.jsonl");
    let kinds = u64::try_from(REQUESTS.len())?;
    write_lines(&few, kinds)?;
    write_lines(&many, LINES)?;
    let script = node.join("peer.mjs");
    std::fs::write(&script, include_str!("decisions.mjs"))?;
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for round in 0..=ROUNDS {
        let taken = measure::run(
            Command::new(&binary)
                .args(["simulate", "--batch"])
                .arg(&many),
        )?;
        let peer = peer(&script, &few)?;
        if round > 0 {
            ours.push(taken.wall / u32::try_from(LINES)?);
            theirs.push(peer);
        }
    }
    let (own, peer) = (median(ours), median(theirs));
    let times = peer.as_nanos() / own.as_nanos().max(1);
    say(&format!(
        "medians of {ROUNDS} rounds: ours {} ns a line of JSON, all told; iam-simulate {} ns a decision: {} times as many a second (promised: at least {PROMISED})",
        own.as_nanos(),
        peer.as_nanos(),
        ratio(peer.as_nanos(), own.as_nanos())
    ));
    if times < PROMISED {
        bail!("single decisions are slower than promised");
    }
    Ok(())
}

fn write_lines(path: &Path, count: u64) -> anyhow::Result<()> {
    let policies = POLICIES.join(",");
    let mut text = String::new();
    for (id, (action, resource)) in (0..count).zip(REQUESTS.iter().cycle()) {
        writeln!(
            text,
            r#"{{"id":{id},"request":{{"principal":"arn:aws:iam::111122223333:user/someone","action":"{action}","resource":"{resource}","resource_account":"111122223333","context":{{"aws:SourceIp":"10.1.2.3"}}}},"policies":{{"identity":[{policies}]}}}}"#
        )?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}

/// The time of one decision of the peer.
fn peer(script: &Path, lines: &Path) -> anyhow::Result<Duration> {
    let output = Command::new("node")
        .arg(script)
        .arg(lines)
        .output()
        .context("cannot start `node`")?;
    if !output.status.success() {
        bail!(
            "the peer failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let nanoseconds: u64 = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .context("the peer did not say its time")?;
    Ok(Duration::from_nanos(nanoseconds))
}
