//! `cargo xtask test`: format, lints, all tests.

use crate::environment;
use crate::shell::{self, cargo, is_there, say};

pub(crate) fn run() -> anyhow::Result<()> {
    lint("rustfmt", "fmt", &["--all", "--check"])?;
    lint(
        "clippy",
        "clippy",
        &[
            "--workspace",
            "--all-targets",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    let mut tests = cargo(&["test", "--workspace", "--no-fail-fast"]);
    if let Some(python) = environment::python() {
        tests.env("LEASTGRANT_TEST_PYTHON", python);
    }
    shell::run(&mut tests)
}

fn lint(component: &str, command: &str, arguments: &[&str]) -> anyhow::Result<()> {
    if !is_there(&mut cargo(&[command, "--version"])) {
        say(&format!(
            "SKIPPED: {component} is not installed; `rustup component add {component}` brings it"
        ));
        return Ok(());
    }
    shell::run(cargo(&[command]).args(arguments))
}
