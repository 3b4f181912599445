//! What is fetched, for whichever thread is free to read it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc::Receiver;

/// The end of the channel that all threads which read share.
pub(super) struct Queue<T>(Mutex<Receiver<T>>);

impl<T> Queue<T> {
    pub(super) fn new(receiver: Receiver<T>) -> Self {
        Self(Mutex::new(receiver))
    }

    /// Reads all that comes until there is no more. Who fetches waits for readers: if one of them panics nothing more is
    /// taken in, since there may be no other.
    pub(super) fn for_each(&self, mut read: impl FnMut(T)) {
        let _closed = ClosedOnPanic(self);
        // The lock is let go before the object is read.
        let next = || self.receiver().blocking_recv();
        while let Some(object) = next() {
            read(object);
        }
    }

    fn receiver(&self) -> MutexGuard<'_, Receiver<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct ClosedOnPanic<'a, T>(&'a Queue<T>);

impl<T> Drop for ClosedOnPanic<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.receiver().close();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::*;

    #[test]
    fn who_sends_does_not_wait_for_a_reader_that_panicked() {
        let (sender, receiver) = mpsc::channel(1);
        let queue = Arc::new(Queue::new(receiver));
        let reader = std::thread::spawn({
            let queue = Arc::clone(&queue);
            move || queue.for_each(|number: u32| assert_ne!(number, 1))
        });
        let (done, ended) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let all_sent = (0..9).all(|number| sender.blocking_send(number).is_ok());
            done.send(all_sent).unwrap();
        });
        assert_eq!(ended.recv_timeout(Duration::from_secs(30)), Ok(false));
        assert!(reader.join().is_err());
    }

    #[test]
    fn all_is_read_by_one_of_the_threads() {
        let (sender, receiver) = mpsc::channel(2);
        let queue = Queue::new(receiver);
        let read = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| queue.for_each(|number: u32| read.lock().unwrap().push(number)));
            }
            for number in 0..100 {
                sender.blocking_send(number).unwrap();
            }
            drop(sender);
        });
        let mut read = read.into_inner().unwrap();
        read.sort_unstable();
        assert_eq!(read, (0..100).collect::<Vec<_>>());
    }
}
