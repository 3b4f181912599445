//! A progress bar on standard error, only for what takes longer than a second.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that stays away from short work.
#[derive(Debug)]
pub(crate) struct Progress {
    is_shown: bool,
    begun: Instant,
    what: &'static str,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(printer: &Printer, what: &'static str) -> Self {
        Self {
            is_shown: printer.shows_progress(),
            begun: Instant::now(),
            what,
            bar: OnceLock::new(),
        }
    }

    /// So many files of so many are done.
    pub(crate) fn files(&self, done: u64, total: u64) {
        if !self.is_shown || self.begun.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| {
            let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template(
                "{msg} {wide_bar} {human_pos} of {human_len} files, {eta} left",
            );
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(self.what);
            bar
        });
        bar.set_position(done);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
