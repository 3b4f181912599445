//! A policy's new documents as Terraform: `aws_iam_policy_document` data sources, resources that have them, and `import` blocks.
//!
//! The documents are the certified ones. What a data source cannot say exactly is read from the document's file instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use leastgrant_minimize::{ActionRow, ActionVerdict, Outcome, PolicyOutcome, SourceKind};
use leastgrant_policy::{ActionPattern, Effect, Policy, Statement, Version};

use super::hcl::{label, quoted};
use super::place::{kind_of, managed_name, name_of, path_of};
use crate::text::terminal_safe;

/// Lines that say why one statement stays; `review.md` has all.
const MOST_REASONS: usize = 20;

/// The file of each changed policy that does not go, by its place. `files` names its documents.
pub(super) fn render(
    outcome: &Outcome,
    places: impl IntoIterator<Item = usize>,
    files: impl Fn(usize, usize) -> String,
) -> BTreeMap<usize, String> {
    let mut taken = BTreeSet::new();
    let mut rendered = BTreeMap::new();
    for number in places {
        let Some(policy) = outcome.policies.get(number) else {
            continue;
        };
        let owner = name_of(&policy.source.owner);
        let name = label(&match policy.source.kind {
            SourceKind::CustomerManaged => policy.source.name.clone(),
            _ => format!("{owner}_{}", policy.source.name),
        });
        // Copied into one module, no two of them have one name.
        let names = |count: u32| -> Vec<String> {
            let first = match count {
                1 => name.clone(),
                more => format!("{name}_{more}"),
            };
            let parts = (1..policy.new.len()).map(|more| format!("{first}_part{}", more + 1));
            std::iter::once(first.clone()).chain(parts).collect()
        };
        let free = (1_u32..)
            .map(names)
            .find(|own| own.iter().all(|name| !taken.contains(name)))
            .unwrap_or_default();
        taken.extend(free.iter().cloned());
        let reasons = Reasons::of(outcome, number);
        let mut text = format!(
            "# {}, smaller. Look at the plan before it is applied.\n",
            terminal_safe(&policy.source.arn)
        );
        for line in gone(policy) {
            let _ = writeln!(text, "# {}", terminal_safe(&line));
        }
        for (document, (json, own)) in policy.new.iter().zip(&free).enumerate() {
            let source = Policy::parse(json)
                .ok()
                .and_then(|parsed| data_source(&parsed, own, &reasons));
            let reference = match source {
                Some(source) => {
                    text.push_str(&source);
                    format!("data.aws_iam_policy_document.{own}.json")
                }
                // The names of the files hold nothing that HCL reads.
                None => format!("file(\"${{path.module}}/{}\")", files(number, document)),
            };
            resource(&mut text, policy, document, own, &reference);
        }
        if !policy.new.is_empty() {
            rendered.insert(number, text);
        }
    }
    rendered
}

/// Lines that say which resources and statements go.
fn gone(policy: &PolicyOutcome) -> Vec<String> {
    let rows = policy.removed.iter();
    let mut lines: Vec<String> = rows
        .map(|row| {
            let statement = match &row.sid {
                Some(sid) => format!("`{sid}`"),
                None => format!("number {}", row.statement + 1),
            };
            let on = row.resources.join(", ");
            let instead = match row.in_their_place.as_slice() {
                [] => String::new(),
                texts => format!(", in their place {}", texts.join(", ")),
            };
            let chance = row.chance_needed.map(|chance| {
                format!(
                    "; the chance of a need in 30 days is {:.0} % at most",
                    chance * 100.0
                )
            });
            format!(
                "Gone from the statement {statement}: {} on {on}{instead}: {}{}",
                row.actions.join(", "),
                row.reason,
                chance.unwrap_or_default()
            )
        })
        .collect();
    if let Some(more @ 1..) = lines.len().checked_sub(MOST_REASONS) {
        lines.truncate(MOST_REASONS);
        lines.push(format!("and {more} more: minimize.json has all."));
    }
    lines
}

/// Why actions stay, by their names in lower case.
struct Reasons<'a> {
    by_action: BTreeMap<String, Vec<(&'a str, &'a ActionRow)>>,
}

impl<'a> Reasons<'a> {
    fn of(outcome: &'a Outcome, number: usize) -> Self {
        let mut by_action: BTreeMap<String, Vec<(&str, &ActionRow)>> = BTreeMap::new();
        let users = outcome.principals.iter();
        for principal in users.filter(|own| own.policies.contains(&number)) {
            for row in &principal.actions {
                if row.verdict != ActionVerdict::Unused {
                    let rows = by_action.entry(row.action.to_ascii_lowercase());
                    rows.or_default().push((&principal.arn, row));
                }
            }
        }
        Self { by_action }
    }

