//! Policy documents in files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use leastgrant_policy::{Finding, MAX_DOCUMENT_BYTES, Policy, PolicyKind, Severity, lint};

use crate::printer::Printer;
use crate::underline::{render_findings, render_syntax_error};

/// Says what IAM would refuse in a policy of this kind, underlined in its text.
pub(crate) fn warn(path: &Path, policy: &Policy, kind: PolicyKind, printer: &Printer) {
    let refused: Vec<Finding> = lint(policy, kind)
        .into_iter()
        .filter(|finding| finding.severity == Severity::Error)
        .collect();
    if !refused.is_empty() {
        let name = path.display().to_string();
        printer.underlined(|width, color| {
            render_findings(&name, policy.text(), &refused, width, color)
        });
    }
}

/// Reads a policy from a file, or from standard input for `-`.
pub(crate) fn read(path: &Path, printer: &Printer) -> anyhow::Result<Policy> {
    let text = text(path)?;
    // Windows editors write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match Policy::parse(text) {
        Ok(policy) => Ok(policy),
        Err(error) => {
            let name = path.display().to_string();
            printer
                .underlined(|width, color| render_syntax_error(&name, text, &error, width, color));
            bail!("`{}` is no policy that can be judged", path.display())
        }
    }
}

fn text(path: &Path) -> anyhow::Result<String> {
    let limit = u64::try_from(MAX_DOCUMENT_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin()
            .lock()
            .take(limit + 1)
            .read_to_end(&mut bytes)
    } else {
        File::open(path)
            .with_context(|| format!("`{}` cannot be opened; check the path", path.display()))?
            .take(limit + 1)
            .read_to_end(&mut bytes)
    }
    .with_context(|| format!("`{}` cannot be read", path.display()))?;
    String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8", path.display()))
}
