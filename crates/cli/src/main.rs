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
mod text_file;
mod underline;

use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches};

use crate::arguments::Arguments;
use crate::exit::Outcome;
use crate::printer::Printer;

fn main() -> ExitCode {
    let arguments = arguments();
    tell_polars_threads(arguments.global.threads);
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
    if let Some(threads) = arguments.global.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()?;
    }
    commands::run(&arguments.command, &arguments.global, printer)
}

/// Sizes polars' own thread pool, which packs tables.
fn tell_polars_threads(threads: Option<usize>) {
    let Some(threads) = threads else {
        return;
    };
    #[expect(
        unsafe_code,
        reason = "polars takes the size of its pool from the environment only"
    )]
    // SAFETY: it is called before the first thread is started, so that none reads the environment meanwhile.
    unsafe {
        std::env::set_var("POLARS_MAX_THREADS", threads.to_string());
    }
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
