//! The demo's bundle, dated back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{CUT, END};

/// Fields of one access key in a credential report.
const SLOT_FIELDS: usize = 5;
/// How a credential report says that there is none.
const NONE: &str = "N/A";
/// From one quarterly run to the next.
const QUARTER_HOURS: i64 = 91 * 24;

/// The columns of `usage --format csv` that matter here.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    pub(super) principal_arn: String,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) outcome: String,
    pub(super) count: u64,
    pub(super) last_seen: String,
}

/// The folders of logs of all accounts.
pub(super) fn logs(bundle: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut logs = Vec::new();
    for entry in std::fs::read_dir(bundle)? {
        let folder = entry?.path().join("cloudtrail");
        if folder.is_dir() {
            logs.push(folder);
        }
    }
    logs.sort();
    Ok(logs)
}

/// Who used what.
pub(super) fn usage(binary: &Path, logs: &[PathBuf], window: &[&str]) -> anyhow::Result<Vec<Row>> {
    let output = Command::new(binary)
        .args(["usage", "--quiet", "--format", "csv"])
        .args(window)
        .arg("--logs")
        .args(logs)
        .output()?;
    if !output.status.success() {
        bail!(
            "`usage` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    Ok(reader.deserialize().collect::<Result<_, _>>()?)
}

/// The last calls of a principal's service or action before the cut; none of those that came after it for the first time.
type LastCalls<'r> = HashMap<(&'r str, String), Option<&'r str>>;

/// The bundle as it would have been collected at the cut.
///
/// What last-accessed data would have said: the last call of each service and action before the cut.
///
/// What no trail logs is a quarterly job's in the demo, which did the same a quarter before.
pub(super) fn date_to_the_cut(bundle: &Path, before: &[Row], after: &[Row]) -> anyhow::Result<()> {
    let mut last: LastCalls<'_> = HashMap::new();
    for (rows, is_before) in [(after, false), (before, true)] {
        for row in rows {
            let action = row.action.to_ascii_lowercase();
            let service = action.split(':').next().unwrap_or_default().to_owned();
            let seen = is_before.then_some(row.last_seen.as_str());
            for name in [service, action] {
                let known = last.entry((&row.principal_arn, name)).or_default();
                *known = (*known).max(seen);
            }
        }
    }
    for entry in std::fs::read_dir(bundle)? {
        let account = entry?.path();
        if !account.is_dir() {
            continue;
        }
        take_later_keys(&account)?;
        let identity = account.join("account.json");
        let text = std::fs::read_to_string(&identity)?;
        std::fs::write(&identity, text.replace(END, CUT))?;
        for entry in std::fs::read_dir(account.join("last-accessed"))? {
            let path = entry?.path();
            let mut answer: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
            redate(&mut answer, &last).with_context(|| path.display().to_string())?;
            std::fs::write(&path, answer.to_string().replace(END, CUT))?;
        }
    }
    Ok(())
}

/// Takes the access keys that were made after the cut from an account's lists and its credential report.
fn take_later_keys(account: &Path) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(account.join("access-keys"))? {
        let path = entry?.path();
        let mut answer: Value = serde_json::from_str(&std::fs::read_to_string(&path)?)?;
        let keys = answer.get_mut("AccessKeyMetadata");
        let keys = keys.and_then(Value::as_array_mut).context("no keys")?;
        keys.retain(|key| {
            let text = |member: &str| key.get(member).and_then(Value::as_str).unwrap_or_default();
            text("CreateDate") < CUT
        });
        std::fs::write(&path, answer.to_string())?;
    }
    let path = account.join("credential-report.csv");
    let report = std::fs::read_to_string(&path)?;
    let mut reader = csv::Reader::from_reader(report.as_bytes());
    let header = reader.headers()?.clone();
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header)?;
    for record in reader.records() {
        let mut fields: Vec<String> = record?.iter().map(str::to_owned).collect();
        for slot in ["access_key_1_", "access_key_2_"] {
            let first = header.iter().position(|name| name.starts_with(slot));
            let slot = first.and_then(|first| fields.get_mut(first..first + SLOT_FIELDS));
            let slot = slot.context("no fields of a key")?;
            // The second says when the key was made.
            if slot
                .get(1)
                .is_some_and(|made| made != NONE && made.as_str() >= CUT)
            {
                slot.fill(NONE.to_owned());
                if let Some(is_active) = slot.first_mut() {
                    "false".clone_into(is_active);
                }
            }
        }
        writer.write_record(&fields)?;
    }
    std::fs::write(&path, writer.into_inner()?)?;
    Ok(())
}

fn redate(answer: &mut Value, last: &LastCalls<'_>) -> anyhow::Result<()> {
    let arn = answer
        .get("Arn")
        .and_then(Value::as_str)
        .context("no Arn")?
        .to_owned();
    let services = answer
        .get_mut("ServicesLastAccessed")
        .and_then(Value::as_array_mut);
    for service in services.context("no services")? {
        let namespace = service.get("ServiceNamespace").and_then(Value::as_str);
        let namespace = namespace.unwrap_or_default().to_ascii_lowercase();
        put(
            service,
            "LastAuthenticated",
            last.get(&(&arn, namespace.clone())).copied(),
        )?;
        let actions = service
            .get_mut("TrackedActionsLastAccessed")
            .and_then(Value::as_array_mut);
        for action in actions.into_iter().flatten() {
            let name = action
                .get("ActionName")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let name = format!("{namespace}:{}", name.to_ascii_lowercase());
            put(action, "LastAccessedTime", last.get(&(&arn, name)).copied())?;
        }
    }
    Ok(())
}

/// A time after the cut becomes the last one before it, or goes.
fn put(object: &mut Value, member: &str, before: Option<Option<&str>>) -> anyhow::Result<()> {
    let Some(object) = object.as_object_mut() else {
        return Ok(());
    };
    let at = object.get(member).and_then(Value::as_str);
    let Some(at) = at.filter(|at| *at >= CUT) else {
        return Ok(());
    };
    let earlier = match before {
        Some(logged) => logged.map(|at| at.replace('Z', "+00:00")),
        None => {
            let at: jiff::Timestamp = at.parse()?;
            let at = at.saturating_sub(jiff::SignedDuration::from_hours(QUARTER_HOURS))?;
            Some(at.to_string().replace('Z', "+00:00"))
        }
    };
    match earlier {
        Some(earlier) => object.insert(member.to_owned(), earlier.into()),
        None => object.remove(member),
    };
    Ok(())
}
