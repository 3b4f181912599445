//! One request of a principal of an inventory.

use std::path::Path;

use anyhow::{Context as _, anyhow, bail};
use leastgrant_access::{Access, Subject, context_of};
use leastgrant_inventory::Inventory;
use leastgrant_policy::principal::wrong_account;
use leastgrant_policy::{Action, Context, Principal, Resource};
use leastgrant_report::access::simulation;

use super::{Format, SimulateArguments};
use crate::exit::Outcome;
use crate::known_actions;
use crate::printer::Printer;

pub(super) fn run(
    arguments: &SimulateArguments,
    inventory: &Path,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    let action = action(arguments.action.as_deref().unwrap_or_default(), printer)?;
    let resource = arguments.resource.clone();
    let resource = resource.unwrap_or_else(|| Resource::parse("*"));
    let principal = arguments.principal.as_deref().unwrap_or_default();
    let caller = Principal::parse(principal).with_context(|| match wrong_account(principal) {
        Some(account) => format!("`{account}` in `{principal}` is no account: give its twelve digits"),
        None => format!("`{principal}` is no caller: give the ARN of a user, role, session or root user, a service such as `ec2.amazonaws.com`, or `*`"),
    })?;
    let opened = Inventory::open(inventory)?;
    let access = Access::load(&opened)?;
    let subject = match subject(&access, caller, inventory)? {
        Ok(subject) => subject,
        Err(hidden) => {
            printer.error(&hidden);
            return Ok(Outcome::Incomplete);
        }
    };
    let pairs = arguments.context.iter();
    let context = context_of(
        pairs.map(|(key, value)| (key.as_str(), value.as_str())),
        Context::default(),
    );
    let explained = access.explain(&subject, &action, &resource, &context);
    let request = access.request(&subject, &action, &resource, &context);
    let notes = access.notes();
    let text = match arguments.format {
        Format::Text => simulation::text(
            &access,
            &subject,
            &request,
            &explained,
            notes,
            printer.terminal().color,
        ),
        Format::Json => simulation::json(&access, &subject, &request, &explained, notes)?,
    };
    printer.data(&text)?;
    Ok(match arguments.expect {
        // What was not known could make it the expected decision, or another one.
        _ if !explained.unknowns.is_empty() => Outcome::Incomplete,
        Some(expected) if explained.outcome != expected.into() => Outcome::No,
        _ => Outcome::Done,
    })
}

/// An action, as it was typed. One that the catalogue does not know is said, and asked like any other.
pub(in crate::commands) fn action(text: &str, printer: &Printer) -> anyhow::Result<Action> {
    let action = Action::of_request(text)?;
    known_actions::note_unknown(&action, printer);
    Ok(action)
}

/// The caller with its policies. A session has its role's. The inner error is that of a caller that may be in what is missing.
fn subject(
    access: &Access,
    caller: Principal,
    inventory: &Path,
) -> anyhow::Result<Result<Subject, anyhow::Error>> {
    let known = access
        .principal_of(caller.as_str())
        .and_then(|id| access.subject(id));
    if let Some(known) = known {
        return Ok(Ok(Subject {
            caller,
            ..known.clone()
        }));
    }
    let Some(account_id) = caller.account_id() else {
        return Ok(Ok(Subject::without_policies(caller)));
    };
    let missing = format!(
        "`{caller}` is not in the inventory `{}`",
        inventory.display()
    );
    if access.is_absent(account_id) {
        return Ok(Err(anyhow!(
            "{missing}: nothing was collected of its account"
        )));
    }
    let hiding = access.hiding_principals(account_id);
    if !hiding.is_empty() {
        return Ok(Err(anyhow!(
            "{missing}, in which something is missing: {}",
            hiding.join("; ")
        )));
    }
    bail!("{missing}; names and paths in ARNs are case-sensitive")
}
