//! What developers and CI run: `cargo xtask test`, `cargo xtask bench`, `cargo xtask fuzz`, `cargo xtask catalog`.

mod bench;
mod catalog;
mod environment;
mod fuzz;
mod measure;
mod shell;
mod test;

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  test              format, lints and all tests
  bench [NAME]      the measured promises, as ratios in one run; NAME is one of those that are listed while they run
  fuzz [RUNS]       the fuzz targets, so many runs each (default 1000000); needs cargo-fuzz
  catalog           makes crates/catalog/data/catalog.bin from pinned packages; needs node, npm and Python 3 with pip
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["test"] => test::run(),
        ["bench"] => bench::run(None),
        ["bench", name] => bench::run(Some(name)),
        ["measure", name, rest @ ..] => bench::measure(name, rest),
        ["catalog"] => catalog::run(),
        ["fuzz"] => fuzz::run("1000000"),
        ["fuzz", runs] => fuzz::run(runs),
        _ => {
            shell::say(USAGE);
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
