//! Where text goes: data on standard output, talk on standard error.

use std::io::{IsTerminal, Write};

use anyhow::Context;
use leastgrant_report::table::Terminal;
use leastgrant_report::text::terminal_safe;

use crate::arguments::{Color, GlobalArguments};

/// How wide talk is laid out where there is no terminal.
const FILE_WIDTH: usize = 100;

/// The only place that prints.
#[derive(Debug, Clone)]
pub(crate) struct Printer {
    is_quiet: bool,
    is_verbose: bool,
    colors_output: bool,
    colors_talk: bool,
    shows_progress: bool,
}

impl Printer {
    pub(crate) fn new(global: &GlobalArguments) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let allows_color = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let colors = |is_terminal: bool| match global.color {
            Color::Auto => is_terminal && allows_color,
            Color::Always => true,
            Color::Never => false,
        };
        Self {
            is_quiet: global.quiet,
            is_verbose: global.verbose,
            colors_output: colors(is_terminal),
            colors_talk: colors(std::io::stderr().is_terminal()),
            shows_progress: !global.quiet && !global.no_progress && std::io::stderr().is_terminal(),
        }
    }

    /// Writes data to standard output.
    pub(crate) fn data(&self, text: &str) -> anyhow::Result<()> {
        self.data_by(|output| output.write_all(text.as_bytes()))
    }

    /// Writes data to standard output part by part.
    pub(crate) fn data_by(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let mut output = std::io::BufWriter::new(std::io::stdout().lock());
        write(&mut output)
            .and_then(|()| output.flush())
            .context("cannot write to standard output")
    }

    /// Says something that the user should know.
    pub(crate) fn note(&self, text: &str) {
        if !self.is_quiet {
            say(text);
        }
    }

    /// Says something that was laid out for the terminal and made harmless already: a text with places underlined.
    pub(crate) fn underlined(&self, render: impl Fn(usize, bool) -> String) {
        if self.is_quiet {
            return;
        }
        let width = self.terminal().width.unwrap_or(FILE_WIDTH);
        let mut stream = std::io::stderr().lock();
        let color = self.colors_talk;
        // Nothing can be done about a standard error that is closed.
        let _ = writeln!(stream, "{}", render(width, color).trim_end());
    }

    /// Says something that only a curious user wants to know.
    pub(crate) fn detail(&self, text: &str) {
        if self.is_verbose {
            say(text);
        }
    }

    /// Says why the command cannot answer: the whole chain of causes on one line.
    pub(crate) fn error(&self, error: &anyhow::Error) {
        say(&format!("error: {error:#}"));
    }

    /// What tables are fitted to: the terminal's width, or `COLUMNS` where there is none.
    pub(crate) fn terminal(&self) -> Terminal {
        let from_environment = || {
            std::env::var("COLUMNS")
                .ok()
                .and_then(|columns| columns.parse().ok())
        };
        let width = console::Term::stdout()
            .size_checked()
            .map(|(_, columns)| usize::from(columns))
            .or_else(from_environment);
        Terminal {
            width,
            color: self.colors_output,
        }
    }

    pub(crate) fn shows_progress(&self) -> bool {
        self.shows_progress
    }
}

fn say(text: &str) {
    let mut stream = std::io::stderr().lock();
    for line in text.lines() {
        // Nothing can be done about a standard error that is closed.
        let _ = writeln!(stream, "{}", terminal_safe(line));
    }
}

/// Whether the reader of our output went away, as `head` does.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
