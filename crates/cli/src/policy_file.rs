//! Policy documents in files.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};
use leastgrant_policy::problem::line_and_column;
use leastgrant_policy::{MAX_DOCUMENT_BYTES, Policy};

use crate::printer::Printer;

/// Reads a policy from a file, or from standard input for `-`.
pub(crate) fn read(path: &Path, printer: &Printer) -> anyhow::Result<Policy> {
    let text = text(path)?;
    // Windows editors write a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match Policy::parse(text) {
        Ok(policy) => Ok(policy),
        Err(error) => {
            for problem in &error.problems {
                let (line, column) = line_and_column(text, problem.span.start);
                printer.note(&format!("{}:{line}:{column}: {problem}", path.display()));
            }
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
