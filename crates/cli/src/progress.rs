//! A progress bar on standard error, only for what takes longer than a second.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::printer::Printer;

/// Shorter work is over before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A bar that stays away from short work and goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Dropped to end the watcher's waiting.
    is_done: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    pub(crate) fn new(printer: &Printer, phase: &'static str) -> Self {
        let bar = ProgressBar::hidden();
        let progress = if printer.shows_progress() {
            let (is_done, waiting) = channel::<()>();
            let shown = bar.clone();
            let watcher = std::thread::spawn(move || {
                if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    shown.enable_steady_tick(TICK);
                }
            });
            Self {
                bar,
                is_done: Some(is_done),
                watcher: Some(watcher),
            }
        } else {
            Self {
                bar,
                is_done: None,
                watcher: None,
            }
        };
        progress.phase(phase);
        progress
    }

    /// What is being done now, without an end in sight.
    pub(crate) fn phase(&self, phase: &'static str) {
        self.bar.set_style(style("{spinner} {msg} {elapsed}"));
        self.bar.set_message(phase);
        self.bar.unset_length();
    }

    /// So many calls were made, and so many accounts of those that are known so far are done.
    pub(crate) fn calls(&self, calls: u64, accounts_done: u64, accounts: u64) {
        self.bar.set_message(format!(
            "asking AWS: {calls} calls, {accounts_done} of {accounts} accounts done"
        ));
    }

    /// So many files of so many are done.
    pub(crate) fn files(&self, done: u64, total: u64) {
        if self.bar.length().is_none() {
            self.bar.set_style(style(
                "{spinner} {msg} {wide_bar} {human_pos} of {human_len} files",
            ));
        }
        // It grows while files are still being listed.
        self.bar.set_length(total);
        self.bar.set_position(done);
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.is_done.take());
        if let Some(watcher) = self.watcher.take() {
            // The watcher only waits and draws; a panic in it has nothing to tell.
            let _ = watcher.join();
        }
        self.bar.finish_and_clear();
    }
}
