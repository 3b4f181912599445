//! Rules side by side.
//!
//! Some rules walk over everything by themselves, some put shared facts together on all cores when they are the first to ask.
//! So they run on threads of their own: a thread of the pool that waits for such facts could be given another rule meanwhile
//! that waits for the same, for ever.

use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::context::Output;

/// A rule that is ready to judge an account.
pub(crate) type Job<'j> = Box<dyn FnOnce() -> Output + Send + 'j>;

/// A check with what it asks.
pub(crate) fn job<'j, Asked: Send + 'j>(check: fn(&Asked, &mut Output), asked: Asked) -> Job<'j> {
    Box::new(move || {
        let mut output = Output::default();
        check(&asked, &mut output);
        output
    })
}

/// Does all, and gives their outputs in the same order.
pub(crate) fn done(jobs: Vec<Job<'_>>) -> Vec<Output> {
    let threads = rayon::current_num_threads().min(jobs.len());
    let queue = Mutex::new(jobs.into_iter().enumerate());
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            match next {
                Some((place, job)) => done.push((place, job())),
                None => return done,
            }
        }
    };
    let mut outputs: Vec<(usize, Output)> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut outputs = work();
        for other in others {
            outputs.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        outputs
    });
    outputs.sort_by_key(|(place, _)| *place);
    outputs.into_iter().map(|(_, output)| output).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_in_the_order_of_the_jobs() {
        let jobs = (0..200_u64).map(|number| -> Job<'static> {
            job(
                |number: &u64, output| {
                    // Later ones take less time.
                    let spin = (0..(200 - number) * 1000).fold(0, |sum, own| sum ^ own);
                    output.not_checked(format!("{number} {}", spin == u64::MAX));
                },
                number,
            )
        });
        let told: Vec<String> = done(jobs.collect())
            .into_iter()
            .flat_map(|output| output.not_checked)
            .collect();
        let expected: Vec<String> = (0..200).map(|number| format!("{number} false")).collect();
        assert_eq!(told, expected);
        assert!(done(Vec::new()).is_empty());
    }
}
