//! `cargo xtask catalog`: facts about AWS from pinned packages to `crates/catalog/data/catalog.bin`, and which of its actions no
//! event can show.

mod calls;
mod encode;
mod facts;
mod iam_data;
mod json;
mod models;
mod packages;
mod policy_sentry;
mod sdk;
mod unseen;

use std::path::PathBuf;

use anyhow::Context;

use crate::shell::{repository, say};
use facts::Facts;
use packages::Packages;

/// Fetches the packages, where they are not there yet, and writes the catalogue and the list of actions without events.
pub(crate) fn run() -> anyhow::Result<()> {
    let packages = Packages::fetch()?;
    let facts = gather(&packages)?;
    let texts = encode::texts(&facts)?;
    let bytes = encode::packed(&texts)?;
    let path = committed();
    std::fs::write(&path, &bytes).with_context(|| format!("cannot write `{}`", path.display()))?;
    let path = unseen::committed();
    std::fs::write(&path, unseen::text(&packages, &facts)?)
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    say(&format!(
        "{} services, {} actions, {} resource types, {} condition keys; {} bytes, {} unpacked",
        facts.services.len(),
        facts.actions(),
        facts.resource_types(),
        facts.condition_keys(),
        bytes.len(),
        texts.index.len() + texts.details.len() + texts.calls.len()
    ));
    Ok(())
}

fn gather(packages: &Packages) -> anyhow::Result<Facts> {
    let mut facts = iam_data::read(packages)?;
    policy_sentry::add(packages, &mut facts)?;
    sdk::add(packages, &mut facts)?;
    facts.calls = calls::text(packages, &mut facts)?;
    Ok(facts)
}

fn committed() -> PathBuf {
    repository().join("crates/catalog/data/catalog.bin")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compares texts and not bytes: a newer zlib-rs may pack the same text into other bytes.
    #[test]
    fn the_committed_catalogue_and_the_actions_without_events_are_what_the_packages_say() {
        let packages = match Packages::fetch() {
            Ok(packages) => packages,
            Err(error) => {
                leastgrant_testing::skipped(
                    leastgrant_testing::Need::Packages,
                    &format!(
                        "the catalogue's packages cannot be had, so it is not compared with them ({error:#})"
                    ),
                );
                return;
            }
        };
        let facts = gather(&packages).unwrap();
        let texts = encode::texts(&facts).unwrap();
        let committed = encode::unpacked(&std::fs::read(committed()).unwrap()).unwrap();
        assert!(
            texts == committed,
            "crates/catalog/data/catalog.bin is out of date: run `cargo xtask catalog`"
        );
        let unseen = unseen::text(&packages, &facts).unwrap();
        assert!(
            unseen == std::fs::read_to_string(unseen::committed()).unwrap(),
            "crates/catalog/data/unseen-actions.tsv is out of date: run `cargo xtask catalog`"
        );
    }
}
