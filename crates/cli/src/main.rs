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

use clap::Parser;

use crate::arguments::Arguments;
use crate::exit::Outcome;
use crate::printer::Printer;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let printer = Printer::new(&arguments.global);
    // Without a handler the shell would see a signal; scripts are promised a code.
    let _ = ctrlc::set_handler(interrupt::exit_interrupted);
    let ran = run(&arguments, &printer);
    interrupt::wait_for_the_end();
    match ran {
        Ok(outcome) => outcome.into(),
        Err(error) if printer::is_broken_pipe(&error) => Outcome::Done.into(),
        Err(error) => {
            printer.error(&error);
            Outcome::CannotAnswer.into()
        }
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
