//! `man`: the manual page, all commands on one page.

use clap::{Args, CommandFactory};
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::exit::Outcome;
use crate::printer::Printer;

/// Print the manual page, for `man -l -`
#[derive(Debug, Args)]
pub(crate) struct ManArguments {}

pub(super) fn run(_arguments: &ManArguments, printer: &Printer) -> anyhow::Result<Outcome> {
    let command = Arguments::command();
    let page = Man::new(command.clone());
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    page.render_options_section(&mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    text.push_str(".SH COMMANDS\n");
    for subcommand in command.get_subcommands() {
        text.push_str(&format!(
            ".SS {}\n{}\n",
            subcommand.get_name(),
            escaped(&about(subcommand))
        ));
        for argument in subcommand
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
        {
            let help = argument
                .get_help()
                .map(ToString::to_string)
                .unwrap_or_default();
            text.push_str(&format!(
                ".TP\n\\fB{}\\fR\n{}\n",
                escaped(&spelled(argument)),
                escaped(&help)
            ));
        }
    }
    text.push_str(".SH EXIT STATUS\n");
    text.push_str(&escaped(
        &command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default(),
    ));
    text.push('\n');
    printer.data(&text)?;
    Ok(Outcome::Done)
}

fn about(command: &clap::Command) -> String {
    command
        .get_long_about()
        .or(command.get_about())
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The argument as it is typed.
fn spelled(argument: &clap::Arg) -> String {
    let values: Vec<String> = argument
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(|name| format!("<{name}>"))
        .collect();
    let takes_values = argument
        .get_num_args()
        .is_none_or(|range| range.takes_values());
    let values = if takes_values {
        values.join(" ")
    } else {
        String::new()
    };
    match argument.get_long() {
        Some(long) => format!("--{long} {values}").trim_end().to_owned(),
        None => values,
    }
}

/// Hyphens stay hyphens, and no line begins a request.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('-', "\\-");
    text.lines()
        .map(|line| {
            if line.starts_with(['.', '\'']) {
                format!("\\&{line}")
            } else {
                line.to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}
