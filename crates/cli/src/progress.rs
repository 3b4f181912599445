//! A progress bar on standard error, only for what takes longer than a second.

use std::collections::BTreeMap;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use leastgrant_collect::live::Asked;

use crate::printer::Printer;

/// Shorter work is over before anybody wonders.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);

/// A bar that stays away from short work and goes away when it is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    all: MultiProgress,
    bar: ProgressBar,
    /// A line for each account that is being asked.
    accounts: Mutex<BTreeMap<String, ProgressBar>>,
    /// Dropped to end the watcher's waiting.
    is_done: Option<Sender<()>>,
    watcher: Option<JoinHandle<()>>,
}

impl Progress {
    pub(crate) fn new(printer: &Printer, phase: &'static str) -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let bar = all.add(ProgressBar::new_spinner());
        let mut progress = Self {
            all,
            bar,
            accounts: Mutex::default(),
            is_done: None,
            watcher: None,
        };
        if printer.shows_progress() {
            let (is_done, waiting) = channel::<()>();
            let (shown, bar) = (progress.all.clone(), progress.bar.clone());
            progress.watcher = Some(std::thread::spawn(move || {
                if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                    shown.set_draw_target(ProgressDrawTarget::stderr());
                    bar.enable_steady_tick(TICK);
                }
            }));
            progress.is_done = Some(is_done);
        }
        progress.phase(phase);
        progress
    }

    /// What is being done now, without an end in sight.
    pub(crate) fn phase(&self, phase: &'static str) {
        self.asked_no_more();
        self.bar.set_style(style("{spinner} {msg} {elapsed}"));
        self.bar.set_message(phase);
        self.bar.unset_length();
    }

    /// How far AWS is asked: in all, and a line for each account that is being asked.
    pub(crate) fn asked(&self, asked: &Asked) {
        self.bar.set_message(format!(
            "asking AWS: {} calls, {} of {} accounts done",
            asked.calls, asked.accounts_done, asked.accounts
        ));
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let is_asked = |account: &String| asked.each.iter().any(|(asked, _)| asked == account);
        accounts.retain(|account, line| {
            let stays = is_asked(account);
            if !stays {
                line.finish_and_clear();
                self.all.remove(line);
            }
            stays
        });
        for (account, calls) in &asked.each {
            let line = accounts.entry(account.clone()).or_insert_with(|| {
                let line = self.all.add(ProgressBar::new_spinner());
                line.set_style(style("  {msg}"));
                line
            });
            line.set_message(format!("{account}: {calls} calls"));
        }
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

impl Progress {
    fn asked_no_more(&self) {
        let accounts =
            std::mem::take(&mut *self.accounts.lock().unwrap_or_else(PoisonError::into_inner));
        for line in accounts.into_values() {
            line.finish_and_clear();
            self.all.remove(&line);
        }
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
        self.asked_no_more();
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_account_that_is_being_asked_has_a_line() {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let progress = Progress {
            bar: all.add(ProgressBar::new_spinner()),
            all,
            accounts: Mutex::default(),
            is_done: None,
            watcher: None,
        };
        let asked = |each: &[(&str, u64)]| Asked {
            calls: 9,
            accounts_done: 1,
            accounts: 3,
            each: each
                .iter()
                .map(|(account, calls)| ((*account).to_owned(), *calls))
                .collect(),
        };
        let lines = || -> Vec<String> {
            let accounts = progress.accounts.lock().unwrap();
            accounts.values().map(ProgressBar::message).collect()
        };
        progress.asked(&asked(&[("111122223333", 4), ("444455556666", 5)]));
        assert_eq!(lines(), ["111122223333: 4 calls", "444455556666: 5 calls"]);
        progress.asked(&asked(&[("444455556666", 6)]));
        assert_eq!(lines(), ["444455556666: 6 calls"]);
        assert_eq!(
            progress.bar.message(),
            "asking AWS: 9 calls, 1 of 3 accounts done"
        );
        progress.phase("writing tables");
        assert_eq!(lines(), [""; 0]);
    }
}