    /// A line for an entry of a statement.
    fn line(&self, entry: &str) -> Option<String> {
        let lower = entry.to_ascii_lowercase();
        let service = lower.split(':').next().unwrap_or_default();
        let together = format!("{service}:*");
        let pattern = ActionPattern::parse(entry);
        let of = |name: &String| {
            self.by_action
                .get(name)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        };
        let mut rows = of(&lower);
        if rows.is_empty() && !pattern.is_plain() {
            let within = self.by_action.iter().filter(|(name, _)| {
                leastgrant_policy::Action::parse(name)
                    .is_some_and(|action| pattern.matches(&action))
            });
            rows = within.flat_map(|(_, rows)| rows).collect();
        }
        if rows.is_empty() {
            rows = of(&together);
        }
        // Used is a better reason than kept or unknown.
        let (arn, row) = rows.iter().min_by_key(|(_, row)| row.verdict)?;
        let why = row.evidence.first().map_or("", String::as_str);
        let more = match rows.len() {
            0 | 1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        let action = match row.action.to_ascii_lowercase() {
            own if own == lower || own == together => String::new(),
            _ => format!("{} ", row.action),
        };
        Some(format!(
            "{entry}: {action}{}: {why} ({arn}{more})",
            row.verdict.name()
        ))
    }
}

fn data_source(policy: &Policy, name: &str, reasons: &Reasons<'_>) -> Option<String> {
    let version = match policy.version {
        Version::V2012 => "2012-10-17",
        _ => "2008-10-17",
    };
    let mut text =
        format!("\ndata \"aws_iam_policy_document\" \"{name}\" {{\n  version = \"{version}\"\n");
    if let Some(id) = &policy.id {
        let _ = writeln!(text, "  policy_id = {}", quoted(id)?);
    }
    for statement in &policy.statements {
        text.push('\n');
        for line in comments(statement, reasons) {
            let _ = writeln!(text, "  # {}", terminal_safe(&line));
        }
        text.push_str(&block(statement)?);
    }
    text.push_str("}\n");
    Some(text)
}

fn comments(statement: &Statement, reasons: &Reasons<'_>) -> Vec<String> {
    if statement.effect == Effect::Deny {
        return vec!["A Deny stays as it is.".to_owned()];
    }
    let entries = statement.action.entries.iter();
    let mut lines: Vec<String> = match statement.action.is_negated {
        true => Vec::new(),
        false => entries
            .filter_map(|entry| reasons.line(entry.as_str()))
            .collect(),
    };
    if lines.is_empty() {
        return vec!["review.md says why it stays.".to_owned()];
    }
    if let Some(more @ 1..) = lines.len().checked_sub(MOST_REASONS) {
        lines.truncate(MOST_REASONS);
        lines.push(format!("and {more} more: review.md has all."));
    }
    lines
}

fn block(statement: &Statement) -> Option<String> {
    let mut text = "  statement {\n".to_owned();
    if let Some(sid) = statement.sid.as_ref().filter(|sid| !sid.is_empty()) {
        let _ = writeln!(text, "    sid    = {}", quoted(sid)?);
    }
    let effect = match statement.effect {
        Effect::Allow => "Allow",
        Effect::Deny => "Deny",
    };
    let _ = writeln!(text, "    effect = \"{effect}\"");
    let resource = statement.resource.as_ref()?;
    let actions = statement.action.entries.iter().map(|own| own.as_str());
    let resources = resource.entries.iter().map(|own| own.as_str());
    list(
        &mut text,
        4,
        if statement.action.is_negated {
            "not_actions"
        } else {
            "actions"
        },
        actions,
    )?;
    list(
        &mut text,
        4,
        if resource.is_negated {
            "not_resources"
        } else {
            "resources"
        },
        resources,
    )?;
    for condition in &statement.conditions {
        let _ = write!(
            text,
            "\n    condition {{\n      test     = {}\n      variable = {}\n",
            quoted(&condition.operator.to_string())?,
            quoted(&condition.key)?
        );
        let values = condition.values.iter().map(|own| own.as_str());
        list(&mut text, 6, "values", values)?;
        text.push_str("    }\n");
    }
    text.push_str("  }\n");
    Some(text)
}

fn list<'a>(
    text: &mut String,
    indent: usize,
    name: &str,
    entries: impl Iterator<Item = &'a str>,
) -> Option<()> {
    let space = " ".repeat(indent);
    let _ = writeln!(text, "{space}{name} = [");
    for entry in entries {
        let _ = writeln!(text, "{space}  {},", quoted(entry)?);
    }
    let _ = writeln!(text, "{space}]");
    Some(())
}

