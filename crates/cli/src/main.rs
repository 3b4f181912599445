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
    tell_polars_threads(arguments.global.threads);
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
