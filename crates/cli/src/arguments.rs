//! What is typed: global flags and the commands.

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};
use leastgrant_inventory::Timestamp;

use crate::commands::Command;

/// No machine has more.
const MOST_THREADS: usize = 1024;

/// An IAM stock-take in one binary: which users, keys and roles there are, which are stale, and who owns them.
#[derive(Debug, Parser)]
#[command(
    name = "leastgrant",
    version,
    max_term_width = 100,
    propagate_version = false
)]
#[command(
    after_help = "Exit codes: 0 done, 1 the answer is no, 2 wrong arguments or nothing usable, 3 done but incomplete, 130 interrupted."
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub global: GlobalArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags that every command takes, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalArguments {
    /// Say more on standard error
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t, global = true, value_name = "WHEN")]
    pub color: Color,
    /// Show no progress bar
    #[arg(long, global = true)]
    pub no_progress: bool,
    /// Use so many threads
    #[arg(long, global = true, value_name = "N", value_parser = number_of_threads)]
    pub threads: Option<usize>,
    /// Read settings from this file [default: ./leastgrant.toml where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Count ages to this time [default: the time the inventory was collected]
    #[arg(long, global = true, value_name = "RFC3339", value_parser = parse_time)]
    pub as_of: Option<Timestamp>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn parse_time(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|error: jiff::Error| match error.is_range() {
            true => format!(
                "there is no such date, or it is past `{}`, the last that can be counted to",
                Timestamp::MAX
            ),
            false => {
                "a time with its offset was expected, such as `2026-01-31T08:00:00Z`".to_owned()
            }
        })
}

fn number_of_threads(text: &str) -> Result<usize, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (1..=MOST_THREADS).contains(number))
        .ok_or_else(|| format!("a number from 1 to {MOST_THREADS} was expected"))
}