/// The resource that has the document, and the `import` block of the one that is there.
fn resource(
    text: &mut String,
    policy: &PolicyOutcome,
    document: usize,
    name: &str,
    reference: &str,
) {
    let source = &policy.source;
    let kind = kind_of(&source.owner);
    let made = match (source.kind, kind) {
        (SourceKind::Inline, "user" | "role" | "group") => {
            inline(name, kind, name_of(&source.owner), &source.name, reference)
        }
        (SourceKind::Inline, "permissionSet") => of_permission_set(name, &source.owner, reference),
        (SourceKind::CustomerManaged, _) => managed(policy, document, name, reference),
        (SourceKind::AwsManaged, "user" | "role" | "group") => {
            in_place_of_aws(policy, document, name, reference)
        }
        _ => None,
    };
    match made {
        Some(made) => text.push_str(&made),
        None => {
            let _ = write!(
                text,
                "\n# Terraform has no one resource for it; the document is {}.\n",
                terminal_safe(reference)
            );
        }
    }
}

fn inline(name: &str, kind: &str, owner: &str, policy: &str, reference: &str) -> Option<String> {
    let resource = format!("aws_iam_{kind}_policy");
    let (id, policy, owner) = (
        quoted(&format!("{owner}:{policy}"))?,
        quoted(policy)?,
        quoted(owner)?,
    );
    Some(format!(
        "\nresource \"{resource}\" \"{name}\" {{\n  name   = {policy}\n  {kind:<6} = {owner}\n  policy = {reference}\n}}\n{}",
        import(&resource, name, &id)
    ))
}

fn of_permission_set(name: &str, set: &str, reference: &str) -> Option<String> {
    let resource = "aws_ssoadmin_permission_set_inline_policy";
    // `arn:aws:sso:::permissionSet/ssoins-…/ps-…` is of the instance `arn:aws:sso:::instance/ssoins-…`.
    let (head, rest) = set.split_once(":permissionSet/")?;
    let instance = format!("{head}:instance/{}", rest.split('/').next()?);
    let id = quoted(&format!("{instance},{set}"))?;
    let (instance, set) = (quoted(&instance)?, quoted(set)?);
    Some(format!(
        "\nresource \"{resource}\" \"{name}\" {{\n  instance_arn       = {instance}\n  permission_set_arn = {set}\n  inline_policy      = {reference}\n}}\n{}",
        import(resource, name, &id)
    ))
}

fn managed(policy: &PolicyOutcome, document: usize, name: &str, reference: &str) -> Option<String> {
    let source = &policy.source;
    let path = path_of(&source.arn)?;
    if document > 0 {
        let owners = policy.attached_to.iter().map(String::as_str);
        return made(
            name,
            &managed_name(policy, document),
            &path,
            reference,
            owners,
        );
    }
    let (own, path, id) = (quoted(&source.name)?, quoted(&path)?, quoted(&source.arn)?);
    // A description that is not the one that is there would make Terraform replace the policy.
    Some(format!(
        "\nresource \"aws_iam_policy\" \"{name}\" {{\n  name   = {own}\n  path   = {path}\n  policy = {reference}\n\n  lifecycle {{\n    ignore_changes = [description, tags, tags_all]\n  }}\n}}\n{}",
        import("aws_iam_policy", name, &id)
    ))
}

fn in_place_of_aws(
    policy: &PolicyOutcome,
    document: usize,
    name: &str,
    reference: &str,
) -> Option<String> {
    let source = &policy.source;
    let made = made(
        name,
        &managed_name(policy, document),
        "/",
        reference,
        [source.owner.as_str()].into_iter(),
    )?;
    Some(match document {
        0 => format!(
            "\n# Takes the place of {}: detach that one from {} when this one is attached.\n{}",
            terminal_safe(&source.arn),
            terminal_safe(&source.owner),
            made.trim_start_matches('\n')
        ),
        _ => made,
    })
}

/// A policy that is not there yet, and its attachments.
fn made<'a>(
    name: &str,
    policy: &str,
    path: &str,
    reference: &str,
    owners: impl Iterator<Item = &'a str>,
) -> Option<String> {
    let mut text = format!(
        "\nresource \"aws_iam_policy\" \"{name}\" {{\n  name   = {}\n  path   = {}\n  policy = {reference}\n}}\n",
        quoted(policy)?,
        quoted(path)?
    );
    for (place, arn) in owners.enumerate() {
        let kind = kind_of(arn);
        if !["user", "role", "group"].contains(&kind) {
            let _ = write!(text, "\n# Attach it to {} too.\n", terminal_safe(arn));
            continue;
        }
        let _ = write!(
            text,
            "\nresource \"aws_iam_{kind}_policy_attachment\" \"{name}_{}\" {{\n  {kind:<10} = {}\n  policy_arn = aws_iam_policy.{name}.arn\n}}\n",
            place + 1,
            quoted(name_of(arn))?
        );
    }
    Some(text)
}

fn import(resource: &str, name: &str, id: &str) -> String {
    format!("\nimport {{\n  to = {resource}.{name}\n  id = {id}\n}}\n")
}
