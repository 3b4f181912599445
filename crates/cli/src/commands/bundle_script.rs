//! `bundle-script`: the script that writes a bundle.

use clap::Args;

use crate::exit::Outcome;
use crate::printer::Printer;

/// Print a POSIX shell script that writes a bundle with the `aws` CLI alone
///
/// For places where this binary may not run: `leastgrant bundle-script > bundle.sh`, then `sh bundle.sh FOLDER` there, and
/// `leastgrant run --from FOLDER` here. It reads only; calls that are refused are recorded as gaps.
#[derive(Debug, Args)]
pub(crate) struct BundleScriptArguments {}

pub(super) fn run(
    _arguments: &BundleScriptArguments,
    printer: &Printer,
) -> anyhow::Result<Outcome> {
    printer.data(leastgrant_collect::BUNDLE_SCRIPT)?;
    Ok(Outcome::Done)
}
