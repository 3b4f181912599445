//! Accounts of the organisation that a collection left out, since `--account` named others.

use std::collections::BTreeSet;

use leastgrant_inventory::tables::OrganizationAccountRow;
use leastgrant_inventory::{Error, Inventory};

use crate::NotChecked;
use crate::facts::Facts;

/// An entry for each of them, as one of the rule. Files are of whichever accounts somebody exported, and leave nothing out.
pub(crate) fn entries(
    inventory: &Inventory,
    facts: &Facts,
    rule: &'static str,
) -> Result<Vec<NotChecked>, Error> {
    let arguments = &inventory.manifest().arguments;
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    if !has("--org") || !has("--account") {
        return Ok(Vec::new());
    }
    let gaps = inventory.manifest().gaps.iter();
    let mut known: BTreeSet<&str> = gaps.filter_map(|gap| gap.account_id.as_deref()).collect();
    known.extend(facts.accounts.iter().map(|account| &*account.account_id));
    let members: Vec<OrganizationAccountRow> = inventory.read()?;
    Ok(members
        .into_iter()
        .filter(|member| !known.contains(&*member.account_id))
        .map(|member| NotChecked {
            rule,
            account_id: member.account_id,
            reason: "`--account` left this account of the organisation out: nothing of it was collected, and no rule was asked about it".to_owned(),
        })
        .collect())
}
