//! Where text goes: data on standard output, talk on standard error.

use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;
use leastgrant_report::fitted;
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
    is_output_closed: Arc<AtomicBool>,
}

impl Printer {
    pub(crate) fn new(global: &GlobalArguments) -> Self {
        let is_terminal = std::io::stdout().is_terminal();
        let is_dumb = std::env::var_os("TERM").is_some_and(|terminal| terminal == "dumb");
        let allows_color =
            !is_dumb && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
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
            is_output_closed: Arc::default(),
        }
    }

    /// Writes data to standard output.
    pub(crate) fn data(&self, text: &str) -> anyhow::Result<()> {
        let text = match is_of_another_charset() {
            true => ascii_rules(text),
            false => Cow::Borrowed(text),
        };
        self.data_by(|output| output.write_all(text.as_bytes()))
    }

    /// Writes data to standard output part by part. A reader that goes away is no error: the command's outcome is another matter.
    pub(crate) fn data_by(
        &self,
        write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
    ) -> anyhow::Result<()> {
        let mut output = std::io::BufWriter::new(Output::new(std::io::stdout().lock()));
        write(&mut output)
            .and_then(|()| output.flush())
            .context("cannot write to standard output")?;
        if output.get_ref().is_closed() {
            self.is_output_closed.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether some of the data went nowhere, because their reader went away.
    pub(crate) fn is_output_closed(&self) -> bool {
        self.is_output_closed.load(Ordering::Relaxed)
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

/// Whether the locale that is set has another character set than UTF-8. Where none is set, as in a container, nothing is known.
fn is_of_another_charset() -> bool {
    let mut names = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter();
    let locale = names.find_map(|name| std::env::var(name).ok().filter(|own| !own.is_empty()));
    locale.is_some_and(|locale| {
        let locale = locale.to_ascii_lowercase();
        !locale.contains("utf-8") && !locale.contains("utf8")
    })
}

/// The lines between the rows of a table as ASCII; colours may stand around them.
fn ascii_rules(text: &str) -> Cow<'_, str> {
    if !text.contains(['─', '═']) {
        return Cow::Borrowed(text);
    }
    let is_rule = |line: &str| {
        line.contains(['─', '═'])
            && line.chars().all(|own| {
                matches!(own, '─' | '═' | ' ' | '\u{1b}' | '[' | ';' | 'm' | '\n')
                    || own.is_ascii_digit()
            })
    };
    let lines = text.split_inclusive('\n');
    let lines = lines.map(|line| match is_rule(line) {
        true => Cow::Owned(line.replace('─', "-").replace('═', "=")),
        false => Cow::Borrowed(line),
    });
    Cow::Owned(lines.collect())
}

fn say(text: &str) {
    // Where it is no terminal, a line stays a line for whoever looks through a log.
    let width = console::Term::stderr().size_checked();
    let width = width.map(|(_, columns)| usize::from(columns));
    let mut stream = std::io::stderr().lock();
    for line in text.lines() {
        let line = terminal_safe(line);
        // Nothing can be done about a standard error that is closed.
        let _ = writeln!(stream, "{}", fitted(&line, width).trim_end());
    }
}

/// Standard output. Once its reader went away, as `head` does, what is written goes nowhere, and the command still says how it ended.
pub(crate) struct Output<W> {
    inner: W,
    is_closed: bool,
}

impl<W: Write> Output<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self {
            inner,
            is_closed: false,
        }
    }

    /// Whether the reader went away.
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.is_closed {
            return Ok(bytes.len());
        }
        match self.inner.write(bytes) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(bytes.len())
            }
            other => other,
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.is_closed {
            return Ok(());
        }
        match self.inner.flush() {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader that went away leaves of a pipe.
    struct Gone;

    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(ErrorKind::BrokenPipe.into())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Err(ErrorKind::BrokenPipe.into())
        }
    }

    #[test]
    fn what_nobody_reads_is_written_nowhere_and_is_no_error() {
        let mut output = Output::new(Gone);
        assert!(!output.is_closed());
        output.write_all(b"a line\n").unwrap();
        output.flush().unwrap();
        assert!(output.is_closed());
    }

    #[test]
    fn rules_of_tables_become_ascii_and_texts_stay() {
        assert_eq!(
            ascii_rules("a ─ b\n═══\n\u{1b}[2m───\u{1b}[0m\n"),
            "a ─ b\n===\n\u{1b}[2m---\u{1b}[0m\n"
        );
    }
}
