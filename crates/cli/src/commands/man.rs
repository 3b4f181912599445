//! `man`: the manual page.

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the manual page, for `man -l -`
#[derive(Debug, Args)]
pub(crate) struct ManArguments {}

pub(super) fn run(_arguments: &ManArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    Man::new(Arguments::command()).render(&mut text)?;
    for command in Arguments::command().get_subcommands() {
        Man::new(command.clone()).render_description_section(&mut text)?;
        Man::new(command.clone()).render_options_section(&mut text)?;
    }
    printer.data(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Done)
}
