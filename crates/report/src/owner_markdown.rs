//! `owners/OWNER.md`: what one owner has to do, as a list to tick off.

use std::collections::BTreeMap;
use std::fmt::Write;

use leastgrant_audit::{Finding, UNOWNED};

use leastgrant_inventory::{Timestamp, counted};

use crate::counts::SeverityCounts;
use crate::markdown::evidence;
use crate::markdown_text::{code, prose};
use crate::permission_use::{PermissionUse, owner_section};
use crate::text::short_resource;

/// The list of `owner`, made of the owner's findings, with what logs show of the owner's principals. `csv_file` is the name of
/// the CSV beside it.
#[must_use]
pub fn render(
    owner: &str,
    findings: &[&Finding],
    permission_use: Option<&PermissionUse>,
    as_of: Timestamp,
    csv_file: &str,
) -> String {
    let (open, exempted): (Vec<&Finding>, Vec<&Finding>) = findings
        .iter()
        .partition(|finding| finding.exemption.is_none());
    let mut page = format!("# IAM findings of {}\n\n", code(owner));
    if owner == UNOWNED && !open.is_empty() {
        page.push_str(NOBODY_IS_NAMED);
    }
    write_head(&mut page, as_of, &open, csv_file);
    for (resource_arn, findings) in by_resource(&open) {
        write_resource(&mut page, resource_arn, &findings);
    }
    write_exempted(&mut page, &exempted);
    let section = owner_section(permission_use, owner);
    if !section.is_empty() && !page.ends_with("\n\n") {
        page.push('\n');
    }
    page.push_str(&section);
    page
}

/// What stands first in the list that nobody gets.
const NOBODY_IS_NAMED: &str = "**Nobody is named for these.** Give each resource a tag `owner`, or add \
    `[[owners.match]]` to `leastgrant.toml`, and run again.\n\n";

fn write_head(page: &mut String, as_of: Timestamp, open: &[&Finding], csv_file: &str) {
    let counts = SeverityCounts::of(open.iter().copied());
    if counts.total() == 0 {
        let _ = writeln!(page, "As of {as_of}: nothing to do.\n");
        return;
    }
    let _ = writeln!(
        page,
        "As of {as_of}: {} to act on ({}).\n",
        counted(counts.total(), "finding"),
        counts.words()
    );
    let _ = writeln!(
        page,
        "**What to do:** for each finding below, do what it says and tick it off. Where it has to \
         stay as it is, ask for an exemption, which needs an owner, a reason and an expiry date. \
         Write either into the columns `decision` and `comment` of {} and send it back; the `id` \
         there is the one below.\n",
        code(csv_file)
    );
}

/// The findings of each resource; the resource with the worst finding first.
fn by_resource<'a>(findings: &[&'a Finding]) -> Vec<(&'a str, Vec<&'a Finding>)> {
    let mut groups: Vec<(&str, Vec<&Finding>)> = Vec::new();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in findings {
        let arn = finding.resource_arn.as_str();
        let position = *positions.entry(arn).or_insert(groups.len());
        if position == groups.len() {
            groups.push((arn, Vec::new()));
        }
        if let Some((_, group)) = groups.get_mut(position) {
            group.push(finding);
        }
    }
    groups
}

fn write_resource(page: &mut String, resource_arn: &str, findings: &[&Finding]) {
    let account = findings
        .first()
        .map(|finding| code(&finding.account_id))
        .unwrap_or_default();
    let _ = writeln!(
        page,
        "## {} in {account}\n\n{}\n",
        code(short_resource(resource_arn)),
        code(resource_arn)
    );
    for finding in findings {
        let _ = writeln!(
            page,
            "- [ ] **{}** {}{}: {}",
            finding.severity.name(),
            code(finding.rule),
            access_key(finding),
            prose(&finding.title)
        );
        let _ = writeln!(page, "  - Found: {}", prose(&finding.detail));
        for fact in evidence(finding) {
            let _ = writeln!(page, "  - Evidence: {fact}");
        }
        let _ = writeln!(page, "  - **To do:** {}", prose(&finding.remediation));
        let _ = writeln!(
            page,
            "  - Confidence {}, id {}",
            finding.confidence.name(),
            code(&finding.id)
        );
    }
    page.push('\n');
}

fn write_exempted(page: &mut String, exempted: &[&Finding]) {
    if exempted.is_empty() {
        return;
    }
    page.push_str("## Exempted\n\nNothing to do before these exemptions end.\n\n");
    for finding in exempted {
        let _ = write!(
            page,
            "- {} {} in {}{}: {}",
            code(finding.rule),
            code(short_resource(&finding.resource_arn)),
            code(&finding.account_id),
            access_key(finding),
            prose(&finding.title)
        );
        if let Some(exemption) = &finding.exemption {
            let _ = write!(
                page,
                "; until {} by {}: {}",
                prose(&exemption.expires),
                code(&exemption.owner),
                prose(&exemption.reason)
            );
        }
        page.push('\n');
    }
}

fn access_key(finding: &Finding) -> String {
    finding
        .access_key_id
        .as_deref()
        .map(|id| format!(", access key {}", code(id)))
        .unwrap_or_default()
}
