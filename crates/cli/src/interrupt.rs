//! What is done before the process ends by Ctrl-C.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::exit;

type LastWork = Box<dyn FnOnce() + Send>;

/// What the last words may take.
const MOST_WAIT: Duration = Duration::from_secs(1);

static LAST_WORK: Mutex<Option<LastWork>> = Mutex::new(None);
static IS_INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Takes last work back when it is dropped.
#[derive(Debug)]
pub(crate) struct LastWorkGuard(());

impl Drop for LastWorkGuard {
    fn drop(&mut self) {
        set(None);
    }
}

/// Has something done before an interrupt ends the process, as long as the guard lives: what runs elsewhere does not end by itself.
pub(crate) fn before_the_end(work: impl FnOnce() + Send + 'static) -> LastWorkGuard {
    set(Some(Box::new(work)));
    LastWorkGuard(())
}

/// Returns unless the process is about to end by an interrupt: what was stopped has no more to say than that.
pub(crate) fn wait_for_the_end() {
    while IS_INTERRUPTED.load(Ordering::SeqCst) {
        std::thread::park();
    }
}

#[expect(
    clippy::exit,
    reason = "a signal handler has no caller to return to; output folders appear whole or not at all"
)]
pub(crate) fn exit_interrupted() {
    IS_INTERRUPTED.store(true, Ordering::SeqCst);
    if let Some(work) = set(None) {
        work();
    }
    say_interrupted();
    std::process::exit(i32::from(exit::INTERRUPTED));
}

/// Says so, unless nobody reads standard error: then the end does not wait for it.
fn say_interrupted() {
    let (said, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut stream = std::io::stderr().lock();
        let _ = writeln!(
            stream,
            "\ninterrupted: output folders are as they were, and what was fetched of AWS is kept for the next run"
        );
        let _ = said.send(());
    });
    let _ = hears.recv_timeout(MOST_WAIT);
}

fn set(work: Option<LastWork>) -> Option<LastWork> {
    // A panic elsewhere leaves nothing half-done here.
    let mut last_work = LAST_WORK
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    std::mem::replace(&mut *last_work, work)
}
