#![no_main]
//! The comparison of two policies against the evaluator.

#[path = "../checks/compare.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::check(bytes));
