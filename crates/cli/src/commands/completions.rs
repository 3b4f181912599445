//! `completions`: for the shell.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Print completions for a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "leastgrant",
        &mut text,
    );
    printer.data(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Done)
}
