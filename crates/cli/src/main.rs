//! The `leastgrant` binary: arguments to settings to one command, one command a file.

mod allocator;
mod arguments;
mod commands;
mod exit;
mod interrupt;
mod json_lines;
mod known_actions;
mod permission_use;
mod policy_file;
mod printer;
mod progress;
mod settings;
mod underline;

use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches};

use crate::arguments::Arguments;
use crate::exit::Outcome;
use crate::printer::Printer;

fn main() -> ExitCode {
    let arguments = arguments();
    let printer = Printer::new(&arguments.global);
    // Without a handler the shell would see a signal; scripts are promised a code.
    let _ = ctrlc::set_handler(interrupt::exit_interrupted);
    let ran = run(&arguments, &printer);
    interrupt::wait_for_the_end();
    match ran {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            printer.error(&error);
            Outcome::CannotAnswer.into()
        }
    }
}

/// The arguments, or the end with help or an error in the colours that are asked for: the parser itself would not know yet.
fn arguments() -> Arguments {
    let mut command = Arguments::command().color(color_of_help(std::env::args_os()));
    let matches = command.get_matches_mut();
    match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.format(&mut command).exit(),
    }
}

/// What `--color` says, wherever it stands.
fn color_of_help(arguments: impl Iterator<Item = std::ffi::OsString>) -> ColorChoice {
    let texts: Vec<String> = arguments
        .map(|own| own.to_string_lossy().into_owned())
        .collect();
    let values = texts
        .iter()
        .zip(texts.iter().skip(1).map(Some).chain([None]));
    let values = values.filter_map(|(own, next)| match own.strip_prefix("--color") {
        Some("") => next.map(String::as_str),
        Some(value) => value.strip_prefix('='),
        None => None,
    });
    match values.last() {
        Some("always") => ColorChoice::Always,
        Some("never") => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

fn run(arguments: &Arguments, printer: &Printer) -> anyhow::Result<Outcome> {
    set_threads(arguments.global.threads)?;
    commands::run(&arguments.command, &arguments.global, printer)
}

/// Sizes both thread pools: rayon's, which reads files, and polars' own, which packs tables.
fn set_threads(threads: Option<usize>) -> anyhow::Result<()> {
    let Some(threads) = threads else {
        return Ok(());
    };
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()?;
    #[expect(
        unsafe_code,
        reason = "polars takes the size of its pool from the environment only; no other thread reads it yet"
    )]
    // SAFETY: the process has a single thread that reads or writes the environment, since nothing but arguments was touched so far.
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_has_the_colours_that_are_asked_for() {
        let of = |texts: &[&str]| color_of_help(texts.iter().map(std::ffi::OsString::from));
        assert_eq!(of(&["x", "--color", "never", "--help"]), ColorChoice::Never);
        assert_eq!(of(&["x", "--help", "--color=always"]), ColorChoice::Always);
        assert_eq!(of(&["x", "--help", "--color"]), ColorChoice::Auto);
    }
}
