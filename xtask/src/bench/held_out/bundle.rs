//! The demo's bundle, dated back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use super::{CUT, END};

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

/// What last-accessed data would have said: the last call of each service and action before the cut.
pub(super) fn date_to_the_cut(bundle: &Path, before: &[Row]) -> anyhow::Result<()> {
    let mut last: HashMap<(&str, String), &str> = HashMap::new();
    for row in before {
        let action = row.action.to_ascii_lowercase();
        let service = action.split(':').next().unwrap_or_default().to_owned();
        for name in [service, action] {
            let known = last
                .entry((&row.principal_arn, name))
                .or_insert(&row.last_seen);
            *known = (*known).max(&row.last_seen);
        }
    }
    for entry in std::fs::read_dir(bundle)? {
        let account = entry?.path();
        if !account.is_dir() {
            continue;
        }
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

fn redate(answer: &mut Value, last: &HashMap<(&str, String), &str>) -> anyhow::Result<()> {
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
        );
        let actions = service
            .get_mut("TrackedActionsLastAccessed")
            .and_then(Value::as_array_mut);
        for action in actions.into_iter().flatten() {
            let name = action
                .get("ActionName")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let name = format!("{namespace}:{}", name.to_ascii_lowercase());
            put(action, "LastAccessedTime", last.get(&(&arn, name)).copied());
        }
    }
    Ok(())
}

/// A time after the cut becomes the last one before it, or goes.
fn put(object: &mut Value, member: &str, before: Option<&str>) {
    let Some(object) = object.as_object_mut() else {
        return;
    };
    let is_later = object
        .get(member)
        .and_then(Value::as_str)
        .is_some_and(|at| at >= CUT);
    match before {
        _ if !is_later => {}
        Some(at) => {
            object.insert(member.to_owned(), at.replace('Z', "+00:00").into());
        }
        None => {
            object.remove(member);
        }
    }
}
